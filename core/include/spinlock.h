/*
 * Spin locks: short, never held across anything that may sleep or touch a page
 * of the program.  spin_lock disables preemption; a lock that an interrupt
 * handler takes too is only ever taken with the _irqsave form.
 *
 * Lock order, outermost first, is in core/README.md.
 */
#ifndef RR_SPINLOCK_H
#define RR_SPINLOCK_H

#include <selfcheck.h>
#include "types.h"
#include <arch/cpu.h>

typedef struct {
	u32 locked;
	struct lock_check check;
} spinlock_t;

#define SPINLOCK_INIT                                                          \
	{                                                                      \
		0, CHECK_INIT(spin lock)                                       \
	}

/* The brackets: core/debug makes a macro of this name. */
static inline void(spin_init)(spinlock_t *l)
{
	l->locked = 0;
}

/*
 * Code that is compiled for speed has these inline; what is compiled for size
 * calls the one copy of them (kern/sched/spinlock.c).
 */
#ifndef SPIN_INLINE
#ifdef __OPTIMIZE_SIZE__
#define SPIN_INLINE __lockfunc
#define SPIN_CALLS
#else
#define SPIN_INLINE static inline __lockfunc
#endif
#endif

/* Preemption stays as it is: for who has interrupts off, or hands the lock on. */
SPIN_INLINE void spin_acquire(spinlock_t *l);
SPIN_INLINE void spin_release(spinlock_t *l);
SPIN_INLINE void spin_lock(spinlock_t *l);
SPIN_INLINE void spin_unlock(spinlock_t *l);
/* Returns what spin_unlock_irqrestore wants. */
SPIN_INLINE u64 spin_lock_irqsave(spinlock_t *l);
SPIN_INLINE void spin_unlock_irqrestore(spinlock_t *l, u64 flags);

#ifndef SPIN_CALLS
SPIN_INLINE void spin_acquire(spinlock_t *l)
{
	struct check_wait w = CHECK_WAIT_INIT;

	check_acquire(&l->check, LOCK_SPINS);
	while (__atomic_exchange_n(&l->locked, 1, __ATOMIC_ACQUIRE))
		while (__atomic_load_n(&l->locked, __ATOMIC_RELAXED)) {
			check_spinning(&l->check, &w);
			cpu_relax();
		}
	check_acquired(&l->check, LOCK_SPINS, &w);
}

SPIN_INLINE void spin_release(spinlock_t *l)
{
	check_release(&l->check, LOCK_SPINS);
	__atomic_store_n(&l->locked, 0, __ATOMIC_RELEASE);
}

SPIN_INLINE void spin_lock(spinlock_t *l)
{
	preempt_disable();
	spin_acquire(l);
}

SPIN_INLINE void spin_unlock(spinlock_t *l)
{
	spin_release(l);
	preempt_enable();
}

SPIN_INLINE u64 spin_lock_irqsave(spinlock_t *l)
{
	u64 flags = irq_save();

	spin_lock(l);
	return flags;
}

SPIN_INLINE void spin_unlock_irqrestore(spinlock_t *l, u64 flags)
{
	spin_unlock(l);
	irq_restore(flags);
}
#endif

#endif
