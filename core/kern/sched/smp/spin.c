/*
 * Waiting for a lock that sleeps without sleeping: while its owner runs on another
 * CPU it will be free sooner than a thread is switched away and woken again, and a
 * CPU that has nothing else to do need not halt.
 */
#include "../locks.h"
#include "../runqueue.h"
#include "platform.h"

/*
 * About what sleeping and waking cost where a halted processor is a thread of the
 * host: who spins for as long as that, and then sleeps, never spends more than twice
 * what would have been best (Karlin, Li, Manasse, Owicki: Empirical Studies of
 * Competitive Spinning for a Shared-Memory Multiprocessor, SOSP 1991).
 */
#define SPIN_MAX (100 * NSEC_PER_USEC)
#define CLOCK_INTERVAL 16 /* looks at the lock, for one at the clock */

enum look { TAKEN, BUSY, ASLEEP };

/*
 * The owner may have ended since the lock was looked at.  Its memory is still
 * mapped, as all of the heap, and what it holds then matters only until the next
 * look.
 */
static enum look owner_runs(const struct thread *owner)
{
	return __atomic_load_n(&owner->on_cpu, __ATOMIC_RELAXED) ? BUSY
								 : ASLEEP;
}

static enum look look_mutex(void *lock, bool write)
{
	struct mutex *m = lock;
	u64 owner = __atomic_load_n(&m->word, __ATOMIC_RELAXED) & ~MUTEX_BITS;

	if (owner)
		return owner_runs((const struct thread *)owner);
	return mutex_take(m) ? TAKEN : BUSY;
}

static enum look look_rwlock(void *lock, bool write)
{
	struct rwlock *l = lock;
	int readers = __atomic_load_n(&l->readers, __ATOMIC_ACQUIRE);

	if (readers < 0)
		return owner_runs(
			__atomic_load_n(&l->writer, __ATOMIC_RELAXED));
	if (write)
		/* Who the readers are is not known; most are soon done. */
		return !readers && rwlock_take_write(l) ? TAKEN : BUSY;
	if (__atomic_load_n(&l->want_write, __ATOMIC_RELAXED))
		return ASLEEP;
	return rwlock_take_read(l) ? TAKEN : BUSY;
}

/* One look after the other, until it is taken or there is no use in it. */
static bool spin(enum look (*look)(void *lock, bool write), void *lock,
		 bool write)
{
	enum look l = BUSY;
	nsec_t end;

	if (platform_cpus_online() == 1)
		return false;
	end = now_ns() + SPIN_MAX;
	for (unsigned n = 1; l == BUSY; n++) {
		if (READ_ONCE(this_cpu()->need_resched) ||
		    (!(n % CLOCK_INTERVAL) && now_ns() >= end))
			return false;
		cpu_relax();
		l = look(lock, write);
	}
	return l == TAKEN;
}

bool mutex_spin(struct mutex *m)
{
	return spin(look_mutex, m, true);
}

bool rwlock_spin(struct rwlock *l, bool write)
{
	return spin(look_rwlock, l, write);
}
