/* AVL trees with parent pointers and augmentation (Knuth, TAOCP 3, 6.2.3). */
#include "avl.h"

static int height(const struct avl_node *n)
{
	return n ? n->height : 0;
}

/* Recompute what n derives from its children; true if its height changed. */
static bool refresh(struct avl_tree *t, struct avl_node *n)
{
	int h = 1 + MAX(height(n->child[0]), height(n->child[1]));
	bool changed = h != n->height;

	n->height = h;
	if (t->update)
		t->update(n);
	return changed;
}

/* Put new where old hangs below parent. */
static void replace(struct avl_tree *t, struct avl_node *parent,
		    struct avl_node *old, struct avl_node *new)
{
	if (!parent)
		t->root = new;
	else
		parent->child[parent->child[1] == old] = new;
	if (new)
		new->parent = parent;
}

/* Rotate n down to side; its other child takes its place. */
static struct avl_node *rotate(struct avl_tree *t, struct avl_node *n, int side)
{
	struct avl_node *up = n->child[!side];
	struct avl_node *mid = up->child[side];

	replace(t, n->parent, n, up);
	up->child[side] = n;
	n->parent = up;
	n->child[!side] = mid;
	if (mid)
		mid->parent = n;
	refresh(t, n);
	refresh(t, up);
	return up;
}

/* Restore balance and derived data from n to the root. */
static void fix(struct avl_tree *t, struct avl_node *n)
{
	for (; n; n = n->parent) {
		int lean = height(n->child[1]) - height(n->child[0]);

		if (lean > 1 || lean < -1) {
			int heavy = lean > 0;
			struct avl_node *c = n->child[heavy];

			if (height(c->child[!heavy]) > height(c->child[heavy]))
				rotate(t, c, heavy);
			n = rotate(t, n, !heavy);
		} else if (!refresh(t, n) && !t->update) {
			return;
		}
	}
}

void avl_insert(struct avl_tree *t, struct avl_node *n, struct avl_node *parent,
		int side)
{
	n->parent = parent;
	n->child[0] = n->child[1] = NULL;
	n->height = 0;
	if (parent)
		parent->child[side] = n;
	else
		t->root = n;
	fix(t, n);
}

void avl_add(struct avl_tree *t, struct avl_node *n,
	     bool (*less)(const struct avl_node *a, const struct avl_node *b))
{
	struct avl_node *parent = NULL, *p = t->root;
	int side = 0;

	while (p) {
		parent = p;
		side = !less(n, p);
		p = p->child[side];
	}
	avl_insert(t, n, parent, side);
}

void avl_remove(struct avl_tree *t, struct avl_node *n)
{
	struct avl_node *from = n->parent;

	if (n->child[0] && n->child[1]) {
		/* The successor has no left child; it takes n's place. */
		struct avl_node *s = n->child[1];

		while (s->child[0])
			s = s->child[0];
		from = s->parent == n ? s : s->parent;
		replace(t, s->parent, s, s->child[1]);
		s->child[0] = n->child[0];
		s->child[1] = n->child[1];
		s->height = n->height;
		if (s->child[0])
			s->child[0]->parent = s;
		if (s->child[1])
			s->child[1]->parent = s;
		replace(t, n->parent, n, s);
	} else {
		replace(t, n->parent, n, n->child[0] ? n->child[0] : n->child[1]);
	}
	fix(t, from);
}

void avl_touch(struct avl_tree *t, struct avl_node *n)
{
	if (t->update)
		for (; n; n = n->parent)
			t->update(n);
}

static struct avl_node *extreme(struct avl_node *n, int side)
{
	while (n && n->child[side])
		n = n->child[side];
	return n;
}

struct avl_node *avl_first(const struct avl_tree *t)
{
	return extreme(t->root, 0);
}

struct avl_node *avl_last(const struct avl_tree *t)
{
	return extreme(t->root, 1);
}

static struct avl_node *step(const struct avl_node *n, int side)
{
	if (n->child[side])
		return extreme(n->child[side], !side);
	while (n->parent && n->parent->child[side] == n)
		n = n->parent;
	return n->parent;
}

struct avl_node *avl_next(const struct avl_node *n)
{
	return step(n, 1);
}

struct avl_node *avl_prev(const struct avl_node *n)
{
	return step(n, 0);
}
