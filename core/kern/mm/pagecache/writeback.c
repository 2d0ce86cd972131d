/*
 * Dirty pages and how they get to their store: by fsync, and by the flusher
 * thread when they have waited long enough or memory is short.
 */
#include "../private.h"
#include "thread.h"
#include <linux/errno.h>

/* As Linux' dirty_writeback_centisecs and dirty_ratio. */
#define FLUSH_INTERVAL (5 * NSEC_PER_SEC)
#define DIRTY_PART 5 /* writers wait when more than 1/5 of memory is dirty */

static struct waitq flusher_wait = WAITQ_INIT(flusher_wait);
static struct waitq cleaned_wait = WAITQ_INIT(cleaned_wait);
static bool flush_now; /* atomic */
static u64 cleaned;    /* pages written so far; atomic */

void page_set_dirty(struct page *p)
{
	struct mapping *m = READ_ONCE(p->mapping);

	/*
	 * What was written is visible before the flag is looked at: write_page
	 * clears it first and then has the contents read.
	 */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (!m || !m->ops->write_page || page_test(p, PG_DIRTY))
		return;
	mutex_lock(&m->lock);
	if (p->mapping == m && !(page_set(p, PG_DIRTY) & PG_DIRTY)) {
		memory_count(MEMORY_DIRTY, 1);
		lru_set_dirty(p, true);
	}
	mutex_unlock(&m->lock);
}

void page_forget_dirty(struct page *p)
{
	if (!(page_clear(p, PG_DIRTY) & PG_DIRTY))
		return;
	memory_count(MEMORY_DIRTY, -1);
	lru_set_dirty(p, false);
}

/*
 * Write p, dirty and referenced by the caller.  mapping->lock is held on entry
 * and on return, not in between.
 */
static int write_page(struct mapping *m, struct page *p)
{
	int err;

	page_set(p, PG_LOCKED);
	page_forget_dirty(p);
	/* Whoever writes from now on makes it dirty again. */
	mapping_write_protect(m, p->index);
	mutex_unlock(&m->lock);
	err = m->ops->write_page(m, p);
	page_unlock(p);
	__atomic_fetch_add(&cleaned, 1, __ATOMIC_RELAXED);
	waitq_wake_all(&cleaned_wait);
	mutex_lock(&m->lock);
	if (err)
		__atomic_store_n(&m->error, err, __ATOMIC_RELAXED);
	return err;
}

/* Write p if it is still dirty and m's.  Nothing held. */
static int write_if_dirty(struct mapping *m, struct page *p)
{
	int err = 0;

	mutex_lock(&m->lock);
	while (p->mapping == m && page_test(p, PG_LOCKED)) {
		mutex_unlock(&m->lock);
		page_wait_unlocked(p);
		mutex_lock(&m->lock);
	}
	if (p->mapping == m && page_test(p, PG_DIRTY))
		err = write_page(m, p);
	mutex_unlock(&m->lock);
	return err;
}

/* The first page in [*index, last], with a reference; NULL. */
static struct page *next_page(struct mapping *m, u64 *index, u64 last)
{
	struct page *p;

	mutex_lock(&m->lock);
	p = radix_next(&m->pages, index);
	if (p && *index <= last)
		page_get(p);
	else
		p = NULL;
	mutex_unlock(&m->lock);
	return p;
}

int mapping_sync(struct mapping *m, u64 first, u64 last)
{
	struct page *p;
	int err;

	if (!m->ops->write_page)
		return 0;
	for (u64 i = first; (p = next_page(m, &i, last)); i++) {
		/* Also wait for what somebody else is writing. */
		(void)write_if_dirty(m, p);
		page_put(p);
	}
	err = __atomic_exchange_n(&m->error, 0, __ATOMIC_RELAXED);
	return err;
}

void mapping_throttle(struct mapping *m, u64 first, u64 last)
{
	struct page *p;

	if (!m->ops->write_page ||
	    (u64)memory_counter(MEMORY_DIRTY) < memory_total / DIRTY_PART)
		return;
	writeback_wake();
	for (u64 i = first; (p = next_page(m, &i, last)); i++) {
		(void)write_if_dirty(m, p);
		page_put(p);
	}
}

/*
 * All that is dirty now; what becomes dirty meanwhile waits for the next time.
 */
static void flush_all(void)
{
	s64 n = memory_counter(MEMORY_DIRTY);
	struct mapping *m;
	struct page *p;

	while (n-- > 0 && (p = lru_first_dirty(&m))) {
		(void)write_if_dirty(m, p);
		page_put(p);
		mapping_unpin(m);
		cond_resched();
	}
}

static void flusher(void *arg)
{
	for (;;) {
		/* Without dirty pages the timer would only wake the CPU. */
		nsec_t deadline = memory_counter(MEMORY_DIRTY) ?
					  now_ns() + FLUSH_INTERVAL :
					  NSEC_FOREVER;

		(void)wait_event_common(
			&flusher_wait,
			__atomic_exchange_n(&flush_now, false,
					    __ATOMIC_ACQ_REL),
			false, deadline, false);
		flush_all();
	}
}

void writeback_start(void)
{
	static bool started;

	if (!__atomic_exchange_n(&started, true, __ATOMIC_RELAXED))
		kthread_start("flusher", flusher, NULL);
}

void writeback_wake(void)
{
	__atomic_store_n(&flush_now, true, __ATOMIC_RELEASE);
	waitq_wake_all(&flusher_wait);
}

bool writeback_wait(void)
{
	u64 before = __atomic_load_n(&cleaned, __ATOMIC_RELAXED);

	if (preempt_count())
		return false;
	writeback_wake();
	/* Not interruptible: a signal is no reason to run out of memory. */
	(void)wait_event_common(
		&cleaned_wait,
		__atomic_load_n(&cleaned, __ATOMIC_RELAXED) != before, false,
		now_ns() + 100 * NSEC_PER_MSEC, false);
	return __atomic_load_n(&cleaned, __ATOMIC_RELAXED) != before;
}
