/* The array of struct page, one for each frame of usable memory. */
#include "log.h"
#include "private.h"

struct frame_range frame_ranges[MAX_RANGES] __ro_after_init;
size_t frame_range_count __ro_after_init;
u64 memory_total __ro_after_init;
struct page *zero_page __ro_after_init;

const struct frame_range *frame_range_of(u64 pfn)
{
	for (size_t i = 0; i < frame_range_count; i++)
		if (pfn - frame_ranges[i].first < frame_ranges[i].count)
			return &frame_ranges[i];
	return NULL;
}

struct page *phys_to_page(paddr_t pa)
{
	u64 pfn = pa >> PAGE_SHIFT;
	const struct frame_range *r = frame_range_of(pfn);

	return r ? r->pages + (pfn - r->first) : NULL;
}

u64 page_to_pfn(const struct page *p)
{
	for (size_t i = 0; i < frame_range_count; i++) {
		const struct frame_range *r = &frame_ranges[i];

		if (p >= r->pages && p < r->pages + r->count)
			return r->first + (u64)(p - r->pages);
	}
	panic("%p is not a page", (const void *)p);
}

paddr_t page_to_phys(const struct page *p)
{
	return page_to_pfn(p) << PAGE_SHIFT;
}

/*
 * The array lies at the start of the largest range; frames that hold it are no
 * longer in any range.  It is not filled: the start does not take longer, nor the
 * guest more of the host's memory, because there is much of it.
 */
void frames_init(void)
{
	size_t n, largest = 0;
	const struct phys_range *mem = platform_memory(&n);
	struct page *pages;
	u64 frames = 0, array;

	if (!n)
		panic("no usable memory");
	if (n > MAX_RANGES) {
		kmsg("%zu memory ranges; the last %zu are not used", n,
		     n - MAX_RANGES);
		n = MAX_RANGES;
	}
	for (size_t i = 0; i < n; i++) {
		frame_ranges[i].first = mem[i].base >> PAGE_SHIFT;
		frame_ranges[i].count = mem[i].size >> PAGE_SHIFT;
		frames += frame_ranges[i].count;
		if (frame_ranges[i].count > frame_ranges[largest].count)
			largest = i;
	}
	array = DIV_ROUND_UP(frames * sizeof(struct page), PAGE_SIZE);
	if (frame_ranges[largest].count <= array)
		panic("too little memory: %lu KiB",
		      (unsigned long)(frames * PAGE_SIZE / 1024));
	pages = phys_to_virt(frame_ranges[largest].first << PAGE_SHIFT);
	frame_ranges[largest].first += array;
	frame_ranges[largest].count -= array;
	memory_total = frames - array;
	for (size_t i = 0; i < n; i++) {
		frame_ranges[i].pages = pages;
		pages += frame_ranges[i].count;
	}
	/* The largest first: it is asked for most. */
	struct frame_range t = frame_ranges[0];

	frame_ranges[0] = frame_ranges[largest];
	frame_ranges[largest] = t;
	frame_range_count = n;
}

void page_init(void)
{
	frames_init();
	buddy_init();
	reclaim_init(memory_total);
	heap_init();
	zero_page = page_alloc(0, ALLOC_ZERO);
	if (!zero_page)
		panic("too little memory");
	page_set(zero_page, PG_RESERVED);
}
