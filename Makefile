# rumprun: unikernels from POSIX programs.  `make help' says what can be made.
#
# This is for bmake; GNUmakefile hands over to it.

.include "mk/rumprun.own.mk"

# Ports that have a program to bake, and those that only others need.
PACKAGES!=	cd ${.CURDIR}/packages 2>/dev/null && \
		ls -d */Makefile 2>/dev/null | sed 's|/Makefile||' || :

.MAIN: all

.PHONY: all
all: core packages

.PHONY: help
help:
	@${SCRIPTS}/help

.PHONY: hostdeps
hostdeps:
	@${SCRIPTS}/hostdeps

# The toolchain comes first: the kernel's headers and the tests need it.
.PHONY: core
core: hostdeps
	@${MAKE} -C core/tools/cc install
	@${MAKE} -C core/net/lwip patch
.if exists(core/Makefile)
	@${MAKE} -C core BUILD=${BUILDDIR} all
	@${MAKE} -C core BUILD=${BUILDDIR} tools
.endif

.PHONY: packages ${PACKAGES}
packages: ${PACKAGES}
${PACKAGES}: core
	@${MAKE} -C packages/${.TARGET} CORE_READY=yes all

.PHONY: images
images:
.for p in ${PACKAGES}
	@${MAKE} -C packages/${p} image
.endfor

.PHONY: demo
demo: core
	@${MAKE} -C packages/nginx CORE_READY=yes all
	@${SCRIPTS}/demo

.PHONY: bench
bench: core
.for p in nginx netcat
	@${MAKE} -C packages/${p} CORE_READY=yes all
.endfor
	@${MAKE} -C ci/bench bench

.PHONY: test
test: core packages
	@${MAKE} -C core/test all
	@${MAKE} -C ci/bench images
	@${SCRIPTS}/runtests

# Shell code and nothing else on standard output.
.PHONY: env
env:
	@echo 'PATH="${TOOLDIR}/bin:$$PATH"; export PATH'
	@echo 'CONFIG_SITE="${TOOLDIR}/share/config.site"; export CONFIG_SITE'

# Launcher and all packages (deploy/README.md): DESTDIR, PREFIX (/usr/local).
.PHONY: install
install:
	@env -u MAKEFLAGS -u DESTDIR -u PREFIX ${MAKE} core packages
	@${TOPDIR}/deploy/install launcher ${TOOLDIR}
	@set -e; for p in ${PACKAGES}; do \
		${MAKE} -C packages/$$p CORE_READY=yes install-package; done

# One archive with all of it, for any place.
DISTS?=		${BUILDDIR}/dist
.PHONY: dist
dist:
	@env -u MAKEFLAGS -u DESTDIR -u PREFIX ${MAKE} core packages
	@rm -rf ${BUILDDIR}/work/dist
	@set -e; \
	    version=`sed -n 's/^VERSION=[[:space:]]*//p' core/tools/cc/Makefile`; \
	    name=rumprun-$$version-x86_64; \
	    stage=${BUILDDIR}/work/dist/$$name; \
	    ${MAKE} install DESTDIR=$$stage PREFIX= RELOCATABLE=yes; \
	    ${TOPDIR}/deploy/dist $$stage ${DISTS}/$$name.tar.xz
	@rm -rf ${BUILDDIR}/work/dist

.PHONY: clean
clean:
	rm -rf ${BUILDDIR}/toolchain ${BUILDDIR}/sysroot ${BUILDDIR}/core \
	    ${BUILDDIR}/src ${BUILDDIR}/work ${BUILDDIR}/test
	rm -rf packages/*/bin packages/*/images/*.iso

.PHONY: distclean
distclean: clean
	rm -rf ${BUILDDIR}
