/* Start-up and shutdown (core/kern/init). */
#ifndef RR_INIT_H
#define RR_INIT_H

#include "list.h"

/*
 * Called by the platform on the boot CPU, on the stack that becomes the idle
 * thread's, interrupts off, once memory and the log channel can be used.
 */
void kernel_main(void) __noreturn;

/*
 * Run what the configuration document asks for, and end the guest (run.c).  In the
 * init thread, after all start-up functions.
 */
void run_programs(void) __noreturn;

/*
 * Somebody outside asked the guest to stop: SIGTERM to every program; the guest ends
 * when they have.  Any context; further calls do nothing.
 */
void shutdown_request(void);
/* Has somebody? */
bool shutdown_requested(void);

/*
 * The protocol stack's, if there is one (core/net/inet/drain.c).  No program runs any
 * more: what they have sent is delivered, or given up and said so.  May
 * sleep, no locks held.
 */
void net_drain(void);

/*
 * Work to be done in a kernel thread soon.  A work item that is queued already
 * is not queued twice.  Any context.
 */
struct work {
	struct list link;
	void (*fn)(struct work *w);
	bool queued; /* under the queue's lock */
};
#define WORK_INIT(w, function)                                                 \
	{                                                                      \
		LIST_INIT((w).link), function, false                           \
	}
void work_queue(struct work *w);

#endif
