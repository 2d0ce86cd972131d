/* What is checked when a lock is taken and given back. */
#include "private.h"
#include "log.h"
#include "process.h"
#include "string.h"
#include "thread.h"
#include "vm.h"

/*
 * A lock that a CPU spins for so long is not coming: thousands of times what a
 * hypervisor keeps a holder's CPU from running.
 */
#define SPIN_LIMIT (4 * NSEC_PER_SEC)

/* The spin locks that a CPU holds; its own, interrupts off. */
static struct held_locks spinning[MAX_CPUS];

static struct held_locks *held_by_cpu(void)
{
	return &spinning[this_cpu()->id];
}

static struct held_locks *held_by(enum lock_kind k)
{
	return k == LOCK_SPINS ? held_by_cpu() : &current_thread()->check.held;
}

static const void *self(enum lock_kind k)
{
	return k == LOCK_SPINS ? (const void *)this_cpu() : current_thread();
}

void held_print(const struct held_lock *l)
{
	trace_print(l->ip, HELD_TRACE, "%s was taken here",
		    class_name(l->class));
}

/* The innermost lock held, of either kind, or NULL. */
static const struct held_lock *any_held(void)
{
	const struct held_locks *h = held_by_cpu();

	if (!h->n)
		h = &current_thread()->check.held;
	return h->n ? &h->v[h->n - 1] : NULL;
}

/* One more than the levels of those of c's kind that are held. */
static unsigned level_below(const struct held_locks *h,
			    const struct lock_check *c)
{
	unsigned level = 0;

	for (unsigned i = 0; i < h->n; i++)
		if (h->v[i].class->place == c->place)
			level = MAX(level, h->v[i].class->level + 1u);
	return level;
}

/* A handler may come between what a thread says and the lock; interrupts off. */
static struct nest *nest_here(void)
{
	struct cpu *cpu = this_cpu();

	return cpu->irq_depth ? &cpu->check.nest :
				&current_thread()->check.nest;
}

/* The class of a lock that the current thread takes; interrupts off. */
static struct lock_class *class_taken(struct lock_check *c)
{
	const struct nest *n = nest_here();
	unsigned level = n->lock == c ? n->level : 0;

	if (level == LOCK_DEEPER)
		level = MAX(level_below(&current_thread()->check.held, c),
			    level_below(held_by_cpu(), c));
	return class_of(c, level);
}

static void check_irqs(struct lock_class *class)
{
	if (this_cpu()->irq_depth)
		class->in_irq = true;
	else if (irqs_enabled())
		class->irqs_on = true;
	if (unlikely(class->in_irq && class->irqs_on))
		report("%s is taken by an interrupt handler, and also with "
		       "interrupts on", class_name(class));
}

static void check_against(const struct held_locks *h, struct lock_check *c,
			  struct lock_class *class)
{
	for (unsigned i = 0; i < h->n; i++) {
		const struct held_lock *l = &h->v[i];

		if (l->lock == c || l->class == class)
			held_print(l);
		if (l->lock == c)
			report("%s is taken twice; first see above",
			       class_name(class));
		else if (l->class == class)
			report("two of %s are taken; nothing says in which "
			       "order", class_name(class));
		else
			order_add(l, class);
		if (!checking())
			return;
	}
}

void check_acquire(struct lock_check *c, enum lock_kind k)
{
	struct lock_class *class;
	u64 flags;

	if (!checking())
		return;
	if (k != LOCK_SPINS)
		check_may_sleep();
	flags = irq_save();
	class = class_taken(c);
	irq_restore(flags);
	if (k == LOCK_SPINS)
		check_irqs(class);
	flags = irq_save();
	check_against(held_by_cpu(), c, class);
	check_against(&current_thread()->check.held, c, class);
	irq_restore(flags);
}

void check_acquired(struct lock_check *c, enum lock_kind k,
		    struct check_wait *w)
{
	struct thread *t = current_thread();
	struct lock_class *class;
	struct held_locks *h;
	struct held_lock *l;
	u64 flags;

