/* Taking pages out of a mapping: truncation, holes, the end of a file. */
#include "../private.h"
#include "string.h"
#include "thread.h"
#include <linux/errno.h>

#define DROP_BATCH 64 /* pages, before others get their turn */

/* Out of the cache with [first, last]. */
static void remove_pages(struct mapping *m, u64 first, u64 last)
{
	u64 index = first;
	unsigned n = 0;
	struct page *p;

	mutex_lock(&m->lock);
	while ((p = radix_next(&m->pages, &index)) && index <= last) {
		if (page_test(p, PG_LOCKED)) {
			/* Its contents are under way, to or from the store. */
			page_get(p);
			mutex_unlock(&m->lock);
			page_wait_unlocked(p);
			page_put(p);
			mutex_lock(&m->lock);
			continue;
		}
		mapping_remove(m, p);
		if (++n % DROP_BATCH == 0) {
			mutex_unlock(&m->lock);
			cond_resched();
			mutex_lock(&m->lock);
		}
	}
	mutex_unlock(&m->lock);
}

/*
 * The pages leave the cache before they are unmapped: a page fault that still
 * enters one (under tables_lock) has seen it in the cache, so what it enters is
 * found here.
 */
static void drop(struct mapping *m, u64 first, u64 last, bool even_private)
{
	remove_pages(m, first, last);
	mapping_unmap(m, first, last, even_private);
}

void mapping_drop(struct mapping *m, u64 first, u64 last)
{
	drop(m, first, last, false);
}

void mapping_zero_tail(struct mapping *m, u64 size)
{
	size_t tail = size & (PAGE_SIZE - 1);
	struct page *p = tail ? mapping_find_page(m, size / PAGE_SIZE) : NULL;

	if (!p)
		return;
	memset((char *)page_address(p) + tail, 0, PAGE_SIZE - tail);
	page_set_dirty(p);
	page_put(p);
}

void mapping_truncate(struct mapping *m, u64 size)
{
	drop(m, DIV_ROUND_UP(size, PAGE_SIZE), MAPPING_MAX_PAGES - 1, true);
	mapping_zero_tail(m, size);
}
