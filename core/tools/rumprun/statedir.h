/* Where the entries of state.h are. */
#ifndef RUMPRUN_STATEDIR_H
#define RUMPRUN_STATEDIR_H

#include <stdbool.h>

/* The directory of all entries, which need not exist; the caller frees it. */
char *state_dir(void);

/*
 * Make it, readable by nobody else.  False with *why, also if somebody else
 * owns it.
 */
bool state_dir_make(char **why);

#endif
