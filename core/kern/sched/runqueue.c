/* Run queues: who runs next, and for how long. */
#include "runqueue.h"
#include <linux/sched.h>

/*
 * With several runnable threads each gets a turn within the latency, but no
 * turn is shorter than the granularity (it would only be switching).  A thread that
 * slept starts at most half a latency ahead of the others.
 */
#define LATENCY (2 * FAIR_SLICE)
#define GRANULARITY (1 * NSEC_PER_MSEC)

/*
 * Real-time threads that never sleep leave this much to the others, who wait
 * (sched(7), "Limiting the CPU usage of real-time and deadline processes").
 */
#define RT_PERIOD NSEC_PER_SEC
#define RT_RUNTIME (950 * NSEC_PER_MSEC)

#define WEIGHT_NORMAL 1024
#define WEIGHT_IDLE 3 /* SCHED_IDLE: below that of nice 19 */

unsigned sched_rt_waiting;

/*
 * One nice step is 10 % of CPU time between two threads, that is a factor of 1.25
 * in weight.  weight(nice) = 1024 / 1.25^nice.
 */
void rq_weigh(struct thread *t)
{
	unsigned w = WEIGHT_NORMAL;
	int n = t->nice;

	t->prio = MAX(t->rt_priority, t->boost);
	/* For those who balance; nothing else divides its time. */
	if (t->prio)
		n = -20;
	for (; n < 0; n++)
		w += w / 4;
	for (; n > 0; n--)
		w -= w / 5;
	t->weight = t->policy == SCHED_IDLE && !t->prio ? WEIGHT_IDLE : w;
}

static bool earlier(const struct avl_node *a, const struct avl_node *b)
{
	const struct thread *x = container_of(a, struct thread, run_node);
	const struct thread *y = container_of(b, struct thread, run_node);

	if (x->prio != y->prio)
		return x->prio > y->prio;
	if (x->prio)
		return x->rt_turn < y->rt_turn;
	return (s64)(x->vruntime - y->vruntime) < 0;
}

static struct thread *first(const struct runqueue *rq)
{
	struct avl_node *n = avl_first(&rq->queue);

	return n ? rq_thread(n) : NULL;
}

/* The first that is not a real-time thread. */
static struct thread *first_fair(const struct runqueue *rq)
{
	struct avl_node *n = rq->queue.root;
	struct thread *found = NULL;

	while (n) {
		struct thread *t = rq_thread(n);

		if (!t->prio)
			found = t;
		n = n->child[t->prio ? 1 : 0];
	}
	return found;
}

static void changed(struct runqueue *rq)
{
	struct thread *t = first(rq);

	WRITE_ONCE(rq->top, t ? t->prio : -1);
}

void rq_add(struct runqueue *rq, struct thread *t, enum rq_place where)
{
	if (t->prio) {
		t->rt_turn = where == RQ_FRONT ? --rq->rt_first : ++rq->rt_last;
		rq->nr_rt++;
		__atomic_add_fetch(&sched_rt_waiting, 1, __ATOMIC_SEQ_CST);
	}
	avl_add(&rq->queue, &t->run_node, earlier);
	WRITE_ONCE(rq->nr, rq->nr + 1);
	WRITE_ONCE(rq->load, rq->load + t->weight);
	changed(rq);
}

/* Out of the queue; load is the caller's. */
static void take(struct runqueue *rq, struct thread *t)
{
	avl_remove(&rq->queue, &t->run_node);
	WRITE_ONCE(rq->nr, rq->nr - 1);
	if (t->prio) {
		rq->nr_rt--;
		__atomic_sub_fetch(&sched_rt_waiting, 1, __ATOMIC_SEQ_CST);
	}
	changed(rq);
}

void rq_remove(struct runqueue *rq, struct thread *t)
{
	take(rq, t);
	WRITE_ONCE(rq->load, rq->load - t->weight);
}

