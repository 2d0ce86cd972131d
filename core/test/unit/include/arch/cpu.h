/*
 * The processor of the host unit tests: kernel sources are compiled for a plain
 * process, single-threaded, so nothing needs masking.
 */
#ifndef RR_ARCH_CPU_H
#define RR_ARCH_CPU_H

#include "types.h"

struct thread;
struct cpu {
	struct thread *current;
	u32 id;
};

#define MAX_CPUS 64

struct arch_thread {
	u64 ksp;
};

struct trapframe {
	u64 rax;
};

/* NULL, unless a test has set it (stubs.c). */
extern struct thread *test_current_thread;

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
