/*
 * The buddy allocator (Knuth, TAOCP 1, 2.5): blocks of 2^order frames.
 *
 * The struct pages of memory that was never given out hold whatever the machine
 * had there: only the first of each free block is written.  Splitting a block
 * writes the first of both halves, so the buddy of any block below is known; and
 * giving one out makes all of its frames known.
 */
#include "log.h"
#include "private.h"
#include "string.h"
#include "spinlock.h"

static spinlock_t lock = SPINLOCK_INIT; /* interrupts off */
/* Free blocks by order; lock. */
static struct list free_list[MAX_ORDER + 1];
static u64 free_pages; /* lock to write */

u64 buddy_free_pages(void)
{
	return READ_ONCE(free_pages);
}

static void add_block(struct page *p, unsigned order)
{
	p->flags = PG_BUDDY;
	p->order = (u8)order;
	list_push(&free_list[order], &p->lru);
}

static void take_block(struct page *p)
{
	list_del(&p->lru);
	p->flags = 0;
}

/* The free block that p's block of this order merges with, or NULL. */
static struct page *free_buddy(const struct frame_range *r, struct page *p,
			       unsigned order)
{
	u64 pfn = r->first + (u64)(p - r->pages);
	u64 other = pfn ^ BIT(order);
	struct page *b;

	if (other < r->first || other + BIT(order) > r->first + r->count)
		return NULL;
	b = r->pages + (other - r->first);
	return (b->flags & PG_BUDDY) && b->order == order ? b : NULL;
}

/* Lock held; p's block is aligned to its size. */
static void free_block(const struct frame_range *r, struct page *p,
		       unsigned order)
{
	struct page *b;

	free_pages += BIT(order);
	while (order < MAX_ORDER && (b = free_buddy(r, p, order))) {
		take_block(b);
		if (b < p)
			p = b;
		order++;
	}
	add_block(p, order);
}

/*
 * What is left of count frames is cut into blocks as large as their alignment
 * allows: the next one's order.
 */
static unsigned next_order(u64 pfn, u64 count)
{
	unsigned order = 0;

	while (order < MAX_ORDER && !(pfn & BIT(order)) &&
	       BIT(order + 1) <= count)
		order++;
	return order;
}

void buddy_init(void)
{
	for (unsigned o = 0; o <= MAX_ORDER; o++)
		list_init(&free_list[o]);
}

void buddy_add(const struct frame_range *r)
{
	struct page *p = r->pages;
	u64 pfn = r->first, left = r->count;

	check_pages_free(p, left);
	free_pages += left;
	while (left) {
		/* No two of these blocks are halves of a larger one. */
		unsigned order = next_order(pfn, left);

		add_block(p, order);
		p += BIT(order);
		pfn += BIT(order);
		left -= BIT(order);
	}
}

void buddy_free_range(struct page *p, u64 count)
{
	u64 pfn, flags;
	const struct frame_range *r;

	if (!count)
		return;
	pfn = page_to_pfn(p);
	r = frame_range_of(pfn);
	check_pages_free(p, count);
	flags = spin_lock_irqsave(&lock);
	while (count) {
		unsigned order = next_order(pfn, count);

		free_block(r, p, order);
		p += BIT(order);
		pfn += BIT(order);
		count -= BIT(order);
	}
	spin_unlock_irqrestore(&lock, flags);
}

struct page *buddy_take(unsigned order, u64 keep)
{
	struct page *p = NULL;
	unsigned o = order;
	u64 flags = spin_lock_irqsave(&lock);

	if (free_pages >= BIT(order) + keep) {
		while (o <= MAX_ORDER && list_empty(&free_list[o]))
			o++;
		if (o <= MAX_ORDER) {
			p = list_first(&free_list[o], struct page, lru);
			take_block(p);
			/* Give back the upper halves that are not wanted. */
			while (o > order) {
				o--;
				add_block(p + BIT(o), o);
			}
			free_pages -= BIT(order);
			p->order = (u8)order;
		}
	}
	spin_unlock_irqrestore(&lock, flags);
	if (p) {
		check_pages_taken(p, BIT(order));
		for (u64 i = 1; i < BIT(order); i++)
			p[i].flags = 0;
		p->mapping = NULL;
		p->index = 0;
		__atomic_store_n(&p->refs, 1, __ATOMIC_RELAXED);
	}
	return p;
}

/*
 * The free block that holds frame pfn, or NULL.  From the largest that it may be
 * in: the first page of a smaller one is known only if that has been split.
 * Lock held.
 */
static struct page *free_block_of(const struct frame_range *r, u64 pfn)
{
	for (unsigned order = MAX_ORDER + 1; order--;) {
		u64 first = ALIGN_DOWN(pfn, BIT(order));
		struct page *b;

		if (first < r->first || first + BIT(order) > r->first + r->count)
			continue;
		b = r->pages + (first - r->first);
		if ((b->flags & PG_BUDDY) && b->order == order)
			return b;
	}
	return NULL;
}

struct page *page_claim(paddr_t pa)
{
	struct page *p = phys_to_page(pa), *block;
	u64 flags;

	if (!p)
		return NULL;
	flags = spin_lock_irqsave(&lock);
	block = free_block_of(frame_range_of(pa >> PAGE_SHIFT),
			      pa >> PAGE_SHIFT);
	if (block) {
		unsigned order = block->order;

		take_block(block);
		/* Halve it, giving back the half without the frame. */
		while (order) {
			struct page *upper = block + BIT(--order);

			add_block(p < upper ? upper : block, order);
			if (p >= upper)
				block = upper;
		}
		free_pages--;
		p->flags = 0;
		p->order = 0;
	}
	spin_unlock_irqrestore(&lock, flags);
	if (!block)
		return NULL;
	p->mapping = NULL;
	p->index = 0;
	__atomic_store_n(&p->refs, 1, __ATOMIC_RELAXED);
	return p;
}

static void release(struct page *p)
{
	assert(!(p->flags & (PG_BUDDY | PG_SLAB | PG_LRU)));
	if (p->flags & PG_ANON)
		memory_count(MEMORY_ANON, -1);
	if (p->flags & PG_TABLE)
		memory_count(MEMORY_TABLES, -1);
	buddy_free_range(p, BIT(p->order));
}

void page_free(struct page *p)
{
	page_put(p);
}

void page_get(struct page *p)
{
	s32 old;

	if (unlikely(page_test(p, PG_RESERVED)))
		return;
	old = __atomic_fetch_add(&p->refs, 1, __ATOMIC_RELAXED);
	assert(old > 0);
}

void page_put(struct page *p)
{
	s32 left;

	if (unlikely(page_test(p, PG_RESERVED)))
		return;
	left = __atomic_sub_fetch(&p->refs, 1, __ATOMIC_ACQ_REL);
	if (left > 0)
		return;
	assert(!left);
	release(p);
}

void page_trim(struct page *p, unsigned order, u64 count)
{
	p->order = 0;
	buddy_free_range(p + count, BIT(order) - count);
}
