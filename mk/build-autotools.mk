# ./configure && make && make install, the GNU way.
#
#   AUTORECONF=yes      makes configure first; many archives come without

AUTORECONF?=	no
_CROSS_ENV=	CC=${TARGET}-gcc AR=${TARGET}-ar RANLIB=${TARGET}-ranlib \
		PKG_CONFIG=${TARGET}-pkg-config \
		CFLAGS="${TARGET_CFLAGS} -ffile-prefix-map=${WRKSRC}=${NAME}" \
		LDFLAGS="${TARGET_LDFLAGS}"

.if !target(do-configure)
do-configure:
.  if ${AUTORECONF} == "yes"
	cd ${WRKSRC} && autoreconf -fi
.  endif
	@mkdir -p ${WRKBUILD}
	cd ${WRKBUILD} && env ${_CROSS_ENV} ${CONFIGURE_ENV} \
	    ${WRKSRC}/configure --build=x86_64-linux-gnu --host=${TARGET} \
	    --prefix=/usr --sysconfdir=/etc --localstatedir=/var \
	    ${CONFIGURE_ARGS}
.endif

.if !target(do-build)
do-build:
	${GMAKE} -C ${WRKBUILD} -j${JOBS} ${BUILD_ARGS} ${BUILD_TARGETS}
.endif

.if !target(do-install)
do-install:
	${GMAKE} -C ${WRKBUILD} DESTDIR=${SYSROOT} ${INSTALL_ARGS} \
	    ${INSTALL_TARGETS}
.endif
