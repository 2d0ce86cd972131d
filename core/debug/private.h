/* Private to the component debug. */
#ifndef RR_DEBUG_PRIVATE_H
#define RR_DEBUG_PRIVATE_H

#include <selfcheck.h>
#include "thread.h"
#include "types.h"

/* ---- report.c ---- */

#define TRACE_DEPTH 8

/*
 * Who called: n return addresses, the innermost first, 0 behind the last.  Those in
 * this component and in locks are left out.
 */
void trace_take(u64 *ip, unsigned n);
/* The sentence, then the frames; the launcher adds names to them. */
void trace_print(const u64 *ip, unsigned n, const char *fmt, ...)
	__printf(3, 4);

/*
 * A check failed: print the sentence, end with a panic, and with what the other
 * CPUs were doing.  With RUMPRUN_DEBUG_KEEP in the environment the guest goes on,
 * and says so much only once.
 */
void report(const char *fmt, ...) __printf(1, 2);
/* Is this variable in the environment of the guest? */
bool asked_for(const char *name);
/* Its value as a number; otherwise if it is not there. */
u64 asked_number(const char *name, u64 otherwise);
/*
 * A report comes that ends the guest, about what other CPUs may be changing: from now
 * on they do not run, nor do interrupts come.  False: the guest is to go on.
 */
bool report_alone(void);
/* Where a thread is that does not run. */
void trace_thread(const struct thread *t, u64 *ip, unsigned n);
/*
 * Reports begin when the kernel has threads and clocks, and end with the first
 * one, which takes locks itself.  What is held is kept track of from the start.
 */
bool checking(void);

/* Text for a buffer that may be too short: len goes on counting. */
struct out {
	char *buf;
	size_t size, len;
};
void out_add(struct out *o, const char *fmt, ...) __printf(2, 3);

/* A lock that is not checked itself; interrupts are off under it. */
typedef u32 raw_lock_t;
static inline u64 raw_lock(raw_lock_t *l)
{
	u64 flags = irq_save();

	while (__atomic_exchange_n(l, 1, __ATOMIC_ACQUIRE))
		cpu_relax();
	return flags;
}
static inline void raw_unlock(raw_lock_t *l, u64 flags)
{
	__atomic_store_n(l, 0, __ATOMIC_RELEASE);
	irq_restore(flags);
}

/* ---- sites.c ---- */

#define SITE_TRACE 4

/* An object was allocated by these; returns what site_freed wants. */
unsigned site_allocated(const u64 *ip, size_t size);
void site_freed(unsigned site, size_t size);

/* What is to be printed at the end, if asked for. */
void sites_end(void);
void locks_end(void);

/* ---- classes.c: kinds of locks, and the order in which they were taken ---- */

#define CLASSES_MAX 512

#define PLACES_MAX 4

/* The function that did something, by a return address, and how often. */
struct place {
	u64 ip, count;
};

struct lock_class {
	const char *place; /* of the locks' initialisation */
	u16 index, level;
	u16 rank;          /* in the written order; 0: not in it */
	bool in_irq;       /* an interrupt handler takes it */
	bool irqs_on;      /* it was taken with interrupts on */
	/* Statistics; atomic. */
	u64 taken, contended;
	u64 wait_total, wait_max; /* ns */
	u64 hold_total, hold_max;
	/* Who waited for it, and who had it then; atomic. */
	struct place waiters[PLACES_MAX], holders[PLACES_MAX];
};

/* A lock of this class was waited for, until now; was held from then until now. */
void stat_waited(struct lock_class *c, const struct check_wait *w, u64 now,
		 u64 by);
void stat_held(struct lock_class *c, u64 ns);

/* What a place in the source is called: without the path of the tree. */
const char *class_name(const struct lock_class *c);
/* The class of a lock, made at first use. */
struct lock_class *class_of(struct lock_check *c, unsigned level);
/*
 * to is taken while that one is held: remember it; report a cycle or a step against
 * the written order.
 */
void order_add(const struct held_lock *held, struct lock_class *to);
/* The nth class, NULL behind the last. */
struct lock_class *class_nth(unsigned n);

/* ---- locks.c ---- */

/* Where it was taken. */
void held_print(const struct held_lock *l);

/* ---- hung.c ---- */

/* The current thread waits for the lock; has got it. */
void hung_begin(struct lock_check *c, struct check_wait *w);
void hung_end(struct check_wait *w);

/* ---- duration.c ---- */

/*
 * Something that keeps others from running took so many ns; key names its place.
 * Is that too long?
 */
bool too_long(u64 key, u64 ns);

/* order.c: the rank of a place in the written order, 0: none. */
u16 order_rank(const char *place);

#endif
