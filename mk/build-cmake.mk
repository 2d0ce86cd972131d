# CMake, in a folder of its own.

WRKBUILD=	${WRKDIR}/build

.if !target(do-configure)
do-configure:
	env ${CONFIGURE_ENV} cmake -S ${WRKSRC} -B ${WRKBUILD} -G Ninja \
	    -DCMAKE_TOOLCHAIN_FILE=${TOOLDIR}/share/toolchain.cmake \
	    -DCMAKE_BUILD_TYPE=Release -DCMAKE_INSTALL_PREFIX=/usr \
	    -DCMAKE_C_FLAGS_RELEASE="${TARGET_CFLAGS} -DNDEBUG" \
	    -DCMAKE_CXX_FLAGS_RELEASE="${TARGET_CFLAGS} -DNDEBUG" \
	    -DCMAKE_EXE_LINKER_FLAGS="${TARGET_LDFLAGS}" ${CONFIGURE_ARGS}
.endif

.if !target(do-build)
do-build:
	ninja -C ${WRKBUILD} -j${JOBS} ${BUILD_ARGS} ${BUILD_TARGETS}
.endif

.if !target(do-install)
do-install:
	env DESTDIR=${SYSROOT} ninja -C ${WRKBUILD} ${INSTALL_ARGS} \
	    ${INSTALL_TARGETS}
.endif
