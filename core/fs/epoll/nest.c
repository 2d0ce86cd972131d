/*
 * Sets in sets: no loops, and no long chains (a callback goes through them
 * all).
 */
#include "private.h"
#include "syscall.h"

#define NEST_MAX 4 /* Linux' EP_MAX_NESTS */

struct mutex epoll_nest_lock = MUTEX_INIT(epoll_nest_lock);

static struct epoll_item *item_of(struct avl_node *n)
{
	return n ? container_of(n, struct epoll_item, node) : NULL;
}

/*
 * How deep the sets below s nest; -ELOOP: target is among them, or too deep.
 * The nest lock is held, so no set comes into another; each set's mutex is
 * taken while its items are walked.
 */
static int depth_below(struct epoll_set *s, const struct epoll_set *target,
		       int level)
{
	int deepest = 0;
	struct avl_node *n;

	if (s == target || level > NEST_MAX)
		return -ELOOP;
	mutex_lock_nested(&s->mutex, LOCK_DEEPER);
	for (n = avl_first(&s->items); n; n = avl_next(n)) {
		struct file *f = item_of(n)->file;
		int d;

		if (f->ops != &epoll_file_ops)
			continue;
		d = depth_below(f->priv, target, level + 1);
		if (d < 0) {
			deepest = d;
			break;
		}
		deepest = MAX(deepest, d + 1);
	}
	mutex_unlock(&s->mutex);
	return deepest;
}

/*
 * How long the chains of sets above f are; NEST_MAX + 1 if longer than
 * allowed.
 */
static int height_above(struct file *f, int level)
{
	int highest = 0;
	struct epoll_item *it;

	if (level > NEST_MAX)
		return level;
	spin_lock(&f->lock);
	list_for_each(it, &f->epoll, file_link) {
		/* Its set stays while the item is on the list. */
		struct file *up = READ_ONCE(it->set->file);
		int h = up ? height_above(up, level + 1) + 1 : 1;

		highest = MAX(highest, h);
	}
	spin_unlock(&f->lock);
	return highest;
}

int epoll_check_nesting(struct epoll_set *s, struct file *f)
{
	int below = depth_below(f->priv, s, 0);

	if (below < 0)
		return below;
	if (!s->file || height_above(s->file, 0) + below + 1 > NEST_MAX)
		return -ELOOP;
	return 0;
}
