# What a user boots: bin/NAME.bin, images/NAME.iso, and `make run'.

RUMPRUN_BAKE?=	${TOOLDIR}/bin/rumprun-bake
RUMPRUN?=	${TOOLDIR}/bin/rumprun
# A new kernel or another configuration means a new image.
_BAKE_TOOLS!=	ls ${RUMPRUN_BAKE} ${TOOLDIR}/lib/rumprun/components/*.a \
		    ${TOOLDIR}/lib/rumprun/image.ld 2>/dev/null || :
_BAKE_COOKIE=	${WRKDIR}/.bake-config

.PHONY: real-bake real-image _bake_cookie
.if make(real-bake)
_COOKIE_MADE!=	echo '${BAKE_CONFIG} ${BAKE_ARGS}' >${_BAKE_COOKIE}.new; \
		cmp -s ${_BAKE_COOKIE}.new ${_BAKE_COOKIE} || \
		    cp ${_BAKE_COOKIE}.new ${_BAKE_COOKIE}
.endif

.for p in ${PROGRAMS}
_bin.${p}=	${.CURDIR}/bin/${p:C/=.*//}.bin
_elf.${p}=	${p:C/.*=//}
real-bake: ${_bin.${p}}
${_bin.${p}}: ${BUILD_STAMP} ${_BAKE_TOOLS} ${_BAKE_COOKIE}
	@mkdir -p ${.TARGET:H}
	@${_ONE_STEP} bake ${WRKDIR}/bake-${.TARGET:T}.log \
	    ${RUMPRUN_BAKE} ${BAKE_ARGS} ${BAKE_CONFIG} ${.TARGET} \
	    ${WRKBUILD}/${_elf.${p}}
.endfor

.for i in ${IMAGES}
IMAGE_DIRS.${i}?=	${.CURDIR}/images/${i}
.endfor

# mkiso looks itself whether anything changed: file names of a site may hold
# blanks, which a makefile cannot name.
real-image: pre-image
.for i in ${IMAGES}
	@mkdir -p ${.CURDIR}/images
	@${SCRIPTS}/mkiso -n ${NAME} -w ${WRKDIR}/${i}.iso \
	    ${.CURDIR}/images/${i}.iso ${IMAGE_DIRS.${i}}
.endfor

run: all
.if defined(RUN_HINT)
	@echo "=> ${NAME}: ${RUN_HINT}"
.endif
	@cd ${.CURDIR} && ${RUMPRUN} qemu -i ${RUN_OPTIONS} -- \
	    ${RUN_PROGRAM} ${RUN_ARGS}
