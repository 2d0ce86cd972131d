/* Splitting a command line into words. */
#ifndef RR_WORDS_H
#define RR_WORDS_H

#include "types.h"

/*
 * The words of s as a shell would find them: blanks, single and double quotes,
 * backslashes; nothing is expanded.  A NULL-terminated array with the strings
 * behind it, in one piece that the caller frees with kfree; *count without the
 * NULL.  NULL: no memory.
 */
char **words_split(const char *s, size_t *count);

#endif
