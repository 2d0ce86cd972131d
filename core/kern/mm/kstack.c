/* Kernel stacks, with an unmapped page below each. */
#include "private.h"
#include "thread.h"

#define STACK_PAGES (KSTACK_SIZE / PAGE_SIZE)

static void unmap(char *base, size_t pages)
{
	paddr_t frames[STACK_PAGES];

	kva_unmap(base, pages, frames);
	while (pages--)
		page_put(phys_to_page(frames[pages]));
}

u64 kstack_alloc(void)
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

void kstack_free(u64 base)
{
	unmap((char *)base, STACK_PAGES);
	kva_free((char *)base - PAGE_SIZE, PAGE_SIZE + KSTACK_SIZE);
}