void rq_put_back(struct runqueue *rq, struct thread *t, bool yields)
{
	struct avl_node *last = avl_last(&rq->queue);
	enum rq_place where = yields ? RQ_BACK : RQ_FRONT;

	if (t->policy == SCHED_RR && t->rr_used >= RR_QUANTUM) {
		t->rr_used = 0;
		where = RQ_BACK;
	}
	/* Behind everybody who waits, so that yielding loops make progress. */
	if (yields && !t->prio && last &&
	    (s64)(rq_thread(last)->vruntime - t->vruntime) > 0 &&
	    !rq_thread(last)->prio)
		t->vruntime = rq_thread(last)->vruntime;
	WRITE_ONCE(rq->load, rq->load - t->weight);
	rq_add(rq, t, where);
}

/*
 * min_vruntime follows the least of all that run or wait, or who starts after one
 * has run alone for long would be far ahead of it.
 */
void rq_charge(struct runqueue *rq, nsec_t now)
{
	struct thread *t = rq->cpu->current, *next;
	nsec_t ran = now - t->run_start;
	u64 least;

	t->run_start = now;
	t->cpu_time += ran;
	if (t == rq->cpu->idle)
		return;
	if (t->prio) {
		t->rr_used += ran;
		rq->rt_used += ran;
		return;
	}
	t->vruntime += ran * WEIGHT_NORMAL / t->weight;
	least = t->vruntime;
	next = first_fair(rq);
	if (next && (s64)(next->vruntime - least) < 0)
		least = next->vruntime;
	if ((s64)(least - rq->min_vruntime) > 0)
		WRITE_ONCE(rq->min_vruntime, least);
}

void rq_join(struct runqueue *rq, struct thread *t, bool slept)
{
	u64 least = rq->min_vruntime;

	/* As far ahead or behind as it was where it comes from. */
	if (t->cpu != rq->cpu)
		t->vruntime += least - READ_ONCE(t->cpu->rq->min_vruntime);
	if (slept) {
		least -= LATENCY / 2;
		if ((s64)(t->vruntime - least) < 0)
			t->vruntime = least;
	}
	t->cpu = rq->cpu;
	t->on_rq = true;
	rq_add(rq, t, RQ_BACK);
}

bool rq_throttled(struct runqueue *rq, nsec_t now)
{
	if (now - rq->rt_period >= RT_PERIOD) {
		rq->rt_period = now;
		rq->rt_used = 0;
	}
	return rq->rt_used >= RT_RUNTIME;
}

struct thread *rq_pick(struct runqueue *rq, nsec_t now)
{
	struct thread *t = first(rq);

	if (!t)
		return NULL;
	if (t->prio && rq->nr > rq->nr_rt && rq_throttled(rq, now))
		t = first_fair(rq);
	take(rq, t);
	if (!t->prio && (s64)(t->vruntime - rq->min_vruntime) > 0)
		WRITE_ONCE(rq->min_vruntime, t->vruntime);
	return t;
}

bool rq_preempts(const struct runqueue *rq, const struct thread *t)
{
	const struct thread *cur = rq->cpu->current;

	if (cur == rq->cpu->idle)
		return true;
	if (t->prio || cur->prio)
		return t->prio > cur->prio;
	if (cur->policy == SCHED_IDLE && t->policy != SCHED_IDLE)
		return true;
	if (t->policy == SCHED_BATCH || t->policy == SCHED_IDLE)
		return false;
	return (s64)(cur->vruntime - t->vruntime) > (s64)GRANULARITY;
}

nsec_t rq_slice(const struct runqueue *rq)
{
	const struct thread *cur = rq->cpu->current;
	nsec_t left = NSEC_FOREVER;

	if (!rq->nr || cur == rq->cpu->idle)
		return NSEC_FOREVER;
	if (!cur->prio)
		return MAX(LATENCY / (rq->nr + 1), GRANULARITY);
	if (rq->nr > rq->nr_rt)
		left = rq->rt_used < RT_RUNTIME ? RT_RUNTIME - rq->rt_used : 0;
	if (cur->policy == SCHED_RR)
		left = MIN(left, cur->rr_used < RR_QUANTUM ?
					 RR_QUANTUM - cur->rr_used :
					 0);
	return MAX(left, GRANULARITY);
}
