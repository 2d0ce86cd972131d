/*
 * Threads and waiting, for tests of drivers: there is one thread, and while it
 * sleeps, the test's device works.
 */
#ifndef TEST_THREADS_H
#define TEST_THREADS_H

#include "init.h"
#include "sync.h"

static struct list test_works = LIST_INIT(test_works);

void work_queue(struct work *w)
{
	if (!w->queued) {
		w->queued = true;
		list_append(&test_works, &w->link);
	}
}

static void run_works(void)
{
	while (!list_empty(&test_works)) {
		struct work *w = list_first(&test_works, struct work, link);

		list_del(&w->link);
		w->queued = false;
		w->fn(w);
	}
}

void waitq_init(struct waitq *q)
{
	list_init(&q->waiters);
}

void waitq_add(struct waitq *q, struct waiter *w)
{
	list_append(&q->waiters, &w->link);
}

void waitq_remove(struct waitq *q, struct waiter *w)
{
	list_del(&w->link);
}

void waitq_wake(struct waitq *q, u32 n, u32 events)
{
	struct waiter *w, *tmp;

	list_for_each_safe(w, tmp, &q->waiters, link)
		if (w->wake)
			w->wake(w, events);
}

void waiter_init(struct waiter *w)
{
	list_init(&w->link);
	w->wake = NULL;
}

void sleep_prepare(bool interruptible) {}
void sleep_cancel(void) {}

/* What the device does while the driver sleeps; NULL: a signal comes. */
static int (*while_asleep)(void);

int sleep_until(nsec_t deadline)
{
	return while_asleep ? while_asleep() : -512;
}

nsec_t now_ns(void)
{
	return 0;
}

void mutex_lock(struct mutex *m) {}
void mutex_unlock(struct mutex *m) {}

#endif
