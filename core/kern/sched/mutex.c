/* Locks that sleep. */
#include "locks.h"
#include "log.h"
#include "thread.h"

/*
 * A mutex is one word: its owner and two bits.  Waiters are in the queue's list in
 * order; the list and the bits are changed under the queue's lock.
 *
 * Whoever unlocks touches the mutex no more once somebody else can have it: the
 * next owner may free what it is in.  Without waiters the last touch is the store
 * to the word.  With waiters MUTEX_WAITERS stays set until one of them has taken
 * the mutex, which it does under the queue's lock, and so does every unlock
 * meanwhile: all of them are after the first unlock's release of that lock.
 */
struct mutex_waiter {
	struct list link; /* waiters.waiters; waiters.lock */
	struct thread *thread;
};

void(mutex_init)(struct mutex *m)
{
	m->word = 0;
	waitq_init(&m->waiters);
}

static bool change(struct mutex *m, u64 from, u64 to, int order)
{
	return order == __ATOMIC_RELEASE ?
		       __atomic_compare_exchange_n(&m->word, &from, to, false,
						   __ATOMIC_RELEASE,
						   __ATOMIC_RELAXED) :
		       __atomic_compare_exchange_n(&m->word, &from, to, false,
						   __ATOMIC_ACQUIRE,
						   __ATOMIC_RELAXED);
}

/* A free mutex may be taken before those who wait, unless one waited in vain. */
bool mutex_take(struct mutex *m)
{
	u64 me = (u64)(uintptr_t)current_thread();

	return change(m, 0, me, __ATOMIC_ACQUIRE) ||
	       (unlikely(__atomic_load_n(&m->word, __ATOMIC_RELAXED) ==
			 MUTEX_WAITERS) &&
		change(m, MUTEX_WAITERS, me | MUTEX_WAITERS,
		       __ATOMIC_ACQUIRE));
}

__lockfunc bool mutex_trylock(struct mutex *m)
{
	bool ok = mutex_take(m);

	if (ok)
		check_acquired(&m->check, LOCK_SLEEPS, NULL);
	return ok;
}

/*
 * The queue is locked.  Take the mutex, or leave word that we wait; vain: we were
 * woken once already.
 */
static bool take_or_wait(struct mutex *m, struct mutex_waiter *w, bool vain)
{
	bool first = m->waiters.waiters.next == &w->link;
	bool alone = first && w->link.next == &m->waiters.waiters;
	u64 me = (u64)(uintptr_t)w->thread;
	u64 old = __atomic_load_n(&m->word, __ATOMIC_RELAXED);

	for (;;) {
		u64 owner = old & ~MUTEX_BITS;
		bool ours = owner == me || !owner;
		u64 new = ours ? me | (alone ? 0 : MUTEX_WAITERS) :
				 old | MUTEX_WAITERS |
				 (vain && first ? MUTEX_HANDOFF : 0);

		if (__atomic_compare_exchange_n(&m->word, &old, new, false,
						__ATOMIC_ACQUIRE,
						__ATOMIC_RELAXED))
			return ours;
	}
}

static __lockfunc __seldom void lock_slowly(struct mutex *m)
{
	struct mutex_waiter w = {.thread = current_thread()};
	u64 flags = spin_lock_irqsave(&m->waiters.lock);
	bool vain = false;

	list_append(&m->waiters.waiters, &w.link);
	while (!take_or_wait(m, &w, vain)) {
		sleep_prepare(false);
		spin_unlock_irqrestore(&m->waiters.lock, flags);
		schedule();
		vain = true;
		flags = spin_lock_irqsave(&m->waiters.lock);
	}
	list_del(&w.link);
	spin_unlock_irqrestore(&m->waiters.lock, flags);
}

__lockfunc void mutex_lock(struct mutex *m)
{
	struct check_wait lw = CHECK_WAIT_INIT;

	check_acquire(&m->check, LOCK_SLEEPS);
	if (unlikely(!mutex_take(m))) {
		if (unlikely(mutex_held(m)))
			panic("thread %d takes a mutex that it holds",
			      current_thread()->tid);
		check_waits(&m->check, &lw);
		if (!mutex_spin || !mutex_spin(m))
			lock_slowly(m);
	}
	check_acquired(&m->check, LOCK_SLEEPS, &lw);
}

