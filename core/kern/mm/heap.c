/*
 * The kernel heap: size classes in slabs of one page each, larger allocations
 * as whole pages.
 *
 * A slab's administration is in its struct page; a free object holds in its
 * first two bytes the number of the next one.
 */
/* Every packet comes by several times. */
#define SPIN_INLINE static inline
#include "log.h"
#include "magazine.h"
#include "private.h"
#include "spinlock.h"
#include "string.h"

#define GRANULE 16
#define SMALL_MAX 2048

/* Used twice where there are magazines, otherwise once. */
#define INLINED inline __attribute__((always_inline))

struct slab_cache {
	spinlock_t lock; /* interrupts off */
	struct list partial; /* slabs with a free object; lock */
	unsigned empty;      /* of those, without any object in use; lock */
	u16 size, per_slab;
};

/* The sizes that divide a page with little left over. */
static const u16 sizes[] = {
	16,  32,  48,  64,  80,	 96,  128,  192,
	256, 368, 512, 672, 816, 1024, 1360, SMALL_MAX,
};
static struct slab_cache caches[ARRAY_SIZE(sizes)];
bool heap_magazines __ro_after_init;
static u8 class_of[SMALL_MAX / GRANULE + 1] __ro_after_init;

static INLINED void *object(const struct slab_cache *c, struct page *slab, u16 nr)
{
	return (char *)frame_address(slab) + (size_t)(nr - 1) * c->size;
}

static u16 *link_of(void *obj)
{
	return obj;
}

static struct page *new_slab(struct slab_cache *c, unsigned flags)
{
	struct page *p = page_alloc(0, flags & ~(unsigned)ALLOC_ZERO);

	if (!p)
		return NULL;
	p->cache = c;
	p->slab.free = 1;
	p->slab.used = 0;
	for (u16 nr = 1; nr <= c->per_slab; nr++)
		*link_of(object(c, p, nr)) =
			nr < c->per_slab ? (u16)(nr + 1) : 0;
	page_set(p, PG_SLAB);
	memory_count(MEMORY_SLAB, 1);
	return p;
}

static void free_slab(struct page *p)
{
	page_clear(p, PG_SLAB);
	p->cache = NULL;
	memory_count(MEMORY_SLAB, -1);
	page_put(p);
}

static INLINED void *take_object(struct slab_cache *c)
{
	struct page *slab;
	void *obj;

	if (list_empty(&c->partial))
		return NULL;
	slab = list_first(&c->partial, struct page, lru);
	obj = object(c, slab, slab->slab.free);
	slab->slab.free = *link_of(obj);
	if (!slab->slab.used++)
		c->empty--;
	if (!slab->slab.free)
		list_del(&slab->lru);
	return obj;
}

unsigned heap_take_some(unsigned class, void **obj, unsigned n)
{
	struct slab_cache *c = &caches[class];
	u64 irq = spin_lock_irqsave(&c->lock);
	unsigned got = 0;

	while (got < n && (obj[got] = take_object(c)))
		got++;
	spin_unlock_irqrestore(&c->lock, irq);
	return got;
}

static void *small_alloc(unsigned class, unsigned flags)
{
	struct slab_cache *c = &caches[class];

	if (magazine_take && heap_magazines && class < MAGAZINE_CLASSES) {
		void *obj = magazine_take(class);

		if (likely(obj))
			return obj;
	}
	for (;;) {
		u64 irq = spin_lock_irqsave(&c->lock);
		void *obj = take_object(c);
		struct page *slab;

		spin_unlock_irqrestore(&c->lock, irq);
		if (likely(obj))
			return obj;
		slab = new_slab(c, flags);
		if (!slab)
			return NULL;
		irq = spin_lock_irqsave(&c->lock);
		list_push(&c->partial, &slab->lru);
		c->empty++;
		spin_unlock_irqrestore(&c->lock, irq);
	}
}

static INLINED void small_free(struct page *slab, void *obj)
{
	struct slab_cache *c = slab->cache;
	size_t offset = (size_t)obj & (PAGE_SIZE - 1);
	struct page *unused = NULL;
	u64 irq = spin_lock_irqsave(&c->lock);

	assert(slab->slab.used);
	*link_of(obj) = slab->slab.free;
	if (!slab->slab.free)
		list_push(&c->partial, &slab->lru);
	slab->slab.free = (u16)(offset / c->size + 1);
	if (!--slab->slab.used) {
		/* One empty slab stays, so that a lone object is cheap. */
		if (c->empty) {
			list_del(&slab->lru);
			unused = slab;
		} else {
			c->empty++;
		}
	}
	spin_unlock_irqrestore(&c->lock, irq);
	if (unused)
		free_slab(unused);
}

