/* A growing list of strings that it owns, always ended by a NULL in v[n]. */
#ifndef TOOLS_STRLIST_H
#define TOOLS_STRLIST_H

#include <stdbool.h>
#include <stddef.h>

#include "diag.h"

struct strlist {
	char **v; /* NULL while nothing was ever added */
	size_t n;
};

/* Append a copy of s. */
void strlist_add(struct strlist *l, const char *s);
/* Append the formatted string. */
void strlist_addf(struct strlist *l, const char *fmt, ...) PRINTF(2, 3);
/* Append copies of the arguments up to NULL. */
void strlist_adds(struct strlist *l, ...) __attribute__((sentinel));
/* Append copies of all strings of from. */
void strlist_cat(struct strlist *l, const struct strlist *from);
bool strlist_has(const struct strlist *l, const char *s);
/* Remove s; false if it is not there. */
bool strlist_remove(struct strlist *l, const char *s);
/* All strings with sep between them; the caller frees the result. */
char *strlist_join(const struct strlist *l, const char *sep);
/* The same, each quoted for a POSIX shell where that is needed. */
char *strlist_shell(const struct strlist *l);
/* Free the strings; the list is empty afterwards. */
void strlist_clear(struct strlist *l);

/*
 * Split text as a shell does: blanks separate, quotes group, a backslash takes
 * the next character as it is (inside double quotes only before " \ $ `), and #
 * at the start of a word begins a comment.  Nothing is expanded.  Appends to l;
 * false with *why for a quote that does not end.
 */
bool split_words(struct strlist *l, const char *text, char **why);

#endif
