/* The directory of temporary files, removed however the tool ends. */
#ifndef TOOLS_SCRATCH_H
#define TOOLS_SCRATCH_H

#include <stdbool.h>

#include "strlist.h"

struct scratch {
	char *dir;
	struct strlist files; /* paths handed out */
	char *watched;
};

/*
 * Make the directory (in TMPDIR or /tmp).  From here on, SIGINT, SIGTERM and
 * SIGHUP remove it before they end the program: one scratch at a time.
 */
bool scratch_make(struct scratch *s, char **why);

/* Path of a file in it; the caller frees it. */
char *scratch_file(struct scratch *s, const char *fmt, ...) PRINTF(2, 3);

/* A file elsewhere that is to go with it, too (one; NULL: none any more). */
void scratch_watch(struct scratch *s, const char *path);

void scratch_remove(struct scratch *s);

#endif
