/* Which CPU a thread becomes runnable on. */
#include "../runqueue.h"
#include "platform.h"

static struct cpu *lowest(u64 mask)
{
	return platform_cpu((unsigned)__builtin_ctzll(mask));
}

/* The CPU on which the least urgent thing runs; `first' if equal and allowed. */
static struct cpu *least_urgent(u64 allowed, struct cpu *first)
{
	struct cpu *best = NULL;
	int least = INT32_MAX;

	if (allowed & BIT(first->id)) {
		best = first;
		least = READ_ONCE(first->rq->prio);
	}
	for (; allowed; allowed &= allowed - 1) {
		struct cpu *c = lowest(allowed);
		int prio = READ_ONCE(c->rq->prio);

		if (prio < least) {
			least = prio;
			best = c;
		}
	}
	return best;
}

/* The CPU with the least to do; `first' if equal and allowed. */
static struct cpu *least_loaded(u64 allowed, struct cpu *first)
{
	struct cpu *best = NULL;
	u64 least = UINT64_MAX;

	if (allowed & BIT(first->id)) {
		best = first;
		least = READ_ONCE(first->rq->load);
	}
	for (; allowed; allowed &= allowed - 1) {
		struct cpu *c = lowest(allowed);
		u64 load = READ_ONCE(c->rq->load);

		if (load < least) {
			least = load;
			best = c;
		}
	}
	return best;
}

struct cpu *sched_place(struct thread *t, bool fresh)
{
	u64 online = platform_cpus_mask(), allowed = t->affinity & online;
	struct cpu *before = t->cpu, *here = this_cpu();
	u64 idle;

	if (!(online & (online - 1)) || !(allowed & (allowed - 1)))
		return lowest(allowed);
	idle = __atomic_load_n(&sched_idle_cpus, __ATOMIC_RELAXED) & allowed;
	if (t->prio && !(idle & BIT(before->id)))
		return idle ? lowest(idle) : least_urgent(allowed, before);
	/* Where its data still is in a cache, else where nothing runs. */
	if (!fresh && idle & BIT(before->id))
		return before;
	if (idle & BIT(here->id))
		return here;
	if (idle)
		return lowest(idle);
	if (fresh || !(allowed & BIT(before->id)))
		return least_loaded(allowed, here);
	return before;
}

void sched_call_idle(struct thread *t)
{
	u64 idle;

	/* The thread is queued; now the look: see sched_idle. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	idle = __atomic_load_n(&sched_idle_cpus, __ATOMIC_SEQ_CST) &
	       t->affinity;
	if (unlikely(idle))
		arch_resched_cpu(lowest(idle));
}
