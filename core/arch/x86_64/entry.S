/*
 * Entries into the kernel, and the ways back.
 *
 * Interrupts and exceptions arrive on a stack of the interrupt stack table
 * (IST), since the interrupted code may be the program's and use the 128 bytes
 * below its stack pointer.  The frame is moved at once: to the top of the
 * thread's kernel stack if the program was interrupted, else below the kernel's
 * stack pointer. From then on the IST stack is free again, so interrupts may be
 * enabled.
 *
 * All entries leave the same struct trapframe.  GS is the kernel's at all
 * times, because the program runs in ring 0; ring 3 adds a swapgs at the places
 * marked [ring 3], decided by the low bits of the saved CS, and sysret.
 */
#include <arch/layout.h>

#define RFLAGS_IF 0x200
#define RFLAGS_TF 0x100
/* A call leaves no flags behind; bit 1 is always set (SDM vol. 1, 3.4.3). */
#define RFLAGS_CALL (RFLAGS_IF | 2)
#define TRAP_SYSCALL 0x100 /* arch/cpu.h */
#define TRAP_CALL 0x101

	.text

/* rax, rcx and what is above them are on the stack already. */
.macro PUSH_REST
	push %rdx
	push %rbx
	push %rbp
	push %rsi
	push %rdi
	push %r8
	push %r9
	push %r10
	push %r11
	push %r12
	push %r13
	push %r14
	push %r15
.endm

/*
 * On an IST stack, from the top of it: ss rsp rflags cs rip [error] vector.
 * Move that to where it belongs.  \error: there is an error code.  In the end
 * rsp points to the trapframe.
 */
.macro MOVE_FRAME error
	cld
	push %rax
	push %rcx
	/* [ring 3] swapgs here */
	mov %gs:CPU_KSTACK_TOP, %rax
	mov %rax, %rcx
	sub (\error * 8 + 48)(%rsp), %rcx
	cmp $(KSTACK_BYTES - KSTACK_RESERVE), %rcx
	ja 1f
	mov (\error * 8 + 48)(%rsp), %rax
	and $-16, %rax
	jmp 2f
1:	cmp $(KSTACK_BYTES + KSTACK_GUARD), %rcx
	jbe 3f
2:	mov %rsp, %rcx
	mov %rax, %rsp
	pushq (\error * 8 + 56)(%rcx)	/* ss */
	pushq (\error * 8 + 48)(%rcx)	/* rsp */
	pushq (\error * 8 + 40)(%rcx)	/* rflags */
	pushq (\error * 8 + 32)(%rcx)	/* cs */
	pushq (\error * 8 + 24)(%rcx)	/* rip */
	.if \error
	pushq 24(%rcx)
	.else
	pushq $0
	.endif
	movzbl 16(%rcx), %eax
	push %rax			/* vector */
	pushq 8(%rcx)			/* rax */
	pushq (%rcx)			/* rcx */
	PUSH_REST
	mov %rsp, %rdi
	jmp 4f
3:	/* The kernel's stack is full: what there is of a frame stays here. */
	mov %rsp, %rcx
	pushq (\error * 8 + 56)(%rcx)
	pushq (\error * 8 + 48)(%rcx)
	pushq (\error * 8 + 40)(%rcx)
	pushq (\error * 8 + 32)(%rcx)
	pushq (\error * 8 + 24)(%rcx)
	pushq $0
	movzbl 16(%rcx), %eax
	push %rax
	pushq 8(%rcx)
	pushq (%rcx)
	PUSH_REST
	mov %rsp, %rdi
	and $-16, %rsp
	call trap_stack_overflow
4:
.endm

/* ---- exceptions: vectors 0 to 31, 16 bytes each ---- */

	.balign 16
	.globl exception_stubs
	.hidden exception_stubs
exception_stubs:
	.set vector, 0
	.rept 32
	.balign 16
	/* Those with an error code: SDM vol. 3, table 6-1. */
	.if vector == 8 || (vector >= 10 && vector <= 14) || vector == 17 || \
	    vector == 21 || vector == 29 || vector == 30
	.else
	pushq $0
	.endif
	pushq $vector
	/*
	 * NMI, #DF and #MC may come at any point: their frames are not moved.
	 */
	.if vector == 2 || vector == 8 || vector == 18
	jmp fatal_common
	.else
	jmp exception_common
	.endif
	.set vector, vector + 1
	.endr

	.type exception_common, @function
exception_common:
	MOVE_FRAME 1
	call trap_exception
	jmp restore_all

fatal_common:
	cld
	push %rax
	push %rcx
	PUSH_REST
	mov %rsp, %rdi
	and $-16, %rsp
	call trap_exception
	ud2

/* ---- interrupts: vectors 32 to 255, groups of 7 in 32 bytes ---- */

	.balign 32
	.globl interrupt_stubs
	.hidden interrupt_stubs
