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

/* ---- page cache ---- */

void pagecache_init(void);
/*
 * mapping->lock held.  Enter a page of the caller's, the cache takes a reference of
 * its own: 0, -EEXIST, -ENOMEM, -ENOSPC.  Take it out, and drop that reference.
 */
int mapping_insert(struct mapping *m, struct page *p, u64 index);
void mapping_remove(struct mapping *m, struct page *p);
/* The page that ended waiting for its contents: PG_LOCKED goes, waiters wake. */
void page_unlock(struct page *p);
/* Sleep until PG_LOCKED is not set; the page is referenced, no lock held. */
void page_wait_unlocked(struct page *p);
/* Is index beyond the last page of the file? mapping->lock. */
bool mapping_beyond_end(struct mapping *m, u64 index);
/* mapping_get_page for a reader who is going to want that many pages. */
struct page *mapping_get_pages(struct mapping *m, u64 index, unsigned flags,
			       unsigned want);

/*
 * readahead.c: bring page index, which is absent, and some more in.  mapping->lock
 * is held on entry and not on return.  The page with a reference; NULL: somebody
 * else brought it; ERR_PTR.
 */
struct page *mapping_read_in(struct mapping *m, u64 index, unsigned want);

/* lru.c: the lists of pages that have a store; their cache reference is held. */
void lru_init(void);
void lru_add(struct page *p);
void lru_del(struct page *p);
void lru_set_dirty(struct page *p, bool dirty); /* change lists */
/* A dirty page, referenced, and its mapping pinned (mapping_unpin); NULL. */
struct page *lru_first_dirty(struct mapping **m);
void mapping_unpin(struct mapping *m);
/* Wait until nobody pins it, nor will. All pages are gone. */
void mapping_wait_unpinned(struct mapping *m);

/* rmap.c: where the pages of a mapping are mapped. */
/* Unmap [first, last] everywhere; private copies too, if even_private. */
void mapping_unmap(struct mapping *m, u64 first, u64 last, bool even_private);
/* Make page index read-only wherever it is mapped shared; mapping->lock. */
void mapping_write_protect(struct mapping *m, u64 index);
/*
 * Unmap p everywhere unless it has been used lately or is locked in memory: true
 * if it is not mapped any more.  Waits for nothing.  mapping->lock.
 */
bool mapping_try_unmap(struct mapping *m, struct page *p);

/* writeback.c */
void writeback_start(void); /* the flusher, with the first mapping to need it */
void writeback_wake(void);
/* Wait a moment for dirty pages to become clean: did some? */
bool writeback_wait(void);
/* Too much is dirty: write [first, last], which the caller has just changed. */
void mapping_throttle(struct mapping *m, u64 first, u64 last);
/* A page stops being dirty without being written. mapping->lock. */
void page_forget_dirty(struct page *p);

/* All of memory that was handed to the allocator, in pages. */
extern u64 memory_total;
/* A frame of zeroes, mapped read-only wherever untouched memory is read. */
extern struct page *zero_page;

#endif
