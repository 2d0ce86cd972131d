/*
 * Wait queues and the locks that sleep.
 */
#ifndef RR_SYNC_H
#define RR_SYNC_H

#include "list.h"
#include "spinlock.h"

struct thread;

/*
 * A wait queue: where threads wait for an event, and where epoll is told of
 * one.  q->lock is taken with interrupts off, so any context may wake.
 */
struct waitq {
	spinlock_t lock;
	struct list waiters; /* of struct waiter, protected by lock */
};

struct waiter {
	struct list link; /* protected by the queue's lock */
	/*
	 * Called by waitq_wake under the queue's lock with interrupts off, with
	 * the poll events that occurred (0: unknown).  Returns true if the wake-up
	 * was used (counts against an exclusive wake).
	 */
	bool (*wake)(struct waiter *w, u32 events);
	struct thread *thread; /* whom waiter_wake_thread wakes */
	bool exclusive;        /* one of these per wake-up is enough */
};

#define WAITQ_INIT(q)                                                          \
	{                                                                      \
		{0, CHECK_INIT(q)}, LIST_INIT((q).waiters)                     \
	}

void(waitq_init)(struct waitq *q);
/* Exclusive waiters go to the tail, others to the head. */
void waitq_add(struct waitq *q, struct waiter *w);
/* Safe when w has been removed already. */
void waitq_remove(struct waitq *q, struct waiter *w);
/*
 * Tell every waiter; of exclusive ones, at most n (WAKE_ALL: all).  events are
 * EPOLL* bits for pollers, 0 when they do not apply.  Any context.
 */
#define WAKE_ALL UINT32_MAX
void waitq_wake(struct waitq *q, u32 n, u32 events);
static inline void waitq_wake_all(struct waitq *q)
{
	waitq_wake(q, WAKE_ALL, 0);
}
static inline bool waitq_active(struct waitq *q)
{
	return !list_empty(&q->waiters);
}

/* A waiter for the current thread. */
void waiter_init(struct waiter *w);
/* The wake function of such a waiter. */
bool waiter_wake_thread(struct waiter *w, u32 events);

/*
 * The building blocks of a wait; most code uses the macros below.
 *
 *   waiter_init(&w); waitq_add(&q, &w);
 *   for (;;) {
 *       sleep_prepare(interruptible);   // from here on a wake-up is not lost
 *       if (condition) break;
 *       err = sleep_until(deadline);    // NSEC_FOREVER: no deadline
 *       if (err) break;
 *   }
 *   sleep_cancel(); waitq_remove(&q, &w);
 *
 * sleep_until returns 0 after a wake-up (possibly spurious), -ETIMEDOUT at the
 * deadline (monotonic ns), -ERESTARTSYS when interruptible and a signal is
 * pending.  No spin lock may be held.
 */
void sleep_prepare(bool interruptible);
int __must_check sleep_until(nsec_t deadline);
void sleep_cancel(void);

#define wait_event_common(q, cond, interruptible, deadline, excl)              \
	({                                                                     \
		struct waiter w_;                                              \
		int err_ = 0;                                                  \
		if (!(cond)) {                                                 \
			waiter_init(&w_);                                      \
			w_.exclusive = (excl);                                 \
			waitq_add((q), &w_);                                   \
			for (;;) {                                             \
				sleep_prepare(interruptible);                  \
				if (cond) {                                    \
					err_ = 0;                              \
					break;                                 \
				}                                              \
				if (err_)                                      \
					break;                                 \
				err_ = sleep_until(deadline);                  \
			}                                                      \
			sleep_cancel();                                        \
			waitq_remove((q), &w_);                                \
		}                                                              \
		err_;                                                          \
	})

/* Wait until cond; not interruptible by signals, so only for what must happen. */
#define wait_event(q, cond)                                                    \
	((void)wait_event_common(q, cond, false, NSEC_FOREVER, false))
/* 0, or -ERESTARTSYS. */
#define wait_event_interruptible(q, cond)                                      \
	wait_event_common(q, cond, true, NSEC_FOREVER, false)
/* 0, -ERESTARTSYS or -ETIMEDOUT (deadline in monotonic ns). */
#define wait_event_until(q, cond, deadline)                                    \
	wait_event_common(q, cond, true, deadline, false)
/* The same, and one wake-up wakes one such waiter. */
#define wait_event_exclusive_until(q, cond, deadline)                          \
	wait_event_common(q, cond, true, deadline, true)

/*
 * A lock that sleeps; not recursive; unlocked by its owner.  Not in interrupts.
 * Once somebody else has it, who unlocked does not touch it any more: what it is in
 * may be freed by whoever locks it last.
 */
struct mutex {
	u64 word; /* atomic: owner and bits, see mutex.c */
	struct waitq waiters;
	struct lock_check check;
};

#define MUTEX_INIT(m)                                                          \
	{                                                                      \
		0, WAITQ_INIT((m).waiters), CHECK_INIT(m)                      \
	}

void(mutex_init)(struct mutex *m);
void mutex_lock(struct mutex *m);
/*
 * While another of its kind is held: level 1, 2, 3 in the order in which such are
 * taken, or LOCK_DEEPER (selfcheck.h).
 */
static inline void mutex_lock_nested(struct mutex *m, unsigned level)
{
	check_nest(&m->check, level);
	mutex_lock(m);
}
bool mutex_trylock(struct mutex *m);
void mutex_unlock(struct mutex *m);
/* For assertions: does the current thread hold it? */
bool mutex_held(const struct mutex *m);

/* Many readers or one writer; writers are not starved; sleeps. */
struct rwlock {
	spinlock_t lock;
	int readers;         /* -1: a writer holds it; protected by lock */
	unsigned want_write; /* waiting writers; protected by lock */
	struct thread *writer; /* the last one; protected by lock */
	struct waitq waiters;
	struct lock_check check;
};

void(rwlock_init)(struct rwlock *l);
void rwlock_read(struct rwlock *l);
void rwlock_read_done(struct rwlock *l);
void rwlock_write(struct rwlock *l);
void rwlock_write_done(struct rwlock *l);

#endif
