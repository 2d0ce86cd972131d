/* Sets of locked byte ranges. */
#include "lockrange.h"

static bool overlap(const struct range_lock *a, const struct range_lock *b)
{
	return a->start <= b->end && b->start <= a->end;
}

/* Do they touch or overlap?  (end may be the last byte there is) */
static bool adjoin(const struct range_lock *a, const struct range_lock *b)
{
	return overlap(a, b) ||
	       (a->end != UINT64_MAX && a->end + 1 == b->start) ||
	       (b->end != UINT64_MAX && b->end + 1 == a->start);
}

struct range_lock *ranges_conflict(struct list *locks,
				   const struct range_lock *want)
{
	struct range_lock *l;

	list_for_each(l, locks, link)
		if (l->owner != want->owner && overlap(l, want) &&
		    (l->write || want->write))
			return l;
	return NULL;
}

static struct range_lock *take_spare(struct range_lock *spare[2])
{
	unsigned i = spare[0] ? 0 : 1;
	struct range_lock *l = spare[i];

	spare[i] = NULL;
	return l;
}

/* Cut the part that want covers out of l. */
static void cut(struct range_lock *l, const struct range_lock *want,
		struct range_lock *spare[2], struct list *unused)
{
	bool left = l->start < want->start, right = l->end > want->end;

	if (left && right) {
		struct range_lock *r = take_spare(spare);

		*r = *l;
		r->start = want->end + 1;
		l->end = want->start - 1;
		list_insert(&l->link, &r->link);
	} else if (left) {
		l->end = want->start - 1;
	} else if (right) {
		l->start = want->end + 1;
	} else {
		list_del(&l->link);
		list_push(unused, &l->link);
	}
}

void ranges_set(struct list *locks, const struct range_lock *want, bool unlock,
		struct range_lock *spare[2], struct list *unused)
{
	struct range_lock all = *want, *l, *next;

	list_for_each_safe(l, next, locks, link) {
		if (l->owner != want->owner || !adjoin(l, want))
			continue;
		if (!unlock && l->write == want->write) {
			if (l->start < all.start)
				all.start = l->start;
			if (l->end > all.end)
				all.end = l->end;
			list_del(&l->link);
			list_push(unused, &l->link);
		} else if (overlap(l, want)) {
			cut(l, want, spare, unused);
		}
	}
	if (unlock)
		return;
	l = take_spare(spare);
	*l = all;
	list_append(locks, &l->link);
}
