/*
 * Entries into the kernel of a program that runs in ring 0, beside it.  GS is
 * the kernel's at all times.  Component ring3 has others (ring3/entry.S), which
 * take the place of all of these.
 */
#include <arch/layout.h>

.macro RING_SYMBOL name
	.weak \name
.endm

/*
 * Only the stack pointer tells who was interrupted: what is off the kernel's
 * stack is the program's (arch/trap.h).
 */
.macro FRAME_PLACE error, full
	mov %gs:CPU_KSTACK_TOP, %rax
	mov %rax, %rcx
	sub (\error * 8 + 48)(%rsp), %rcx
	cmp $(KSTACK_BYTES - KSTACK_RESERVE), %rcx
	ja 1f
	mov (\error * 8 + 48)(%rsp), %rax
	and $-16, %rax
	jmp 2f
1:	cmp $(KSTACK_BYTES + KSTACK_GUARD), %rcx
	jbe \full
2:
.endm

/*
 * Interrupts load the null selector, and iretq would give it a B flag in QEMU: see
 * cpu.c, SEG_DATA.
 */
.macro PUSH_SS error
	pushq $SEL_KDATA
.endm

.macro FATAL_GS
.endm

.macro RETURN_GS
.endm

#include "entry.h"

/* A call leaves no flags behind; bit 1 is always set (SDM vol. 1, 3.4.3). */
#define RFLAGS_CALL (RFLAGS_IF | 2)

/* ---- system calls ---- */

/*
 * By the instruction (LSTAR).  Interrupts are off by SFMASK, so per-CPU memory
 * is ours. rcx: return address, r11: flags.
 */
ENTRY syscall_entry
	.cfi_startproc simple
	.cfi_def_cfa rsp, 0
	.cfi_register rip, rcx
	mov %rsp, %gs:CPU_SCRATCH
	mov %gs:CPU_KSTACK_TOP, %rsp
	.cfi_undefined rip		/* rsp is in memory only */
	pushq $SEL_KDATA
	pushq %gs:CPU_SCRATCH
	push %r11
	orl $RFLAGS_IF, (%rsp)
	pushq $SEL_KCODE
	push %rcx
	CALL_KERNEL TRAP_SYSCALL
	jmp syscall_exit
	.cfi_endproc
	.size syscall_entry, . - syscall_entry

/*
 * By calling through the pointer (AT_SYSINFO).  The thread may be preempted
 * before the stack is switched, so nothing is kept in per-CPU memory; rcx and
 * r11 are free by the convention of the instruction.  The return address is
 * read while the program still is at fault if its stack is gone.
 */
ENTRY syscall_call_entry
	.cfi_startproc
	mov (%rsp), %r11
	lea 8(%rsp), %rcx
	.cfi_def_cfa rcx, 0
	.cfi_register rip, r11
	cli
	mov %gs:CPU_KSTACK_TOP, %rsp
	pushq $SEL_KDATA
	push %rcx
	pushq $RFLAGS_CALL
	pushq $SEL_KCODE
	push %r11
	cld
	CALL_KERNEL TRAP_CALL
	/* fall through */

/*
 * Interrupts are off; C has kept rbx, rbp and r12 to r15 for the program unless
 * the frame was made into something else.
 */
syscall_exit:
	cmpl $TRAP_CALL, TF_VECTOR(%rsp)
	jne 1f
	TAKE_ARGUMENTS
	mov TF_RIP(%rsp), %r11
	mov TF_RSP(%rsp), %rcx
	.cfi_remember_state
	CFI_LEAVE r11, rcx
	mov %rcx, %rsp
	/* The next instruction still runs without interrupts (SDM, STI). */
	sti
	jmp *%r11
	.cfi_restore_state

1:	cmpl $TRAP_SYSCALL, TF_VECTOR(%rsp)
	jne restore_all
	mov TF_RFLAGS(%rsp), %r11
	test $RFLAGS_TF, %r11d
	jnz restore_all
	TAKE_ARGUMENTS
	mov TF_RIP(%rsp), %rcx
	push %r11
	.cfi_adjust_cfa_offset 8
	andl $~RFLAGS_IF, (%rsp)
	popfq
	.cfi_adjust_cfa_offset -8
	mov TF_RSP(%rsp), %rsp
	CFI_LEAVE rcx, rsp
	sti
	jmp *%rcx
	.cfi_endproc
	.size syscall_call_entry, . - syscall_call_entry

	.section .note.GNU-stack, "", @progbits
