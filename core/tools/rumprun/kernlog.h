/*
 * The log channel: the kernel's messages, line by line, in between whatever a
 * program writes there when it has no other place.
 */
#ifndef RUMPRUN_KERNLOG_H
#define RUMPRUN_KERNLOG_H

#include <stdbool.h>
#include <stddef.h>

#include "outcome.h"
#include "symbols.h"

#define KERNLOG_LINE 1024

struct kernlog {
	struct symbols *symbols; /* for crash reports; may be NULL */
	/* What comes out; text is not kept. */
	void (*put)(void *arg, const char *text, size_t len);
	void *arg;

	/* A line that may yet turn out to be the kernel's. */
	char line[KERNLOG_LINE];
	size_t len;
	bool middle; /* the line that goes on was shown in part already */
	/*
	 * A status line that came last.  Only as the very last line is it the
	 * kernel's farewell; if anything follows, it was mere output.
	 */
	char held[KERNLOG_LINE];
	size_t held_len;
	/* The last bytes of the channel. */
	char tail[64];
	size_t tail_len;
};

/* Bytes from the channel. */
void kernlog_feed(struct kernlog *k, const char *bytes, size_t n);

/*
 * The channel has ended: what was kept back comes out, except for a status
 * line, which goes to *o (unchanged if there was none).
 */
void kernlog_end(struct kernlog *k, struct outcome *o);

/* Let an unfinished line out, which may be a prompt. */
void kernlog_flush(struct kernlog *k);

#endif
