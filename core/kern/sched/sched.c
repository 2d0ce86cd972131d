/* The scheduler: choosing and switching threads. */
#include "log.h"
#include "page.h"
#include "process.h"
#include "runqueue.h"
#include "string.h"
#include <linux/errno.h>

/* What runs on a CPU is chosen here; where a thread runs, by kern/sched/smp. */
u64 sched_idle_cpus;

struct runqueue *rq_lock(struct thread *t)
{
	for (;;) {
		struct cpu *c = READ_ONCE(t->cpu);

		spin_lock(&c->rq->lock);
		if (c == t->cpu)
			return c->rq;
		spin_unlock(&c->rq->lock);
	}
}

void sched_resched(struct cpu *c)
{
	WRITE_ONCE(c->need_resched, 1);
	if (c != this_cpu())
		arch_resched_cpu(c);
}

static void slice_over(struct timer *tm)
{
	struct cpu *c = container_of(tm, struct runqueue, slice)->cpu;

	if (!READ_ONCE(c->rq->nr))
		return;
	if (sched_spread)
		sched_spread(c);
	sched_resched(c);
}

/*
 * If somebody waits for this CPU, end the current turn in time.  A kernel thread
 * mostly sleeps before that, so no timer is set, which would be an exit to the hypervisor
 * and an interrupt for nothing: it asks for itself (cond_resched).  rq locked.
 */
static void arm_slice(struct runqueue *rq, nsec_t now)
{
	nsec_t left = rq_slice(rq);

	if (left == NSEC_FOREVER)
		return;
	if (rq->cpu->current->process)
		timer_set(&rq->slice, now + left);
	else
		WRITE_ONCE(rq->cpu->need_resched, 1);
}

static void set_idle(struct cpu *c)
{
	u64 me = BIT(c->id);

	if (!(__atomic_load_n(&sched_idle_cpus, __ATOMIC_RELAXED) & me))
		__atomic_fetch_or(&sched_idle_cpus, me, __ATOMIC_SEQ_CST);
}

static void clear_idle(struct cpu *c)
{
	u64 me = BIT(c->id);

	if (__atomic_load_n(&sched_idle_cpus, __ATOMIC_RELAXED) & me)
		__atomic_fetch_and(&sched_idle_cpus, ~me, __ATOMIC_SEQ_CST);
}

void sched_enqueue(struct cpu *c, struct thread *t, bool slept)
{
	struct runqueue *rq = c->rq;
	bool idle, preempts;
	nsec_t now;

	spin_lock(&rq->lock);
	now = now_ns();
	idle = c->current == c->idle;
	if (!idle)
		rq_charge(rq, now);
	rq_join(rq, t, slept);
	preempts = rq_preempts(rq, t);
	if (idle)
		clear_idle(c);
	if (preempts)
		sched_resched(c);
	else if (rq->nr == 1)
		arm_slice(rq, now);
	spin_unlock(&rq->lock);
	/* Who became idle meanwhile may have looked here too early. */
	if (!idle && sched_call_idle)
		sched_call_idle(t);
}

/* sched_lock is held, and t on no CPU. */
static void queue_somewhere(struct thread *t, bool slept, bool fresh)
{
	sched_enqueue(sched_place ? sched_place(t, fresh) : t->cpu, t, slept);
}

static bool wake_states(struct thread *t, bool interruptible_only)
{
	u64 flags = spin_lock_irqsave(&t->sched_lock);
	/* A thread that runs sets it without the lock (sleep_prepare). */
	enum thread_state state = __atomic_load_n(&t->state, __ATOMIC_RELAXED);
	bool woken = state == THREAD_INTERRUPTIBLE ||
		     (!interruptible_only && state == THREAD_SLEEPING);

	if (woken) {
		__atomic_store_n(&t->state, THREAD_RUNNABLE, __ATOMIC_RELAXED);
		if (!t->on_rq) {
			/* Its registers may still be on their way to memory. */
			while (__atomic_load_n(&t->on_cpu, __ATOMIC_ACQUIRE))
				cpu_relax();
			queue_somewhere(t, true, false);
		}
	}
	spin_unlock_irqrestore(&t->sched_lock, flags);
	return woken;
}

bool thread_wake(struct thread *t)
{
	return wake_states(t, false);
}

bool thread_interrupt(struct thread *t)
{
	return wake_states(t, true);
}

void thread_start(struct thread *t)
{
	u64 flags = spin_lock_irqsave(&t->sched_lock);

	t->state = THREAD_RUNNABLE;
	queue_somewhere(t, true, true);
	spin_unlock_irqrestore(&t->sched_lock, flags);
}

/* The current thread's turn is over, or it sleeps. Both locks are held. */
static void put_prev(struct runqueue *rq, struct thread *prev, bool yields)
{
	struct cpu *c = rq->cpu;

	if (prev == c->idle)
		return;
	if (prev->state == THREAD_RUNNABLE && likely(may_run(prev, c))) {
		rq_put_back(rq, prev, yields);
		prev->switches_forced++;
		return;
	}
	WRITE_ONCE(rq->load, rq->load - prev->weight);
	prev->on_rq = false;
	prev->switches_voluntary++;
	if (prev->state == THREAD_RUNNABLE)
		rq->moving = prev;
}

/* What is left to be done once the run queue is unlocked. Interrupts are off. */
static void after_choice(struct cpu *c)
{
	if (unlikely(__atomic_load_n(&sched_rt_waiting, __ATOMIC_SEQ_CST)) &&
	    sched_rt_balance)
		sched_rt_balance(c);
}

