/* The queues behind futex.h, for those who move waiters between them. */
#ifndef RR_FUTEX_QUEUE_H
#define RR_FUTEX_QUEUE_H

#include "futex.h"
#include "spinlock.h"

struct bucket {
	spinlock_t lock;
	struct list waiters; /* of futex_waiter; lock */
	u64 joined;          /* how many ever queued here; lock */
};

struct futex_waiter {
	struct list link;       /* bucket's lock */
	struct bucket *bucket;  /* where it is or was last; that one's lock */
	struct futex_key key;   /* bucket's lock */
	u32 bitset;
	int prio;               /* its thread's real-time priority */
	u64 seq;                /* bucket->joined when it queued */
	bool woken;             /* set, out of the queue, by the waker; ditto */
	struct thread *thread;
};

/* Where waiters for the word are. */
struct bucket *futex_bucket(const struct futex_key *key);
/*
 * Queue a waiter.  As on Linux, real-time threads are woken first; of equals, the
 * oldest.  b locked.
 */
void futex_enqueue(struct futex_waiter *w, struct bucket *b);
/* Wake a queued waiter, which may be gone once its bucket is unlocked. Locked. */
void futex_wake_waiter(struct futex_waiter *w);
/* Wake at most n of those who wait for the word; how many. */
unsigned futex_wake_key(const struct futex_key *key, unsigned n, u32 bitset);

#endif
