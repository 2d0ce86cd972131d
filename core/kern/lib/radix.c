/* Radix trees, 6 bits a level. */
#include "radix.h"
#include "page.h"
#include "string.h"
#include <linux/errno.h>

#define RADIX_BITS 6
#define RADIX_SLOTS (1u << RADIX_BITS)

struct radix_node {
	void *slot[RADIX_SLOTS]; /* nodes, or items in the lowest level */
	unsigned used;
};

/* Does a tree of this height have a place for index? */
static bool covers(unsigned height, u64 index)
{
	return height * RADIX_BITS >= 64 || !(index >> (height * RADIX_BITS));
}

static unsigned slot_of(u64 index, unsigned level)
{
	return (index >> (level * RADIX_BITS)) & (RADIX_SLOTS - 1);
}

static struct radix_node *new_node(void)
{
	return kzalloc(sizeof(struct radix_node), ALLOC_ATOMIC);
}

/* Take away nodes along index that hold nothing, from the bottom. */
static void trim(struct radix_tree *t, u64 index)
{
	struct radix_node *path[11], *n = t->root;
	unsigned depth = 0;

	for (unsigned level = t->height; n && level--;) {
		path[depth++] = n;
		n = level ? n->slot[slot_of(index, level)] : NULL;
	}
	while (depth && !path[depth - 1]->used) {
		kfree(path[--depth]);
		if (!depth) {
			t->root = NULL;
			t->height = 0;
			return;
		}
		path[depth - 1]->slot[slot_of(index, t->height - depth)] = NULL;
		path[depth - 1]->used--;
	}
}

int radix_insert(struct radix_tree *t, u64 index, void *item)
{
	struct radix_node *n;

	if (!t->root) {
		t->root = new_node();
		if (!t->root)
			return -ENOMEM;
		t->height = 1;
		while (!covers(t->height, index))
			t->height++;
	}
	while (!covers(t->height, index)) {
		n = new_node();
		if (!n)
			return -ENOMEM;
		n->slot[0] = t->root;
		n->used = 1;
		t->root = n;
		t->height++;
	}
	n = t->root;
	for (unsigned level = t->height - 1; level; level--) {
		void **slot = &n->slot[slot_of(index, level)];

		if (!*slot) {
			*slot = new_node();
			if (!*slot) {
				trim(t, index);
				return -ENOMEM;
			}
			n->used++;
		}
		n = *slot;
	}
	if (n->slot[slot_of(index, 0)])
		return -EEXIST;
	n->slot[slot_of(index, 0)] = item;
	n->used++;
	t->count++;
	return 0;
}

void *radix_lookup(const struct radix_tree *t, u64 index)
{
	struct radix_node *n = t->root;

	if (!n || !covers(t->height, index))
		return NULL;
	for (unsigned level = t->height - 1; n && level; level--)
		n = n->slot[slot_of(index, level)];
	return n ? n->slot[slot_of(index, 0)] : NULL;
}

void *radix_remove(struct radix_tree *t, u64 index)
{
	struct radix_node *n = t->root;
	void *item;

	if (!n || !covers(t->height, index))
		return NULL;
	for (unsigned level = t->height - 1; n && level; level--)
		n = n->slot[slot_of(index, level)];
	item = n ? n->slot[slot_of(index, 0)] : NULL;
	if (!item)
		return NULL;
	n->slot[slot_of(index, 0)] = NULL;
	n->used--;
	t->count--;
	trim(t, index);
	return item;
}

/* First item at or after *index below n, which is at the given level. */
static void *search(const struct radix_node *n, unsigned level, u64 *index)
{
	unsigned shift = level * RADIX_BITS;

	for (unsigned s = slot_of(*index, level); s < RADIX_SLOTS; s++) {
		/* The first index of the next slot. */
		u64 next = ((*index >> shift) + 1) << shift;

		if (n->slot[s]) {
			void *item = level ? search(n->slot[s], level - 1, index) :
					     n->slot[s];
			if (item)
				return item;
		}
		*index = next;
		if (!next)
			return NULL;
	}
	return NULL;
}

void *radix_next(const struct radix_tree *t, u64 *index)
{
	if (!t->root || !covers(t->height, *index))
		return NULL;
	return search(t->root, t->height - 1, index);
}
