# install and dist: a package where an operator wants it (deploy/README.md).
#
#   make install [DESTDIR=/stage] [PREFIX=/usr/local]
#   make dist                           build/dist/rumprun-NAME-VERSION-*.tar.xz

DESTDIR?=
PREFIX?=	/usr/local
DISTS?=		${BUILDDIR}/dist
DEPLOY=		${TOPDIR}/deploy
# Nothing of this is for the builds of others.
_ALL_FIRST=	env -u MAKEFLAGS -u DESTDIR -u PREFIX ${MAKE} all

# The package's part; what installs has to have set DESTDIR and PREFIX.
_INSTALL=	${DEPLOY}/install package ${NAME} ${COMMENT:Q} \
		    ${.CURDIR}/${RUN_PROGRAM} ${RUN_OPTIONS:Q} \
		    ''${RUN_ARGS:Q} ${IMAGES:@i@${.CURDIR}/images/${i}.iso@}
_LICENCES=	for p in `${MAKE} show-depends` ${NAME} musl lwip; do \
			${DEPLOY}/install licence $$p ${BUILDDIR}/src/$$p; \
		done
_LAUNCHER=	${DEPLOY}/install launcher ${TOOLDIR}

.PHONY: install dist install-package show-version
.if empty(PROGRAMS)
install dist:
	@echo "${NAME} is a library for other packages: there is nothing to" \
	    "run" >&2; exit 1
install-package:
	@:
.else
install:
	@${_ALL_FIRST}
	@export DESTDIR=${DESTDIR:Q} PREFIX=${PREFIX:Q}; \
	    ${_LAUNCHER} && ${_INSTALL} && ${_LICENCES}

# Without the launcher: for what installs all packages.
install-package:
	@export DESTDIR=${DESTDIR:Q} PREFIX=${PREFIX:Q}; \
	    ${_INSTALL} && ${_LICENCES}

dist:
	@${_ALL_FIRST}
	@rm -rf ${WRKDIR}/dist
	@set -e; version=`${MAKE} show-version`; \
	    name=rumprun-${NAME}-$$version-x86_64; \
	    export DESTDIR=${WRKDIR}/dist/$$name PREFIX= RELOCATABLE=yes; \
	    ${_LAUNCHER}; ${_INSTALL}; ${_LICENCES}; \
	    ${DEPLOY}/dist ${WRKDIR}/dist/$$name ${DISTS}/$$name.tar.xz
	@rm -rf ${WRKDIR}/dist
.endif

# Of the source, as its archive's name tells it.
show-version:
	@sed -n 's/^[^_]*_\(.*\)\.orig\.tar.*/\1/p' ${WRKDIR}/distfiles | \
	    head -n 1
