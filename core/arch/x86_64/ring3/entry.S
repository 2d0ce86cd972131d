/*
 * Entries into the kernel of a program that runs in ring 3.
 *
 * GS is the program's while it runs: swapgs on the way in and out, never in
 * between.  The low bits of the saved CS say who was interrupted; nothing that
 * the program can choose does.  Places where the kernel runs with the program's
 * GS are a few instructions with interrupts off that cannot fault, except for
 * iretq; NMI and machine check, which come there too, find their CPU another
 * way (FATAL_GS).  A debug exception cannot: the program cannot set breakpoints,
 * and its single-stepping ends where the kernel begins (SFMASK, SDM vol. 3,
 * 6.12.1.3).
 *
 * The fences keep a processor from going on, speculatively, with a GS that has
 * not been exchanged (CVE-2019-1125).
 */
#include <arch/layout.h>
#include <arch/msr.h>

.macro RING_SYMBOL name
	.globl \name
.endm

/* The program's AC would let the kernel touch the program's memory. */
.macro SMAP_ON
	cmpb $0, ring3_smap(%rip)
	je .Lno_smap\@
	clac
.Lno_smap\@:
.endm

.macro FRAME_PLACE error, full
	testb $3, (\error * 8 + 32)(%rsp)
	jz 1f
	swapgs
	lfence
	mov %gs:CPU_KSTACK_TOP, %rax
	jmp 3f
1:	/* The kernel was at its way out, and the program's GS is loaded? */
	lea iret_to_program(%rip), %rax
	cmp %rax, (\error * 8 + 24)(%rsp)
	jne 2f
	swapgs
2:	lfence
	mov (\error * 8 + 48)(%rsp), %rax
	mov %gs:CPU_KSTACK_TOP, %rcx
	sub %rax, %rcx
	cmp $(KSTACK_BYTES - KSTACK_RESERVE), %rcx
	ja \full
	and $-16, %rax
3:	SMAP_ON
.endm

.macro PUSH_SS error
	pushq (\error * 8 + 56)(%rcx)
.endm

/* cpu.c has put the CPU's address at the top of each of these stacks. */
.macro FATAL_GS
	mov TF_SIZE(%rsp), %rax
	mov %rax, %rdx
	shr $32, %rdx
	mov $MSR_GS_BASE, %ecx
	wrmsr
	SMAP_ON
.endm

.macro RETURN_GS
	testb $3, 8(%rsp)		/* cs */
	jz 1f
	swapgs
1:
.endm

#include "../entry.h"

/* ---- system calls ---- */

/*
 * By the instruction (LSTAR).  Interrupts are off and AC is clear by SFMASK, so
 * per-CPU memory is ours.  rcx: return address, r11: flags.
 */
ENTRY syscall_entry
	.cfi_startproc simple
	.cfi_def_cfa rsp, 0
	.cfi_register rip, rcx
	swapgs
	mov %rsp, %gs:CPU_SCRATCH
	mov %gs:CPU_KSTACK_TOP, %rsp
	.cfi_undefined rip		/* rsp is in memory only */
	pushq $(SEL_UDATA | 3)
	pushq %gs:CPU_SCRATCH
	push %r11
	pushq $(SEL_UCODE | 3)
	push %rcx
	CALL_KERNEL TRAP_SYSCALL

/*
 * Interrupts are off; C has kept rbx, rbp and r12 to r15 for the program unless
 * the frame was made into something else.
 */
	cmpl $TRAP_SYSCALL, TF_VECTOR(%rsp)
	jne restore_all
	mov TF_RFLAGS(%rsp), %r11
	/* After sysret a set trap flag would be an instruction early. */
	test $RFLAGS_TF, %r11d
	jnz restore_all
	/*
	 * sysret to an address that is not canonical faults in ring 0, on
	 * Intel's processors (CVE-2012-0217); iretq can be recovered from.
	 */
	mov TF_RIP(%rsp), %rcx
	mov %rcx, %rdx
	shr $47, %rdx
	jnz restore_all
	TAKE_ARGUMENTS
	mov TF_RSP(%rsp), %rsp
	CFI_LEAVE rcx, rsp
	swapgs
	sysretq
	.cfi_endproc
	.size syscall_entry, . - syscall_entry

	.section .note.GNU-stack, "", @progbits
