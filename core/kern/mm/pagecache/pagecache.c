/* The page cache: finding pages of a mapping, making them, waiting for them. */
#include "linkset.h"
#include "log.h"
#include "../private.h"
#include "string.h"
#include "thread.h"
#include <linux/errno.h>

/* Who waits for a locked page sleeps here, by a hash of its address. */
#define PAGE_WAITS 16u
static struct waitq page_waits[PAGE_WAITS];

static void pagecache_init(void)
{
	for (unsigned i = 0; i < PAGE_WAITS; i++)
		waitq_init(&page_waits[i]);
	lru_init();
}
INITCALL(INIT_CORE, pagecache_init);

static struct waitq *page_wait_queue(const struct page *p)
{
	return &page_waits[(uintptr_t)p / sizeof(*p) % PAGE_WAITS];
}

void page_unlock(struct page *p)
{
	page_clear(p, PG_LOCKED);
	waitq_wake_all(page_wait_queue(p));
}

void page_wait_unlocked(struct page *p)
{
	wait_event(page_wait_queue(p), !page_test(p, PG_LOCKED));
}

void mapping_init(struct mapping *m, const struct mapping_ops *ops, void *owner)
{
	memset(m, 0, sizeof(*m));
	m->ops = ops;
	m->owner = owner;
	mutex_init(&m->lock);
	list_init(&m->vmas);
	mutex_init(&m->vmas_lock);
	if (ops->write_page)
		writeback_start();
}

void mapping_destroy(struct mapping *m)
{
	assert(list_empty(&m->vmas));
	mapping_drop(m, 0, MAPPING_MAX_PAGES - 1);
	mapping_wait_unpinned(m);
}

bool mapping_beyond_end(struct mapping *m, u64 index)
{
	return index >= MAPPING_MAX_PAGES ||
	       (m->ops->size &&
		index >= DIV_ROUND_UP(m->ops->size(m), PAGE_SIZE));
}

int mapping_insert(struct mapping *m, struct page *p, u64 index)
{
	int err;

	if (m->limit && m->pages.count >= m->limit)
		return -ENOSPC;
	if (m->ops->charge) {
		err = m->ops->charge(m, 1);
		if (err)
			return err;
	}
	err = radix_insert(&m->pages, index, p);
	if (err) {
		if (m->ops->charge)
			m->ops->charge(m, -1);
		return err;
	}
	p->index = (u32)index;
	WRITE_ONCE(p->mapping, m);
	page_get(p);
	memory_count(MEMORY_CACHED, 1);
	if (m->ops->read_page)
		lru_add(p);
	else
		memory_count(MEMORY_SHARED, 1);
	return 0;
}

void mapping_remove(struct mapping *m, struct page *p)
{
	page_forget_dirty(p);
	if (m->ops->read_page)
		lru_del(p);
	else
		memory_count(MEMORY_SHARED, -1);
	memory_count(MEMORY_CACHED, -1);
	radix_remove(&m->pages, p->index);
	WRITE_ONCE(p->mapping, NULL);
	if (m->ops->charge)
		m->ops->charge(m, -1);
	page_put(p);
}

/*
 * A page of zeroes in a mapping without store; NULL: somebody else was first.
 */
static struct page *create(struct mapping *m, u64 index, unsigned flags)
{
	struct page *p = page_alloc(0, ALLOC_ZERO);
	int err;

	if (!p)
		return ERR_PTR(-ENOMEM);
	mutex_lock(&m->lock);
	if ((flags & MAPPING_FAULT) && mapping_beyond_end(m, index)) {
		err = -EFAULT;
	} else {
		page_set(p, PG_UPTODATE);
		err = mapping_insert(m, p, index);
	}
	mutex_unlock(&m->lock);
	if (!err)
		return p;
	page_put(p);
	return err == -EEXIST ? NULL : ERR_PTR(err);
}

/* mapping->lock held. */
static struct page *lookup(struct mapping *m, u64 index)
{
	struct page *p = radix_lookup(&m->pages, index);

	if (p)
		page_get(p);
	return p;
}

/* Somebody else is reading the page in; NULL if it did not work. */
static struct page *wait_for_contents(struct page *p)
{
	page_wait_unlocked(p);
	if (page_test(p, PG_UPTODATE))
		return p;
	page_put(p);
	return NULL;
}

struct page *mapping_get_pages(struct mapping *m, u64 index, unsigned flags,
			       unsigned want)
{
	struct page *p;

	if (index >= MAPPING_MAX_PAGES)
		return ERR_PTR(flags & MAPPING_FAULT ? -EFAULT : -EFBIG);
	do {
		mutex_lock(&m->lock);
		if ((flags & MAPPING_FAULT) && mapping_beyond_end(m, index)) {
			mutex_unlock(&m->lock);
			return ERR_PTR(-EFAULT);
		}
		p = lookup(m, index);
		if (likely(p)) {
			mutex_unlock(&m->lock);
			if (!page_test(p, PG_UPTODATE))
				p = wait_for_contents(p);
			else if (!page_test(p, PG_REFERENCED))
				page_set(p, PG_REFERENCED);
		} else if (m->ops->read_page) {
			p = mapping_read_in(m, index, want);
		} else {
			mutex_unlock(&m->lock);
			if (!(flags & MAPPING_CREATE))
				return ERR_PTR(-ENOENT);
			p = create(m, index, flags);
		}
	} while (!p);
	return p;
}

struct page *mapping_get_page(struct mapping *m, u64 index, unsigned flags)
{
	return mapping_get_pages(m, index, flags, 1);
}

struct page *mapping_find_page(struct mapping *m, u64 index)
{
	struct page *p;

	mutex_lock(&m->lock);
	p = lookup(m, index);
	mutex_unlock(&m->lock);
	if (p && !page_test(p, PG_UPTODATE)) {
		page_put(p);
		p = NULL;
	}
	return p;
}

bool mapping_next_page(struct mapping *m, u64 *index, u64 last)
{
	bool found;

	mutex_lock(&m->lock);
	found = radix_next(&m->pages, index) && *index <= last;
	mutex_unlock(&m->lock);
	return found;
}
