/* Run queues: private to kern/sched. */
#ifndef RR_RUNQUEUE_H
#define RR_RUNQUEUE_H

#include "thread.h"

/*
 * Fair scheduling: threads that can run are ordered by virtual run time, which
 * grows with the time they have run divided by their weight; the smallest runs next.
 */
struct runqueue {
	spinlock_t lock;        /* interrupts off */
	struct avl_tree queue;  /* runnable, not running; by vruntime */
	unsigned nr;            /* of these */
	u64 min_vruntime;       /* never goes back */
	struct timer slice;     /* ends the current thread's turn */
	struct cpu *cpu;        /* whose it is */
	u64 switches;
};

/* Weight of a nice value; 1024 for nice 0. */
unsigned sched_weight(const struct thread *t);

#endif