static void choose(bool yields)
{
	u64 flags = irq_save();
	struct cpu *c = this_cpu();
	struct thread *prev = c->current, *next;
	struct runqueue *rq = c->rq;
	nsec_t now;

	if (unlikely(c->preempt))
		panic("thread %d (%s) sleeps under a spin lock", prev->tid,
		      prev->name);
	spin_lock(&prev->sched_lock);
	spin_lock(&rq->lock);
	/* Under the lock: another CPU may have charged it a moment ago. */
	now = now_ns();
	rq_charge(rq, now);
	WRITE_ONCE(c->need_resched, 0);
	put_prev(rq, prev, yields);
	next = rq_pick(rq, now);
	if (!next)
		next = c->idle;
	spin_unlock(&prev->sched_lock);
	WRITE_ONCE(rq->prio, next == c->idle ? -1 : next->prio);
	if (next == prev) {
		arm_slice(rq, now);
		spin_unlock(&rq->lock);
		after_choice(c);
		irq_restore(flags);
		return;
	}
	rq->switches++;
	next->run_start = now;
	next->on_cpu = true;
	c->current = next;
	c->kstack_top = next->kstack + KSTACK_SIZE;
	arm_slice(rq, now);
	if (next == c->idle)
		set_idle(c);
	else if (prev == c->idle)
		clear_idle(c);
	sched_switched(arch_switch(prev, next));
	irq_restore(flags);
}

void schedule(void)
{
	choose(false);
}

void thread_yield(void)
{
	choose(true);
}

/*
 * The run queue stays locked across the switch, so that nobody takes prev from it
 * whose registers are not in memory yet.  Who was not queued may be gone once
 * on_cpu is false, except the one that we are to move.
 */
void sched_switched(struct thread *prev)
{
	struct cpu *c = this_cpu();
	struct runqueue *rq = c->rq;
	struct thread *moving = rq->moving;
	bool leaves = !may_run(prev, c);

	rq->moving = NULL;
	if (prev->state == THREAD_DEAD)
		thread_reap_later(prev);
	__atomic_store_n(&prev->on_cpu, false, __ATOMIC_RELEASE);
	spin_unlock(&rq->lock);
	if (unlikely(moving)) {
		spin_lock(&moving->sched_lock);
		queue_somewhere(moving, false, false);
		spin_unlock(&moving->sched_lock);
	}
	if (unlikely(leaves))
		sched_left(c);
	after_choice(c);
}

void cond_resched(void)
{
	/* Who is about to sleep will look at the condition first. */
	if (unlikely(this_cpu()->need_resched) && !preempt_count() &&
	    __atomic_load_n(&current_thread()->state, __ATOMIC_RELAXED) ==
		    THREAD_RUNNABLE)
		schedule();
}

nsec_t thread_cpu_time(struct thread *t)
{
	u64 flags = irq_save();
	struct runqueue *rq = rq_lock(t);
	nsec_t sum = t->cpu_time;

	if (rq->cpu->current == t)
		sum += now_ns() - t->run_start;
	spin_unlock(&rq->lock);
	irq_restore(flags);
	return sum;
}

void cpu_usage(struct cpu *c, struct cpu_usage *u)
{
	struct runqueue *rq = c->rq;
	u64 flags = irq_save();
	nsec_t now;

	spin_lock(&rq->lock);
	now = now_ns();
	u->idle = c->idle->cpu_time;
	if (c->current == c->idle)
		u->idle += now - c->idle->run_start;
	u->busy = now - u->idle;
	u->switches = rq->switches;
	u->runnable = rq->nr + (rq->prio >= 0);
	spin_unlock(&rq->lock);
	irq_restore(flags);
}

/* What a CPU needs of memory; statically for CPU 0, which cannot fail. */
struct sched_cpu {
	struct runqueue rq;
	struct thread idle;
	struct timer_queue timers;
};

int sched_init_cpu(struct cpu *c)
{
	static struct sched_cpu boot;
	struct sched_cpu *s = c->id ? kzalloc(sizeof(*s), 0) : &boot;
	struct runqueue *rq = &s->rq;
	struct thread *idle = &s->idle;

	if (!s)
		return -ENOMEM;
	spin_init(&rq->lock);
	spin_init(&idle->sched_lock);
	timer_init(&rq->slice, slice_over);
	rq->cpu = c;
	rq->prio = rq->top = -1;
	c->rq = rq;
	timer_init_cpu(c, &s->timers);
	strlcpy(idle->name, "idle", sizeof(idle->name));
	idle->state = THREAD_RUNNABLE;
	idle->on_cpu = true;
	idle->affinity = ~0ull;
	idle->cpu = c;
	c->idle = idle;
	c->current = idle;
	return 0;
}

void sched_begin_cpu(struct cpu *c, u64 kstack)
{
	c->idle->kstack = kstack;
	c->kstack_top = kstack + KSTACK_SIZE;
}

void sched_free_cpu(struct cpu *c)
{
	kfree(container_of(c->rq, struct sched_cpu, rq));
}

void sched_idle(void)
{
	struct cpu *c = this_cpu();

	for (;;) {
		irq_disable();
		/* Before the queues are looked at: see sched_call_idle. */
		set_idle(c);
		if (READ_ONCE(c->rq->nr) || (sched_steal && sched_steal(c)))
			schedule();
		else
			arch_idle_wait();
		irq_enable();
	}
}
