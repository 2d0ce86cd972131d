# The last line of a port's Makefile includes this.  What a port may say:
#
#   NAME            its name; also that of its folder
#   COMMENT         one line about it
#   SOURCE, SITES   where it comes from (rumprun.src.mk)
#   DEPENDS         ports that have to be in the sysroot first
#   BUILD_SYSTEM    autotools, cmake, meson, make or none (build-*.mk)
#   CONFIGURE_ARGS, BUILD_ARGS, INSTALL_ARGS, BUILD_TARGETS, INSTALL_TARGETS
#   CONFIGURE_ENV   VARIABLE=value for the configuration step
#   TARGET_CFLAGS, TARGET_LDFLAGS   how to compile and to link
#   PROGRAMS        what to bake: nginx=objs/nginx makes bin/nginx.bin from
#                   objs/nginx of the source (or build) folder
#   BAKE_CONFIG     configuration for rumprun-bake
#   IMAGES          X makes images/X.iso from the folder images/X
#   IMAGE_DIRS.X    the folders whose contents X.iso gets, if other ones
#   RUN_OPTIONS, RUN_PROGRAM, RUN_ARGS     what `make run' boots
#   RUN_HINT        what to tell its user
#   RUN_PROBE       a shell command that succeeds once the program has answered,
#                   for measuring: ci/README.md
#
# and any of the rules do-configure, do-build, do-install, post-install and
# pre-image, which then replace the build system's.

.include "rumprun.own.mk"

DEPENDS?=
BUILD_SYSTEM?=	none
PROGRAMS?=
IMAGES?=
BAKE_CONFIG?=	hw_virtio
BAKE_ARGS?=
RUN_OPTIONS?=
RUN_ARGS?=
RUN_PROBE?=
INSTALL_TARGETS?=install

# Symbols stay in a baked file, unloaded; -g1 and frame pointers are enough for
# backtraces, and unwind tables would be loaded.  What a program does not use
# shall not be in its image.
TARGET_CFLAGS?=	-O2 -g1 -pipe -fno-omit-frame-pointer \
		-fno-asynchronous-unwind-tables \
		-ffunction-sections -fdata-sections
TARGET_LDFLAGS?=-Wl,--gc-sections

DEPEND_STAMPS=	${DEPENDS:@d@${SYSROOT}/.installed/${d}@}
INSTALL_STAMP=	${SYSROOT}/.installed/${NAME}
CONFIGURE_STAMP=${WRKDIR}/.configured
BUILD_STAMP=	${WRKDIR}/.built
LATER_STAMPS=	${CONFIGURE_STAMP} ${BUILD_STAMP} ${INSTALL_STAMP}
# Static linking: new libraries and a new libc mean a new program.  These
# stamps hold the checksum of the facts that they were built from.
FACT_FILES=	${TOOLCHAIN_STAMP} ${DEPEND_STAMPS}
FACT_TEXT=	${TARGET_CFLAGS} ${TARGET_LDFLAGS} ${SYSROOT}

.include "rumprun.src.mk"

WRKBUILD?=	${WRKSRC}

# Nothing of the caller's compiler settings may reach a port.
_CLEAN=		env -u CC -u CXX -u CPP -u LD -u AR -u AS -u RANLIB -u NM \
		    -u STRIP -u CFLAGS -u CXXFLAGS -u CPPFLAGS -u LDFLAGS \
		    -u LIBS -u DESTDIR -u PREFIX -u PKG_CONFIG_PATH \
		    -u PKG_CONFIG_LIBDIR LC_ALL=C SOURCE_DATE_EPOCH=1767225600 \
		    PATH="${TOOLDIR}/bin:$$PATH" \
		    CONFIG_SITE=${TOOLDIR}/share/config.site
_ONE_STEP=	${STEP} ${NAME}

.include "build-${BUILD_SYSTEM}.mk"

.MAIN: all
.PHONY: all configure build stage bake image run test clean distclean \
	depends show-depends
.if empty(PROGRAMS) && empty(IMAGES)
all: stage
.else
all: bake image
.endif

# Each of these first brings the toolchain and other ports up to date, then
# looks at the stamps again, which the first may have changed.
.for t in configure build stage bake
${t}: depends
	@${LOCK} ${MAKE} CORE_READY=yes real-${t}
.endfor

# A data image needs no compiler.
image: _wrkdir
	@${LOCK} ${MAKE} real-image

depends: _wrkdir
.if !defined(CORE_READY)
	@${MAKE} -C ${TOPDIR} core
.endif
.for d in ${DEPENDS}
	@[ -f ../${d}/Makefile ] || { echo "${NAME}: there is no port ${d}," \
	    "which it depends on" >&2; exit 1; }
	@${MAKE} -C ../${d} CORE_READY=yes stage
.endfor

# In the order in which they are built.
show-depends:
	@{ :; ${DEPENDS:@d@${MAKE} -C ../${d} show-depends; echo ${d};@} } | \
	    awk '!seen[$$0]++'

# Steps that a port does not have are not announced.
.for t in do-configure do-build do-install post-install pre-image
.  if !target(${t})
_NONE.${t}=	yes
${t}:
	@:
.  endif
.endfor
.PHONY: do-configure do-build do-install post-install pre-image

.PHONY: real-configure real-build real-stage
real-configure: ${CONFIGURE_STAMP}
real-build: ${BUILD_STAMP}
real-stage: ${INSTALL_STAMP}

${CONFIGURE_STAMP}: ${PATCH_STAMP}
.if !defined(_NONE.do-configure)
	@${_ONE_STEP} configure ${WRKDIR}/configure.log ${_CLEAN} \
	    ${MAKE} do-configure
.endif
	@touch ${.TARGET}

${BUILD_STAMP}: ${CONFIGURE_STAMP}
.if !defined(_NONE.do-build)
	@${_ONE_STEP} build ${WRKDIR}/build.log ${_CLEAN} ${MAKE} do-build
.endif
	@touch ${.TARGET}

# libtool's .la files would lead other ports to paths of this machine.
${INSTALL_STAMP}: ${BUILD_STAMP}
	@${_ONE_STEP} install ${WRKDIR}/install.log ${_CLEAN} \
	    ${MAKE} do-install post-install
	@rm -f ${SYSROOT}/usr/lib/*.la
	@mkdir -p ${.TARGET:H} && echo ${FACTS} >${.TARGET}

.include "rumprun.image.mk"
.include "rumprun.install.mk"

test: all
	@prove --timer ${.CURDIR}/test/*.t

clean:
	rm -rf ${WRKDIR} ${WRKSRC} ${INSTALL_STAMP} ${.CURDIR}/bin
	rm -f ${.CURDIR}/images/*.iso

distclean: clean
	@[ ! -f ${DISTINFO} ] || sed -n 's/^SHA256 (\(.*\)) = .*/\1/p' \
	    ${DISTINFO} | while read -r f; do rm -f ${DISTDIR}/"$$f"; done
