/* Kernel stacks, with an unmapped page below each. */
#include "init.h"
#include "linkset.h"
#include "private.h"
#include "thread.h"

#define STACK_PAGES (KSTACK_SIZE / PAGE_SIZE)

/*
 * A few are kept for the next threads.  To unmap one all CPUs have to be
 * interrupted, and then several go at the same time: otherwise freeing is slower
 * than making them, and there would be ever more.
 */
#define KEEP_MAX 16
#define BATCH 8

static spinlock_t keep_lock = SPINLOCK_INIT;
static u64 kept;         /* the first; each begins with the next one */
static unsigned kept_nr; /* of them */

/* n stacks, at most BATCH, of which the first pages are mapped. */
static void unmap(void *const *base, size_t n, size_t pages)
{
	paddr_t frames[BATCH * STACK_PAGES];

	kva_unmap_many(base, n, pages, frames);
	for (size_t i = 0; i < n * pages; i++)
		page_put(phys_to_page(frames[i]));
	for (size_t i = 0; i < n; i++)
		kva_free((char *)base[i] - PAGE_SIZE, PAGE_SIZE + KSTACK_SIZE);
}

/* keep_lock held; something is kept. */
static u64 take_first(void)
{
	u64 base = kept;

	kept = *(u64 *)base;
	kept_nr--;
	memory_count(MEMORY_RECLAIMABLE, -(s64)STACK_PAGES);
	return base;
}

static u64 take_kept(void)
{
	u64 base;

	spin_lock(&keep_lock);
	base = kept ? take_first() : 0;
	spin_unlock(&keep_lock);
	return base;
}

/* Free a batch of those beyond the first `keep': how many. */
static size_t release_some(size_t keep, size_t max)
{
	void *base[BATCH];
	size_t n = 0;

	spin_lock(&keep_lock);
	while (kept_nr > keep && n < MIN(max, (size_t)BATCH))
		base[n++] = (void *)take_first();
	spin_unlock(&keep_lock);
	if (n)
		unmap(base, n, STACK_PAGES);
	return n;
}

static u64 make(void)
{
	char *guard = kva_alloc(PAGE_SIZE + KSTACK_SIZE);
	void *base = guard + PAGE_SIZE;

	if (!guard)
		return 0;
	for (size_t i = 0; i < STACK_PAGES; i++) {
		struct page *p = page_alloc(0, ALLOC_WAIT);

		if (p && !kva_map((char *)base + i * PAGE_SIZE, page_to_phys(p),
				  MAP_READ | MAP_WRITE))
			continue;
		if (p)
			page_put(p);
		unmap(&base, 1, i);
		return 0;
	}
	return (u64)base;
}

u64 kstack_alloc(void)
{
	u64 base = take_kept();

	if (!base)
		base = make();
	if (base) {
		memory_count(MEMORY_STACKS, STACK_PAGES);
		check_stack_new(base);
	}
	return base;
}

void kstack_free(u64 base)
{
	bool many;

	check_stack_end(base);
	spin_lock(&keep_lock);
	*(u64 *)base = kept;
	kept = base;
	many = ++kept_nr == KEEP_MAX + BATCH;
	memory_count(MEMORY_RECLAIMABLE, STACK_PAGES);
	spin_unlock(&keep_lock);
	memory_count(MEMORY_STACKS, -(s64)STACK_PAGES);
	if (many)
		(void)release_some(KEEP_MAX, BATCH);
}

static size_t shrink(size_t n)
{
	size_t freed = 0, some;

	do {
		some = release_some(0, DIV_ROUND_UP(n - freed, STACK_PAGES));
		freed += some * STACK_PAGES;
	} while (some && freed < n);
	return freed;
}

static struct shrinker stack_shrinker = {.shrink = shrink, .name = "stacks"};

static void kstack_init(void)
{
	shrinker_register(&stack_shrinker);
}
INITCALL(INIT_CORE, kstack_init);
