# Paths and settings that every makefile of the tree shares.  Included first
# by the others; may be included more than once.

.if !defined(RUMPRUN_OWN_MK)
RUMPRUN_OWN_MK=	yes

TOPDIR:=	${.PARSEDIR:tA:H}

# Intermediates go here and nowhere else.
BUILDDIR?=	${TOPDIR}/build
# Source archives; set it to share them between trees or to seed a tree.
DISTDIR?=	${BUILDDIR}/distfiles

TARGET=		x86_64-rumprun-linux-musl
TOOLDIR=	${BUILDDIR}/toolchain
SYSROOT=	${BUILDDIR}/sysroot
# Newer than anything built with an older compiler or libc.
TOOLCHAIN_STAMP=${TOOLDIR}/.stamp

.if !defined(JOBS)
JOBS!=		nproc 2>/dev/null || echo 1
.endif

SCRIPTS=	${TOPDIR}/scripts
STEP=		${SCRIPTS}/step

# Upstream makefiles are GNU make's; what bmake exports would confuse them.
GMAKE?=		env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make
HOST_CC?=	gcc

# Recursion does not look for the toolchain again.
.export BUILDDIR DISTDIR JOBS

.endif
