/*
 * /proc/lock_stat: which locks are waited for (the columns are those of Linux,
 * Documentation/locking/lockstat.rst).  Writing 0 to it begins anew.
 */
#include "private.h"
#include "linkset.h"
#include "log.h"
#include "page.h"
#include "procfile.h"
#include "string.h"
#include <linux/errno.h>

static void add(u64 *sum, u64 v)
{
	__atomic_add_fetch(sum, v, __ATOMIC_RELAXED);
}

static void raise(u64 *max, u64 v)
{
	u64 seen = __atomic_load_n(max, __ATOMIC_RELAXED);

	while (v > seen &&
	       !__atomic_compare_exchange_n(max, &seen, v, true,
					    __ATOMIC_RELAXED, __ATOMIC_RELAXED))
		;
}

/* The first ones that come have a counter; there are few per lock. */
static void count_place(struct place *p, u64 ip)
{
	for (unsigned i = 0; ip && i < PLACES_MAX; i++) {
		u64 none = 0;

		if (__atomic_compare_exchange_n(&p[i].ip, &none, ip, false,
						__ATOMIC_RELAXED,
						__ATOMIC_RELAXED) ||
		    none == ip) {
			add(&p[i].count, 1);
			return;
		}
	}
}

void stat_waited(struct lock_class *c, const struct check_wait *w, u64 now,
		 u64 by)
{
	add(&c->contended, 1);
	add(&c->wait_total, now - w->since);
	raise(&c->wait_max, now - w->since);
	count_place(c->waiters, by);
	count_place(c->holders, w->holder_ip);
}

void stat_held(struct lock_class *c, u64 ns)
{
	add(&c->hold_total, ns);
	raise(&c->hold_max, ns);
}

/* ---- the file ---- */

/* ns as microseconds with two decimals. */
static void put_time(struct out *o, u64 ns)
{
	out_add(o, " %12lu.%02lu", ns / 1000, ns % 1000 / 10);
}

static void put_times(struct out *o, u64 max, u64 total, u64 n)
{
	put_time(o, max);
	put_time(o, total);
	put_time(o, n ? total / n : 0);
}

static void put_places(struct out *o, const struct place *p, const char *what)
{
	for (unsigned i = 0; i < PLACES_MAX && p[i].ip; i++)
		out_add(o, "%14lu %s [<%016lx>]\n", p[i].count, what, p[i].ip);
}

static void put_class(struct out *o, const struct lock_class *c)
{
	char name[100];

	if (c->level)
		ksnprintf(name, sizeof(name), "%s /%u:", class_name(c), c->level);
	else
		ksnprintf(name, sizeof(name), "%s:", class_name(c));
	out_add(o, "%-60s %12lu", name, c->contended);
	put_times(o, c->wait_max, c->wait_total, c->contended);
	out_add(o, " %12lu", c->taken);
	put_times(o, c->hold_max, c->hold_total, c->taken);
	out_add(o, "\n");
	put_places(o, c->waiters, "waited at");
	put_places(o, c->holders, "for      ");
}

static bool before(const struct lock_class *a, const struct lock_class *b)
{
	if (a->contended != b->contended)
		return a->contended > b->contended;
	return a->taken > b->taken;
}

/* By contention; of those that nobody waited for, the most used come first. */
static unsigned sorted(struct lock_class **v)
{
	unsigned n = 0;

	for (struct lock_class *c; (c = class_nth(n)) != NULL; n++) {
		unsigned i = n;

		for (; i && before(c, v[i - 1]); i--)
			v[i] = v[i - 1];
		v[i] = c;
	}
	return n;
}

/* The launcher adds names to addresses on the log channel. */
static void tell_places(const struct place *p, const char *what)
{
	for (unsigned i = 0; i < PLACES_MAX && p[i].ip; i++) {
		kmsg("  %lu times %s", p[i].count, what);
		kmsg("  #0 0x%016lx kernel", p[i].ip);
	}
}

void locks_end(void)
{
	struct lock_class **v;
	unsigned n;

	if (!asked_for("RUMPRUN_DEBUG_LOCKS"))
		return;
	v = kmalloc(CLASSES_MAX * sizeof(*v), ALLOC_WAIT);
	n = v ? sorted(v) : 0;
	for (unsigned i = 0; i < n && v[i]->contended; i++) {
		kmsg("DEBUG: %s was waited for %lu times, %lu us in all",
		     class_name(v[i]), v[i]->contended, v[i]->wait_total / 1000);
		tell_places(v[i]->waiters, "by");
		tell_places(v[i]->holders, "while it was held by");
	}
	kfree(v);
}

static size_t show(char *buf, size_t size)
{
	struct lock_class **v = kmalloc(CLASSES_MAX * sizeof(*v), ALLOC_WAIT);
	struct out o = {buf, size, 0};
	unsigned n = v ? sorted(v) : 0;

	out_add(&o, "lock_stat version 0.4 (times in us)\n%-60s %12s", "class name",
	    "contentions");
	for (unsigned i = 0; i < 2; i++)
		out_add(&o, "%s %15s %15s %15s", i ? " acquisitions" : "",
		    i ? "holdtime-max" : "waittime-max",
		    i ? "holdtime-total" : "waittime-total",
		    i ? "holdtime-avg" : "waittime-avg");
	out_add(&o, "\n");
	for (unsigned i = 0; i < n; i++)
		if (v[i]->taken)
			put_class(&o, v[i]);
	kfree(v);
	return o.len;
}

static int clear(const char *s, size_t n)
{
	struct lock_class *c;

	if (*s != '0')
		return -EINVAL;
	for (unsigned i = 0; (c = class_nth(i)) != NULL; i++)
		memset(&c->taken, 0, sizeof(*c) - offsetof(struct lock_class,
							   taken));
	return 0;
}

static const struct proc_file lock_stat = {"lock_stat", show, clear};
LINKSET(proc_root, lock_stat);
