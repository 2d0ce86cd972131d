/*
 * Page frames and the kernel heap.
 */
#ifndef RR_PAGE_H
#define RR_PAGE_H

#include "list.h"
#include "platform.h"

struct mapping;

/*
 * One per page frame of usable memory.  refs counts every user: page tables,
 * the page cache, I/O under way.  A frame is free when refs is 0.
 */
struct page {
	struct list lru; /* the buddy's free list, reclaim, partial slabs */
	union {
		struct mapping *mapping;  /* page cache; mapping->lock */
		struct slab_cache *cache; /* PG_SLAB: heap.c */
	};
	union {
		u32 index; /* page index in the mapping; mapping->lock */
		u32 count; /* frames of a large heap allocation's first */
		struct {   /* PG_SLAB; the cache's lock */
			u16 free; /* first free object, counted from 1 */
			u16 used; /* objects in use */
		} slab;
	};
	s32 refs;  /* atomic */
	u16 flags; /* PG_*, atomic */
	u8 order;  /* of a free or allocated block's first frame */
	u8 pad;
};

#define PG_BUDDY 0x1      /* first frame of a free block */
#define PG_RESERVED 0x2   /* kernel image, boot data: never freed */
#define PG_UPTODATE 0x4   /* contents valid */
#define PG_DIRTY 0x8      /* differs from what the mapping's store has */
#define PG_LOCKED 0x10    /* contents being read or written back */
#define PG_REFERENCED 0x20 /* used since reclaim last looked */
#define PG_SLAB 0x40
#define PG_LRU 0x80        /* on the reclaim list */
#define PG_ANON 0x100      /* private memory of a program */
#define PG_TABLE 0x200     /* set by the arch on page tables, for accounting */

/* Pages of a mapping are found by a 32-bit index. */
#define MAPPING_MAX_PAGES (1ull << 32)

static inline bool page_test(const struct page *p, u16 flags)
{
	return __atomic_load_n(&p->flags, __ATOMIC_ACQUIRE) & flags;
}
/* Both return the flags as they were before. */
static inline u16 page_set(struct page *p, u16 flags)
{
	return __atomic_fetch_or(&p->flags, flags, __ATOMIC_ACQ_REL);
}
static inline u16 page_clear(struct page *p, u16 flags)
{
	return __atomic_fetch_and(&p->flags, (u16)~flags, __ATOMIC_ACQ_REL);
}

enum alloc_flags {
	ALLOC_WAIT = 0,       /* may sleep and reclaim */
	ALLOC_ATOMIC = 1,     /* interrupts, spin locks: may use the reserve */
	ALLOC_ZERO = 2,       /* filled with zeroes */
	ALLOC_NORECLAIM = 4   /* inside reclaim or write-back: do not recurse */
};

/* 2^order contiguous frames with refs 1; NULL: no memory. */
struct page *page_alloc(unsigned order, unsigned flags);
/* This frame, if it is free, as page_alloc gives one. */
struct page *page_claim(paddr_t pa);
/* Give back a block whose refs is 1 (the order is remembered). */
void page_free(struct page *p);
/* Reserved frames (PG_RESERVED) are there for good and are not counted. */
void page_get(struct page *p);
/* Drop a reference; the last one frees. */
void page_put(struct page *p);
/*
 * Have about n pages freed by the shrinkers; returns how many were.  May sleep.
 * For callers that hold no lock, after ALLOC_NORECLAIM found nothing.
 */
size_t page_reclaim(size_t n);

struct page *phys_to_page(paddr_t pa); /* NULL: not usable memory */
paddr_t page_to_phys(const struct page *p);
static inline void *page_address(const struct page *p)
{
	return phys_to_virt(page_to_phys(p));
}

struct memory_stats {
	u64 total;  /* pages handed to the allocator */
	u64 free;
	u64 cached; /* of mappings, shared anonymous memory included */
	u64 shared; /* of those, without a store: tmpfs, shared anonymous */
	u64 dirty;
	u64 anon;   /* private memory of programs */
	u64 slab;
	u64 tables;
	u64 stacks;      /* the kernel's, of all threads that there are */
	u64 reclaimable; /* kept by the kernel to be used again, until memory is
			    short */
	u64 low_watermark;
};
/* Counters that are kept where things happen; atomic, in pages. */
enum memory_counter { MEMORY_CACHED, MEMORY_SHARED, MEMORY_DIRTY, MEMORY_ANON,
		      MEMORY_SLAB, MEMORY_TABLES, MEMORY_STACKS,
		      MEMORY_RECLAIMABLE, MEMORY_COUNTERS };
void memory_count(enum memory_counter c, s64 pages);

void memory_stats(struct memory_stats *s);

/*
 * Kernel heap.  Aligned to 16 bytes (to the size for powers of two up to a
 * page). May sleep unless ALLOC_ATOMIC is given.  NULL: no memory.
 */
void *kmalloc(size_t size, unsigned flags) __attribute__((malloc));
void *kzalloc(size_t size, unsigned flags) __attribute__((malloc));
/* NULL: no memory, and p is as it was. */
void *krealloc(void *p, size_t size, unsigned flags);
/* What an allocation really holds. */
size_t kmalloc_size(const void *p);
void kfree(void *p); /* NULL is fine */

/*
 * Kernel stacks: KSTACK_SIZE bytes with an unmapped page below.  0: no memory.
 */
u64 kstack_alloc(void);
void kstack_free(u64 base);

/*
 * Something that can give memory back when it is short (page cache, slabs,
 * dentries).  Register at start-up.
 */
struct shrinker {
	/*
	 * Free about n pages' worth; returns how many pages became free.  May
	 * sleep, but not wait for a lock that somebody may hold while he
	 * allocates memory: mutex_trylock.
	 */
	size_t (*shrink)(size_t n);
	const char *name;
	struct list link;
};
void shrinker_register(struct shrinker *s);

/* Boot: hand all of platform_memory() to the allocator. */
void page_init(void);

#endif
