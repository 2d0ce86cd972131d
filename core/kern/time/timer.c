/* Clocks, and the timer queue of each CPU. */
#include "timer.h"
#include "log.h"
#include "page.h"
#include "platform.h"
#include "sync.h"
#include "thread.h"

static nsec_t boot_time __ro_after_init;
/* The date is asked for when somebody wants to know it. */
static spinlock_t wall_lock = SPINLOCK_INIT; /* interrupts off */
static s64 wall_offset; /* atomic; wall_lock to write */
static bool wall_known; /* atomic; wall_lock to write */
struct waitq realtime_changed = WAITQ_INIT(realtime_changed);

nsec_t now_ns(void)
{
	return platform_monotonic() - boot_time;
}

/*
 * Longer than between two looks.  Turns that a host gives to somebody else are
 * mostly longer (Linux' shortest is 0.75 ms, sysctl_sched_min_granularity), and count
 * for no more than this.
 */
#define RUN_STEP NSEC_PER_MSEC

nsec_t time_run(nsec_t *seen)
{
	nsec_t before = *seen;

	*seen = now_ns();
	return MIN(*seen - before, RUN_STEP);
}

static void set_wall(s64 offset)
{
	__atomic_store_n(&wall_offset, offset, __ATOMIC_RELAXED);
	__atomic_store_n(&wall_known, true, __ATOMIC_RELEASE);
}

static void learn_wall(void)
{
	u64 flags = spin_lock_irqsave(&wall_lock);

	if (!wall_known)
		set_wall(platform_wall_offset() + (s64)boot_time);
	spin_unlock_irqrestore(&wall_lock, flags);
}

s64 realtime_offset(void)
{
	if (unlikely(!__atomic_load_n(&wall_known, __ATOMIC_ACQUIRE)))
		learn_wall();
	return __atomic_load_n(&wall_offset, __ATOMIC_RELAXED);
}

void realtime_set(s64 unix_ns)
{
	u64 flags = spin_lock_irqsave(&wall_lock);

	set_wall(unix_ns - (s64)now_ns());
	spin_unlock_irqrestore(&wall_lock, flags);
	waitq_wake_all(&realtime_changed);
}

void clock_init(void)
{
	boot_time = platform_monotonic();
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

/*
 * Tell the hardware about the first deadline, if it would come too late. Locked.
 * Most timers are set anew or cancelled long before they are due, and telling the
 * hardware is an exit to the hypervisor: an interrupt for nothing now and then,
 * which arms it for what is then the first, is cheaper.
 */
static void rearm(struct timer_queue *q)
{
	struct timer *t = first(q);
	nsec_t d = t ? t->deadline : NSEC_FOREVER;

	if (d < q->armed) {
		q->armed = d;
		/* What cannot be said in the platform's time is far away. */
		platform_timer_arm(d < NSEC_FOREVER - boot_time ?
					   d + boot_time :
					   NSEC_FOREVER);
	}
}

void timer_init(struct timer *t, void (*fn)(struct timer *t))
{
	*t = (struct timer){.fn = fn, .home = this_cpu()->id};
}

/* timer_set is moving it from one queue to another. */
#define HOME_NONE UINT32_MAX

/*
 * Lock the queue that t belongs to: where it is set, or was last, and where its
 * function runs if it does.  Interrupts are off.
 */
static struct timer_queue *lock_home(struct timer *t)
{
	for (;;) {
		u32 home = __atomic_load_n(&t->home, __ATOMIC_ACQUIRE);
		struct timer_queue *q;

		if (home == HOME_NONE) {
			cpu_relax();
			continue;
		}
		q = platform_cpu(home)->timers;
		spin_lock(&q->lock);
		if (__atomic_load_n(&t->home, __ATOMIC_RELAXED) == home)
			return q;
		spin_unlock(&q->lock);
	}
}

/* q is locked. */
static bool disarm(struct timer_queue *q, struct timer *t)
{
	bool was = t->armed;

	/* The hardware is left armed: see rearm. */
	if (was)
		avl_remove(&q->tree, &t->node);
	t->armed = false;
	return was;
}

void timer_set(struct timer *t, nsec_t deadline)
{
	u64 flags = irq_save();
	struct timer_queue *mine = this_cpu()->timers, *q = lock_home(t);

	disarm(q, t);
	/* While its function runs it stays, so that timer_cancel finds it. */
	if (q != mine && q->running != t) {
		__atomic_store_n(&t->home, HOME_NONE, __ATOMIC_RELAXED);
		spin_unlock(&q->lock);
		q = mine;
		spin_lock(&q->lock);
		__atomic_store_n(&t->home, this_cpu()->id, __ATOMIC_RELEASE);
	}
	t->deadline = deadline;
	t->armed = true;
	avl_add(&q->tree, &t->node, sooner);
	/* While timers run, timer_interrupt arms the hardware at its end. */
	if (!q->running)
		rearm(q);
	spin_unlock(&q->lock);
	irq_restore(flags);
}

bool timer_cancel(struct timer *t)
{
	bool was = false;

	for (;;) {
		u64 flags = irq_save();
		struct timer_queue *q = lock_home(t);
		bool runs = q->running == t && q != this_cpu()->timers;

		was |= disarm(q, t);
		spin_unlock(&q->lock);
		irq_restore(flags);
		if (!runs)
			return was;
		/* It may set the timer again. */
		cpu_relax();
	}
}

void timer_interrupt(void)
{
	struct timer_queue *q = this_cpu()->timers;
	struct timer *t;

	spin_lock(&q->lock);
	q->armed = NSEC_FOREVER;
	while ((t = first(q)) && t->deadline <= now_ns()) {
		(void)disarm(q, t);
		q->running = t;
		spin_unlock(&q->lock);
		t->fn(t); /* t may be gone after this */
		spin_lock(&q->lock);
		q->running = NULL;
	}
	rearm(q);
	spin_unlock(&q->lock);
}

void timer_init_cpu(struct cpu *c, struct timer_queue *q)
{
	spin_init(&q->lock);
	c->timers = q;
	q->armed = NSEC_FOREVER;
}
