/*
 * A radix tree from u64 index to non-NULL pointer, 64 slots a node.  The caller
 * locks.
 */
#ifndef RR_RADIX_H
#define RR_RADIX_H

#include "types.h"

struct radix_node;

struct radix_tree {
	struct radix_node *root;
	unsigned height;
	size_t count; /* entries */
};

/* 0, -EEXIST, -ENOMEM (may be called under a spin lock: never sleeps). */
int radix_insert(struct radix_tree *t, u64 index, void *item);
void *radix_lookup(const struct radix_tree *t, u64 index);
/* Returns the item, or NULL; frees nodes that became empty. */
void *radix_remove(struct radix_tree *t, u64 index);
/* First entry at or after *index; sets *index; NULL at the end. */
void *radix_next(const struct radix_tree *t, u64 *index);

#endif
