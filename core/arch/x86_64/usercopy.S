/*
 * Touching the program's memory; arch/usercopy.h is the contract.  Component
 * ring3 puts its own around these, hence two names.
 */
#include <arch/extable.h>

	.cfi_sections .debug_frame

#define EFAULT 14 /* asm-generic/errno-base.h */

.macro FUNCTION name
	.section .text.\name, "ax", @progbits
	.balign 16
	.globl plain_\name
	.hidden plain_\name
	.type plain_\name, @function
	.weak \name
	.hidden \name
	.type \name, @function
plain_\name:
\name:
	.cfi_startproc
.endm

/*
 * Eight bytes at a time, then the rest.  The string instructions keep their
 * registers up to date, so a fault tells exactly how far they came.
 */
FUNCTION arch_user_copy
	mov %rdx, %rcx
	and $7, %edx
	shr $3, %rcx
1:	rep movsq
	mov %edx, %ecx
2:	rep movsb
	xor %eax, %eax
	ret
3:	/* rcx words and edx bytes are left; up to 7 of them may be good. */
	lea (%rdx,%rcx,8), %rcx
4:	rep movsb
5:	mov %rcx, %rax
	ret
	EX_TABLE 1b, 3b
	EX_TABLE 2b, 5b
	EX_TABLE 4b, 5b
	.cfi_endproc
	.size arch_user_copy, . - arch_user_copy

FUNCTION arch_user_zero
	mov %rsi, %rcx
	mov %esi, %edx
	and $7, %edx
	shr $3, %rcx
	xor %eax, %eax
1:	rep stosq
	mov %edx, %ecx
2:	rep stosb
	ret
3:	lea (%rdx,%rcx,8), %rcx
4:	rep stosb
5:	mov %rcx, %rax
	ret
	EX_TABLE 1b, 3b
	EX_TABLE 2b, 5b
	EX_TABLE 4b, 5b
	.cfi_endproc
	.size arch_user_zero, . - arch_user_zero

/* rdi: to, rsi: from, rdx: at most, rcx: where to say that a fault ended it */
FUNCTION arch_user_strncpy
	xor %eax, %eax
	jmp 2f
1:	movzbl (%rsi,%rax), %r8d
	mov %r8b, (%rdi,%rax)
	inc %rax
	test %r8d, %r8d
	jz 3f
2:	cmp %rdx, %rax
	jb 1b
3:	movb $0, (%rcx)
	ret
4:	movb $1, (%rcx)
	ret
	EX_TABLE 1b, 4b
	.cfi_endproc
	.size arch_user_strncpy, . - arch_user_strncpy

FUNCTION arch_user_load32
1:	mov (%rdi), %eax
	mov %eax, (%rsi)
	xor %eax, %eax
	ret
2:	mov $-EFAULT, %eax
	ret
	EX_TABLE 1b, 2b
	.cfi_endproc
	.size arch_user_load32, . - arch_user_load32

/* rdi: word, esi: expected, edx: new, rcx: where to say what was there */
FUNCTION arch_user_cmpxchg32
	mov %esi, %eax
1:	lock cmpxchg %edx, (%rdi)
	mov %eax, (%rcx)
	xor %eax, %eax
	ret
2:	mov $-EFAULT, %eax
	ret
	EX_TABLE 1b, 2b
	.cfi_endproc
	.size arch_user_cmpxchg32, . - arch_user_cmpxchg32

	.section .note.GNU-stack, "", @progbits
