/* What the files of kern/mm share among themselves. */
#ifndef RR_MM_PRIVATE_H
#define RR_MM_PRIVATE_H

#include "page.h"
#include "pagecache.h"
#include "vm.h"

/* ---- page frames: frames.c, buddy.c, reclaim.c ---- */

#define MAX_ORDER 12 /* largest block: 16 MiB */

/*
 * Usable memory is a few ranges; the struct pages of all of them form one array, in
 * the order of the ranges.
 */
struct frame_range {
	u64 first; /* frame number (physical address / PAGE_SIZE) */
	u64 count;
	struct page *pages;
};
/* The range that frame number pfn is in, or NULL. */
const struct frame_range *frame_range_of(u64 pfn);
u64 page_to_pfn(const struct page *p);
void frames_init(void);

/* Give frames that nobody has to the buddy; any number, any alignment. */
void buddy_free_range(struct page *p, u64 count);
/* A block, if at least keep frames stay free; NULL. */
struct page *buddy_take(unsigned order, u64 keep);
u64 buddy_free_pages(void);
/* Give the frames of an allocated block beyond the first count back. */
void page_trim(struct page *p, unsigned order, u64 count);

/* Watermarks in pages, set by reclaim_init. */
extern u64 watermark_min;  /* the atomic reserve */
extern u64 watermark_low;  /* reclaim in the background below */
extern u64 watermark_high; /* ... up to here */
void reclaim_init(u64 total);

void heap_init(void);
s64 memory_counter(enum memory_counter c);

/* All of memory that was handed to the allocator, in pages. */
extern u64 memory_total;
/* A frame of zeroes, mapped read-only wherever untouched memory is read. */
extern struct page *zero_page;

#endif
