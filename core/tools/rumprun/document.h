/* The configuration document (core/PROTOCOL.md, 4). */
#ifndef RUMPRUN_DOCUMENT_H
#define RUMPRUN_DOCUMENT_H

#include "launch.h"

/* What the terminal is like, for isatty and the window size. */
struct console {
	bool tty[3];
	unsigned rows, cols; /* 0 if there is no terminal */
};

/* Of the launcher's own descriptors 0 to 2. */
struct console console_here(void);

/*
 * JSON text for the guest; the caller frees it.  NULL with *why when the file
 * of --config is no JSON object, or an option contradicts it.
 */
char *document_make(const struct launch *l, const struct console *c,
		    char **why);

#endif
