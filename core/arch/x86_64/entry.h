/*
 * Entries into the kernel, and the ways back: what does not depend on the ring
 * that programs run in.  entry.S (ring 0) and ring3/entry.S define what does,
 * include this, and add the system calls:
 *
 *   RING_SYMBOL name   .weak or .globl: ring 3's take the place of ring 0's
 *   FRAME_PLACE error, full
 *                      on an IST stack, as MOVE_FRAME has it, with rax and rcx
 *                      pushed: have GS be the kernel's, and rax where the frame
 *                      belongs; jump to full if the kernel's stack is.  \error:
 *                      the processor or the stub has pushed an error code.
 *   PUSH_SS error      push the SS that is to be there again; rcx is rsp as it was
 *                      for FRAME_PLACE
 *   FATAL_GS           rsp is a frame at the top of an IST stack, whatever was
 *                      interrupted: have GS be the kernel's
 *   RETURN_GS          rsp is what iretq takes: have GS be what it was there
 *
 * Interrupts and exceptions arrive on a stack of the interrupt stack table
 * (IST), since the interrupted code may be a program's in ring 0 that uses the
 * 128 bytes below its stack pointer.  The frame is moved at once: to the top of
 * the thread's kernel stack if the program was interrupted, else below the
 * kernel's stack pointer.  From then on the IST stack is free again, so
 * interrupts may be enabled.  Ring 3 could do without for all that may interrupt
 * the program; one way for both is worth the nine words that are moved.
 *
 * All entries leave the same struct trapframe.
 *
 * What the assembler is told of call frames (.cfi_*) takes debuggers and the
 * profiler from here to what was interrupted, or called; none of it is loaded.
 */
	.cfi_sections .debug_frame
#define RFLAGS_IF 0x200
#define RFLAGS_TF 0x100
#define TRAP_SYSCALL 0x100 /* arch/cpu.h */
#define TRAP_CALL 0x101

/* A section of its own, so that what is replaced is not in the image. */
	.section .text.entry, "ax", @progbits

.macro ENTRY name
	.balign 16
	RING_SYMBOL \name
	.hidden \name
	.type \name, @function
\name:
.endm

/* rsp points to a struct trapframe: all that was interrupted is in it. */
.macro CFI_TRAPFRAME
	.cfi_def_cfa rsp, TF_SIZE
	.cfi_rel_offset r15, 0
	.cfi_rel_offset r14, 8
	.cfi_rel_offset r13, 16
	.cfi_rel_offset r12, 24
	.cfi_rel_offset r11, 32
	.cfi_rel_offset r10, 40
	.cfi_rel_offset r9, 48
	.cfi_rel_offset r8, 56
	.cfi_rel_offset rdi, 64
	.cfi_rel_offset rsi, 72
	.cfi_rel_offset rbp, 80
	.cfi_rel_offset rbx, 88
	.cfi_rel_offset rdx, 96
	.cfi_rel_offset rcx, 104
	.cfi_rel_offset rax, 112
	CFI_IRET
.endm

/* The CFA is the end of what iretq takes: ss rsp rflags cs rip. */
.macro CFI_IRET
	.cfi_offset rsp, -16
	.cfi_offset rip, -40
.endm

/*
 * On the way out, to rip with stack pointer rsp, both registers here; what C has
 * kept is there again.
 */
.macro CFI_LEAVE rip, rsp
	.irp r, rsp, rbp, rbx, r12, r13, r14, r15
	.cfi_restore \r
	.endr
	.cfi_def_cfa \rsp, 0
	.cfi_register rip, \rip
.endm

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
 * A system call whose ss rsp rflags cs rip are on the kernel's stack: the rest of its
 * frame, and the call.  \trap: which way it came.
 */
.macro CALL_KERNEL trap
	push %rax
	pushq $\trap
	push %rax
	push %rcx
	PUSH_REST
	CFI_TRAPFRAME
	sti
	mov %rsp, %rdi
	call trap_syscall
.endm

/* What a system call gives back, and keeps of what C may have changed. */
.macro TAKE_ARGUMENTS
	mov TF_RDI(%rsp), %rdi
	mov TF_RSI(%rsp), %rsi
	mov TF_RDX(%rsp), %rdx
	mov TF_R10(%rsp), %r10
	mov TF_R8(%rsp), %r8
	mov TF_R9(%rsp), %r9
	mov TF_RAX(%rsp), %rax
