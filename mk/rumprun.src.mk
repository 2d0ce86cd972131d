# Sources: fetch, checksum, extract, patch.
#
# The including makefile states facts:
#
#   NAME        what it is called here
#   SOURCE      Debian source package it comes from (default: NAME)
#   DEBIAN_PATCHES  patterns: of Debian's own patches, which to apply; mostly
#               CVE-*, fixes that no release of upstream's has yet
#   SITES       upstream directories to try when the archive cannot help
#   WRKSRC      where the source goes (default: build/src/NAME)
#   PATCHDIR    where the patches are (default: patches/ beside the makefile)
#
# and keeps `distinfo` and `patches/*.patch` beside it.  A change to any of
# these, or to the makefile, starts again from a fresh source tree; so does one
# to what the including makefile names in FACT_FILES and FACT_TEXT.

.include "rumprun.own.mk"

SOURCE?=	${NAME}
SITES?=
WRKDIR?=	${BUILDDIR}/work/${NAME}
WRKSRC?=	${BUILDDIR}/src/${NAME}
DISTINFO?=	${.CURDIR}/distinfo
PATCHDIR?=	${.CURDIR}/patches
PATCHES!=	ls ${PATCHDIR}/*.patch 2>/dev/null || :
STRICT?=	no

FETCH_STAMP=	${WRKDIR}/.fetched
PATCH_STAMP=	${WRKDIR}/.patched
LOCK=		flock ${WRKDIR}/.lock

# What was built from other facts is not built.  Looked at only when something
# is about to be built: by then, what this depends on is up to date.
.if make(real-*)
FACTS!=		${SCRIPTS}/facts -o ${WRKDIR}/.facts -t ''${FACT_TEXT:U:Q} \
		    ${FETCH_STAMP:S/^/-r /} ${PATCH_STAMP:S/^/-r /} \
		    ${.CURDIR}/Makefile ${DISTINFO} ${PATCHES} ${FACT_FILES}
.endif

_FETCH_ARGS=	-d ${DISTDIR} -i ${DISTINFO} -s ${STRICT:Q} \
		    ${DEBIAN_PATCHES:D-p} ${SITES:@s@-u ${s}@} \
		    -o ${WRKDIR}/distfiles ${SOURCE}
_FETCH=		${SCRIPTS}/fetch ${_FETCH_ARGS}
_PATTERNS=	${DEBIAN_PATCHES:@p@-p ${p:Q}@}

.PHONY: fetch checksum extract patch makesum makepatches
fetch checksum: _wrkdir
	@${LOCK} ${_FETCH}

extract patch: _wrkdir
	@${LOCK} ${MAKE} real-patch

_wrkdir: .PHONY
	@mkdir -p ${WRKDIR}

.PHONY: real-patch
real-patch: ${PATCH_STAMP}

${FETCH_STAMP}:
	@${_FETCH}
	@touch ${.TARGET}

# Unpacked under another name and renamed, so that a source tree that exists
# is a whole one.  What was built from an earlier one no longer counts.
${PATCH_STAMP}: ${FETCH_STAMP}
	@rm -f ${LATER_STAMPS}
	@${STEP} ${NAME} extract ${WRKDIR}/extract.log \
	    ${SCRIPTS}/unpack -d ${DISTDIR} -l ${WRKDIR}/distfiles \
	    -o ${WRKSRC} ${_PATTERNS} ${PATCHES}
	@touch ${.TARGET}

makesum: _wrkdir
	@${SCRIPTS}/fetch -m ${_FETCH_ARGS}

makepatches: patch
	@${SCRIPTS}/makepatches -s ${WRKSRC} -p ${PATCHDIR} -- \
	    -d ${DISTDIR} -l ${WRKDIR}/distfiles ${_PATTERNS} ${PATCHES}
