/*
 * Futexes: waiting until a word of the program's memory changes.
 *
 * A waiter first joins the queue of its word, then looks at the word: whoever
 * changes the word and then wakes the queue cannot miss it. So the word is
 * never read under a spin lock, and may be paged in at leisure.
 */
#ifndef RR_FUTEX_H
#define RR_FUTEX_H

#include "list.h"
#include "timer.h"
#include "types.h"

struct thread;
struct vm_space;
struct mapping;

/*
 * What word is meant. In private memory the address space and the address; in
 * shared memory the mapping and the place in it, so that processes that map it
 * at different addresses meet. The pointers are compared, not followed: one
 * that went stale can only cause a wake-up too many.
 */
struct futex_key {
	const void *object; /* vm_space or mapping */
	u64 offset;         /* address, or byte offset in the mapping */
};

/*
 * The key of a word, which must be aligned (-EINVAL). shared: the caller allows
 * for shared memory, then an unmapped address is -EFAULT; takes vm->lock.
 */
int futex_key(const u32 __user *uaddr, bool shared, struct futex_key *key);

static inline bool futex_key_equal(const struct futex_key *a,
				   const struct futex_key *b)
{
	return a->object == b->object && a->offset == b->offset;
}

/* A point in time that a waiter gives up at. */
struct futex_timeout {
	bool realtime;   /* wall clock: moves when the clock is set */
	nsec_t deadline; /* of that clock; NSEC_FOREVER: none */
};

/*
 * Wait until woken with a mask that has a bit of bitset, if *uaddr is val.  0;
 * -EAGAIN: it is not; -ETIMEDOUT; -ERESTARTSYS; -EFAULT, -EINVAL.
 */
int futex_wait(u32 __user *uaddr, bool shared, u32 val, u32 bitset,
	       const struct futex_timeout *to);
/* Wake at most n waiters; how many, or -errno. */
int futex_wake(u32 __user *uaddr, unsigned n, u32 bitset, bool shared);
/*
 * Component futex_ops, which an image has where one of its programs may use it:
 * FUTEX_REQUEUE, WAKE_OP and the PI operations; val2 takes the place of a time-out.
 */
long futex_other(u32 __user *uaddr, int cmd, bool shared, u32 val,
		 const struct futex_timeout *to, u32 __user *uaddr2, u32 val2,
		 u32 val3) __weak;
/*
 * Wake at most wake waiters of one word, and have at most requeue more wait for
 * the other instead. expected, if not NULL: only if *from is that (-EAGAIN).
 * Returns the number woken and moved.
 */
int futex_requeue(u32 __user *from, u32 __user *to, bool shared, unsigned wake,
		  unsigned requeue, const u32 *expected);
/* FUTEX_WAKE_OP (linux/futex.h); how many were woken in all. */
int futex_wake_op(u32 __user *uaddr, u32 __user *uaddr2, bool shared,
		  unsigned wake, unsigned wake2, u32 op);
/* FUTEX_LOCK_PI, TRYLOCK_PI (try), UNLOCK_PI (futex_ops/pi.c). */
int futex_lock_pi(u32 __user *uaddr, bool shared,
		  const struct futex_timeout *to, bool try);
int futex_unlock_pi(u32 __user *uaddr, bool shared);
/* t's priority has changed: whoever holds what it waits for runs with it. */
void futex_pi_requeue(struct thread *t) __weak;
/* t ends: whoever waits for a lock of its gets a chance. */
void futex_pi_thread_exit(struct thread *t);
/* The current thread ends: robust mutexes and owned PI futexes (robust.c). */
void futex_thread_exit(struct thread *t) __weak;

#endif
