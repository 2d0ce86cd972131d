/*
 * Hooks for a kernel that checks itself.
 *
 * An ordinary image has none of them: this header makes each hook nothing.  The
 * component `debug` is compiled, and every other one a second time, with
 * core/debug/include/selfcheck.h in this header's place, where they are real; what each
 * hook checks is described here.
 */
#ifndef RR_SELFCHECK_H
#define RR_SELFCHECK_H

#include "types.h"

struct page;

/* What a lock carries, and the initialiser of it. */
struct lock_check {
};
#define CHECK_INIT(name)                                                       \
	{                                                                      \
	}

/* What a CPU carries (struct cpu). */
struct check_cpu {
};

/* What a thread carries. */
struct thread_check {
};

/* A wait for a lock, on the stack of who waits. */
struct check_wait {
};
#define CHECK_WAIT_INIT                                                         \
	{                                                                      \
	}

enum lock_kind {
	LOCK_SPINS,  /* belongs to the CPU that took it */
	LOCK_SLEEPS, /* belongs to the thread that took it */
	LOCK_SHARED  /* the same, and others may hold it too */
};

/*
 * A lock is about to be waited for, has been taken, is about to be given back;
 * w: the wait in between, NULL: it was only tried for.
 * Checked: the order of locks, between each other and against the written one
 * (core/README.md); that a lock is not taken twice, and given back by its holder;
 * that one which interrupt handlers take is never taken with interrupts on; that
 * nothing waits under a spin lock.
 */
static inline void check_acquire(struct lock_check *c, enum lock_kind k)
{
}
static inline void check_acquired(struct lock_check *c, enum lock_kind k,
				  struct check_wait *w)
{
}
static inline void check_release(struct lock_check *c, enum lock_kind k)
{
}
/*
 * The lock is not free: the current thread is about to sleep until it is; one that
 * does not come is reported.
 */
static inline void check_waits(struct lock_check *c, struct check_wait *w)
{
}
/* The same of a CPU, in its loop: reports a lock that does not come. */
static inline void check_spinning(struct lock_check *c, struct check_wait *w)
{
}
/*
 * The current thread is about to take this lock while it holds another of its kind:
 * it is of the given level (1, 2, 3), and they are taken in the order of levels;
 * LOCK_DEEPER: in a tree whose shape another lock keeps, parents before children.
 */
#define LOCK_DEEPER 15
static inline void check_nest(struct lock_check *c, unsigned level)
{
}

/*
 * Interrupts have just been masked, are about to be unmasked: that takes no longer
 * than core/debug/duration.c says.  In an exception or interrupt that came while
 * they were not masked, its entry and its end are these.
 */
static inline void check_irqs_off(void)
{
}
static inline void check_irqs_on(void)
{
}

/* The caller may sleep. */
static inline void check_may_sleep(void)
{
}
/* The caller may fault on memory of the program, which takes vm->lock. */
static inline void check_may_fault(void)
{
}
/* On the way to the program: nothing is held. */
static inline void check_leave(void)
{
}
/* The current thread ends: nothing is held. */
static inline void check_thread_end(void)
{
}

/* All programs have ended, and the guest is about to. */
static inline void check_end(void)
{
}

/* A reference count was old, which must be at least least (refs.h). */
static inline void check_ref(const s32 *refs, s32 old, s32 least)
{
}

/* A kernel stack was made, is about to be freed: its depth is measured. */
static inline void check_stack_new(u64 base)
{
}
static inline void check_stack_end(u64 base)
{
}

/* Page frames become free, are taken: nobody wrote to them in between. */
static inline void check_pages_free(struct page *p, u64 count)
{
}
static inline void check_pages_taken(struct page *p, u64 count)
{
}

#endif
