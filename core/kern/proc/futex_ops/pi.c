/*
 * Futexes that know their owner (FUTEX_LOCK_PI and relatives).
 *
 * The word holds the owner's thread id; the kernel hands the lock from owner to
 * waiter, so that nobody can take it in between. While threads wait, the owner
 * runs with the highest real-time priority among them, and if it waits for such a
 * lock itself, that one's owner does too, and so on.
 *
 * All changes that the kernel makes to such words happen under pi_lock, a
 * mutex, because they touch the program's memory. Programs change a word
 * themselves only from 0 to their id and back, never when FUTEX_WAITERS is set.
 */
#include "../futex.h"
#include "log.h"
#include "process.h"
#include "sync.h"
#include "syscall.h"
#include "uaccess.h"
#include <linux/futex.h>

struct pi_waiter {
	struct list link; /* in waiters; pi_lock */
	struct futex_key key;
	struct thread *thread;
	int owner;        /* thread id of the owner that it waits for */
	bool woken;       /* look again: */
	bool has_lock;    /* the word has been given our id */
	bool owner_died;  /* the word is to be taken over */
};

static struct mutex pi_lock = MUTEX_INIT(pi_lock);
/* Of all PI futexes, in order of arrival; few at any time.  pi_lock. */
static struct list waiters = LIST_INIT(waiters);
/* Somebody has wanted to wait: threads that end have to look. */
static bool ever_waited;

/* Who gets the lock next: the highest priority, of equals the first to come. */
static struct pi_waiter *first_waiter(const struct futex_key *key)
{
	struct pi_waiter *w, *first = NULL;

	list_for_each(w, &waiters, link)
		if (futex_key_equal(&w->key, key) &&
		    (!first || READ_ONCE(w->thread->prio) >
				       READ_ONCE(first->thread->prio)))
			first = w;
	return first;
}

/* Longer chains of owners who wait are refused, as by Linux' max_lock_depth. */
#define CHAIN_MAX 1024

/* What t waits for, if it does. */
static struct pi_waiter *waits(int tid)
{
	struct pi_waiter *w;

	list_for_each(w, &waiters, link)
		if (w->thread->tid == tid)
			return w;
	return NULL;
}

/* Would thread tid, if it waited for owner, wait for itself? */
static bool closes_circle(int owner, int tid)
{
	for (int n = 0; n < CHAIN_MAX; n++) {
		struct pi_waiter *w;

		if (owner == tid)
			return true;
		w = waits(owner);
		if (!w)
			return false;
		owner = w->owner;
	}
	return true;
}

/* Waiters for thread tid came, went, or changed: it and its chain follow. */
static void lend(int tid)
{
	for (int n = 0; n < CHAIN_MAX; n++) {
		struct thread *t = process_find_thread(tid, NULL);
		struct pi_waiter *w;
		int prio = 0;
		bool same;

		if (!t)
			return;
		list_for_each(w, &waiters, link)
			if (w->owner == tid)
				prio = MAX(prio, READ_ONCE(w->thread->prio));
		same = READ_ONCE(t->boost) == prio;
		thread_set_boost(t, prio);
		thread_put(t);
		w = waits(tid);
		if (same || !w)
			return;
		tid = w->owner;
	}
}

static void wake(struct pi_waiter *w)
{
	WRITE_ONCE(w->woken, true);
	thread_wake(w->thread);
}

/* Those who wait for key wait for thread tid from now on. */
static void set_owner(const struct futex_key *key, int tid)
{
	struct pi_waiter *w;

	list_for_each(w, &waiters, link)
		if (futex_key_equal(&w->key, key))
			w->owner = tid;
}

/*
 * Take the word if it is free, or its owner died. 1: taken. 0: no; the word has
 * FUTEX_WAITERS now, *owner says whose it is. -EDEADLK, -EFAULT, -ESRCH (the
 * owner does not exist).
 */
static int try_take(u32 __user *uaddr, const struct futex_key *key,
		    bool owner_died, bool announce, int *owner)
{
	u32 me = (u32)current_thread()->tid, old, new, seen;
	struct thread *t;
	int err = user_load32(uaddr, &old);
	bool gone;

	for (; !err; old = seen) {
		if ((old & FUTEX_TID_MASK) == me)
			return -EDEADLK;
		*owner = (int)(old & FUTEX_TID_MASK);
		if (!*owner || owner_died) {
			new = me | (old & FUTEX_OWNER_DIED) |
			      (owner_died ? FUTEX_OWNER_DIED : 0) |
			      (first_waiter(key) ? FUTEX_WAITERS : 0);
		} else if (!announce) {
			return 0;
		} else {
			t = process_find_thread(*owner, NULL);
			gone = !t || __atomic_load_n(&t->pi_exited,
						     __ATOMIC_SEQ_CST);
			if (t)
				thread_put(t);
			if (gone) {
				/* It may have said so just before. */
				err = user_load32(uaddr, &seen);
				if (!err && seen == old)
					err = -ESRCH;
				continue;
			}
			new = old | FUTEX_WAITERS;
		}
		err = user_cmpxchg32(uaddr, old, new, &seen);
		if (!err && seen == old)
			return !*owner || owner_died;
	}
	return err;
}

