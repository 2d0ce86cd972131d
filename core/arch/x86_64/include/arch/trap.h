/* Entries into the kernel, for core/arch and core/platform. */
#ifndef RR_ARCH_TRAP_H
#define RR_ARCH_TRAP_H

#include "thread.h"
#include <arch/layout.h>
#include <arch/ring.h>

/* Exceptions (SDM vol. 3, 6.3.1). */
enum {
	TRAP_DE = 0,
	TRAP_DB = 1,
	TRAP_NMI = 2,
	TRAP_BP = 3,
	TRAP_OF = 4,
	TRAP_BR = 5,
	TRAP_UD = 6,
	TRAP_NM = 7,
	TRAP_DF = 8,
	TRAP_TS = 10,
	TRAP_NP = 11,
	TRAP_SS = 12,
	TRAP_GP = 13,
	TRAP_PF = 14,
	TRAP_MF = 16,
	TRAP_AC = 17,
	TRAP_MC = 18,
	TRAP_XF = 19,
};

/* Interrupt vectors. */
#define VECTOR_8259 0x20   /* 16 of them */
#define VECTOR_FIRST 0x30  /* given out to lines and messages */
#define VECTOR_LAST 0xef
#define VECTOR_INT80 0x80  /* not given out: a program may execute int $0x80 */
#define VECTOR_TIMER 0xf0
#define VECTOR_RESCHED 0xf1
#define VECTOR_CALL 0xf2 /* another CPU wants something done (smp) */
#define VECTOR_SPURIOUS 0xff /* low four bits set, for old local APICs */

/*
 * A frame left by a system call that has been made into something else (signal
 * handler, sigreturn): all registers are taken from it.
 */
#define TRAP_RETURN 0x102

/*
 * Was the program interrupted?  If that runs in ring 0, too, only the stack
 * pointer tells: kernel code that has not yet left, or has left already, the
 * program's stack counts as the program.  The guard page below the stack counts
 * as the kernel.
 */
static inline bool trap_from_program(const struct trapframe *tf)
{
	if (program_ring3)
		return tf->cs & 3;
	return this_cpu()->kstack_top - tf->rsp > KSTACK_BYTES + KSTACK_GUARD;
}

/* Is this an address in the kernel's code? */
bool kernel_text(u64 rip);

/* From entry.S: exceptions; interrupts. Interrupts are off, also on return. */
void trap_exception(struct trapframe *tf);
void trap_interrupt(struct trapframe *tf);
/* From entry.S: the kernel stack has no room left. */
void trap_stack_overflow(const struct trapframe *tf) __noreturn;
/* Last things before the program goes on. Returns with interrupts off. */
void exit_to_program(struct trapframe *tf);

/* Print cause and registers of a defect in the kernel, and end. */
void trap_panic(const struct trapframe *tf, u64 cr2) __noreturn;

/*
 * Given by the platform: an interrupt with this vector came (off, on its
 * stack).
 */
void platform_interrupt(unsigned vector);
/* Given by the platform: have VECTOR_RESCHED raised on another CPU. */
void platform_send_resched(struct cpu *c);
/*
 * Given by the platform: a non-maskable interrupt came.  Returns if it was no
 * order to stop.
 */
void platform_nmi(const struct trapframe *tf);
/* Given by the platform: cycles of the TSC per second. */
u64 platform_tsc_hz(void);

/* entry.h: room for the stubs of all gates, and where they lead. */
extern char vector_stubs[];
extern const char exception_plain[], exception_common[];
extern const char fatal_plain[], fatal_common[], interrupt_common[];
extern const char syscall_entry[], syscall_call_entry[];
extern const char iret_to_program[];

/* Memory for what cpu_init_tables makes; the boot CPU's is static. */
bool cpu_alloc_tables(struct cpu *c);
/* This CPU's GDT, TSS, IDT, system call MSRs. */
void cpu_init_tables(struct cpu *c);

#endif
