/* What the files of kern/mm share among themselves. */
#ifndef RR_MM_PRIVATE_H
#define RR_MM_PRIVATE_H

#include "page.h"
#include "pagecache.h"
#include "vm.h"

/* ---- page frames: frames.c, buddy.c, reclaim.c ---- */

#define MAX_ORDER 12 /* largest block: 16 MiB */

/*
 * Usable memory is a few ranges; the struct pages of all of them form one
 * array, in the order of the ranges.
 */
struct frame_range {
	u64 first; /* frame number (physical address / PAGE_SIZE) */
	u64 count;
	struct page *pages;
};
#define MAX_RANGES 32
/* The largest comes first. */
extern struct frame_range frame_ranges[MAX_RANGES];
extern size_t frame_range_count;
/* The range that frame number pfn is in, or NULL. */
const struct frame_range *frame_range_of(u64 pfn);
/* phys_to_page and page_address, quick for the largest range. */
static inline struct page *frame_page(paddr_t pa)
{
	const struct frame_range *r = &frame_ranges[0];
	u64 n = (pa >> PAGE_SHIFT) - r->first;

	return likely(n < r->count) ? r->pages + n : phys_to_page(pa);
}
static inline void *frame_address(const struct page *p)
{
	const struct frame_range *r = &frame_ranges[0];

	if (likely(p >= r->pages && p < r->pages + r->count))
		return phys_to_virt((r->first + (u64)(p - r->pages))
				    << PAGE_SHIFT);
	return page_address(p);
}
u64 page_to_pfn(const struct page *p);
void frames_init(void);

/* At start-up: all ranges are free; their struct pages may hold anything. */
void buddy_init(void);
/* Give frames that were taken back to the buddy; any number, any alignment. */
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

/* All of memory that was handed to the allocator, in pages. */
extern u64 memory_total;
/* A frame of zeroes, mapped read-only wherever untouched memory is read. */
extern struct page *zero_page;

void heap_init(void);
s64 memory_counter(enum memory_counter c);

/* ---- page cache: component pagecache (see filemap.h) ---- */

/*
 * mapping->lock held.  Enter a page of the caller's, the cache takes a
 * reference of its own: 0, -EEXIST, -ENOMEM, -ENOSPC.  Take it out, and drop
 * that reference.
 */
int mapping_insert(struct mapping *m, struct page *p, u64 index);
void mapping_remove(struct mapping *m, struct page *p);
/*
 * The page that ended waiting for its contents: PG_LOCKED goes, waiters wake.
 */
void page_unlock(struct page *p);
/* Sleep until PG_LOCKED is not set; the page is referenced, no lock held. */
void page_wait_unlocked(struct page *p);
/* Is index beyond the last page of the file? mapping->lock. */
bool mapping_beyond_end(struct mapping *m, u64 index);
/* mapping_get_page for a reader who is going to want that many pages. */
struct page *mapping_get_pages(struct mapping *m, u64 index, unsigned flags,
			       unsigned want);

/*
 * readahead.c: bring page index, which is absent, and some more in.
 * mapping->lock is held on entry and not on return.  The page with a
 * reference; NULL: somebody else brought it; ERR_PTR.
 */
struct page *mapping_read_in(struct mapping *m, u64 index, unsigned want);

/*
 * lru.c: the lists of pages that have a store; their cache reference is held.
 */
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
 * Unmap p everywhere unless it has been used lately or is locked in memory:
 * true if it is not mapped any more.  Waits for nothing.  mapping->lock.
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

/*
 * ---- address spaces; vm->lock held for writing unless stated otherwise ----
 */

/* As Linux: vm.max_map_count, stack_guard_gap, TASK_UNMAPPED_BASE's role. */
#define VMA_COUNT_MAX 65530u
#define STACK_GUARD (256 * PAGE_SIZE)

static inline u64 vma_pages(const struct vma *v)
{
	return (v->end - v->start) / PAGE_SIZE;
}

/* What one allocation of n pages that is private and writable may have. */
static inline bool memory_overcommits(u64 pages)
{
	/* Linux' heuristic: refuse only what could never be there. */
	return pages > memory_total;
}

/* vma.c */
void vma_tree_init(struct vm_space *vm);
/* Enter v; nothing lies where it is.  Counts it. */
void vma_insert(struct vm_space *vm, struct vma *v);
/* Take it out; its pages are still mapped. */
void vma_remove(struct vm_space *vm, struct vma *v);
/* Move its ends; pgoff and image go with start. */
void vma_resize(struct vm_space *vm, struct vma *v, vaddr_t start, vaddr_t end);
/* Change flags with the counters that hang on them. */
void vma_set_flags(struct vm_space *vm, struct vma *v, u32 flags);
/*
 * v, new and with its mapping, is going to be one through which a file may be
 * written: false if it may not be, but v asks for it.
 */
bool vma_begin_writing(struct vma *v);
/* A copy that is in no tree, with references of its own; NULL: no memory. */
struct vma *vma_copy(const struct vma *v);
/* Drop a mapping that is in no tree, with its references.  No lock held. */
void vma_free(struct vma *v);
/* The same for a list of them, linked by mapping_link. */
void vma_free_list(struct list *dead);
/* See that no mapping reaches across addr: 0 or -ENOMEM. */
int vma_split_at(struct vm_space *vm, vaddr_t addr);
/* Join v with its neighbours where they go on in the same way; what is left. */
struct vma *vma_merge(struct vm_space *vm, struct vma *v);
/*
 * Give v's part [start, end), page-aligned, other flags: splits and merges as
 * needed.  0 or -ENOMEM; vm->lock is held for writing.
 */
