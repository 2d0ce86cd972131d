/* Locks that sleep. */
#include "log.h"
#include "sync.h"
#include "thread.h"

void mutex_init(struct mutex *m)
{
	m->owner = NULL;
	waitq_init(&m->waiters);
}

bool mutex_trylock(struct mutex *m)
{
	struct thread *none = NULL;

	return __atomic_compare_exchange_n(&m->owner, &none, current_thread(),
					   false, __ATOMIC_ACQUIRE,
					   __ATOMIC_RELAXED);
}

void mutex_lock(struct mutex *m)
{
	if (likely(mutex_trylock(m)))
		return;
	if (unlikely(mutex_held(m)))
		panic("thread %d takes a mutex that it holds",
		      current_thread()->tid);
	(void)wait_event_common(&m->waiters, mutex_trylock(m), false,
				NSEC_FOREVER, true);
}

void mutex_unlock(struct mutex *m)
{
	assert(mutex_held(m));
	__atomic_store_n(&m->owner, NULL, __ATOMIC_SEQ_CST);
	waitq_wake(&m->waiters, 1, 0);
}

bool mutex_held(const struct mutex *m)
{
	return __atomic_load_n(&m->owner, __ATOMIC_RELAXED) == current_thread();
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

void rwlock_read_done(struct rwlock *l)
{
	bool last;

	spin_lock(&l->lock);
	last = !--l->readers;
	spin_unlock(&l->lock);
	if (last)
		waitq_wake_all(&l->waiters);
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
	spin_unlock(&l->lock);
	waitq_wake_all(&l->waiters);
}
