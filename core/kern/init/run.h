/* What is to be run. */
#ifndef RR_RUN_H
#define RR_RUN_H

#include "types.h"

struct baked_program;
struct process;

enum run_mode {
	RUN_FOREGROUND, /* the next one waits for its end */
	RUN_BACKGROUND, /* "&" */
	RUN_PIPE        /* "|": its standard output feeds the next */
};

/* One program to run. */
struct run_entry {
	struct run_entry *next;
	const struct baked_program *program;
	const char **argv; /* with a NULL behind */
	size_t argc;
	enum run_mode mode;
	struct process *process; /* once it runs */
};

/*
 * The list that the configuration document asks for (PROTOCOL.md, 4), never
 * empty; *env and *envc are the environment. A mistake ends the guest with a
 * sentence.
 */
struct run_entry *run_list(const char *const **env, size_t *envc);

#endif
