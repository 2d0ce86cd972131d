/* Kernel stacks, with an unmapped page below each. */
#include "init.h"
#include "linkset.h"
#include "private.h"
#include "thread.h"

#define STACK_PAGES (KSTACK_SIZE / PAGE_SIZE)

/*
 * A few are kept for the next threads: to unmap one all CPUs have to be
 * interrupted.
 */
#define KEEP_MAX 16

static spinlock_t keep_lock = SPINLOCK_INIT;
static u64 kept;         /* the first; each begins with the next one */
static unsigned kept_nr; /* of them */

static void unmap(char *base, size_t pages)
{
	paddr_t frames[STACK_PAGES];

	kva_unmap(base, pages, frames);
	while (pages--)
		page_put(phys_to_page(frames[pages]));
}

static void release(u64 base)
{
	unmap((char *)base, STACK_PAGES);
	kva_free((char *)base - PAGE_SIZE, PAGE_SIZE + KSTACK_SIZE);
}

static u64 take_kept(void)
{
	u64 base;

	spin_lock(&keep_lock);
	base = kept;
	if (base) {
		kept = *(u64 *)base;
		kept_nr--;
	}
	spin_unlock(&keep_lock);
	return base;
}

static u64 make(void)
{
	char *guard = kva_alloc(PAGE_SIZE + KSTACK_SIZE);
	char *base = guard + PAGE_SIZE;

	if (!guard)
		return 0;
	for (size_t i = 0; i < STACK_PAGES; i++) {
		struct page *p = page_alloc(0, ALLOC_WAIT);

		if (p && !kva_map(base + i * PAGE_SIZE, page_to_phys(p),
				  MAP_READ | MAP_WRITE))
			continue;
		if (p)
			page_put(p);
		unmap(base, i);
		kva_free(guard, PAGE_SIZE + KSTACK_SIZE);
		return 0;
	}
	return (u64)base;
}

u64 kstack_alloc(void)
{
	u64 base = take_kept();

	if (!base)
		base = make();
	if (base)
		check_stack_new(base);
	return base;
}

void kstack_free(u64 base)
{
	check_stack_end(base);
	spin_lock(&keep_lock);
	if (kept_nr < KEEP_MAX) {
		*(u64 *)base = kept;
		kept = base;
		kept_nr++;
		base = 0;
	}
	spin_unlock(&keep_lock);
	if (base)
		release(base);
}

static size_t shrink(size_t n)
{
	size_t freed = 0;
	u64 base;

	while (freed < n && (base = take_kept())) {
		release(base);
		freed += STACK_PAGES;
	}
	return freed;
}

static struct shrinker stack_shrinker = {.shrink = shrink, .name = "stacks"};

static void kstack_init(void)
{
	shrinker_register(&stack_shrinker);
}
INITCALL(INIT_CORE, kstack_init);
