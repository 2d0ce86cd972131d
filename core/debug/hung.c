/*
 * Threads that wait for a lock that sleeps, and does not come.
 *
 * Who waits is in a list, which a timer looks through.  The clock goes on while a
 * host does not let the guest run, however long; but that is one look, and only a wait
 * that was met several times is reported.
 */
#include "private.h"
#include "init.h"
#include "linkset.h"
#include "log.h"
#include "timer.h"

/*
 * Seconds; Linux' khungtaskd says 120.  Nothing here waits for a network or a person
 * with such a lock held.
 */
#define LIMIT 60
#define LOOKS 4

static struct list waits = LIST_INIT(waits); /* of link; waits_lock */
static raw_lock_t waits_lock;
static nsec_t period;
static struct timer timer;

void hung_begin(struct lock_check *c, struct check_wait *w)
{
	u64 flags;

	w->lock = c;
	w->thread = current_thread();
	w->looks = 0;
	trace_take(w->ip, HELD_TRACE);
	flags = raw_lock(&waits_lock);
	list_append(&waits, &w->link);
	raw_unlock(&waits_lock, flags);
}

void hung_end(struct check_wait *w)
{
	u64 flags = raw_lock(&waits_lock);

	list_del(&w->link);
	w->link.next = NULL;
	raw_unlock(&waits_lock, flags);
}

/* Where it took the lock, and what it does now. */
static void tell_holder(const struct lock_check *c, const struct thread *t)
{
	const struct held_locks *h = &t->check.held;
	u64 ip[TRACE_DEPTH];

	for (unsigned i = 0; i < h->n; i++)
		if (h->v[i].lock == c)
			held_print(&h->v[i]);
	if (t->on_cpu)
		return; /* the report shows it */
	trace_thread(t, ip, TRACE_DEPTH);
	trace_print(ip, TRACE_DEPTH, "its holder, thread %d (%s), sleeps here",
		    t->tid, t->name);
}

static void tell(const struct check_wait *w)
{
	struct lock_check *c = w->lock;
	const struct thread *t = w->thread, *holder;

	trace_print(w->ip, HELD_TRACE, "thread %d (%s) waits here", t->tid,
		    t->name);
	/* Nobody gives it back now. */
	holder = report_alone() ? c->holder : NULL;
	if (holder)
		tell_holder(c, holder);
	else
		trace_print(&c->taken_ip, 1, "it was taken here last");
	report("%s does not come: thread %d (%s) has waited for %lu s",
	       class_name(class_of(c, 0)), t->tid, t->name,
	       (u64)((now_ns() - w->since) / NSEC_PER_SEC));
}

static void look(struct timer *self)
{
	struct check_wait *w;
	u64 flags;

	if (!checking())
		return;
	flags = raw_lock(&waits_lock);
	list_for_each(w, &waits, link) {
		if (++w->looks <= LOOKS)
			continue;
		tell(w);
		break;
	}
	raw_unlock(&waits_lock, flags);
	timer_set(self, now_ns() + period);
}

static void begin(void)
{
	period = asked_number("RUMPRUN_DEBUG_HUNG", LIMIT) * NSEC_PER_SEC / LOOKS;
	timer_init(&timer, look);
	if (period)
		timer_set(&timer, now_ns() + period);
}
INITCALL(INIT_CONFIG, begin);
