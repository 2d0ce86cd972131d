/* Clocks and timers. */
#ifndef RR_TIMER_H
#define RR_TIMER_H

#include "avl.h"
#include "spinlock.h"
#include <linux/time_types.h>

struct waitq;

/* Nanoseconds since boot, never going back; any context. */
nsec_t now_ns(void);
/*
 * For a wait whose limit is not to depend on how busy the host is: of the time
 * since *seen, which becomes now, what this CPU was seen to run, if it asks again
 * and again.  Any context.
 */
nsec_t time_run(nsec_t *seen);
/* Nanoseconds since 1970 (CLOCK_REALTIME) = now_ns() + this offset. */
s64 realtime_offset(void);
/* Start-up: time begins. */
void clock_init(void);
/* Set the wall clock (clock_settime). May sleep. */
void realtime_set(s64 unix_ns);
/*
 * Woken when the wall clock was set: whoever waits for a point of wall-clock
 * time waits here too, and computes its monotonic deadline anew.
 */
extern struct waitq realtime_changed;
/*
 * The monotonic time at which the wall clock will show unix_ns, as it goes now;
 * 0 if that is past.
 */
nsec_t realtime_deadline(nsec_t unix_ns);

/* Seconds not negative, nanoseconds below 10^9? */
bool timespec_valid(const struct __kernel_timespec *ts);
/* A valid one in ns; what does not fit is NSEC_FOREVER. */
nsec_t timespec_ns(const struct __kernel_timespec *ts);
struct __kernel_timespec ns_timespec(nsec_t ns);
/* Now plus delta, or NSEC_FOREVER when that does not fit. */
nsec_t deadline_after(nsec_t delta);
/*
 * The deadline of a call that takes a time-out: NSEC_FOREVER without one, 0 (it only
 * looks) for one of zero.  -EFAULT, -EINVAL.
 */
int timeout_from_user(const struct __kernel_timespec __user *uts,
		      nsec_t *deadline);

/*
 * A one-shot timer. fn runs in interrupt context (interrupts off) on some CPU
 * once the monotonic clock has reached deadline; it may set the timer again,
 * and may wake threads; it must not sleep.
 */
struct timer {
	struct avl_node node;
	nsec_t deadline;
	void (*fn)(struct timer *t);
	/* What follows is under the lock of the home's queue. */
	bool armed;
	u32 home; /* number of the CPU whose queue it belongs to; atomic */
};

void timer_init(struct timer *t, void (*fn)(struct timer *t));
/*
 * (Re)arm for an absolute time.  Any context; of several callers at a time one
 * comes last.
 */
void timer_set(struct timer *t, nsec_t deadline);
/*
 * Disarm; on return fn is not running on another CPU (unless called from fn
 * itself), so no lock that fn takes may be held.  True if it had been armed.
 */
bool timer_cancel(struct timer *t);

/* For the platform: the timer interrupt. */
void timer_interrupt(void);

/* Timers that are set, of a CPU; what is in it is timer.c's. */
struct timer_queue {
	spinlock_t lock;       /* interrupts off */
	struct avl_tree tree;  /* by deadline */
	struct timer *running; /* whose fn is being called */
	nsec_t armed;          /* what the hardware was last told */
};
/* Make q, which is all zero, the queue of c. */
void timer_init_cpu(struct cpu *c, struct timer_queue *q);

/*
 * Sleep until *flag is set by somebody who then wakes the thread, or until the
 * monotonic (realtime: the wall) clock shows `until'; NSEC_FOREVER: no
 * time-out. 0 (the flag), -ETIMEDOUT, -ERESTARTSYS.
 */
int sleep_on_flag(const bool *flag, bool realtime, nsec_t until);
/* Sleep, interruptible; 0, or -ERESTARTSYS. */
int sleep_deadline(nsec_t deadline);

#endif