static int wait_for_owner(u32 __user *uaddr, struct pi_waiter *w,
			  const struct futex_timeout *to)
{
	int err, result = 0;

	for (;;) {
		if (closes_circle(w->owner, w->thread->tid))
			return -EDEADLK;
		w->woken = false;
		list_append(&waiters, &w->link);
		lend(w->owner);
		mutex_unlock(&pi_lock);
		err = sleep_on_flag(&w->woken, to->realtime, to->deadline);
		mutex_lock(&pi_lock);
		if (w->has_lock)
			return 0;
		list_del(&w->link);
		lend(w->owner);
		/* The owner's death is told to one alone: he must not go. */
		if (err && !w->owner_died)
			return err;
		result = try_take(uaddr, &w->key, w->owner_died, true,
				  &w->owner);
		if (result > 0) {
			set_owner(&w->key, w->thread->tid);
			lend(w->thread->tid);
		}
		if (result)
			return result < 0 ? result : 0;
		w->owner_died = false;
	}
}

int futex_lock_pi(u32 __user *uaddr, bool shared,
		  const struct futex_timeout *to, bool try)
{
	struct pi_waiter w = {.thread = current_thread()};
	int err = futex_key(uaddr, shared, &w.key);

	if (err)
		return err;
	list_init(&w.link);
	mutex_lock(&pi_lock);
	/* Before the word says so: see futex_pi_thread_exit. */
	if (!try)
		__atomic_store_n(&ever_waited, true, __ATOMIC_SEQ_CST);
	err = try_take(uaddr, &w.key, false, !try, &w.owner);
	if (err > 0)
		err = 0;
	else if (!err && try)
		err = -EAGAIN;
	else if (!err)
		err = wait_for_owner(uaddr, &w, to);
	mutex_unlock(&pi_lock);
	/* A handler may run, and then the lock is still wanted. */
	return err == -ERESTARTSYS ? -ERESTARTNOINTR : err;
}

int futex_unlock_pi(u32 __user *uaddr, bool shared)
{
	u32 me = (u32)current_thread()->tid, old, new, seen;
	struct pi_waiter *w;
	struct futex_key key;
	int err = futex_key(uaddr, shared, &key);

	if (err)
		return err;
	mutex_lock(&pi_lock);
	err = user_load32(uaddr, &old);
	for (; !err; old = seen) {
		if ((old & FUTEX_TID_MASK) != me) {
			err = -EPERM;
			break;
		}
		w = first_waiter(&key);
		new = w ? (u32)w->thread->tid : 0;
		if (w) {
			list_del(&w->link);
			new |= first_waiter(&key) ? FUTEX_WAITERS : 0;
			list_push(&waiters, &w->link);
		}
		err = user_cmpxchg32(uaddr, old, new, &seen);
		if (err || seen != old)
			continue;
		if (w) {
			list_del(&w->link);
			w->has_lock = true;
			/* The others wait for the new owner now. */
			set_owner(&key, w->thread->tid);
			lend(w->thread->tid);
			wake(w);
			lend((int)me);
		}
		break;
	}
	mutex_unlock(&pi_lock);
	return err;
}

void futex_pi_requeue(struct thread *t)
{
	struct pi_waiter *w;

	if (!__atomic_load_n(&ever_waited, __ATOMIC_SEQ_CST))
		return;
	mutex_lock(&pi_lock);
	w = waits(t->tid);
	if (w)
		lend(w->owner);
	mutex_unlock(&pi_lock);
}

void futex_pi_thread_exit(struct thread *t)
{
	struct pi_waiter *w, *earlier;

	/* Who finds us after this does not wait for us: see try_take. */
	__atomic_store_n(&t->pi_exited, true, __ATOMIC_SEQ_CST);
	/*
	 * Not the list: who has marked the word, but is not on it yet, holds
	 * the lock.
	 */
	if (!__atomic_load_n(&ever_waited, __ATOMIC_SEQ_CST))
		return;
	mutex_lock(&pi_lock);
	list_for_each(w, &waiters, link) {
		if (w->owner != t->tid || w->woken)
			continue;
		earlier = first_waiter(&w->key);
		if (earlier != w)
			continue;
		w->owner_died = true;
		wake(w);
	}
	mutex_unlock(&pi_lock);
}
