/* Deferred work in a kernel thread. */
#include "init.h"
#include "private.h"
#include "sync.h"
#include "thread.h"

static spinlock_t work_lock = SPINLOCK_INIT; /* interrupts off */
static struct list work_list = LIST_INIT(work_list);
static struct waitq work_wait = WAITQ_INIT(work_wait);

void work_queue(struct work *w)
{
	u64 flags = spin_lock_irqsave(&work_lock);
	bool add = !w->queued;

	if (add) {
		w->queued = true;
		list_append(&work_list, &w->link);
	}
	spin_unlock_irqrestore(&work_lock, flags);
	if (add)
		waitq_wake(&work_wait, 1, 0);
}

static struct work *next_work(void)
{
	u64 flags = spin_lock_irqsave(&work_lock);
	struct work *w = NULL;

	if (!list_empty(&work_list)) {
		w = list_first(&work_list, struct work, link);
		list_del(&w->link);
		w->queued = false;
	}
	spin_unlock_irqrestore(&work_lock, flags);
	return w;
}

void work_thread(void *arg)
{
	struct work *w;

	for (;;) {
		wait_event(&work_wait, (w = next_work()) != NULL);
		w->fn(w);
	}
}
