/*
 * x86_64: per-CPU data, interrupt masking, the thread's machine state.
 *
 * GS is the kernel's while it runs, with the CPU's struct cpu as its base (a
 * program in ring 0 shares it and is refused ARCH_SET_GS).  entry.S knows the
 * offsets of the fields marked so; cpu.c asserts them.
 */
#ifndef RR_ARCH_CPU_H
#define RR_ARCH_CPU_H

#include <selfcheck.h>
#include "types.h"

struct thread;
struct runqueue;
struct pmap;
struct trapframe;

struct cpu {
	struct cpu *self;       /* 0: entry.S */
	struct thread *current; /* 8: entry.S */
	u64 kstack_top;         /* 16: entry.S; of the current thread */
	u64 scratch;            /* 24: entry.S; LSTAR with interrupts off */
	u32 preempt;            /* 32: depth of preempt_disable */
	u32 need_resched;       /* 36: look at the run queue soon; entry.S */
	u32 id;                 /* 0 is the boot CPU */
	u32 irq_depth;          /* nesting of interrupt handlers */
	u64 interrupts;         /* so far; written by this CPU */
	struct runqueue *rq;
	struct timer_queue *timers;
	struct thread *idle;
	struct thread *fpu_owner; /* whose vector registers are loaded */
	void *arch;               /* tables of this CPU: GDT, TSS, IST stacks */
	struct pmap *pmap;        /* loaded; NULL: the kernel's half */
	/*
	 * pmap is loaded for no other reason than that it was: nothing here uses
	 * it.  Written by this CPU, read by who changes the space (tlb.c).
	 */
	bool lazy;
	u32 apic_id;              /* where interrupts for it are sent */
	s64 tsc_offset;           /* from its TSC to the boot CPU's */
	/* What an order to stop interrupted; NULL: it runs. */
	const struct trapframe *stopped;
	void *clock;              /* page of the hypervisor's clock (kvmclock.c) */
	struct check_cpu check;   /* its own, interrupts off */
};

#define MAX_CPUS 64 /* as many as a mask of CPUs has bits */

static inline struct cpu *this_cpu(void)
{
	struct cpu *c;

	__asm__ __volatile__("mov %%gs:0, %0" : "=r"(c));
	return c;
}

static inline struct thread *current_thread(void)
{
	struct thread *t;

	__asm__ __volatile__("mov %%gs:8, %0" : "=r"(t));
	return t;
}

/*
 * The kernel is preempted only where it says so: on the way back to the
 * program, when it sleeps, and at cond_resched.  The count forbids that, and
 * catches code that sleeps under a spin lock.
 */
static inline void preempt_disable(void)
{
	__asm__ __volatile__("incl %%gs:32" ::: "memory");
}

static inline void preempt_enable(void)
{
	__asm__ __volatile__("decl %%gs:32" ::: "memory");
}

static inline u32 preempt_count(void)
{
	u32 n;

	__asm__ __volatile__("movl %%gs:32, %0" : "=r"(n));
	return n;
}

static inline void cpu_relax(void)
{
	__asm__ __volatile__("pause" ::: "memory");
}

#define RFLAGS_IF 0x200 /* SDM vol. 1, 3.4.3 */

/* Mask interrupts; returns what irq_restore wants. */
static inline __lockfunc u64 irq_save(void)
{
	u64 f;

	__asm__ __volatile__("pushfq; popq %0; cli" : "=r"(f)::"memory");
	if (f & RFLAGS_IF)
		check_irqs_off();
	return f;
}

static inline __lockfunc void irq_restore(u64 f)
{
	if (f & RFLAGS_IF) {
		check_irqs_on();
		__asm__ __volatile__("sti" ::: "memory");
	}
}

static inline __lockfunc void irq_enable(void)
{
	check_irqs_on();
	__asm__ __volatile__("sti" ::: "memory");
}

static inline __lockfunc void irq_disable(void)
{
	__asm__ __volatile__("cli" ::: "memory");
	check_irqs_off();
}

static inline bool irqs_enabled(void)
{
	u64 f;

	__asm__ __volatile__("pushfq; popq %0" : "=r"(f)::"memory");
	return f & RFLAGS_IF;
}

/*
 * What every entry into the kernel leaves at the top of (or, nested, on) the
 * thread's kernel stack.  Order known to entry.S.  For a system call by
 * function call rip is the return address and rsp the stack pointer without it.
 */
struct trapframe {
	u64 r15, r14, r13, r12, r11, r10, r9, r8;
	u64 rdi, rsi, rbp, rbx, rdx, rcx, rax;
	u64 vector; /* exception or interrupt number, TRAP_SYSCALL, TRAP_CALL */
	u64 error;  /* error code; for system calls the number (original rax) */
	u64 rip, cs, rflags, rsp, ss;
};

#define TRAP_SYSCALL 0x100 /* by the syscall instruction */
#define TRAP_CALL 0x101    /* by calling through the pointer */

static inline bool trap_is_syscall(const struct trapframe *tf)
{
	return tf->vector >= TRAP_SYSCALL;
}

/* The machine part of a thread. */
struct arch_thread {
	u64 ksp;        /* saved kernel stack pointer while not running */
	u64 fs_base;    /* of the program; live in the register while running */
	u64 gs_base;    /* the same; ring 3 only */
	void *fpu;      /* XSAVE area, aligned to 64; NULL: kernel thread */
	u32 fpu_cpu;    /* id of the CPU whose registers may still hold it */
};

/*
 * FS base of the current thread.  For one that has not run yet set
 * thread->arch.fs_base.  base must be below platform_program_end().
 */
void arch_set_fs_base(u64 base);
u64 arch_get_fs_base(void);

#endif
