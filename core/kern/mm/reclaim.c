/*
 * Allocation of page frames, and what happens when they run short.
 *
 * Three watermarks: below "low" the worker thread has memory reclaimed up to
 * "high"; an allocation that may sleep reclaims by itself rather than go below
 * "min"; what is below is for interrupts and for reclaim itself.
 */
#include "init.h"
#include "log.h"
#include "private.h"
#include "string.h"
#include "thread.h"

#define RECLAIM_BATCH 32ul /* pages; amortises the walk over the lists */
#define RECLAIM_TRIES 12
#define FRUITLESS_TRIES 4

u64 watermark_min __ro_after_init;
u64 watermark_low __ro_after_init;
u64 watermark_high __ro_after_init;

/* Registered at start-up, one after the other; never removed. */
static struct list shrinkers = LIST_INIT(shrinkers);
static spinlock_t shrinkers_lock = SPINLOCK_INIT;
static s64 counters[MEMORY_COUNTERS]; /* atomic */

void reclaim_init(u64 total)
{
	u64 min = MIN(total / 64, 512u);

	watermark_min = MAX(min, 8u);
	watermark_low = 2 * watermark_min;
	watermark_high = 3 * watermark_min;
}

void shrinker_register(struct shrinker *s)
{
	spin_lock(&shrinkers_lock);
	list_append(&shrinkers, &s->link);
	spin_unlock(&shrinkers_lock);
}

size_t page_reclaim(size_t n)
{
	size_t freed = 0;
	struct shrinker *s;

	/* The list only grows, at its end, so it is walked without the lock. */
	list_for_each(s, &shrinkers, link) {
		if (freed >= n)
			break;
		freed += s->shrink(n - freed);
	}
	return freed;
}

static void reclaim_in_background(struct work *w)
{
	u64 free = buddy_free_pages();

	while (free < watermark_high) {
		if (!page_reclaim(MIN(watermark_high - free, RECLAIM_BATCH)))
			break;
		cond_resched();
		free = buddy_free_pages();
	}
}

static struct work background = WORK_INIT(background, reclaim_in_background);

/* How much must stay for those who need it more. */
static u64 reserve_for(unsigned flags)
{
	if (flags & ALLOC_ATOMIC)
		return 0;
	if (flags & ALLOC_NORECLAIM)
		return watermark_min / 2;
	return watermark_min;
}

static struct page *reclaim_and_take(unsigned order, unsigned flags)
{
	size_t n = MAX((size_t)BIT(order), RECLAIM_BATCH);
	unsigned fruitless = 0;

	for (unsigned i = 0; i < RECLAIM_TRIES; i++) {
		size_t freed = page_reclaim(n);
		struct page *p = buddy_take(order, reserve_for(flags));

		if (p)
			return p;
		if (!freed) {
			if (++fruitless == FRUITLESS_TRIES)
				break;
			/* Somebody may be writing pages back, or ending. */
			thread_yield();
		}
		if (order)
			n *= 2; /* enough frames, but not side by side */
	}
	return NULL;
}

struct page *page_alloc(unsigned order, unsigned flags)
{
	bool may_sleep = !(flags & (ALLOC_ATOMIC | ALLOC_NORECLAIM));
	struct page *p;

	if (order > MAX_ORDER)
		return NULL;
	p = buddy_take(order, reserve_for(flags));
	if (unlikely(!p) && may_sleep) {
		assert(!preempt_count());
		p = reclaim_and_take(order, flags);
	}
	if (unlikely(buddy_free_pages() < watermark_low))
		work_queue(&background);
	if (p && (flags & ALLOC_ZERO))
		memset(page_address(p), 0, PAGE_SIZE << order);
	return p;
}

void memory_count(enum memory_counter c, s64 pages)
{
	__atomic_fetch_add(&counters[c], pages, __ATOMIC_RELAXED);
}

s64 memory_counter(enum memory_counter c)
{
	/* A sum of racing changes may be below zero for a moment. */
	return MAX(__atomic_load_n(&counters[c], __ATOMIC_RELAXED), 0);
}

void memory_stats(struct memory_stats *s)
{
	s->total = memory_total;
	s->free = buddy_free_pages();
	s->cached = (u64)memory_counter(MEMORY_CACHED);
	s->shared = (u64)memory_counter(MEMORY_SHARED);
	s->dirty = (u64)memory_counter(MEMORY_DIRTY);
	s->anon = (u64)memory_counter(MEMORY_ANON);
	s->slab = (u64)memory_counter(MEMORY_SLAB);
	s->tables = (u64)memory_counter(MEMORY_TABLES);
	s->stacks = (u64)memory_counter(MEMORY_STACKS);
	s->reclaimable = (u64)memory_counter(MEMORY_RECLAIMABLE);
	s->low_watermark = watermark_low;
}
