/* How a guest ended. */
#ifndef RUMPRUN_OUTCOME_H
#define RUMPRUN_OUTCOME_H

#include <stdbool.h>

enum cause {
	CAUSE_NONE,	 /* it has not */
	CAUSE_EXIT,	 /* the program exited; number: its status */
	CAUSE_SIGNAL,	 /* a signal ended it; number: which */
	CAUSE_PANIC,	 /* the kernel gave up */
	CAUSE_OOM,	 /* out of memory */
	CAUSE_NO_STATUS, /* it ended without a word: a reset, mostly */
	CAUSE_KILLED,	 /* by us: it did not stop when asked, or had no time */
	CAUSE_LOST,	 /* the hypervisor was killed; number: by what signal */
	CAUSE_REFUSED,	 /* the hypervisor did not take the command line */
};

struct outcome {
	enum cause cause;
	int number;
};

/* The launcher's exit status (design: exit status). */
int outcome_status(const struct outcome *o);

/* "exit 3", "killed by signal 11 (Segmentation fault)"; the caller frees it. */
char *outcome_text(const struct outcome *o);

/* One word for scripts: exit, signal, panic, oom, none, killed, lost, refused.
 */
const char *outcome_word(const struct outcome *o);

/*
 * A status line of the kernel, without "rumprun-status: "; false if it is none.
 */
bool outcome_parse(struct outcome *o, const char *text);

#endif
