# Meson, in a folder of its own.

WRKBUILD=	${WRKDIR}/build

.if !target(do-configure)
do-configure:
	env ${CONFIGURE_ENV} meson setup \
	    --cross-file ${TOOLDIR}/share/meson.cross --prefix=/usr \
	    --libdir=lib --buildtype=plain --wrap-mode=nodownload \
	    -Dc_args="${TARGET_CFLAGS}" -Dc_link_args="${TARGET_LDFLAGS}" \
	    ${CONFIGURE_ARGS} \
	    ${WRKBUILD} ${WRKSRC}
.endif

.if !target(do-build)
do-build:
	ninja -C ${WRKBUILD} -j${JOBS} ${BUILD_ARGS} ${BUILD_TARGETS}
.endif

.if !target(do-install)
do-install:
	env DESTDIR=${SYSROOT} meson ${INSTALL_TARGETS} -C ${WRKBUILD} \
	    ${INSTALL_ARGS}
.endif
