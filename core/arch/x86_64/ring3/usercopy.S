/*
 * Touching the program's memory from ring 0: around ../usercopy.S, which comes
 * back whether there was a fault or not, the program's pages are opened to the
 * kernel where SMAP keeps them closed.  A fault in between is served with AC
 * clear (entry.S) and gives AC back when it returns.
 */

	.cfi_sections .debug_frame

.macro OPENED name
	.section .text.\name\()_opened, "ax", @progbits
	.balign 16
	.globl \name
	.hidden \name
	.type \name, @function
\name:
	.cfi_startproc
	cmpb $0, ring3_smap(%rip)
	je plain_\name
	stac
	call plain_\name
	clac
	ret
	.cfi_endproc
	.size \name, . - \name
.endm

	OPENED arch_user_copy
	OPENED arch_user_zero
	OPENED arch_user_strncpy
	OPENED arch_user_load32
	OPENED arch_user_cmpxchg32

	.section .note.GNU-stack, "", @progbits
