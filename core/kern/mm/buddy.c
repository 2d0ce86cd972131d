/*
 * The buddy allocator (Knuth, TAOCP 1, 2.5): blocks of 2^order frames.
 *
 * The struct pages of memory that was never given out hold whatever the machine
 * had there: only the first of each free block is written.  Splitting a block
 * writes the first of both halves, so the buddy of any block below is known; and
 * giving one out makes all of its frames known.
 *
 * Not even all blocks are on the lists: what nobody has asked for yet is the lower
 * end of each range, from whose end blocks are cut when the lists have none.
 */
#include "log.h"
#include "private.h"
#include "string.h"
#include "spinlock.h"

static spinlock_t lock = SPINLOCK_INIT; /* interrupts off */
/* Free blocks by order; lock. */
static struct list free_list[MAX_ORDER + 1];
static u64 free_pages; /* lock to write */
/* How many frames of each range, its first ones, are on no list yet; lock. */
static u64 fresh[MAX_RANGES];

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

void buddy_init(void)
{
	for (unsigned o = 0; o <= MAX_ORDER; o++)
		list_init(&free_list[o]);
	for (size_t i = 0; i < frame_range_count; i++) {
		check_pages_free(frame_ranges[i].pages, frame_ranges[i].count);
		fresh[i] = frame_ranges[i].count;
		free_pages += fresh[i];
	}
}

/* Of the largest block that begins or ends at pfn, of count frames there. */
static unsigned fitting_order(u64 pfn, u64 count)
{
	unsigned order = 0;

	while (order < MAX_ORDER && !(pfn & BIT(order)) &&
	       BIT(order + 1) <= count)
		order++;
	return order;
}

/*
 * Cut the largest block from the end of what is fresh in a range.  No larger one
 * of the range holds it, so its buddy is not all in the range: it never merges,
 * and free_buddy does not look at what is fresh.  Lock held; something is fresh.
 */
static void cut_block(size_t range)
{
	const struct frame_range *r = &frame_ranges[range];
	unsigned order = fitting_order(r->first + fresh[range], fresh[range]);

	fresh[range] -= BIT(order);
	add_block(r->pages + fresh[range], order);
}

/* The order of the smallest free block that holds one of this; lock held. */
static unsigned find_order(unsigned order)
{
	size_t range = 0;

	for (;;) {
		unsigned o = order;

		while (o <= MAX_ORDER && list_empty(&free_list[o]))
			o++;
		if (o <= MAX_ORDER)
			return o;
		while (range < frame_range_count && !fresh[range])
			range++;
		if (range == frame_range_count)
			return o;
		cut_block(range);
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
		unsigned order = fitting_order(pfn, count);

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
	unsigned o;
	u64 flags = spin_lock_irqsave(&lock);

	if (free_pages >= BIT(order) + keep) {
		o = find_order(order);
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
	while (pfn - r->first < fresh[r - frame_ranges])
		cut_block((size_t)(r - frame_ranges));
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
