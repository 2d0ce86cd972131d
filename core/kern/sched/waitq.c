/* Wait queues, and sleeping on them. */
#include "sync.h"
#include "log.h"
#include "signal.h"
#include "thread.h"
#include <linux/errno.h>
#include "syscall.h"

void(waitq_init)(struct waitq *q)
{
	spin_init(&q->lock);
	list_init(&q->waiters);
}

void waitq_add(struct waitq *q, struct waiter *w)
{
	u64 flags = spin_lock_irqsave(&q->lock);

	if (w->exclusive)
		list_append(&q->waiters, &w->link);
	else
		list_push(&q->waiters, &w->link);
	spin_unlock_irqrestore(&q->lock, flags);
}

void waitq_remove(struct waitq *q, struct waiter *w)
{
	u64 flags = spin_lock_irqsave(&q->lock);

	list_del(&w->link);
	spin_unlock_irqrestore(&q->lock, flags);
}

void waitq_wake(struct waitq *q, u32 n, u32 events)
{
	struct waiter *w, *next;
	u64 flags;

	/*
	 * Whoever is about to sleep has put itself on the queue before it looked
	 * at the condition, so an empty queue may be believed, if our own change
	 * of the condition is visible first.
	 */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (list_empty(&q->waiters))
		return;
	flags = spin_lock_irqsave(&q->lock);
	list_for_each_safe(w, next, &q->waiters, link) {
		bool exclusive = w->exclusive;

		if (exclusive && !n)
			break;
		if (w->wake(w, events) && exclusive)
			n--;
	}
	spin_unlock_irqrestore(&q->lock, flags);
}

bool waiter_wake_thread(struct waiter *w, u32 events)
{
	return thread_wake(w->thread);
}

void waiter_init(struct waiter *w)
{
	list_init(&w->link);
	w->wake = waiter_wake_thread;
	w->thread = current_thread();
	w->exclusive = false;
}

void sleep_prepare(bool interruptible)
{
	struct thread *t = current_thread();

	__atomic_store_n(&t->state,
			 interruptible ? THREAD_INTERRUPTIBLE : THREAD_SLEEPING,
			 __ATOMIC_SEQ_CST);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

void sleep_cancel(void)
{
	struct thread *t = current_thread();
	u64 flags = spin_lock_irqsave(&t->sched_lock);

	__atomic_store_n(&t->state, THREAD_RUNNABLE, __ATOMIC_RELAXED);
	spin_unlock_irqrestore(&t->sched_lock, flags);
}

struct sleep_timer {
	struct timer timer;
	struct thread *thread;
};

static void sleep_timeout(struct timer *tm)
{
	thread_wake(container_of(tm, struct sleep_timer, timer)->thread);
}

int sleep_until(nsec_t deadline)
{
	struct thread *t = current_thread();
	struct sleep_timer st;

	check_may_sleep();
	/* Who wakes us may be changing it now. */
	if (__atomic_load_n(&t->state, __ATOMIC_RELAXED) ==
		    THREAD_INTERRUPTIBLE &&
	    signal_pending()) {
		sleep_cancel();
		return -ERESTARTSYS;
	}
	if (deadline == NSEC_FOREVER) {
		schedule();
		return 0;
	}
	if (now_ns() >= deadline) {
		sleep_cancel();
		return -ETIMEDOUT;
	}
	timer_init(&st.timer, sleep_timeout);
	st.thread = t;
	timer_set(&st.timer, deadline);
	schedule();
	timer_cancel(&st.timer);
	return now_ns() >= deadline ? -ETIMEDOUT : 0;
}

int sleep_deadline(nsec_t deadline)
{
	int err;

	do {
		sleep_prepare(true);
		err = sleep_until(deadline);
	} while (!err);
	return err == -ETIMEDOUT ? 0 : err;
}
