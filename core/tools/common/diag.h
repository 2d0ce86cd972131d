/*
 * What the tools say to their user, and allocation that does not fail.
 *
 * Functions that can fail for a reason that the user must hear return false and
 * leave a sentence in *why, which the caller frees; it names the argument at
 * fault and does not end in a full stop or newline.
 */
#ifndef TOOLS_DIAG_H
#define TOOLS_DIAG_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#define PRINTF(f, a) __attribute__((format(printf, f, a)))

/* Exit status when the tool refuses to do what it was asked. */
#define EXIT_REFUSED 2

/* Name in front of every message; set it first thing in main. */
extern const char *progname;

/* "progname: message" on standard error. */
void tell(const char *fmt, ...) PRINTF(1, 2);
/* The same, then exit with status. */
void die(int status, const char *fmt, ...) PRINTF(2, 3)
	__attribute__((noreturn));
/* Put the sentence into *why (an earlier one is freed); returns false. */
bool fail(char **why, const char *fmt, ...) PRINTF(2, 3);

/* These exit with a message when memory is exhausted. */
void *xmalloc(size_t n);
void *xcalloc(size_t n, size_t size);
void *xrealloc(void *p, size_t n);
char *xstrdup(const char *s);
char *xstrndup(const char *s, size_t n);
char *xasprintf(const char *fmt, ...) PRINTF(1, 2);
char *xvasprintf(const char *fmt, va_list ap) PRINTF(1, 0);

/* Points into path, behind the last slash. */
const char *base_name(const char *path);

#endif
