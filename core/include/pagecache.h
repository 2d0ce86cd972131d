/*
 * The page cache: file contents in page frames, shared by read, write, mmap and
 * sendfile.
 *
 * A mapping is the cached contents of one file (or of one anonymous shared
 * object).  Its pages are found by index (offset / PAGE_SIZE).
 */
#ifndef RR_PAGECACHE_H
#define RR_PAGECACHE_H

#include "page.h"
#include "radix.h"
#include "sync.h"

struct iov_iter;
struct mapping;

struct mapping_ops {
	/*
	 * Fill a page (locked, not up to date) from the store; beyond the end
	 * of the file, zeroes.  May sleep.  0 or -errno.  NULL: pages start as
	 * zeroes and have no store (tmpfs, shared anonymous memory): they are
	 * never reclaimed.
	 */
	int (*read_page)(struct mapping *m, struct page *p);
	/*
	 * Write a dirty page to the store; memory only with ALLOC_NORECLAIM,
	 * since reclaim may be waiting for it.  NULL: read-only or no store.
	 */
	int (*write_page)(struct mapping *m, struct page *p);
	/*
	 * Optional, for read-ahead: fill n pages of consecutive index, all
	 * locked and not up to date, as read_page would; the page cache puts
	 * them in and takes them out.  0, or -errno: none of them is good.
	 */
	int (*read_pages)(struct mapping *m, struct page **pages, unsigned n);
	/*
	 * Bytes in the file now.  A page fault beyond is SIGBUS.  Called under
	 * mapping->lock, so without taking a mutex.  NULL: no end.
	 */
	u64 (*size)(struct mapping *m);
	/*
	 * The mapping is about to grow by a page (n = 1), or has lost n pages
	 * (n < 0): what limits a file system as a whole (tmpfs).  Under
	 * mapping->lock, no sleep.  0 or -ENOSPC.  NULL: no limit.
	 */
	int (*charge)(struct mapping *m, s64 n);
};

struct mapping {
	const struct mapping_ops *ops;
	void *owner;             /* inode */
	struct mutex lock;       /* pages, and each page's mapping and index */
	struct radix_tree pages;
	u64 limit;               /* pages the mapping may hold; 0: no limit */
	struct list vmas;        /* mapped where: for truncation; vmas_lock */
	struct mutex vmas_lock;  /* also their start, end and pgoff */
	s32 writers;             /* VMAs through which it may be written; -1:
				    there must be none any more; atomic */
	s32 error;               /* of write-back, for the next fsync; atomic */
	u32 busy;                /* reclaim is looking at it; lru_lock */
	u64 next_read;           /* index that goes on sequentially; lock */
	u32 window;              /* pages to read ahead; lock */
};

void mapping_init(struct mapping *m, const struct mapping_ops *ops,
		  void *owner);
/* Drop all pages (nobody maps or uses them any more) without writing back. */
void mapping_destroy(struct mapping *m);

/*
 * From now on no memory of a program is a way to write to it (F_SEAL_WRITE): true, or
 * false if some is now.
 */
bool mapping_forbid_writers(struct mapping *m);

#define MAPPING_CREATE 1u /* make an absent page of a mapping without store */
#define MAPPING_FAULT 2u  /* -EFAULT if it is beyond the end of the file */
/*
 * The up-to-date page at index with a reference, read in if need be; it is not
 * locked.  ERR_PTR: -ENOMEM, -EIO, -ENOSPC; without MAPPING_CREATE -ENOENT for
 * a hole in a mapping without store.  May sleep.
 */
struct page *mapping_get_page(struct mapping *m, u64 index, unsigned flags);
/*
 * The same, only if it can be had without sleeping for its contents; NULL if
 * not.
 */
struct page *mapping_find_page(struct mapping *m, u64 index);
/*
 * Mark changed, after changing it; the page is referenced by the caller.
 * Nothing happens where the mapping has no store.
 */
void page_set_dirty(struct page *p);
/*
 * Is any of [first, last] in memory? *index is the first such (for SEEK_DATA).
 */
bool mapping_next_page(struct mapping *m, u64 *index, u64 last);
/*
 * A mapping of its own for memory that processes share, of size bytes, with one
 * reference; the pages go with the last one.  NULL: no memory.
 */
struct mapping *shared_memory_new(u64 size);
void shared_memory_get(struct mapping *m);
void shared_memory_put(struct mapping *m);
bool mapping_is_shared_memory(const struct mapping *m);
/* Write dirty pages of [first, last] back; 0 or the first error. */
int mapping_sync(struct mapping *m, u64 first, u64 last);
/*
 * The file shrinks to size bytes: unmap and drop whole pages beyond, zero the
 * rest of the last one.
 */
void mapping_truncate(struct mapping *m, u64 size);
/*
 * The file is about to grow beyond size: zero the rest of its last page, where
 * a program that maps it may have written.
 */
void mapping_zero_tail(struct mapping *m, u64 size);
/* Punch a hole: whole pages in [first, last] vanish, mapped ones too. */
void mapping_drop(struct mapping *m, u64 first, u64 last);

/*
 * read(2) and write(2) through the cache, for file systems.  read stops at
 * size.  write goes up to it->count (the caller has extended the file size or
 * does so with what is returned).
 */
ssize_t mapping_read(struct mapping *m, u64 size, struct iov_iter *it,
		     loff_t *pos);
ssize_t mapping_write(struct mapping *m, struct iov_iter *it, loff_t *pos);

#endif
