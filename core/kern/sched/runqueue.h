/* Run queues: private to kern/sched. */
#ifndef RR_RUNQUEUE_H
#define RR_RUNQUEUE_H

#include "thread.h"

/*
 * Threads that can run are ordered by priority, real-time ones first; those of
 * one real-time priority by turn; fair ones (priority 0) by virtual run time,
 * which grows with the time they have run divided by their weight.  The first
 * runs next.
 *
 * Everything is under the lock (interrupts off); what other CPUs look at
 * without it, to find where a thread is best, is marked so.  Two run queues are
 * locked in the order of their CPUs' numbers.
 */
struct runqueue {
	spinlock_t lock;
	struct avl_tree queue; /* runnable, not running */
	unsigned nr;           /* of these; read without lock */
	unsigned nr_rt;        /* of these, with a real-time priority */
	int prio;              /* of the current one, -1: idle; read without lock */
	int top;               /* of the first in queue, -1: none; ditto */
	u64 load;              /* weights of all, with the current one; ditto */
	u64 min_vruntime;      /* never goes back; read without lock */
	s64 rt_first, rt_last; /* turns given out, at either end */
	nsec_t rt_period;      /* when the current one began: see RT_RUNTIME */
	nsec_t rt_used;        /* of it, by real-time threads */
	u64 switches;          /* from one thread to another */
	nsec_t balanced;       /* when threads were last given away; slice_over */
	struct timer slice;    /* ends the current thread's turn */
	struct cpu *cpu;       /* whose it is */
	struct thread *moving; /* left this CPU, to be queued on another */
};

/* A turn among real-time threads of the same priority (SCHED_RR). */
#define RR_QUANTUM (100 * NSEC_PER_MSEC)
/* The longest turn of the fair ones. */
#define FAIR_SLICE (3 * NSEC_PER_MSEC)

/* Where among threads of one real-time priority. */
enum rq_place { RQ_BACK, RQ_FRONT };

/* Set weight and effective priority from policy, nice, priorities. */
void rq_weigh(struct thread *t);
/* Charge the current thread up to now. */
void rq_charge(struct runqueue *rq, nsec_t now);
/* Into the queue, and out of it; load counts it from one to the other. */
void rq_add(struct runqueue *rq, struct thread *t, enum rq_place where);
void rq_remove(struct runqueue *rq, struct thread *t);
/*
 * The thread to run next, out of the queue; load goes on to count it.  NULL: none.
 */
struct thread *rq_pick(struct runqueue *rq, nsec_t now);
/* The current thread goes back into the queue: its turn is over. */
void rq_put_back(struct runqueue *rq, struct thread *t, bool yields);
/* t begins to count here; slept: it does not claim the time that it slept. */
void rq_join(struct runqueue *rq, struct thread *t, bool slept);
/* Should t, which was queued just now, run in place of the current thread? */
bool rq_preempts(const struct runqueue *rq, const struct thread *t);
/* Have real-time threads had their share of the period? */
bool rq_throttled(struct runqueue *rq, nsec_t now);
/* How long the current thread's turn may go on; NSEC_FOREVER: nobody waits. */
nsec_t rq_slice(const struct runqueue *rq);

static inline struct thread *rq_thread(struct avl_node *n)
{
	return container_of(n, struct thread, run_node);
}

/* Lock t's run queue.  Interrupts are off. */
struct runqueue *rq_lock(struct thread *t);
/* Queue a runnable thread on c.  The thread's sched_lock is held. */
void sched_enqueue(struct cpu *c, struct thread *t, bool slept);
/* Have c choose anew.  Its run queue is locked. */
void sched_resched(struct cpu *c);

static inline bool may_run(const struct thread *t, const struct cpu *c)
{
	return t->affinity & BIT(c->id);
}

/* Idle CPUs, a bit each; atomic. */
extern u64 sched_idle_cpus;
/* Real-time threads in queues of all CPUs; atomic. */
extern unsigned sched_rt_waiting;

/*
 * Given by the component smp (kern/sched/smp); absent, there is one CPU only.
 */

/*
 * The best CPU for a thread that becomes runnable.  sched_lock is held.  fresh: it
 * has nothing in any cache yet.
 */
struct cpu *sched_place(struct thread *t, bool fresh) __weak;
/*
 * c is idle: fetch a thread from where some wait.  False: none.  Interrupts are
 * off.
 */
bool sched_steal(struct cpu *c) __weak;
/* Threads wait on c, and have for a while: give one away if c has too many. */
void sched_spread(struct cpu *c) __weak;
/*
 * c has chosen: real-time threads that wait on it go where less runs, and those
 * that wait elsewhere come here if they are more than what c runs.  Interrupts
 * are off.
 */
void sched_rt_balance(struct cpu *c) __weak;
/* t waits on a busy CPU: tell an idle one that may run it. */
void sched_call_idle(struct thread *t) __weak;

#endif
