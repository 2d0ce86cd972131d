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
	@echo "make            core and all packages"
	@echo "make demo       build nginx, boot it, fetch a page"
	@echo "make test       build and run all tests"
	@echo "make bench      measure beside a Linux guest (ci/bench/README.md)"
	@echo "make core       toolchain, kernel components, tools"
	@echo "make packages   all ports: ${PACKAGES}"
	@echo "make images     the data images of all ports"
	@echo "make PACKAGE    one of them (as: make in packages/PACKAGE)"
	@echo "make env        shell code that puts the tools on PATH:"
	@echo '                eval "$$(make -s env)"'
	@echo "make clean      remove what was built, keep the sources fetched"
	@echo "make distclean  remove everything that was not in the repository"

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

.PHONY: clean
clean:
	rm -rf ${BUILDDIR}/toolchain ${BUILDDIR}/sysroot ${BUILDDIR}/core \
	    ${BUILDDIR}/src ${BUILDDIR}/work ${BUILDDIR}/test
	rm -rf packages/*/bin packages/*/images/*.iso

.PHONY: distclean
distclean: clean
	rm -rf ${BUILDDIR}
