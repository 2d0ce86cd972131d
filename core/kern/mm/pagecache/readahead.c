/*
 * Reading pages in, several at once where a file is read from front to back.
 *
 * A read that goes on where the last one ended doubles the window; any other
 * brings in what it asks for, a little more at the start of a file.
 */
#include "../private.h"
#include <linux/errno.h>

#define WINDOW_MAX 32u /* pages: 128 KiB, as on Linux */
#define WINDOW_START 4u

/* mapping->lock held: how many pages from index, which is absent? */
static unsigned choose_window(struct mapping *m, u64 index, unsigned want)
{
	unsigned n = MAX(want, 1u);

	if (!m->ops->read_pages)
		return 1;
	if (index == m->next_read && m->window)
		n = MAX(n, 2 * m->window);
	else if (!index)
		n = MAX(n, WINDOW_START);
	n = MIN(n, WINDOW_MAX);
	m->window = n;
	if (m->ops->size) {
		u64 end = DIV_ROUND_UP(m->ops->size(m), PAGE_SIZE);

		n = index < end ? (unsigned)MIN(end - index, (u64)n) : 1;
	}
	/* No more than a quarter of what reclaim could make room for. */
	if (buddy_free_pages() < watermark_high + n &&
	    (u64)memory_counter(MEMORY_CACHED) < 4ull * n)
		n = 1;
	return n;
}

static unsigned allocate(struct page **pages, unsigned n)
{
	unsigned i;

	for (i = 0; i < n; i++) {
		pages[i] = page_alloc(0, ALLOC_WAIT);
		if (!pages[i])
			break;
		page_set(pages[i], PG_LOCKED);
	}
	return i;
}

static void put_all(struct page **pages, unsigned n)
{
	while (n--)
		page_put(pages[n]);
}

/* mapping->lock held.  How many could be entered, or an error for the first. */
static int enter(struct mapping *m, u64 index, struct page **pages, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		int err = mapping_insert(m, pages[i], index + i);

		if (err)
			return i ? (int)i : err;
	}
	return (int)n;
}

/* They could not be read: out of the cache with them. */
static void discard(struct mapping *m, struct page **pages, unsigned n)
{
	mutex_lock(&m->lock);
	for (unsigned i = 0; i < n; i++)
		if (pages[i]->mapping == m)
			mapping_remove(m, pages[i]);
	mutex_unlock(&m->lock);
	for (unsigned i = 0; i < n; i++)
		page_unlock(pages[i]);
}

static void finish(struct page **pages, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		page_set(pages[i], PG_UPTODATE);
		page_unlock(pages[i]);
	}
}

struct page *mapping_read_in(struct mapping *m, u64 index, unsigned want)
{
	struct page *pages[WINDOW_MAX];
	unsigned got, n = choose_window(m, index, want);
	int entered, err;

	mutex_unlock(&m->lock);
	got = allocate(pages, n);
	if (!got)
		return ERR_PTR(-ENOMEM);
	mutex_lock(&m->lock);
	entered = enter(m, index, pages, got);
	if (entered > 0)
		m->next_read = index + (u64)entered;
	mutex_unlock(&m->lock);
	if (entered <= 0) {
		put_all(pages, got);
		return entered == -EEXIST ? NULL : ERR_PTR(entered);
	}
	n = (unsigned)entered;
	put_all(pages + n, got - n);

	err = n > 1 ? m->ops->read_pages(m, pages, n) :
		      m->ops->read_page(m, pages[0]);
	if (err && n > 1) {
		/* The bad spot may be in what nobody has asked for. */
		discard(m, pages + 1, n - 1);
		put_all(pages + 1, n - 1);
		n = 1;
		err = m->ops->read_page(m, pages[0]);
	}
	if (err)
		discard(m, pages, n);
	else
		finish(pages, n);
	put_all(pages + 1, n - 1);
	if (err) {
		page_put(pages[0]);
		return ERR_PTR(err);
	}
	return pages[0];
}
