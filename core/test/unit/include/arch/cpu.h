/*
 * The processor of the host unit tests: kernel sources are compiled for a plain
 * process, where nothing needs masking.  What plays several CPUs or threads does so
 * in as many threads of the host, each with its own of what is _Thread_local.
 */
#ifndef RR_ARCH_CPU_H
#define RR_ARCH_CPU_H

#include "types.h"

struct thread;
struct cpu {
	struct thread *current, *idle;
	u32 id;
	u32 need_resched;
	struct runqueue *rq;
	struct timer_queue *timers;
};

#define MAX_CPUS 64

struct arch_thread {
	u64 ksp;
};

struct trapframe {
	u64 rax;
};

/* NULL, unless a test has set it (stubs.c). */
extern _Thread_local struct thread *test_current_thread;
extern _Thread_local struct cpu *test_cpu;

static inline struct cpu *this_cpu(void)
{
	return test_cpu;
}

static inline struct thread *current_thread(void)
{
	return test_current_thread;
}
static inline void preempt_disable(void) {}
static inline void preempt_enable(void) {}
static inline u32 preempt_count(void)
{
	return 0;
}
static inline void cpu_relax(void) {}
static inline u64 irq_save(void)
{
	return 0;
}
static inline void irq_restore(u64 f) {}
static inline void irq_enable(void) {}
static inline void irq_disable(void) {}
static inline bool irqs_enabled(void)
{
	return true;
}

#endif
