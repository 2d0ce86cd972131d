/* The scheduler: choosing and switching threads. */
#include "log.h"
#include "page.h"
#include "process.h"
#include "runqueue.h"
#include "string.h"
#include <linux/errno.h>

/*
 * With several runnable threads each gets a turn within the latency, but no
 * turn is shorter than the granularity (it would only be switching).  A thread that
 * slept starts at most half a latency ahead of the others.
 */
#define SCHED_LATENCY (6 * NSEC_PER_MSEC)
#define SCHED_GRANULARITY (1 * NSEC_PER_MSEC)

/*
 * One nice step is 10 % of CPU time between two threads, that is a factor of 1.25
 * in weight.  weight(nice) = 1024 / 1.25^nice.
 */
unsigned sched_weight(const struct thread *t)
{
	unsigned w = 1024;
	int n = t->nice;

	for (; n < 0; n++)
		w += w / 4;
	for (; n > 0; n--)
		w -= w / 5;
	return w ? w : 1;
}

static struct thread *thread_of(struct avl_node *n)
{
	return container_of(n, struct thread, run_node);
}

static bool earlier(const struct avl_node *a, const struct avl_node *b)
{
	const struct thread *x = container_of(a, struct thread, run_node);
	const struct thread *y = container_of(b, struct thread, run_node);

	return (s64)(x->vruntime - y->vruntime) < 0;
}

/* Charge the running thread up to now. The run queue is locked. */
static void account(struct thread *t, nsec_t now)
{
	nsec_t ran = now - t->run_start;

	t->run_start = now;
	t->cpu_time += ran;
	t->vruntime += ran * 1024 / sched_weight(t);
}

/*
 * Charge c's current thread.  min_vruntime follows the least of all that run or
 * wait, or who starts after one has run alone for long would be far ahead of it.
 * The run queue is locked.
 */
static void charge(struct cpu *c, nsec_t now)
{
	struct runqueue *rq = c->rq;
	struct avl_node *n = avl_first(&rq->queue);
	u64 least;

	account(c->current, now);
	if (c->current == c->idle)
		return;
	least = c->current->vruntime;
	if (n && (s64)(thread_of(n)->vruntime - least) < 0)
		least = thread_of(n)->vruntime;
	if ((s64)(least - rq->min_vruntime) > 0)
		rq->min_vruntime = least;
}

static void slice_over(struct timer *tm)
{
	struct cpu *c = container_of(tm, struct runqueue, slice)->cpu;

	if (!c->rq->nr)
		return;
	c->need_resched = 1;
	if (c != this_cpu())
		arch_resched_cpu(c);
}

/* Somebody waits for this CPU: end the current turn in time. rq locked. */
static void arm_slice(struct runqueue *rq, nsec_t now)
{
	nsec_t slice = SCHED_LATENCY / (rq->nr + 1);

	timer_set(&rq->slice, now + MAX(slice, SCHED_GRANULARITY));
}

/* Queue a runnable thread on c. The thread's sched_lock is held. */
static void enqueue(struct cpu *c, struct thread *t, bool slept)
{
	struct runqueue *rq = c->rq;
	struct thread *cur;
	nsec_t now;

	spin_lock(&rq->lock);
	cur = c->current;
	now = now_ns();
	if (cur != c->idle)
		charge(c, now);
	if (slept) {
		u64 least = rq->min_vruntime - SCHED_LATENCY / 2;

		if ((s64)(t->vruntime - least) < 0)
			t->vruntime = least;
	}
	t->cpu = c;
	t->on_rq = true;
	avl_add(&rq->queue, &t->run_node, earlier);
	rq->nr++;
	if (cur == c->idle ||
	    (s64)(cur->vruntime - t->vruntime) > (s64)SCHED_GRANULARITY)
		c->need_resched = 1;
	else if (rq->nr == 1)
		arm_slice(rq, now);
	spin_unlock(&rq->lock);
	if (c != this_cpu() && c->need_resched)
		arch_resched_cpu(c);
}

