/* Between supervise.c, which carries bytes, and ending.c, which ends guests. */
#ifndef RUMPRUN_SUPERVISOR_H
#define RUMPRUN_SUPERVISOR_H

#include <signal.h>

#include "kernlog.h"
#include "monitor.h"
#include "sink.h"
#include "supervise.h"

/* How long a guest may take to stop when nobody says. */
#define GRACE_SECONDS 10
/* As many Ctrl-C within so long are meant. */
#define IMPATIENT 3
#define IMPATIENT_MS 3000

/* A guest, and all that is on its way to and from it. */
struct supervisor {
	const struct launch *l;
	struct guest *g;
	struct state *s;
	struct audience *a;
	bool port; /* the image has the virtio ports */

	struct sink out, err;	 /* to our standard output and error */
	struct sink in, control; /* to the guest */
	struct monitor monitor;
	struct kernlog log;

	bool stdin_open;
	unsigned long long stdin_bytes;
	int signals; /* signalfd */
	int status;  /* of the hypervisor, once reaped */
	bool reaped, stopping, killed;
	pid_t profiler; /* its process, or 0 */
	bool abandoned; /* what is left of its output, since nobody reads it */
	long long started, kill_at, partial_since;
	long long interrupts[IMPATIENT];
};

/* Queue a control line for the guest. */
void supervisor_command(struct supervisor *v, const char *fmt, ...)
	PRINTF(2, 3);

/*
 * Ask the guest to stop, and kill it after so many seconds.  Once it is gone,
 * give up on whoever does not read its last output.
 */
void supervisor_stop(struct supervisor *v, int seconds);

/* End it now. */
void supervisor_kill(struct supervisor *v);

/* The signals that supervise takes, and taking one of them. */
sigset_t supervisor_signals(void);
void supervisor_signal(struct supervisor *v);

/* Has the profiler ended?  options are waitpid's. */
bool supervisor_profiled(struct supervisor *v, int options);

/* The hypervisor has ended: how did the guest? */
struct outcome supervisor_judge(struct supervisor *v);

#endif
