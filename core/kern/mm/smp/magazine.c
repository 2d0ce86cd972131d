/*
 * A few free heap objects for each CPU, so that CPUs do not wait for each other's use
 * of the heap (Bonwick and Adams: Magazines and Vmem, USENIX 2001).  A magazine is
 * filled and emptied by half, so the heap's lock is taken once for many objects.
 *
 * Each has a lock all the same, which only its CPU wants, until memory is short and
 * somebody gives back what all of them hold.  No other lock is taken under it.
 */
#include "../magazine.h"
#include "../private.h"
#include "init.h"
#include "linkset.h"
#include "spinlock.h"

#define ROUNDS 16

struct magazine {
	spinlock_t lock; /* interrupts off */
	unsigned n;
	void *round[ROUNDS];
};

/* One for each class; NULL: this CPU has none. */
static struct magazine *of_cpu[MAX_CPUS] __ro_after_init;

/* Take at most n out. */
static unsigned take(struct magazine *m, void **round, unsigned n)
{
	u64 flags = spin_lock_irqsave(&m->lock);
	unsigned got = 0;

	while (got < n && m->n)
		round[got++] = m->round[--m->n];
	spin_unlock_irqrestore(&m->lock, flags);
	return got;
}

/* Put in as many as there is room for. */
static unsigned put(struct magazine *m, void *const *round, unsigned n)
{
	u64 flags = spin_lock_irqsave(&m->lock);
	unsigned done = 0;

	while (done < n && m->n < ROUNDS)
		m->round[m->n++] = round[done++];
	spin_unlock_irqrestore(&m->lock, flags);
	return done;
}

/* It was empty: fill half of it, and have one more; NULL. */
static __attribute__((noinline)) void *fill(struct magazine *m, unsigned class)
{
	void *round[ROUNDS / 2 + 1];
	unsigned n = heap_take_some(class, round, ARRAY_SIZE(round)), kept;

	if (!n)
		return NULL;
	n--;
	/* An interrupt may have put some in meanwhile. */
	kept = put(m, round, n);
	if (kept < n)
		heap_put_some(round + kept, n - kept);
	return round[n];
}

static __attribute__((noinline)) void put_and_spill(struct magazine *m, void *obj)
{
	void *round[ROUNDS / 2];

	do
		heap_put_some(round, take(m, round, ARRAY_SIZE(round)));
	while (!put(m, &obj, 1));
}

void *magazine_take(unsigned class)
{
	struct magazine *m = of_cpu[this_cpu()->id];
	void *obj = NULL;
	u64 flags;

	if (!m)
		return NULL;
	m += class;
	flags = spin_lock_irqsave(&m->lock);
	if (likely(m->n))
		obj = m->round[--m->n];
	spin_unlock_irqrestore(&m->lock, flags);
	return likely(obj) ? obj : fill(m, class);
}

bool magazine_put(unsigned class, void *obj)
{
	struct magazine *m = of_cpu[this_cpu()->id];
	bool room;
	u64 flags;

	if (!m)
		return false;
	m += class;
	flags = spin_lock_irqsave(&m->lock);
	room = m->n < ROUNDS;
	if (likely(room))
		m->round[m->n++] = obj;
	spin_unlock_irqrestore(&m->lock, flags);
	if (unlikely(!room))
		put_and_spill(m, obj);
	return true;
}

/* Give what all CPUs hold back to the heap. */
static size_t shrink(size_t n)
{
	s64 before = memory_counter(MEMORY_SLAB);
	void *round[ROUNDS];

	for (unsigned i = 0; i < platform_cpus_online(); i++)
		for (unsigned k = 0; of_cpu[i] && k < MAGAZINE_CLASSES; k++)
			heap_put_some(round, take(&of_cpu[i][k], round,
						  ROUNDS));
	return (size_t)MAX(before - memory_counter(MEMORY_SLAB), 0);
}

static struct shrinker magazine_shrinker = {.shrink = shrink,
					    .name = "magazines"};

/* After the other CPUs have come: one alone has nobody to wait for. */
static void magazine_init(void)
{
	unsigned cpus = platform_cpus_online();

	for (unsigned i = 0; cpus > 1 && i < cpus; i++) {
		struct magazine *m = kzalloc(MAGAZINE_CLASSES * sizeof(*m), 0);

		for (unsigned k = 0; m && k < MAGAZINE_CLASSES; k++)
			spin_init(&m[k].lock);
		of_cpu[i] = m;
	}
	if (cpus == 1)
		return;
	heap_magazines = true;
	shrinker_register(&magazine_shrinker);
}
INITCALL(INIT_FS, magazine_init);
