/* The clocks that programs name: clock_gettime(2). */
#ifndef RR_CLOCKS_H
#define RR_CLOCKS_H

#include "types.h"

struct process;
struct thread;

enum clock_kind {
	CLOCK_IS_WALL,
	CLOCK_IS_MONOTONIC,
	CLOCK_IS_PROCESS, /* CPU time */
	CLOCK_IS_THREAD
};

/* A clock that a clockid_t stands for, with references; see clock_release. */
struct clock {
	enum clock_kind kind;
	bool timers;             /* timers and sleeps can use it */
	struct process *process; /* of CLOCK_IS_PROCESS */
	struct thread *thread;   /* of CLOCK_IS_THREAD */
};

/* 0, or -EINVAL: no such clock, or nobody of that number. */
int clock_resolve(int id, struct clock *c);
void clock_release(struct clock *c);
/* Its time, ns; any context. */
nsec_t clock_read(const struct clock *c);
/*
 * When to look at the clock again for the time `until': a monotonic time. For
 * CPU time the earliest moment at which it could have come.
 */
nsec_t clock_deadline(const struct clock *c, nsec_t until);

#endif
