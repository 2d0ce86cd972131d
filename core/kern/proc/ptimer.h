/*
 * Timers of programs: setitimer, timer_create, RLIMIT_CPU.
 *
 * A ptimer counts on one clock.  Its kernel timer only says when to look at the
 * clock: wall clocks can be set, and CPU clocks do not run all the time.
 */
#ifndef RR_PTIMER_H
#define RR_PTIMER_H

#include "../time/clocks.h"
#include "private.h"
#include "radix.h"

struct ptimer {
	struct timer timer;
	struct waiter clock_set; /* on realtime_changed, if wall */
	struct clock clock;      /* owned */
	bool quiet;              /* SIGEV_NONE: expires without a trace */
	/*
	 * It expired. Interrupts off, no lock held. Returns whether the next
	 * expiry waits for ptimer_delivered (a signal is pending now); if not
	 * it is armed at once.
	 */
	bool (*fire)(struct ptimer *t);

	spinlock_t lock;  /* interrupts off; what follows */
	nsec_t expires;   /* of the clock; 0: disarmed */
	nsec_t interval;  /* 0: once */
	bool waits;       /* for ptimer_delivered */
	bool wall;        /* absolute wall-clock time */
};

/* Takes over the clock's references. */
void ptimer_init(struct ptimer *t, const struct clock *c,
		 bool (*fire)(struct ptimer *t));
/*
 * Nothing of it runs afterwards; the clock is released. No spin lock is held.
 */
void ptimer_destroy(struct ptimer *t);
/* Time left (0: disarmed, at least 1 ns otherwise) and interval. */
void ptimer_get(struct ptimer *t, nsec_t *left, nsec_t *interval);
/* value 0 disarms; absolute: a time of the clock, else from now on. */
void ptimer_set(struct ptimer *t, nsec_t value, nsec_t interval, bool absolute);
/*
 * Its signal has been taken out of the queue: go on. How many expiries were
 * missed since (the overrun).
 */
int ptimer_delivered(struct ptimer *t);

/* All timers of a process; made when first needed. */
struct itimers {
	struct ptimer real, virtual, prof, cpu_limit;
	struct mutex lock;       /* ids, and calls that change timers */
	struct radix_tree ids;   /* of struct posix_timer, by id */
	unsigned count;
	int next_id;
};

/* The current process's; NULL: no memory. */
struct itimers *itimers_get(void);
/* posix_timer.c: delete all. */
void posix_timers_destroy(struct itimers *it);
/* The signal of timer id was taken: fill in its overrun. */
void posix_timer_delivered(siginfo_t *info);

#endif