static __lockfunc __seldom void unlock_slowly(struct mutex *m)
{
	u64 flags = spin_lock_irqsave(&m->waiters.lock);
	struct mutex_waiter *w = list_first(&m->waiters.waiters,
					    struct mutex_waiter, link);
	u64 old = __atomic_load_n(&m->word, __ATOMIC_RELAXED);

	__atomic_store_n(&m->word,
			 MUTEX_WAITERS | (old & MUTEX_HANDOFF ?
						  (u64)(uintptr_t)w->thread :
						  0),
			 __ATOMIC_RELEASE);
	thread_wake(w->thread);
	spin_unlock_irqrestore(&m->waiters.lock, flags);
}

__lockfunc void mutex_unlock(struct mutex *m)
{
	assert(mutex_held(m));
	check_release(&m->check, LOCK_SLEEPS);
	if (!likely(change(m, (u64)(uintptr_t)current_thread(), 0,
			   __ATOMIC_RELEASE)))
		unlock_slowly(m);
}

bool mutex_held(const struct mutex *m)
{
	return (__atomic_load_n(&m->word, __ATOMIC_RELAXED) & ~MUTEX_BITS) ==
	       (u64)(uintptr_t)current_thread();
}

/*
 * As with mutexes, the last touch of who unlocks is the release of l->lock, which
 * who comes next takes.
 */
void(rwlock_init)(struct rwlock *l)
{
	spin_init(&l->lock);
	l->readers = 0;
	l->want_write = 0;
	waitq_init(&l->waiters);
}

/* l->lock is held; smp/spin.c looks at both without it. */
static void set_readers(struct rwlock *l, int n)
{
	__atomic_store_n(&l->readers, n, __ATOMIC_RELEASE);
}

static void set_want_write(struct rwlock *l, unsigned n)
{
	__atomic_store_n(&l->want_write, n, __ATOMIC_RELAXED);
}

__lockfunc bool rwlock_take_read(struct rwlock *l)
{
	bool ok;

	spin_lock(&l->lock);
	ok = l->readers >= 0 && !l->want_write;
	if (ok)
		set_readers(l, l->readers + 1);
	spin_unlock(&l->lock);
	return ok;
}

__lockfunc bool rwlock_take_write(struct rwlock *l)
{
	bool ok;

	spin_lock(&l->lock);
	ok = !l->readers;
	if (ok) {
		/* Who sees that there is a writer sees which. */
		__atomic_store_n(&l->writer, current_thread(),
				 __ATOMIC_RELAXED);
		set_readers(l, -1);
	}
	spin_unlock(&l->lock);
	return ok;
}

static __lockfunc __seldom void wait_to_read(struct rwlock *l)
{
	wait_event(&l->waiters, rwlock_take_read(l));
}

__lockfunc void rwlock_read(struct rwlock *l)
{
	struct check_wait lw = CHECK_WAIT_INIT;

	check_acquire(&l->check, LOCK_SHARED);
	if (!rwlock_take_read(l)) {
		check_waits(&l->check, &lw);
		if (!rwlock_spin || !rwlock_spin(l, false))
			wait_to_read(l);
	}
	check_acquired(&l->check, LOCK_SHARED, &lw);
}

__lockfunc void rwlock_read_done(struct rwlock *l)
{
	check_release(&l->check, LOCK_SHARED);
	spin_lock(&l->lock);
	set_readers(l, l->readers - 1);
	if (!l->readers)
		waitq_wake_all(&l->waiters);
	spin_unlock(&l->lock);
}

static __lockfunc __seldom void wait_to_write(struct rwlock *l)
{
	/* From now on new readers wait, so that the writer gets its turn. */
	spin_lock(&l->lock);
	set_want_write(l, l->want_write + 1);
	spin_unlock(&l->lock);
	wait_event(&l->waiters, rwlock_take_write(l));
	spin_lock(&l->lock);
	set_want_write(l, l->want_write - 1);
	spin_unlock(&l->lock);
}

__lockfunc void rwlock_write(struct rwlock *l)
{
	struct check_wait lw = CHECK_WAIT_INIT;

	check_acquire(&l->check, LOCK_SLEEPS);
	if (!rwlock_take_write(l)) {
		check_waits(&l->check, &lw);
		if (!rwlock_spin || !rwlock_spin(l, true))
			wait_to_write(l);
	}
	check_acquired(&l->check, LOCK_SLEEPS, &lw);
}

__lockfunc void rwlock_write_done(struct rwlock *l)
{
	check_release(&l->check, LOCK_SLEEPS);
	spin_lock(&l->lock);
	set_readers(l, 0);
	waitq_wake_all(&l->waiters);
	spin_unlock(&l->lock);
}
