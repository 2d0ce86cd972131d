/* What is checked when a lock is taken and given back. */
#include "private.h"
#include "log.h"
#include "process.h"
#include "string.h"
#include "thread.h"
#include "vm.h"

#define CPUS_MAX 256
/* A lock that a CPU waits for so long is not coming. */
#define SPIN_LIMIT (10 * NSEC_PER_SEC)

/* The spin locks that a CPU holds; its own, interrupts off. */
static struct held_locks spinning[CPUS_MAX];
/* Since when a CPU has been waiting for one, 0: it is not. */
static u64 waiting[CPUS_MAX];

static struct held_locks *held_by_cpu(void)
{
	return &spinning[this_cpu()->id % CPUS_MAX];
}

static struct held_locks *held_by(enum lock_kind k)
{
	return k == LOCK_SPINS ? held_by_cpu() : &current_thread()->check.held;
}

static const void *self(enum lock_kind k)
{
	return k == LOCK_SPINS ? (const void *)this_cpu() : current_thread();
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

/* The class of a lock that the current thread takes; interrupts off. */
static struct lock_class *class_taken(struct lock_check *c)
{
	const struct thread *t = current_thread();
	unsigned level = t->check.nested == c ? t->check.level : 0;

	if (level == LOCK_DEEPER)
		level = MAX(level_below(&t->check.held, c),
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

		if (l->lock == c)
			report("%s is taken twice; first at 0x%lx",
			       class_name(class), l->ip);
		else if (l->class == class)
			report("two of %s are taken, the first at 0x%lx; "
			       "nothing says in which order",
			       class_name(class), l->ip);
		else
			order_add(l->class, l->ip, class);
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
	waiting[this_cpu()->id % CPUS_MAX] = 0;
	check_against(held_by_cpu(), c, class);
	check_against(&current_thread()->check.held, c, class);
	irq_restore(flags);
}

void check_acquired(struct lock_check *c, enum lock_kind k)
{
	struct thread *t = current_thread();
	struct lock_class *class;
	struct held_locks *h;
	struct held_lock *l;
	u64 flags;

	if (!t)
		return;
	flags = irq_save();
	class = class_taken(c);
	h = held_by(k);
	if (h->n == CHECK_HELD_MAX)
		panic("DEBUG: more than %d locks held", CHECK_HELD_MAX);
	l = &h->v[h->n++];
	l->lock = c;
	l->class = class;
	if (t->check.nested == c)
		t->check.nested = NULL;
	l->ip = (u64)(uintptr_t)__builtin_return_address(0);
	l->since = checking() ? now_ns() : 0;
	__atomic_add_fetch(&l->class->taken, 1, __ATOMIC_RELAXED);
	if (k != LOCK_SHARED)
		c->holder = self(k);
	irq_restore(flags);
}

static void account(const struct held_lock *l)
{
	u64 held = checking() && l->since ? now_ns() - l->since : 0;

	if (held > l->class->longest) {
		l->class->longest = held;
		l->class->longest_ip = l->ip;
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
		account(&h->v[i]);
		h->n--;
		memmove(&h->v[i], &h->v[i + 1], (h->n - i) * sizeof(h->v[0]));
		c->holder = NULL;
	} else if (checking()) {
		report("%s is given back by who does not hold it",
		       class_name(class_of(c, 0)));
	}
	irq_restore(flags);
}

void check_spinning(struct lock_check *c)
{
	u64 *s = &waiting[this_cpu()->id % CPUS_MAX];
	/* Read before the clock: an interrupt may begin it anew. */
	u64 since = READ_ONCE(*s), now = now_ns();

	if (!checking())
		return;
	if (!since) {
		*s = now;
		__atomic_add_fetch(&class_of(c, 0)->waited, 1,
				   __ATOMIC_RELAXED);
	} else if (now - since > SPIN_LIMIT) {
		report("%s does not come; its holder is %s",
		       class_name(class_of(c, 0)),
		       c->holder == this_cpu() ? "this CPU" : "another CPU");
	}
}

void check_nest(struct lock_check *c, unsigned level)
{
	struct thread *t = current_thread();

	t->check.nested = c;
	t->check.level = level;
}

void check_may_sleep(void)
{
	const struct held_locks *h;

	if (!checking())
		return;
	if (preempt_count()) {
		h = held_by_cpu();
		if (h->n)
			report("sleeps while %s is held, taken at 0x%lx",
			       class_name(h->v[h->n - 1].class),
			       h->v[h->n - 1].ip);
		else
			report("sleeps where it may not be preempted");
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
	if (l)
		report("%s with %s held, taken at 0x%lx", when,
		       class_name(l->class), l->ip);
	else if (preempt_count())
		report("%s with preemption disabled", when);
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
