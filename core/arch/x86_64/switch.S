/* Switching threads, and where a new one begins. */
#include <arch/layout.h>

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
	push %rbp
	push %rbx
	push %r12
	push %r13
	push %r14
	push %r15
	mov %rsp, (%rdi)
	mov %rsi, %rsp
	pop %r15
	pop %r14
	pop %r13
	pop %r12
	pop %rbx
	pop %rbp
	mov %rdx, %rax
	ret
	.size switch_stacks, . - switch_stacks

/* Where a new thread begins: rax is prev, r12 and r13 were set by thread.c. */
	.globl thread_begin
	.hidden thread_begin
	.type thread_begin, @function
thread_begin:
	xor %ebp, %ebp
	mov %rax, %rdi
	call sched_switched
	mov %r12, %rdi
	mov %r13, %rsi
	call thread_start_c
	ud2
	.size thread_begin, . - thread_begin

	.section .note.GNU-stack, "", @progbits
