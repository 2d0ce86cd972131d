/* Switching threads, and where a new one begins. */
#include <arch/layout.h>

	.cfi_sections .debug_frame

	.text

/*
 * struct thread *switch_stacks(u64 *save, u64 load, struct thread *prev) Leave
 * the current stack with its pointer in *save, go on with the one that load
 * points to; returns prev there.
 */
	.balign 16
	.globl switch_stacks
	.hidden switch_stacks
	.type switch_stacks, @function
switch_stacks:
	.cfi_startproc
	.irp r, rbp, rbx, r12, r13, r14, r15
	push %\r
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset \r, 0
	.endr
	mov %rsp, (%rdi)
	mov %rsi, %rsp
	.irp r, r15, r14, r13, r12, rbx, rbp
	pop %\r
	.cfi_adjust_cfa_offset -8
	.cfi_restore \r
	.endr
	mov %rdx, %rax
	ret
	.cfi_endproc
	.size switch_stacks, . - switch_stacks

/* Where a new thread begins: rax is prev, r12 and r13 were set by thread.c. */
	.globl thread_begin
	.hidden thread_begin
	.type thread_begin, @function
thread_begin:
	.cfi_startproc
	.cfi_undefined rip		/* nobody called */
	xor %ebp, %ebp
	mov %rax, %rdi
	call sched_switched
	mov %r12, %rdi
	mov %r13, %rsi
	call thread_start_c
	ud2
	.cfi_endproc
	.size thread_begin, . - thread_begin

	.section .note.GNU-stack, "", @progbits