void heap_put_some(void *const *obj, unsigned n)
{
	while (n--)
		small_free(frame_page(virt_to_phys(obj[n])), obj[n]);
}

/* Give back the empty slabs that are kept. */
static size_t heap_shrink(size_t n)
{
	size_t freed = 0;

	for (size_t i = 0; i < ARRAY_SIZE(caches); i++) {
		struct slab_cache *c = &caches[i];
		struct page *slab, *next, *found = NULL;
		u64 irq = spin_lock_irqsave(&c->lock);

		if (c->empty)
			list_for_each_safe(slab, next, &c->partial, lru) {
				if (slab->slab.used)
					continue;
				list_del(&slab->lru);
				c->empty--;
				found = slab;
				break;
			}
		spin_unlock_irqrestore(&c->lock, irq);
		if (found) {
			free_slab(found);
			freed++;
		}
	}
	return freed;
}

static struct shrinker heap_shrinker = {.shrink = heap_shrink, .name = "heap"};

void heap_init(void)
{
	size_t class = 0;

	for (size_t i = 0; i < ARRAY_SIZE(caches); i++) {
		spin_init(&caches[i].lock);
		list_init(&caches[i].partial);
		caches[i].size = sizes[i];
		caches[i].per_slab = (u16)(PAGE_SIZE / caches[i].size);
	}
	for (size_t g = 0; g < ARRAY_SIZE(class_of); g++) {
		if (g * GRANULE > caches[class].size)
			class++;
		class_of[g] = (u8)class;
	}
	shrinker_register(&heap_shrinker);
}

static void *large_alloc(size_t size, unsigned flags)
{
	u64 count = DIV_ROUND_UP(size, PAGE_SIZE);
	unsigned order = 0;
	struct page *p;

	while (order <= MAX_ORDER && BIT(order) < count)
		order++;
	p = page_alloc(order, flags & ~(unsigned)ALLOC_ZERO);
	if (!p)
		return NULL;
	page_trim(p, order, count);
	p->count = (u32)count;
	memory_count(MEMORY_SLAB, (s64)count);
	return page_address(p);
}

static void large_free(struct page *p, void *obj)
{
	u32 count = p->count;

	if (unlikely(((size_t)obj & (PAGE_SIZE - 1)) || !count ||
		     p->refs != 1 || (p->flags & PG_BUDDY)))
		panic("kfree: %p was not allocated", obj);
	p->refs = 0;
	p->count = 0;
	memory_count(MEMORY_SLAB, -(s64)count);
	buddy_free_range(p, count);
}

static struct page *page_of(const void *p)
{
	struct page *page = frame_page(virt_to_phys(p));

	if (unlikely(!page))
		panic("%p is not on the heap", p);
	return page;
}

void *kmalloc(size_t size, unsigned flags)
{
	void *p;

	if (likely(size <= SMALL_MAX))
		p = small_alloc(class_of[DIV_ROUND_UP(size, GRANULE)], flags);
	else if (size <= PAGE_SIZE << MAX_ORDER)
		p = large_alloc(size, flags);
	else
		p = NULL;
	if (p && (flags & ALLOC_ZERO))
		memset(p, 0, size);
	return p;
}

void *kzalloc(size_t size, unsigned flags)
{
	return kmalloc(size, flags | ALLOC_ZERO);
}

static void free_object(struct page *slab, void *obj)
{
	const struct slab_cache *c = slab->cache;
	unsigned class = (unsigned)(c - caches);

	if (unlikely(((size_t)obj & (PAGE_SIZE - 1)) % c->size))
		panic("kfree: %p is inside an object", obj);
	if (!magazine_put || !heap_magazines || class >= MAGAZINE_CLASSES ||
	    !magazine_put(class, obj))
		small_free(slab, obj);
}

void kfree(void *p)
{
	struct page *page;

	if (!p)
		return;
	page = page_of(p);
	if (page->flags & PG_SLAB)
		free_object(page, p);
	else
		large_free(page, p);
}

size_t kmalloc_size(const void *p)
{
	const struct page *page = page_of(p);

	return page->flags & PG_SLAB ? page->cache->size :
				       page->count * PAGE_SIZE;
}

void *krealloc(void *p, size_t size, unsigned flags)
{
	size_t have;
	void *q;

	if (!p)
		return kmalloc(size, flags);
	have = kmalloc_size(p);
	if (size <= have && size > have / 2)
		return p;
	q = kmalloc(size, flags);
	if (!q)
		return size <= have ? p : NULL;
	memcpy(q, p, MIN(size, have));
	kfree(p);
	return q;
}