	if (!t)
		return;
	if (w && w->link.next)
		hung_end(w);
	flags = irq_save();
	h = held_by(k);
	if (h->n == CHECK_HELD_MAX)
		panic("DEBUG: more than %d locks held", CHECK_HELD_MAX);
	/* Looks at the others that are held, so this is not one yet. */
	class = class_taken(c);
	l = &h->v[h->n++];
	l->lock = c;
	l->class = class;
	if (nest_here()->lock == c)
		nest_here()->lock = NULL;
	trace_take(l->ip, HELD_TRACE);
	l->since = checking() ? now_ns() : 0;
	__atomic_add_fetch(&l->class->taken, 1, __ATOMIC_RELAXED);
	if (w && w->since && l->since)
		stat_waited(l->class, w, l->since, l->ip[0]);
	c->taken_ip = l->ip[0];
	if (k != LOCK_SHARED)
		c->holder = self(k);
	irq_restore(flags);
}

static void account_release(const struct held_lock *l, enum lock_kind k)
{
	u64 held = now_ns() - l->since;

	stat_held(l->class, held);
	if (k == LOCK_SPINS &&
	    too_long(l->ip[0] ^ (u64)(uintptr_t)l->class, held)) {
		held_print(l);
		report("%s is held too long: %lu us, and not for the first time",
		       class_name(l->class), (u64)(held / NSEC_PER_USEC));
	}
}

void check_release(struct lock_check *c, enum lock_kind k)
{
	struct held_locks *h;
	unsigned i;
	u64 flags;

	if (!current_thread())
		return;
	flags = irq_save();
	h = held_by(k);
	for (i = h->n; i-- && h->v[i].lock != c;)
		;
	if (i < h->n) {
		if (checking() && h->v[i].since)
			account_release(&h->v[i], k);
		h->n--;
		memmove(&h->v[i], &h->v[i + 1], (h->n - i) * sizeof(h->v[0]));
		c->holder = NULL;
	} else if (checking()) {
		report("%s is given back by who does not hold it",
		       class_name(class_of(c, 0)));
	}
	irq_restore(flags);
}

void check_waits(struct lock_check *c, struct check_wait *w)
{
	if (!checking())
		return;
	w->since = now_ns();
	w->holder_ip = READ_ONCE(c->taken_ip);
	hung_begin(c, w);
}

static void tell_holder(struct lock_check *c)
{
	const struct cpu *holder = c->holder;
	const struct held_locks *h = holder ? &spinning[holder->id] : NULL;

	for (unsigned i = 0; h && i < h->n; i++)
		if (h->v[i].lock == c)
			held_print(&h->v[i]);
	report("%s does not come; its holder is %s", class_name(class_of(c, 0)),
	       holder == this_cpu() ? "this CPU" : "another CPU");
}

/*
 * Handlers of interrupts that come meanwhile wait for other locks, and a hypervisor
 * may not let this CPU run: only what it was seen to spin counts.
 */
void check_spinning(struct lock_check *c, struct check_wait *w)
{
	if (!checking())
		return;
	if (!w->since) {
		w->since = w->seen = now_ns();
		w->holder_ip = READ_ONCE(c->taken_ip);
	}
	w->spun += time_run(&w->seen);
	if (w->spun > SPIN_LIMIT)
		tell_holder(c);
}

void check_nest(struct lock_check *c, unsigned level)
{
	u64 flags = irq_save();

	*nest_here() = (struct nest){c, level};
	irq_restore(flags);
}

void check_may_sleep(void)
{
	const struct held_locks *h;

	if (!checking())
		return;
	if (preempt_count()) {
		h = held_by_cpu();
		if (h->n) {
			held_print(&h->v[h->n - 1]);
			report("sleeps while %s is held",
			       class_name(h->v[h->n - 1].class));
		} else {
			report("sleeps where it may not be preempted");
		}
	} else if (this_cpu()->irq_depth) {
		report("sleeps in an interrupt handler");
	} else if (!irqs_enabled()) {
		report("sleeps with interrupts off");
	}
}

void check_may_fault(void)
{
	struct thread *t = current_thread();

	if (!checking())
		return;
	check_may_sleep();
	if (t->process && t->process->vm)
		check_against(&t->check.held, &t->process->vm->lock.check,
			      class_of(&t->process->vm->lock.check, 0));
}

static void check_nothing_held(const char *when)
{
	const struct held_lock *l;
	u64 flags;

	if (!checking())
		return;
	flags = irq_save();
	l = any_held();
	if (l) {
		held_print(l);
		report("%s with %s held", when, class_name(l->class));
	} else if (preempt_count()) {
		report("%s with preemption disabled", when);
	}
	irq_restore(flags);
}

void check_leave(void)
{
	check_nothing_held("returns to the program");
}

void check_thread_end(void)
{
	check_nothing_held("a thread ends");
}
