/* How threads are scheduled, and where: what can be changed from outside. */
#include "runqueue.h"
#include "timer.h"
#include <linux/sched.h>

/* Whoever waits until a thread has left a CPU. */
static struct waitq left_cpu = WAITQ_INIT(left_cpu);

void sched_left(struct cpu *c)
{
	waitq_wake_all(&left_cpu);
}

struct sched_how thread_how(struct thread *t)
{
	u64 flags = spin_lock_irqsave(&t->sched_lock);
	struct sched_how how = {t->policy, t->nice, t->rt_priority,
				t->reset_on_fork};

	spin_unlock_irqrestore(&t->sched_lock, flags);
	return how;
}

/*
 * sched_lock is held.  Lock t's run queue and take t out of what depends on how
 * it is scheduled; reckon puts it back.
 */
static struct runqueue *begin_change(struct thread *t)
{
	struct runqueue *rq = rq_lock(t);

	if (t->on_rq) {
		if (rq->cpu->current != rq->cpu->idle)
			rq_charge(rq, now_ns());
		if (rq->cpu->current == t)
			WRITE_ONCE(rq->load, rq->load - t->weight);
		else
			rq_remove(rq, t);
	}
	return rq;
}

static void reckon(struct runqueue *rq, struct thread *t)
{
	int was = t->prio;

	rq_weigh(t);
	/* While it was above that, its virtual time stood still. */
	if (was && !t->prio &&
	    (s64)(t->vruntime - rq->min_vruntime) < 0)
		t->vruntime = rq->min_vruntime;
	if (!t->on_rq)
		return;
	if (rq->cpu->current == t) {
		WRITE_ONCE(rq->load, rq->load + t->weight);
		WRITE_ONCE(rq->prio, t->prio);
	} else {
		/* sched(7): lowered ones go to the front of those there. */
		rq_add(rq, t, t->prio < was ? RQ_FRONT : RQ_BACK);
	}
	/* Whatever follows from it is found out there. */
	sched_resched(rq->cpu);
}

void thread_set_how(struct thread *t, const struct sched_how *how)
{
	u64 flags = spin_lock_irqsave(&t->sched_lock);
	struct runqueue *rq = begin_change(t);

	t->policy = how->policy;
	t->nice = how->nice;
	t->rt_priority = how->rt_priority;
	t->reset_on_fork = how->reset_on_fork;
	t->rr_used = 0;
	reckon(rq, t);
	spin_unlock(&rq->lock);
	spin_unlock_irqrestore(&t->sched_lock, flags);
}

void thread_set_boost(struct thread *t, int prio)
{
	u64 flags = spin_lock_irqsave(&t->sched_lock);

	if (t->boost != prio) {
		struct runqueue *rq = begin_change(t);

		t->boost = prio;
		reckon(rq, t);
		spin_unlock(&rq->lock);
	}
	spin_unlock_irqrestore(&t->sched_lock, flags);
}

void thread_inherit_how(struct thread *t)
{
	struct thread *me = current_thread();
	struct sched_how how = thread_how(me);

	t->affinity = READ_ONCE(me->affinity);
	t->policy = how.policy;
	t->nice = how.nice;
	t->rt_priority = how.rt_priority;
	/* sched(7), "The reset-on-fork flag" */
	if (how.reset_on_fork) {
		if (how.rt_priority) {
			t->policy = SCHED_NORMAL;
			t->rt_priority = 0;
		}
		if (t->nice < 0)
			t->nice = 0;
	}
	rq_weigh(t);
}

nsec_t thread_quantum(struct thread *t)
{
	int policy = READ_ONCE(t->policy);

	return policy == SCHED_FIFO ? 0 :
	       policy == SCHED_RR   ? RR_QUANTUM :
				      FAIR_SLICE;
}

/* Does it run where it may not? */
static bool misplaced(struct thread *t)
{
	return __atomic_load_n(&t->on_cpu, __ATOMIC_ACQUIRE) &&
	       !may_run(t, READ_ONCE(t->cpu));
}

void thread_set_affinity(struct thread *t, u64 cpus)
{
	u64 flags = spin_lock_irqsave(&t->sched_lock);
	struct runqueue *rq = rq_lock(t);

	WRITE_ONCE(t->affinity, cpus);
	if (t->on_rq && !may_run(t, rq->cpu)) {
		if (rq->cpu->current == t) {
			sched_resched(rq->cpu);
			spin_unlock(&rq->lock);
		} else {
			rq_remove(rq, t);
			t->on_rq = false;
			spin_unlock(&rq->lock);
			sched_enqueue(sched_place(t, false), t, false);
		}
	} else {
		spin_unlock(&rq->lock);
	}
	spin_unlock_irqrestore(&t->sched_lock, flags);
	if (t == current_thread())
		schedule();
	else
		wait_event(&left_cpu, !misplaced(t));
}
