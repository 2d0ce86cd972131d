/* Moving threads that wait to other CPUs. */
#include "../runqueue.h"
#include "platform.h"

/*
 * How often a CPU on which threads wait looks for one that has less to do.  What
 * moves finds its data in no cache.
 */
#define SPREAD_INTERVAL (50 * NSEC_PER_MSEC)

static void lock_two(struct cpu *a, struct cpu *b)
{
	struct cpu *first = a->id < b->id ? a : b;
	struct cpu *second = first == a ? b : a;

	spin_lock(&first->rq->lock);
	check_nest(&second->rq->lock.check, 1);
	spin_lock(&second->rq->lock);
}

static void unlock_two(struct cpu *a, struct cpu *b)
{
	spin_unlock(&a->rq->lock);
	spin_unlock(&b->rq->lock);
}

/*
 * Both are locked.  The first thread that waits on `from', may run on `to', and
 * has a priority above `above' and weighs at most `limit'.
 */
static struct thread *movable(struct cpu *from, struct cpu *to, int above,
			      u64 limit)
{
	struct avl_node *n = avl_first(&from->rq->queue);

	for (; n; n = avl_next(n)) {
		struct thread *t = rq_thread(n);

		if (t->prio <= above)
			return NULL;
		if (may_run(t, to) && t->weight <= limit)
			return t;
	}
	return NULL;
}

/* Both are locked. */
static void move(struct thread *t, struct cpu *to)
{
	struct runqueue *rq = to->rq;
	nsec_t now = now_ns();

	rq_remove(t->cpu->rq, t);
	if (to->current != to->idle)
		rq_charge(rq, now);
	rq_join(rq, t, false);
	if (rq_preempts(rq, t))
		sched_resched(to);
	else if (rq->nr == 1)
		timer_set(&rq->slice, now + rq_slice(rq));
}

static bool fetch(struct cpu *from, struct cpu *to, int above, u64 limit)
{
	struct thread *t;

	lock_two(from, to);
	t = movable(from, to, above, limit);
	/* It would wait there too, and come back at once. */
	if (t && t->prio && rq_throttled(to->rq, now_ns()))
		t = NULL;
	if (t)
		move(t, to);
	unlock_two(from, to);
	return t;
}

bool sched_steal(struct cpu *c)
{
	u64 tried = BIT(c->id), all = platform_cpus_mask();

	/* From the one with the most, and so on: those there may be tied to it. */
	while (tried != all) {
		struct cpu *busiest = NULL;
		unsigned most = 0;

		for (u64 left = all & ~tried; left; left &= left - 1) {
			struct cpu *o = platform_cpu(
				(unsigned)__builtin_ctzll(left));
			unsigned nr = READ_ONCE(o->rq->nr);

			if (nr > most) {
				most = nr;
				busiest = o;
			}
		}
		if (!busiest)
			return false;
		if (fetch(busiest, c, -1, UINT64_MAX))
			return true;
		tried |= BIT(busiest->id);
	}
	return false;
}

/*
 * A thread goes where the load is less by at least its weight.  If by just that
 * much, the other CPU will give one back later: three threads on two CPUs get equal
 * shares in the long run.
 */
void sched_spread(struct cpu *c)
{
	u64 load = READ_ONCE(c->rq->load), least = load;
	struct cpu *to = NULL;
	nsec_t now = now_ns();

	if (platform_cpus_online() == 1 ||
	    now - c->rq->balanced < SPREAD_INTERVAL)
		return;
	c->rq->balanced = now;
	/* Not c itself: its load may be less by now. */
	for (u64 left = platform_cpus_mask() & ~BIT(c->id); left;
	     left &= left - 1) {
		struct cpu *o = platform_cpu((unsigned)__builtin_ctzll(left));
		u64 its = READ_ONCE(o->rq->load);

		if (its < least) {
			least = its;
			to = o;
		}
	}
	if (to && fetch(c, to, -1, load - least))
		to->rq->balanced = now;
}

/* Of all CPUs but c, the one with the most urgent thread that waits. */
static struct cpu *most_urgent(struct cpu *c, int above)
{
	struct cpu *best = NULL;

	for (u64 left = platform_cpus_mask() & ~BIT(c->id); left;
	     left &= left - 1) {
		struct cpu *o = platform_cpu((unsigned)__builtin_ctzll(left));
		int top = READ_ONCE(o->rq->top);

		if (top > above) {
			above = top;
			best = o;
		}
	}
	return best;
}

void sched_rt_balance(struct cpu *c)
{
	int prio = MAX(READ_ONCE(c->rq->prio), 0), top;
	struct cpu *from;

	if (platform_cpus_online() == 1)
		return;
	/* Here what waits elsewhere; its arrival has us choose again. */
	from = most_urgent(c, prio);
	if (from && fetch(from, c, prio, UINT64_MAX))
		return;
	/* What waits here, to a CPU that runs less. */
	top = READ_ONCE(c->rq->top);
	if (top <= 0)
		return;
	for (u64 left = platform_cpus_mask() & ~BIT(c->id); left;
	     left &= left - 1) {
		struct cpu *to = platform_cpu((unsigned)__builtin_ctzll(left));
		int runs = MAX(READ_ONCE(to->rq->prio), 0);

		if (runs < top && fetch(c, to, runs, UINT64_MAX))
			return;
	}
}
