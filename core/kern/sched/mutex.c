/* Locks that sleep. */
#include "log.h"
#include "sync.h"
#include "thread.h"

/*
 * The word of a mutex: its owner, and whether somebody may be waiting.  Whoever
 * has unlocked a mutex must not look at it any more: the next owner may free it.
 * So who waits says so in the word, and an unlock that finds nobody waiting is
 * one instruction; an unlock that does is done under the lock of the queue,
 * which everybody who waits, and whoever unlocks after him, takes as well.
 */
#define WAITED 1ul

static u64 me(void)
{
	return (u64)(uintptr_t)current_thread();
}

void mutex_init(struct mutex *m)
{
	m->word = 0;
	waitq_init(&m->waiters);
}

/* Take it if it is free; otherwise say that somebody waits, if mark. */
static bool take(struct mutex *m, bool mark)
{
	u64 old = __atomic_load_n(&m->word, __ATOMIC_RELAXED), new;

	do {
		if (old & ~WAITED) {
			if (!mark || (old & WAITED))
				return false;
			new = old | WAITED;
		} else {
			new = old | me();
		}
	} while (!__atomic_compare_exchange_n(&m->word, &old, new, true,
					      __ATOMIC_SEQ_CST,
					      __ATOMIC_RELAXED));
	return !(old & ~WAITED);
}

bool mutex_trylock(struct mutex *m)
{
	return take(m, false);
}

void mutex_lock(struct mutex *m)
{
	u64 none = 0;

	if (likely(__atomic_compare_exchange_n(&m->word, &none, me(), false,
					       __ATOMIC_ACQUIRE,
					       __ATOMIC_RELAXED)))
		return;
	if (unlikely(mutex_held(m)))
		panic("thread %d takes a mutex that it holds",
		      current_thread()->tid);
	(void)wait_event_common(&m->waiters, take(m, true), false, NSEC_FOREVER,
				true);
}

void mutex_unlock(struct mutex *m)
{
	u64 mine = me(), flags;

	assert(mutex_held(m));
	while (!__atomic_compare_exchange_n(&m->word, &mine, 0, false,
					    __ATOMIC_RELEASE,
					    __ATOMIC_RELAXED)) {
		flags = spin_lock_irqsave(&m->waiters.lock);
		if (waitq_active(&m->waiters)) {
			__atomic_store_n(&m->word, WAITED, __ATOMIC_RELEASE);
			waitq_wake_locked(&m->waiters, 1, 0);
			spin_unlock_irqrestore(&m->waiters.lock, flags);
			return;
		}
		/* They have gone, or come and look at the word first. */
		mine = me();
		__atomic_store_n(&m->word, mine, __ATOMIC_RELAXED);
		spin_unlock_irqrestore(&m->waiters.lock, flags);
	}
}

bool mutex_held(const struct mutex *m)
{
	return (__atomic_load_n(&m->word, __ATOMIC_RELAXED) & ~WAITED) == me();
}

void rwlock_init(struct rwlock *l)
{
	spin_init(&l->lock);
	l->readers = 0;
	l->want_write = 0;
	waitq_init(&l->waiters);
}

static bool try_read(struct rwlock *l)
{
	bool ok;

	spin_lock(&l->lock);
	ok = l->readers >= 0 && !l->want_write;
	if (ok)
		l->readers++;
	spin_unlock(&l->lock);
	return ok;
}

static bool try_write(struct rwlock *l)
{
	bool ok;

	spin_lock(&l->lock);
	ok = !l->readers;
	if (ok)
		l->readers = -1;
	spin_unlock(&l->lock);
	return ok;
}

void rwlock_read(struct rwlock *l)
{
	if (!try_read(l))
		wait_event(&l->waiters, try_read(l));
}

/*
 * Who unlocks wakes the others under the lock, so that the next owner, who may
 * free it all, comes after that.
 */
void rwlock_read_done(struct rwlock *l)
{
	spin_lock(&l->lock);
	if (!--l->readers)
		waitq_wake_all(&l->waiters);
	spin_unlock(&l->lock);
}

void rwlock_write(struct rwlock *l)
{
	if (try_write(l))
		return;
	/* From now on new readers wait, so that the writer gets its turn. */
	spin_lock(&l->lock);
	l->want_write++;
	spin_unlock(&l->lock);
	wait_event(&l->waiters, try_write(l));
	spin_lock(&l->lock);
	l->want_write--;
	spin_unlock(&l->lock);
}

void rwlock_write_done(struct rwlock *l)
{
	spin_lock(&l->lock);
	l->readers = 0;
	waitq_wake_all(&l->waiters);
	spin_unlock(&l->lock);
}
