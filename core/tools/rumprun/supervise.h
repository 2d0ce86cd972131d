/* Living with a running guest. */
#ifndef RUMPRUN_SUPERVISE_H
#define RUMPRUN_SUPERVISE_H

#include "guest.h"
#include "launch.h"
#include "outcome.h"
#include "profile.h"
#include "state.h"

/* Who looks on. */
struct audience {
	bool terminal; /* our descriptors 0 to 2 are the guest's */
	/*
	 * Gets the line "started" once the guest has lived for a moment, is
	 * then closed and -1; or -1 from the start.
	 */
	int report;
	struct profiler *profiler; /* or NULL */
};

/* Block the signals that supervise takes; call before guest_start. */
void supervise_signals(void);

/*
 * Carry bytes, commands and signals between the guest and the world until it
 * has ended and all that it said is delivered.
 */
struct outcome supervise(const struct launch *l, struct guest *g,
			 struct state *s, struct audience *a);

#endif
