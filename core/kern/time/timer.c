/* Clocks, and the timer queue of each CPU. */
#include "timer.h"
#include "log.h"
#include "page.h"
#include "platform.h"
#include "sync.h"
#include "thread.h"

static nsec_t boot_time __ro_after_init;
static s64 wall_offset; /* atomic */
struct waitq realtime_changed = WAITQ_INIT(realtime_changed);

nsec_t now_ns(void)
{
	return platform_monotonic() - boot_time;
}

s64 realtime_offset(void)
{
	return __atomic_load_n(&wall_offset, __ATOMIC_RELAXED);
}

void realtime_set(s64 unix_ns)
{
	__atomic_store_n(&wall_offset, unix_ns - (s64)now_ns(), __ATOMIC_RELAXED);
	waitq_wake_all(&realtime_changed);
}

void clock_init(void)
{
	boot_time = platform_monotonic();
	wall_offset = platform_wall_offset() + (s64)boot_time;
}

static struct timer *first(struct timer_queue *q)
{
	struct avl_node *n = avl_first(&q->tree);

	return n ? container_of(n, struct timer, node) : NULL;
}

static bool sooner(const struct avl_node *a, const struct avl_node *b)
{
	return container_of(a, struct timer, node)->deadline <
	       container_of(b, struct timer, node)->deadline;
}

/* Tell the hardware about the first deadline, if it does not know. Locked. */
static void rearm(struct timer_queue *q)
{
	struct timer *t = first(q);
	nsec_t d = t ? t->deadline : NSEC_FOREVER;

	if (d != q->armed) {
		q->armed = d;
		/* What cannot be said in the platform's time is far away. */
		platform_timer_arm(d < NSEC_FOREVER - boot_time ?
					   d + boot_time :
					   NSEC_FOREVER);
	}
}

void timer_init(struct timer *t, void (*fn)(struct timer *t))
{
	t->fn = fn;
	t->cpu = NULL;
}

/*
 * Lock the queue that t is on; NULL if it is on none. It can move between the
 * look and the lock.
 */
static struct timer_queue *lock_queue(struct timer *t, u64 *flags)
{
	for (;;) {
		struct cpu *c = __atomic_load_n(&t->cpu, __ATOMIC_ACQUIRE);

		if (!c)
			return NULL;
		*flags = spin_lock_irqsave(&c->timers->lock);
		if (t->cpu == c)
			return c->timers;
		spin_unlock_irqrestore(&c->timers->lock, *flags);
	}
}

void timer_set(struct timer *t, nsec_t deadline)
{
	u64 flags = irq_save(), old_flags;
	struct timer_queue *q = lock_queue(t, &old_flags);

	if (q) {
		avl_remove(&q->tree, &t->node);
		t->cpu = NULL;
		/* Another CPU's hardware is left armed, as in timer_cancel. */
		if (q != this_cpu()->timers) {
			spin_unlock_irqrestore(&q->lock, old_flags);
			q = NULL;
		}
	}
	if (!q) {
		q = this_cpu()->timers;
		spin_lock(&q->lock);
	}
	t->deadline = deadline;
	t->cpu = this_cpu();
	avl_add(&q->tree, &t->node, sooner);
	/* While timers run, timer_interrupt arms the hardware at its end. */
	if (!q->running)
		rearm(q);
	spin_unlock(&q->lock);
	irq_restore(flags);
}

/* Is t's function running on a CPU other than this one? */
static bool runs_elsewhere(struct timer *t)
{
	for (unsigned i = 0; i < platform_cpus_online(); i++) {
		struct cpu *c = platform_cpu(i);

		if (c != this_cpu() && READ_ONCE(c->timers->running) == t)
			return true;
	}
	return false;
}

bool timer_cancel(struct timer *t)
{
	u64 flags;
	struct timer_queue *q = lock_queue(t, &flags);

	if (q) {
		avl_remove(&q->tree, &t->node);
		t->cpu = NULL;
		/*
		 * The hardware is left armed: an interrupt for nothing now and
		 * then is cheaper than telling it about every time-out that did
		 * not happen.
		 */
		spin_unlock_irqrestore(&q->lock, flags);
	}
	while (runs_elsewhere(t))
		cpu_relax();
	return q != NULL;
}

void timer_interrupt(void)
{
	struct timer_queue *q = this_cpu()->timers;
	struct timer *t;

	spin_lock(&q->lock);
	q->armed = NSEC_FOREVER;
	while ((t = first(q)) && t->deadline <= now_ns()) {
		avl_remove(&q->tree, &t->node);
		/* In this order: timer_cancel looks at them without the lock. */
		__atomic_store_n(&q->running, t, __ATOMIC_RELAXED);
		__atomic_store_n(&t->cpu, NULL, __ATOMIC_RELEASE);
		spin_unlock(&q->lock);
		t->fn(t); /* t may be gone after this */
		spin_lock(&q->lock);
		__atomic_store_n(&q->running, NULL, __ATOMIC_RELEASE);
	}
	rearm(q);
	spin_unlock(&q->lock);
}

void timer_init_cpu(struct cpu *c, struct timer_queue *q)
{
	c->timers = q;
	q->armed = NSEC_FOREVER;
}
