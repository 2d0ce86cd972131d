# A plain makefile that honours CC and friends.

_CROSS_ARGS=	CC=${TARGET}-gcc AR=${TARGET}-ar RANLIB=${TARGET}-ranlib \
		PKG_CONFIG=${TARGET}-pkg-config \
		CFLAGS="${TARGET_CFLAGS} -ffile-prefix-map=${WRKSRC}=${NAME}" \
		LDFLAGS="${TARGET_LDFLAGS}"

.if !target(do-build)
do-build:
	${GMAKE} -C ${WRKBUILD} -j${JOBS} ${_CROSS_ARGS} ${BUILD_ARGS} \
	    ${BUILD_TARGETS}
.endif

.if !target(do-install)
do-install:
	${GMAKE} -C ${WRKBUILD} ${_CROSS_ARGS} DESTDIR=${SYSROOT} \
	    PREFIX=/usr prefix=/usr ${INSTALL_ARGS} ${INSTALL_TARGETS}
.endif
