/*
 * Spin locks: short, never held across anything that may sleep or touch a page
 * of the program.  spin_lock disables preemption; a lock that an interrupt
 * handler takes too is only ever taken with the _irqsave form.
 *
 * Lock order, outermost first, is in core/README.md.
 */
#ifndef RR_SPINLOCK_H
#define RR_SPINLOCK_H

#include "types.h"
#include <arch/cpu.h>

typedef struct {
	u32 locked;
} spinlock_t;

#define SPINLOCK_INIT                                                          \
	{                                                                      \
		0                                                              \
	}

static inline void spin_init(spinlock_t *l)
{
	l->locked = 0;
}

static inline void spin_acquire(spinlock_t *l)
{
	while (__atomic_exchange_n(&l->locked, 1, __ATOMIC_ACQUIRE))
		while (__atomic_load_n(&l->locked, __ATOMIC_RELAXED))
			cpu_relax();
}

static inline void spin_release(spinlock_t *l)
{
	__atomic_store_n(&l->locked, 0, __ATOMIC_RELEASE);
}

static inline void spin_lock(spinlock_t *l)
{
	preempt_disable();
	spin_acquire(l);
}

static inline void spin_unlock(spinlock_t *l)
{
	spin_release(l);
	preempt_enable();
}

/* Returns what spin_unlock_irqrestore wants. */
static inline u64 spin_lock_irqsave(spinlock_t *l)
{
	u64 flags = irq_save();

	spin_lock(l);
	return flags;
}

static inline void spin_unlock_irqrestore(spinlock_t *l, u64 flags)
{
	spin_unlock(l);
	irq_restore(flags);
}

#endif