.endm

/*
 * On an IST stack, from the top of it: ss rsp rflags cs rip [error] vector.
 * Move that to where it belongs.  \error: there is an error code.  In the end
 * rsp points to the trapframe.
 */
.macro MOVE_FRAME error
	.cfi_def_cfa rsp, \error * 8 + 48
	CFI_IRET
	cld
	push %rax
	push %rcx
	.cfi_adjust_cfa_offset 16
	FRAME_PLACE \error, .Lfull\@
	.cfi_remember_state
	mov %rsp, %rcx
	.cfi_def_cfa_register rcx
	mov %rax, %rsp
	PUSH_SS \error
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
	jmp .Ldone\@
.Lfull\@:
	/* The kernel's stack is full: what there is of a frame stays here. */
	.cfi_restore_state
	mov %rsp, %rcx
	.cfi_def_cfa_register rcx
	PUSH_SS \error
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
.Ldone\@:
	CFI_TRAPFRAME
.endm

/*
 * ---- the gates' stubs: push the vector, jump to one of the entries below ----
 *
 * All alike, so the file does not have them: cpu.c writes them at the start.
 */
	.section .bss.stubs, "aw", @nobits
ENTRY vector_stubs
	.cfi_startproc simple
	.cfi_signal_frame
	.set vector, 0
	.rept 256
	.cfi_def_cfa rsp, 40
	.if vector < 32
	.if (VECTORS_WITH_ERROR >> vector) & 1
	.cfi_def_cfa_offset 48
	.endif
	.endif
	CFI_IRET
	.skip 2
	.cfi_adjust_cfa_offset 8
	.skip STUB_SIZE - 2
	.set vector, vector + 1
	.endr
	.cfi_endproc

/* ---- exceptions, and interrupts; the vector has been pushed ---- */

	.section .text.entry, "ax", @progbits

/* Where the processor has pushed no error code: 0, below the vector. */
.macro NO_ERROR
	.cfi_def_cfa rsp, 48
	CFI_IRET
	push (%rsp)
	.cfi_adjust_cfa_offset 8
	movq $0, 8(%rsp)
.endm

ENTRY exception_plain
	.cfi_startproc simple
	.cfi_signal_frame
	NO_ERROR
	RING_SYMBOL exception_common
	.hidden exception_common
exception_common:
	MOVE_FRAME 1
	call trap_exception
	jmp restore_all
	.cfi_endproc

/* NMI, #DF and #MC may come at any point: their frames are not moved. */
ENTRY fatal_plain
	.cfi_startproc simple
	.cfi_signal_frame
	NO_ERROR
	RING_SYMBOL fatal_common
	.hidden fatal_common
fatal_common:
	.cfi_def_cfa rsp, 56
	CFI_IRET
	cld
	push %rax
	push %rcx
	PUSH_REST
	CFI_TRAPFRAME
	FATAL_GS
	mov %rsp, %rdi
	and $-16, %rsp
	call trap_exception
	ud2
	.cfi_endproc

ENTRY interrupt_common
	.cfi_startproc simple
	.cfi_signal_frame
	MOVE_FRAME 0
	call trap_interrupt
	.cfi_endproc
	/* fall through */

/* rsp is the frame, interrupts are off: take everything from it. */
ENTRY restore_all
	.cfi_startproc simple
	.cfi_signal_frame
	CFI_TRAPFRAME
	.irp r, r15, r14, r13, r12, r11, r10, r9, r8, rdi, rsi, rbp, rbx, rdx, rcx, rax
	pop %\r
	.cfi_adjust_cfa_offset -8
	.endr
	add $16, %rsp
	.cfi_def_cfa_offset 40
	.irp r, rbp, rbx, r12, r13, r14, r15
	.cfi_restore \r
	.endr
	RETURN_GS
	RING_SYMBOL iret_to_program
	.hidden iret_to_program
iret_to_program:
	iretq
	.cfi_endproc
	.size restore_all, . - restore_all

/*
 * void enter_program(struct trapframe *tf): tf is at the top of the kernel
 * stack.
 */
ENTRY enter_program
	.cfi_startproc
	mov %rdi, %rsp
	CFI_TRAPFRAME
	xor %ebp, %ebp
	call exit_to_program
	jmp restore_all
	.cfi_endproc
	.size enter_program, . - enter_program
