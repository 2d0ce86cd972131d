/*
 * What the guest test programs print.
 *
 * Each line is "label: value" and is one check: the same binary runs on Linux and
 * in the guest, and the values must be the same.  So print what the interface
 * promises, and nothing that may differ between two machines (addresses, pids,
 * times).  A guest is root; what Linux grants to root alone has a label that begins
 * with "as root: ", and counts where the tests run as root.
 */
#ifndef CHECK_H
#define CHECK_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void show(const char *label, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static inline void show(const char *label, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	printf("%s: ", label);
	vprintf(fmt, ap);
	putchar('\n');
	fflush(stdout);
	va_end(ap);
}

/* The result of a call: its value, or the name of the error. */
#define CALL(label, expr)                                                      \
	do {                                                                   \
		errno = 0;                                                     \
		long r_ = (long)(expr);                                        \
		if (r_ == -1)                                                  \
			show(label, "%s", strerror(errno));                    \
		else                                                           \
			show(label, "%ld", r_);                                \
	} while (0)

/* The same for calls whose positive result is not worth comparing. */
#define WORKS(label, expr)                                                     \
	do {                                                                   \
		errno = 0;                                                     \
		long r_ = (long)(expr);                                        \
		show(label, "%s", r_ == -1 ? strerror(errno) : "ok");          \
	} while (0)

/* FNV-1a, to compare large data by one number. */
static inline unsigned hash(const void *p, size_t n)
{
	const unsigned char *c = p;
	unsigned h = 2166136261u;

	while (n--)
		h = (h ^ *c++) * 16777619u;
	return h;
}

#endif
