#include "kernlog.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STATUS "rumprun-status: "
#define MESSAGE "rumprun: "

static void put(struct kernlog *k, const char *text, size_t len)
{
	if (k->held_len > 0) {
		k->put(k->arg, k->held, k->held_len);
		k->held_len = 0;
	}
	if (len > 0)
		k->put(k->arg, text, len);
}

/* "rumprun:   #2 0xffffffff8010a3c4 kernel": say what is there. */
static void put_frame(struct kernlog *k, const char *line, size_t len)
{
	unsigned long long addr;
	char where[64], *name;
	unsigned n;

	if (k->symbols == NULL ||
	    sscanf(line, MESSAGE " #%u 0x%llx %63s", &n, &addr, where) != 3) {
		put(k, line, len);
		return;
	}
	name = symbols_name(k->symbols, addr, where, n > 0);
	if (name == NULL) {
		put(k, line, len);
		return;
	}
	put(k, line, len - 1);
	put(k, ": ", 2);
	put(k, name, strlen(name));
	put(k, "\n", 1);
	free(name);
}

/* A whole line, with its newline. */
static void take_line(struct kernlog *k)
{
	struct outcome o;
	char text[KERNLOG_LINE];

	if (strncmp(k->line, STATUS, strlen(STATUS)) == 0) {
		memcpy(text, k->line, k->len);
		text[k->len - 1] = '\0';
		if (outcome_parse(&o, text + strlen(STATUS))) {
			put(k, NULL, 0);
			memcpy(k->held, k->line, k->len);
			k->held_len = k->len;
			k->len = 0;
			return;
		}
	}
	k->line[k->len] = '\0';
	put_frame(k, k->line, k->len);
	k->len = 0;
}

/* Could the line so far become one of the kernel's? */
static bool ours(const struct kernlog *k)
{
	static const char *const marks[] = {STATUS, MESSAGE};

	if (k->middle)
		return false;
	for (size_t i = 0; i < 2; i++) {
		size_t n = strlen(marks[i]);

		if (memcmp(k->line, marks[i], k->len < n ? k->len : n) == 0)
			return true;
	}
	return false;
}

static void remember(struct kernlog *k, const char *bytes, size_t n)
{
	size_t drop;

	if (n > sizeof(k->tail)) {
		bytes += n - sizeof(k->tail);
		n = sizeof(k->tail);
	}
	drop = k->tail_len + n > sizeof(k->tail)
		       ? k->tail_len + n - sizeof(k->tail)
		       : 0;
	memmove(k->tail, k->tail + drop, k->tail_len - drop);
	k->tail_len -= drop;
	memcpy(k->tail + k->tail_len, bytes, n);
	k->tail_len += n;
}

void kernlog_feed(struct kernlog *k, const char *bytes, size_t n)
{
	remember(k, bytes, n);
	while (n > 0) {
		const char *nl = memchr(bytes, '\n', n);
		size_t len = nl ? (size_t)(nl - bytes) + 1 : n;

		if (len > KERNLOG_LINE - 1 - k->len)
			len = KERNLOG_LINE - 1 - k->len;
		memcpy(k->line + k->len, bytes, len);
		k->len += len;
		bytes += len;
		n -= len;
		if (k->line[k->len - 1] == '\n' && ours(k))
			take_line(k);
		else if (k->line[k->len - 1] == '\n' || !ours(k) ||
			 k->len == KERNLOG_LINE - 1)
			kernlog_flush(k);
	}
}

void kernlog_flush(struct kernlog *k)
{
	if (k->len == 0)
		return;
	k->middle = k->line[k->len - 1] != '\n';
	put(k, k->line, k->len);
	k->len = 0;
}

/*
 * A program that wrote a line without its end may have the status line put
 * behind it: shown by then, but it counts.
 */
static void end_in_line(struct kernlog *k, struct outcome *o)
{
	char text[sizeof(k->tail) + 1];
	const char *at = text, *next;

	if (k->tail_len == 0 || k->tail[k->tail_len - 1] != '\n')
		return;
	memcpy(text, k->tail, k->tail_len);
	text[k->tail_len - 1] = '\0';
	for (; (next = strstr(at, STATUS)) != NULL; at = next + strlen(STATUS))
		continue;
	if (at != text)
		outcome_parse(o, at);
}

void kernlog_end(struct kernlog *k, struct outcome *o)
{
	kernlog_flush(k);
	end_in_line(k, o);
	k->held_len = 0;
}
