/*
 * Classes of locks, and the order in which they are taken.
 *
 * The relation "was held when that was taken" between classes may have no
 * cycle: two threads that go round it from different ends wait for each other for
 * ever, even if that has not happened yet.
 */
#include "private.h"
#include "log.h"
#include "string.h"
#include <arch/cpu.h>

#define HASH_SIZE 2048 /* a power of two, well above CLASSES_MAX */
#define STEPS_MAX 4096

/* One pair of the relation, as it was seen first. */
struct step {
	u16 from, to;
	u64 held[HELD_TRACE];   /* where from was taken */
	u64 taken[TRACE_DEPTH]; /* where to was taken */
};

static raw_lock_t graph_lock;
static struct lock_class classes[CLASSES_MAX];
static u32 nr_classes; /* written under graph_lock */
static struct lock_class *hash[HASH_SIZE];
static struct step steps[STEPS_MAX];
static u32 nr_steps;
/* The relation again, as bits; written under graph_lock. */
static u64 after[CLASSES_MAX][CLASSES_MAX / 64];

const char *class_name(const struct lock_class *c)
{
	static const char top[] = "/core/";
	const char *name = c->place;

	for (const char *p = name; *p; p++)
		if (!strncmp(p, top, sizeof(top) - 1))
			name = p + sizeof(top) - 1;
	return name;
}

struct lock_class *class_nth(unsigned n)
{
	return n < __atomic_load_n(&nr_classes, __ATOMIC_ACQUIRE) ?
		       &classes[n] :
		       NULL;
}

/* The slot of that class, or the free one where it belongs. */
static struct lock_class **slot_of(const char *place, unsigned level)
{
	u64 h = ((u64)(uintptr_t)place + level) * 0x9e3779b97f4a7c15ull >> 40;
	struct lock_class **s;

	do
		s = &hash[h++ % HASH_SIZE];
	while (__atomic_load_n(s, __ATOMIC_ACQUIRE) &&
	       ((*s)->place != place || (*s)->level != level));
	return s;
}

static struct lock_class *make_class(const char *place, unsigned level)
{
	u64 flags = raw_lock(&graph_lock);
	struct lock_class **s = slot_of(place, level), *c = *s;

	if (!c && nr_classes < CLASSES_MAX) {
		c = &classes[nr_classes];
		c->place = place;
		c->level = (u16)level;
		c->index = (u16)nr_classes;
		c->rank = order_rank(place);
		__atomic_store_n(s, c, __ATOMIC_RELEASE);
		__atomic_store_n(&nr_classes, nr_classes + 1,
				 __ATOMIC_RELEASE);
	}
	raw_unlock(&graph_lock, flags);
	if (!c)
		panic("DEBUG: more than %d classes of locks", CLASSES_MAX);
	return c;
}

struct lock_class *class_of(struct lock_check *c, unsigned level)
{
	struct lock_class *class;

	if (likely(!level && c->class))
		return c->class;
	if (!c->place)
		panic("DEBUG: a lock that was never initialised is taken");
	class = *slot_of(c->place, level);
	if (!class)
		class = make_class(c->place, level);
	if (!level)
		c->class = class;
	return class;
}

static bool is_after(const struct lock_class *a, const struct lock_class *b)
{
	return __atomic_load_n(&after[a->index][b->index / 64],
			       __ATOMIC_RELAXED) &
	       BIT(b->index % 64);
}

/*
 * A way from one class to another along the relation; prev gets, for each class
 * on it, the step that led there.  graph_lock held.
 */
static bool find_way(u16 from, u16 to, s32 *prev)
{
	static u16 queue[CLASSES_MAX];
	unsigned head = 0, tail = 0;

	for (unsigned i = 0; i < CLASSES_MAX; i++)
		prev[i] = -1;
	queue[tail++] = from;
	while (head < tail) {
		u16 c = queue[head++];

		if (c == to)
			return true;
		for (u32 s = 0; s < nr_steps; s++) {
			u16 next = steps[s].to;

			if (steps[s].from != c || next == from ||
			    prev[next] >= 0)
				continue;
			prev[next] = (s32)s;
			queue[tail++] = next;
		}
	}
	return false;
}

static void tell_step(const struct step *s)
{
	trace_print(s->held, HELD_TRACE, "%s was taken here",
		    class_name(&classes[s->from]));
	trace_print(s->taken, TRACE_DEPTH, "%s was taken here, while it was held",
		    class_name(&classes[s->to]));
}

static void tell_cycle(const struct held_lock *held, struct lock_class *to,
		       const s32 *prev)
{
	struct lock_class *from = held->class;

	for (u16 c = from->index; c != to->index;) {
		const struct step *s = &steps[prev[c]];

		tell_step(s);
		c = s->from;
	}
	held_print(held);
	report("lock order: %s is taken while %s is held; the other way round "
	       "see above", class_name(to), class_name(from));
}

void order_add(const struct held_lock *held, struct lock_class *to)
{
	struct lock_class *from = held->class;
	static s32 prev[CLASSES_MAX];
	bool cycle;
	u64 flags;

	if (likely(is_after(from, to)))
		return;
	if (from->rank && to->rank && to->rank < from->rank) {
		held_print(held);
		report("lock order: %s is taken while %s is held, against the "
		       "order of core/README.md", class_name(to),
		       class_name(from));
		return;
	}
	flags = raw_lock(&graph_lock);
	cycle = find_way(to->index, from->index, prev);
	if (!cycle && nr_steps < STEPS_MAX) {
		struct step *s = &steps[nr_steps++];

		s->from = from->index;
		s->to = to->index;
		memcpy(s->held, held->ip, sizeof(s->held));
		trace_take(s->taken, TRACE_DEPTH);
		__atomic_or_fetch(&after[from->index][to->index / 64],
				  BIT(to->index % 64), __ATOMIC_RELAXED);
	}
	raw_unlock(&graph_lock, flags);
	if (cycle)
		tell_cycle(held, to, prev);
}
