/*
 * /proc/heap_sites: what lives in the heap, by who allocated it.
 *
 * A leak is what grows with the number of times that something is done.  Writing
 * "mark" to the file drops what caches can do without and remembers what is there;
 * later, "drop" does the first again, and the column "grown" is the difference.
 * "tell N" prints what has grown by N objects at least, where the launcher adds names.
 */
#include "private.h"
#include "linkset.h"
#include "log.h"
#include "page.h"
#include "procfile.h"
#include "string.h"
#include <linux/errno.h>

#define SITES 2048 /* a power of two; a full table puts the rest into the first */

struct site {
	u64 ip[SITE_TRACE]; /* ip[0] is set last */
	s64 objects, bytes; /* alive; atomic */
	s64 base;           /* objects at the mark */
	u64 allocations;    /* ever; atomic */
};

static struct site sites[SITES];
static u32 sites_lock; /* a lock that is not checked; interrupts off */

static bool is(const struct site *s, const u64 *ip)
{
	return __atomic_load_n(&s->ip[0], __ATOMIC_ACQUIRE) == ip[0] &&
	       !memcmp(s->ip, ip, sizeof(s->ip));
}

static unsigned find(const u64 *ip, bool *there)
{
	u64 h = 0;
	unsigned at;

	for (unsigned i = 0; i < SITE_TRACE; i++)
		h = (h ^ ip[i]) * 0x9e3779b97f4a7c15ull;
	at = h >> 32;
	for (unsigned i = 0; i < SITES; i++, at++) {
		struct site *s = &sites[at % SITES];

		*there = is(s, ip);
		if (*there || !__atomic_load_n(&s->ip[0], __ATOMIC_RELAXED))
			return at % SITES;
	}
	return 0;
}

static unsigned add(const u64 *ip)
{
	u64 flags = irq_save();
	bool there;
	unsigned at;

	while (__atomic_exchange_n(&sites_lock, 1, __ATOMIC_ACQUIRE))
		cpu_relax();
	at = find(ip, &there);
	if (!there && !sites[at].ip[0]) {
		memcpy(&sites[at].ip[1], &ip[1],
		       (SITE_TRACE - 1) * sizeof(ip[0]));
		__atomic_store_n(&sites[at].ip[0], ip[0], __ATOMIC_RELEASE);
	}
	__atomic_store_n(&sites_lock, 0, __ATOMIC_RELEASE);
	irq_restore(flags);
	return at;
}

unsigned site_allocated(const u64 *ip, size_t size)
{
	bool there = false;
	unsigned at = ip[0] ? find(ip, &there) : 0;

	if (ip[0] && !there)
		at = add(ip);
	__atomic_add_fetch(&sites[at].objects, 1, __ATOMIC_RELAXED);
	__atomic_add_fetch(&sites[at].bytes, (s64)size, __ATOMIC_RELAXED);
	__atomic_add_fetch(&sites[at].allocations, 1, __ATOMIC_RELAXED);
	return at;
}

void site_freed(unsigned site, size_t size)
{
	__atomic_sub_fetch(&sites[site].objects, 1, __ATOMIC_RELAXED);
	__atomic_sub_fetch(&sites[site].bytes, (s64)size, __ATOMIC_RELAXED);
}

static s64 grown(const struct site *s)
{
	return __atomic_load_n(&s->objects, __ATOMIC_RELAXED) - s->base;
}

static bool before(const struct site *a, const struct site *b)
{
	return grown(a) != grown(b) ? grown(a) > grown(b) :
				      a->bytes > b->bytes;
}

/* Those in use, what has grown most first; returns how many. */
static unsigned sorted(struct site **v)
{
	unsigned n = 0;

	for (unsigned at = 0; at < SITES; at++) {
		unsigned i = n;

		if (!sites[at].allocations)
			continue;
		for (; i && before(&sites[at], v[i - 1]); i--)
			v[i] = v[i - 1];
		v[i] = &sites[at];
		n++;
	}
	return n;
}

/* A cache may look at what was used a moment ago once more before it goes. */
static void drop_caches(void)
{
	unsigned idle = 0;

	while (idle < 3)
		idle = page_reclaim(SIZE_MAX) ? 0 : idle + 1;
}

static void mark(void)
{
	drop_caches();
	for (unsigned at = 0; at < SITES; at++)
		sites[at].base = __atomic_load_n(&sites[at].objects,
						 __ATOMIC_RELAXED);
}

static void tell(s64 least)
{
	struct site **v = kmalloc(SITES * sizeof(*v), ALLOC_WAIT);
	unsigned n = v ? sorted(v) : 0;

	for (unsigned i = 0; i < n && grown(v[i]) >= least; i++)
		trace_print(v[i]->ip, SITE_TRACE,
			    "%ld objects more, %ld bytes in all, allocated by",
			    grown(v[i]), v[i]->bytes);
	kfree(v);
}

void sites_end(void)
{
	if (!asked_for("RUMPRUN_DEBUG_HEAP"))
		return;
	drop_caches();
	tell(1);
}

/* ---- the file ---- */

static size_t show(char *buf, size_t size)
{
	struct site **v = kmalloc(SITES * sizeof(*v), ALLOC_WAIT);
	unsigned n = v ? sorted(v) : 0;
	struct out o = {buf, size, 0};

	out_add(&o, "%10s %10s %10s %12s allocated by\n", "grown", "objects",
		"bytes", "allocations");
	for (unsigned i = 0; i < n; i++) {
		const struct site *s = v[i];

		out_add(&o, "%10ld %10ld %10ld %12lu", grown(s), s->objects,
			s->bytes, s->allocations);
		for (unsigned k = 0; k < SITE_TRACE && s->ip[k]; k++)
			out_add(&o, " [<%016lx>]", s->ip[k]);
		out_add(&o, "\n");
	}
	kfree(v);
	return o.len;
}

static s64 number(const char *s)
{
	s64 n = 0;

	for (; *s >= '0' && *s <= '9' && n < INT32_MAX; s++)
		n = n * 10 + (*s - '0');
	return n;
}

static int store(const char *s, size_t n)
{
	if (!strncmp(s, "mark", 4))
		mark();
	else if (!strncmp(s, "drop", 4))
		drop_caches();
	else if (!strncmp(s, "tell ", 5))
		tell(MAX(number(s + 5), 1));
	else
		return -EINVAL;
	return 0;
}

static const struct proc_file heap_sites = {"heap_sites", show, store};
LINKSET(proc_root, heap_sites);
