/* Running another program. */
#ifndef TOOLS_RUN_H
#define TOOLS_RUN_H

#include <stdbool.h>

#include "strlist.h"

/*
 * Run argv (argv[0] searched in PATH) with standard input empty, and wait.
 * Standard output and error go to *output, which the caller frees.  False with
 * *why if it could not be run; else *status is its exit status, 128+N when a
 * signal ended it.
 */
bool run(const struct strlist *argv, char **output, int *status, char **why);

/* Is there a file `name` that can be executed in PATH? */
bool command_exists(const char *name);

#endif