int vma_change_flags(struct vm_space *vm, struct vma *v, vaddr_t start,
		     vaddr_t end, u32 flags);
/* The lowest address that v claims: below a stack comes its guard gap. */
vaddr_t vma_guard_start(const struct vma *v);
/* The highest place for len bytes in [low, high); 0: none. */
vaddr_t vma_find_gap(struct vm_space *vm, u64 len, u64 align, vaddr_t low,
		     vaddr_t high);

/* pagecache/mapfile.c */
/*
 * May f be mapped in this way?  *vf gets what VMA flags follow; 0 or -errno.
 */
int filemap_check(struct file *f, int prot, int flags, u32 *vf);
/*
 * The new mapping v, which has its flags and its length as end, is of f from page
 * pgoff on, or of new shared memory if f is NULL.  v gets references.  0 or -errno.
 */
int filemap_attach(struct vma *v, struct file *f, u64 pgoff);

/* vm.c */
/* Unmap the pages of [start, end) and drop them. Takes tables_lock only. */
void vm_zap(struct vm_space *vm, vaddr_t start, vaddr_t end);
/* The same, tables_lock held. */
void vm_zap_locked(struct vm_space *vm, vaddr_t start, vaddr_t end);
/* The same for pages that are not private copies. */
void vm_zap_shared_locked(struct vm_space *vm, vaddr_t start, vaddr_t end);
/*
 * tables_lock held: enter a frame, with the caller's reference, where nothing
 * is.  0 or -ENOMEM.
 */
int vm_enter_frame(struct vm_space *vm, vaddr_t va, paddr_t pa, unsigned bits);
/* It is a program's private memory from now on, until it is freed. */
void page_make_anon(struct page *p);
/* A page of frame pa was mapped, or is no more (n = 1 or -1). */
void vm_count_frame(struct vm_space *vm, paddr_t pa, s64 n);
/* Room for n more pages, of a mapping with these flags? RLIMIT_AS, _DATA. */
bool vm_may_expand(struct vm_space *vm, u32 flags, u64 pages);
/* Soft limit for the owner of vm. */
u64 vm_limit(struct vm_space *vm, int resource);
/* MAP_* bits for a page that is the program's own to change as it may. */
unsigned vma_bits(const struct vma *v);
/* Changes of its pages must be noticed: they have a store. */
bool vma_tracks_dirty(const struct vma *v);

/*
 * unmap.c: take everything in [start, end) out; the mappings go to dead, for
 * vma_free_list after the lock.  0 or -ENOMEM (nothing changed).
 */
int vm_unmap_locked(struct vm_space *vm, vaddr_t start, vaddr_t end,
		    struct list *dead);
/* Is there anything in [start, end)? */
bool vm_overlaps(struct vm_space *vm, vaddr_t start, vaddr_t end);

/* mremap.c: mremap(2).  The new address or -errno.  Takes vm->lock. */
long vm_remap(struct vm_space *vm, vaddr_t old, u64 old_len, u64 new_len,
	      unsigned long flags, vaddr_t new);

/* mmap.c: where a new mapping of len bytes goes; an address or -errno. */
long vm_choose_address(struct vm_space *vm, vaddr_t hint, u64 len, int flags);
/* May n more pages be locked in memory? 0 or -EAGAIN. */
int vm_may_lock(struct vm_space *vm, u64 pages);

/*
 * fault.c: make the page at addr accessible; as vm_fault, for any space.  No
 * lock held.
 */
int vm_fault_in(struct vm_space *vm, vaddr_t addr, unsigned access, int *code);
/*
 * faultaround.c, vm->lock held for reading.  After a fault at skip: enter what is in
 * memory anyway, read-only.
 */
void vm_read_around(struct vm_space *vm, const struct vma *v, vaddr_t skip);
/*
 * Nothing is mapped at va, which is written: in its aligned block the pages that
 * zeroes should be entered for, a bit each, for vm_enter_zeroes; 0: none.
 * tables_lock held.
 */
unsigned vm_absent_around(struct vm_space *vm, const struct vma *v, vaddr_t va);
/* Do it, tables_lock not held: is something mapped at va now? */
bool vm_enter_zeroes(struct vm_space *vm, const struct vma *v, vaddr_t va,
		     unsigned absent);
/* Fault in what is not there in [start, end); 0 or -errno.  No lock held. */
int vm_populate(struct vm_space *vm, vaddr_t start, vaddr_t end);
/*
 * Component madvise (lazyfree.c): pages of [start, end), private memory, may go as long as they are
 * not written again.  Either vm->lock.
 */
void vm_free_lazily(struct vm_space *vm, vaddr_t start, vaddr_t end);
/* Forget that for [start, end): other pages are going to be there. */
void vm_lazy_forget(struct vm_space *vm, vaddr_t start, vaddr_t end) __weak;
/* The space is about to be freed. */
void vm_lazy_end(struct vm_space *vm) __weak;
/*
 * stack.c: let the stack that starts above addr grow down to it; 0 or -ENOMEM.
 */
int vm_grow_stack(struct vm_space *vm, vaddr_t addr);

#endif
