/* The hypervisor process. */
#ifndef RUMPRUN_GUEST_H
#define RUMPRUN_GUEST_H

#include <stdbool.h>
#include <sys/types.h>

#include "launch.h"
#include "platform.h"

struct guest {
	pid_t pid;
	int channel[CHANNELS]; /* our ends, non-blocking; -1 when closed */
	int said;	       /* its standard output and error */
};

/*
 * Start the platform's command with document as its configuration.  The process
 * dies with us.  False with *why if it could not be started; a command that
 * starts and then fails is seen by the supervisor.
 */
bool guest_start(struct guest *g, const struct launch *l, const char *document,
		 char **why);
void guest_close(struct guest *g);

/* Print the command that guest_start would run, and the document. */
bool guest_print(const struct launch *l, const char *document, char **why);

/* Remove what guest_start left in the file system (-t). */
void guest_clean(const struct launch *l);

#endif