interrupt_stubs:
	.set vector, 32
	.rept 32
	.balign 32
	.set left, 7
	.rept 7
	/* A signed byte keeps the stub short; MOVE_FRAME takes the low byte. */
	.byte 0x6a, vector & 0xff	/* push imm8 */
	.set left, left - 1
	.if left
	jmp 1f				/* two bytes */
	.endif
	.set vector, vector + 1
	.endr
1:	jmp interrupt_common
	.endr

	.type interrupt_common, @function
interrupt_common:
	MOVE_FRAME 0
	call trap_interrupt
	/* fall through */

/* rsp is the frame, interrupts are off: take everything from it. */
	.globl restore_all
	.hidden restore_all
	.type restore_all, @function
restore_all:
	pop %r15
	pop %r14
	pop %r13
	pop %r12
	pop %r11
	pop %r10
	pop %r9
	pop %r8
	pop %rdi
	pop %rsi
	pop %rbp
	pop %rbx
	pop %rdx
	pop %rcx
	pop %rax
	add $16, %rsp
	/* [ring 3] swapgs here */
	.globl iret_to_program
	.hidden iret_to_program
iret_to_program:
	iretq
	.size restore_all, . - restore_all

/*
 * void enter_program(struct trapframe *tf): tf is at the top of the kernel
 * stack.
 */
	.globl enter_program
	.hidden enter_program
	.type enter_program, @function
enter_program:
	mov %rdi, %rsp
	xor %ebp, %ebp
	call exit_to_program
	jmp restore_all
	.size enter_program, . - enter_program

/* ---- system calls ---- */

/*
 * By the instruction (LSTAR).  Interrupts are off by SFMASK, so per-CPU memory
 * is ours. rcx: return address, r11: flags.
 */
	.balign 16
	.globl syscall_entry
	.hidden syscall_entry
	.type syscall_entry, @function
syscall_entry:
	/* [ring 3] swapgs here */
	mov %rsp, %gs:CPU_SCRATCH
	mov %gs:CPU_KSTACK_TOP, %rsp
	pushq $SEL_KDATA
	pushq %gs:CPU_SCRATCH
	push %r11
	orl $RFLAGS_IF, (%rsp)
	pushq $SEL_KCODE
	push %rcx
	push %rax
	pushq $TRAP_SYSCALL
	push %rax
	push %rcx
	PUSH_REST
	sti
	mov %rsp, %rdi
	call trap_syscall
	jmp syscall_exit
	.size syscall_entry, . - syscall_entry

/*
 * By calling through the pointer (AT_SYSINFO).  The thread may be preempted
 * before the stack is switched, so nothing is kept in per-CPU memory; rcx and
 * r11 are free by the convention of the instruction.  The return address is
 * read while the program still is at fault if its stack is gone.
 */
	.balign 16
	.globl syscall_call_entry
	.hidden syscall_call_entry
	.type syscall_call_entry, @function
syscall_call_entry:
	mov (%rsp), %r11
	lea 8(%rsp), %rcx
	cli
	mov %gs:CPU_KSTACK_TOP, %rsp
	pushq $SEL_KDATA
	push %rcx
	pushq $RFLAGS_CALL
	pushq $SEL_KCODE
	push %r11
	push %rax
	pushq $TRAP_CALL
	push %rax
	push %rcx
	cld
	PUSH_REST
	sti
	mov %rsp, %rdi
	call trap_syscall
	/* fall through */

/*
 * Interrupts are off; C has kept rbx, rbp and r12 to r15 for the program unless
 * the frame was made into something else.
 */
syscall_exit:
	cmpl $TRAP_CALL, TF_VECTOR(%rsp)
	jne 1f
	mov TF_RDI(%rsp), %rdi
	mov TF_RSI(%rsp), %rsi
	mov TF_RDX(%rsp), %rdx
	mov TF_R10(%rsp), %r10
	mov TF_R8(%rsp), %r8
	mov TF_R9(%rsp), %r9
	mov TF_RAX(%rsp), %rax
	mov TF_RIP(%rsp), %r11
	mov TF_RSP(%rsp), %rcx
	mov %rcx, %rsp
	/* The next instruction still runs without interrupts (SDM, STI). */
	sti
	jmp *%r11

1:	cmpl $TRAP_SYSCALL, TF_VECTOR(%rsp)
	jne restore_all
	mov TF_RFLAGS(%rsp), %r11
	test $RFLAGS_TF, %r11d
	jnz restore_all
	mov TF_RDI(%rsp), %rdi
	mov TF_RSI(%rsp), %rsi
	mov TF_RDX(%rsp), %rdx
	mov TF_R10(%rsp), %r10
	mov TF_R8(%rsp), %r8
	mov TF_R9(%rsp), %r9
	mov TF_RAX(%rsp), %rax
	mov TF_RIP(%rsp), %rcx
	/* [ring 3] swapgs and sysretq here, for a canonical rcx */
	push %r11
	andl $~RFLAGS_IF, (%rsp)
	popfq
	mov TF_RSP(%rsp), %rsp
	sti
	jmp *%rcx
	.size syscall_call_entry, . - syscall_call_entry

/* ---- switching threads ---- */

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
