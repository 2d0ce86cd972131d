/*
 * Intrusive AVL trees with optional augmentation.  The caller compares, locks and
 * owns the nodes.
 */
#ifndef RR_AVL_H
#define RR_AVL_H

#include "types.h"

struct avl_node {
	struct avl_node *parent, *child[2]; /* child[0]: smaller */
	int height;
};

struct avl_tree {
	struct avl_node *root;
	/*
	 * If set: recompute what n stores about its subtree (from n itself and its
	 * children); called bottom-up after every change.
	 */
	void (*update)(struct avl_node *n);
};

/*
 * Insert n below parent at side (0 left, 1 right), both found by the caller's own
 * descent; parent NULL: the tree is empty.
 */
void avl_insert(struct avl_tree *t, struct avl_node *n, struct avl_node *parent,
		int side);
/* Insert by comparison: less(a, b) is "a sorts before b"; equals keep order. */
void avl_add(struct avl_tree *t, struct avl_node *n,
	     bool (*less)(const struct avl_node *a, const struct avl_node *b));
void avl_remove(struct avl_tree *t, struct avl_node *n);
/* After n's own contribution changed: update it and its ancestors. */
void avl_touch(struct avl_tree *t, struct avl_node *n);
struct avl_node *avl_first(const struct avl_tree *t);
struct avl_node *avl_last(const struct avl_tree *t);
struct avl_node *avl_next(const struct avl_node *n);
struct avl_node *avl_prev(const struct avl_node *n);

#endif
