/*
 * Which pages of the page cache to give up: second chance (Corbato's clock).
 *
 * Clean pages with a store are on one list.  A page that was used since it was
 * last looked at goes to the tail once more.  Dirty pages wait on a list of
 * their own for the flusher.
 *
 * A page on a list is in its mapping, so under lru_lock the mapping exists; it
 * is pinned (mapping->busy) before that lock is let go, and mapping_destroy
 * waits for the pins.
 */
#include "log.h"
#include "../private.h"
#include "spinlock.h"
#include "thread.h"

static spinlock_t lru_lock = SPINLOCK_INIT;
/* All by lru_lock. */
static struct list clean = LIST_INIT(clean);
static struct list dirty_pages = LIST_INIT(dirty_pages);
static size_t clean_count;

static struct waitq unpinned = WAITQ_INIT(unpinned);

void lru_add(struct page *p)
{
	spin_lock(&lru_lock);
	list_append(&clean, &p->lru);
	clean_count++;
	spin_unlock(&lru_lock);
	page_set(p, PG_LRU);
}

void lru_del(struct page *p)
{
	page_clear(p, PG_LRU | PG_REFERENCED);
	spin_lock(&lru_lock);
	list_del(&p->lru);
	clean_count--;
	spin_unlock(&lru_lock);
}

void lru_set_dirty(struct page *p, bool dirty)
{
	spin_lock(&lru_lock);
	list_del(&p->lru);
	list_append(dirty ? &dirty_pages : &clean, &p->lru);
	clean_count += dirty ? (size_t)-1 : 1;
	spin_unlock(&lru_lock);
}

/* The head of a list, moved to its tail. */
static struct page *pick(struct list *from, struct mapping **m)
{
	struct page *p = NULL;

	spin_lock(&lru_lock);
	if (!list_empty(from)) {
		p = list_first(from, struct page, lru);
		list_del(&p->lru);
		list_append(from, &p->lru);
		page_get(p);
		*m = p->mapping;
		(*m)->busy++;
	}
	spin_unlock(&lru_lock);
	return p;
}

struct page *lru_first_dirty(struct mapping **m)
{
	return pick(&dirty_pages, m);
}

void mapping_unpin(struct mapping *m)
{
	bool last;

	spin_lock(&lru_lock);
	last = !--m->busy;
	spin_unlock(&lru_lock);
	if (last)
		waitq_wake_all(&unpinned);
}

static bool is_pinned(const struct mapping *m)
{
	bool pinned;

	spin_lock(&lru_lock);
	pinned = m->busy;
	spin_unlock(&lru_lock);
	return pinned;
}

void mapping_wait_unpinned(struct mapping *m)
{
	wait_event(&unpinned, !is_pinned(m));
}

/* References of a page that only the cache and the caller know. */
#define REFS_IDLE 2

/* Give p up, if nobody needs it. The caller has a reference and a pin. */
static bool evict(struct mapping *m, struct page *p)
{
	bool done = false;

	/* The lock's owner may be allocating right now: do not wait. */
	if (!mutex_trylock(&m->lock))
		return false;
	if (p->mapping == m && !page_test(p, PG_LOCKED | PG_DIRTY) &&
	    !(page_clear(p, PG_REFERENCED) & PG_REFERENCED) &&
	    (READ_ONCE(p->refs) == REFS_IDLE || mapping_try_unmap(m, p)) &&
	    READ_ONCE(p->refs) == REFS_IDLE &&
	    !page_test(p, PG_DIRTY)) {
		mapping_remove(m, p);
		done = true;
	}
	mutex_unlock(&m->lock);
	return done;
}

static size_t lru_shrink(size_t n)
{
	size_t freed = 0, budget = 2 * READ_ONCE(clean_count) + 1;
	struct mapping *m;
	struct page *p;

	while (freed < n && budget-- && (p = pick(&clean, &m))) {
		if (evict(m, p))
			freed++;
		page_put(p);
		mapping_unpin(m);
		if (budget % 64 == 0 && !preempt_count())
			cond_resched();
	}
	if (!freed && memory_counter(MEMORY_DIRTY) && writeback_wait())
		freed = 1; /* not free yet, but worth another try */
	return freed;
}

static struct shrinker lru_shrinker = {.shrink = lru_shrink,
				       .name = "page cache"};

void lru_init(void)
{
	shrinker_register(&lru_shrinker);
}
