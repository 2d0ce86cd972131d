/*
 * The entries of a directory of tmpfs: found by name in a hash table, and read
 * in the order in which they were made.  An entry's cookie, its position for
 * getdents, is never used again, so that reading a directory neither misses nor
 * repeats what stays while other entries come and go.
 *
 * The caller locks (inode->lock).
 */
#ifndef RR_TMPFS_DIR_H
#define RR_TMPFS_DIR_H

#include "list.h"
#include "radix.h"

struct inode;

struct tmpfs_entry {
	struct list link;     /* hash chain */
	u64 cookie;
	u32 hash;
	u16 len;
	struct inode *inode;  /* referenced by who put the entry in */
	char name[];          /* no NUL */
};

struct tmpfs_dir {
	struct radix_tree entries; /* by cookie */
	struct list *buckets;      /* NULL: none yet */
	size_t bucket_count;       /* a power of two */
	size_t count;
	u64 next_cookie;
};

/* Positions 0 and 1 are "." and "..". */
#define TMPFS_FIRST_COOKIE 2

void tmpfs_dir_init(struct tmpfs_dir *d);
/* Free the tables; entries must have been taken out. */
void tmpfs_dir_destroy(struct tmpfs_dir *d);
/* NULL: no such name. */
struct tmpfs_entry *tmpfs_dir_find(const struct tmpfs_dir *d, const char *name,
				   size_t len);
/* Add a name that is not there: 0 or -ENOMEM. */
int tmpfs_dir_add(struct tmpfs_dir *d, const char *name, size_t len,
		  struct inode *inode);
/* Take out and free. */
void tmpfs_dir_remove(struct tmpfs_dir *d, struct tmpfs_entry *e);
/* The first entry with a cookie >= the given, or NULL. */
struct tmpfs_entry *tmpfs_dir_next(const struct tmpfs_dir *d, u64 cookie);

#endif