static bool wake_states(struct thread *t, bool interruptible_only)
{
	u64 flags = spin_lock_irqsave(&t->sched_lock);
	bool woken = t->state == THREAD_INTERRUPTIBLE ||
		     (!interruptible_only && t->state == THREAD_SLEEPING);

	if (woken) {
		t->state = THREAD_RUNNABLE;
		if (!t->on_rq) {
			/* Its registers may still be on their way to memory. */
			while (__atomic_load_n(&t->on_cpu, __ATOMIC_ACQUIRE))
				cpu_relax();
			enqueue(t->cpu, t, true);
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

/* Where a new thread begins: the CPU with the least to do, this one if equal. */
static struct cpu *least_loaded(void)
{
	struct cpu *best = this_cpu();
	unsigned least = UINT32_MAX;

	for (unsigned i = 0; i < platform_cpus_online(); i++) {
		struct cpu *c = platform_cpu(i);
		unsigned load = 2 * (READ_ONCE(c->rq->nr) +
				     (READ_ONCE(c->current) != c->idle)) +
				(c != this_cpu());

		if (load < least) {
			least = load;
			best = c;
		}
	}
	return best;
}

void thread_start(struct thread *t)
{
	u64 flags = spin_lock_irqsave(&t->sched_lock);

	t->state = THREAD_RUNNABLE;
	enqueue(least_loaded(), t, true);
	spin_unlock_irqrestore(&t->sched_lock, flags);
}

/* The next thread to run; taken out of the queue. rq locked. */
static struct thread *pick(struct cpu *c)
{
	struct runqueue *rq = c->rq;
	struct avl_node *n = avl_first(&rq->queue);
	struct thread *t;

	if (!n)
		return c->idle;
	t = thread_of(n);
	avl_remove(&rq->queue, n);
	rq->nr--;
	if ((s64)(t->vruntime - rq->min_vruntime) > 0)
		rq->min_vruntime = t->vruntime;
	return t;
}

void schedule(void)
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
	charge(c, now);
	c->need_resched = 0;
	if (prev != c->idle) {
		if (prev->state == THREAD_RUNNABLE) {
			avl_add(&rq->queue, &prev->run_node, earlier);
			rq->nr++;
			prev->switches_forced++;
		} else {
			prev->on_rq = false;
			prev->switches_voluntary++;
		}
	}
	next = pick(c);
	spin_unlock(&prev->sched_lock);
	if (next == prev) {
		if (rq->nr)
			arm_slice(rq, now);
		spin_unlock(&rq->lock);
		irq_restore(flags);
		return;
	}
	next->run_start = now;
	next->on_cpu = true;
	next->cpu = c;
	if (rq->nr && next != c->idle)
		arm_slice(rq, now);
	rq->switches++;
	c->current = next;
	c->kstack_top = next->kstack + KSTACK_SIZE;
	sched_switched(arch_switch(prev, next));
	irq_restore(flags);
}

void sched_switched(struct thread *prev)
{
	struct runqueue *rq = this_cpu()->rq;

	if (prev->state == THREAD_DEAD)
		thread_reap_later(prev);
	__atomic_store_n(&prev->on_cpu, false, __ATOMIC_RELEASE);
	spin_unlock(&rq->lock);
}

void thread_yield(void)
{
	struct cpu *c = this_cpu();
	u64 flags = irq_save();
	struct avl_node *n;

	/* Behind everybody who waits, so that yielding loops make progress. */
	spin_lock(&c->rq->lock);
	n = avl_last(&c->rq->queue);
	if (n && (s64)(thread_of(n)->vruntime - c->current->vruntime) > 0)
		c->current->vruntime = thread_of(n)->vruntime;
	spin_unlock(&c->rq->lock);
	irq_restore(flags);
	schedule();
}

void cond_resched(void)
{
	if (unlikely(this_cpu()->need_resched) && !preempt_count())
		schedule();
}

nsec_t thread_cpu_time(struct thread *t)
{
	struct cpu *c = READ_ONCE(t->cpu);
	u64 flags = spin_lock_irqsave(&c->rq->lock);
	nsec_t sum = t->cpu_time;

	if (c->current == t)
		sum += now_ns() - t->run_start;
	spin_unlock_irqrestore(&c->rq->lock, flags);
	return sum;
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
	timer_init(&rq->slice, slice_over);
	rq->cpu = c;
	c->rq = rq;
	timer_init_cpu(c, &s->timers);
	strlcpy(idle->name, "idle", sizeof(idle->name));
	idle->state = THREAD_RUNNABLE;
	idle->on_cpu = true;
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
		if (c->rq->nr)
			schedule();
		else
			arch_idle_wait();
		irq_enable();
	}
}
