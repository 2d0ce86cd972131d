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
	 * Fill a page (locked, not up to date) from the store; beyond the end of
	 * the file, zeroes.  May sleep.  0 or -errno.  NULL: pages start as zeroes and
	 * have no store (tmpfs, shared anonymous memory): they are never reclaimed.
	 */
	int (*read_page)(struct mapping *m, struct page *p);
	/* Write a dirty page to the store. NULL: read-only or no store. */
	int (*write_page)(struct mapping *m, struct page *p);
	/*
	 * Optional: fill pages [index, index+n) at once, as far as they are absent
	 * (read-ahead); best effort.
	 */
	void (*read_ahead)(struct mapping *m, u64 index, unsigned n);
};

struct mapping {
	const struct mapping_ops *ops;
	void *owner;             /* inode */
	struct mutex lock;       /* pages, and each page's mapping and index */
	struct radix_tree pages;
	u64 limit;               /* pages the mapping may hold; 0: no limit */
	struct list vmas;        /* mapped where: for truncation; vmas_lock */
	struct mutex vmas_lock;
	s32 error;               /* a write-back failed since last fsync */
};

void mapping_init(struct mapping *m, const struct mapping_ops *ops, void *owner);
/* Drop all pages (nobody maps or uses them any more) without writing back. */
void mapping_destroy(struct mapping *m);

#define MAPPING_CREATE 1u /* make an absent page of a mapping without store */
/*
 * The up-to-date page at index with a reference, read in if need be; it is not
 * locked.  ERR_PTR: -ENOMEM, -EIO, -ENOSPC; without MAPPING_CREATE -ENOENT for a
 * hole in a mapping without store.  May sleep.
 */
struct page *mapping_get_page(struct mapping *m, u64 index, unsigned flags);
/* Mark changed; the page is referenced by the caller. */
void page_set_dirty(struct page *p);
/* Write dirty pages of [first, last] back; 0 or the first error. */
int mapping_sync(struct mapping *m, u64 first, u64 last);
/*
 * The file shrinks to size bytes: unmap and drop whole pages beyond, zero the
 * rest of the last one.
 */
void mapping_truncate(struct mapping *m, u64 size);
/* Punch a hole: whole pages in [first, last] vanish, mapped ones too. */
void mapping_drop(struct mapping *m, u64 first, u64 last);

/*
 * read(2) and write(2) through the cache, for file systems.  read stops at
 * size.  write goes up to it->count (the caller has extended the file size or does so
 * with what is returned).
 */
ssize_t mapping_read(struct mapping *m, u64 size, struct iov_iter *it, loff_t *pos);
ssize_t mapping_write(struct mapping *m, struct iov_iter *it, loff_t *pos);

#endif
