/* Making and ending threads. */
#include "runqueue.h"
#include "init.h"
#include "log.h"
#include "page.h"
#include "process.h"
#include "refs.h"
#include "string.h"

/*
 * Freeing a stack needs the allocator's locks, which the switch that ends a
 * thread must not take; a worker does it.
 */
static spinlock_t dead_lock = SPINLOCK_INIT;
static struct thread *dead_list; /* by process_link.next, reused; dead_lock */

static void reap(void)
{
	for (;;) {
		u64 flags = spin_lock_irqsave(&dead_lock);
		struct thread *t = dead_list;

		if (t)
			dead_list = (struct thread *)t->process_link.next;
		spin_unlock_irqrestore(&dead_lock, flags);
		if (!t)
			return;
		while (__atomic_load_n(&t->on_cpu, __ATOMIC_ACQUIRE))
			cpu_relax();
		thread_discard(t);
	}
}

static void reap_by_worker(struct work *w)
{
	reap();
}

static void reap_soon(struct timer *tm)
{
	static struct work reap_work = WORK_INIT(reap_work, reap_by_worker);

	work_queue(&reap_work);
}

static struct timer reap_timer = {.fn = reap_soon};

void thread_reap_later(struct thread *t)
{
	u64 flags = spin_lock_irqsave(&dead_lock);
	bool first = !dead_list;

	t->process_link.next = (struct list *)dead_list;
	dead_list = t;
	/*
	 * The run queue is locked here, so nothing may be woken: a timer that is due
	 * at once does it.  For those behind the first it is still on its way.
	 */
	if (first)
		timer_set(&reap_timer, 0);
	spin_unlock_irqrestore(&dead_lock, flags);
}

struct thread *thread_create(const char *name, void (*fn)(void *arg), void *arg)
{
	struct thread *t;

	/*
	 * The worker may get its turn late, or never if real-time threads take all
	 * of the time: who makes many threads has the dead ones freed himself.
	 */
	if (READ_ONCE(dead_list))
		reap();
	t = kzalloc(sizeof(*t), 0);
	if (!t)
		return NULL;
	t->kstack = kstack_alloc();
	if (!t->kstack) {
		kfree(t);
		return NULL;
	}
	strlcpy(t->name, name, sizeof(t->name));
	spin_init(&t->sched_lock);
	t->tid = thread_new_id();
	t->refs = 1;
	t->state = THREAD_SLEEPING;
	t->cpu = this_cpu();
	t->affinity = ~0ull;
	rq_weigh(t);
	list_init(&t->process_link);
	sigpending_init(&t->pending);
	arch_thread_init(t, fn, arg);
	return t;
}

struct thread *kthread_start(const char *name, void (*fn)(void *arg), void *arg)
{
	struct thread *t = thread_create(name, fn, arg);

	if (!t)
		panic("no memory for kernel thread %s", name);
	thread_start(t);
	return t;
}

void thread_discard(struct thread *t)
{
	arch_fpu_free(t);
	kstack_free(t->kstack);
	t->kstack = 0;
	thread_put(t);
}

void thread_get(struct thread *t)
{
	ref_get(&t->refs);
}

void thread_put(struct thread *t)
{
	if (!ref_put(&t->refs))
		return;
	if (t->process)
		process_put(t->process);
	kfree(t);
}

void thread_start_c(void (*fn)(void *), void *arg)
{
	irq_enable();
	fn(arg);
	thread_exit();
}

void thread_exit(void)
{
	struct thread *t = current_thread();
	u64 flags;

	check_thread_end();
	flags = spin_lock_irqsave(&t->sched_lock);
	t->state = THREAD_DEAD;
	spin_unlock_irqrestore(&t->sched_lock, flags);
	schedule();
	panic("dead thread %d runs", t->tid);
}
