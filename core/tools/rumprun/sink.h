/*
 * Bytes on their way to a descriptor that may be slow.  Whoever fills a sink
 * looks for room first; so the writer in the guest waits for the reader here.
 */
#ifndef RUMPRUN_SINK_H
#define RUMPRUN_SINK_H

#include <stdbool.h>
#include <stddef.h>

#define SINK_SIZE 65536
/* Room that must be there before something is read for the sink. */
#define SINK_ROOM 16384

struct sink {
	int fd;		/* -1: bytes go nowhere */
	bool dead;	/* the reader went away: bytes are dropped */
	size_t at, len; /* of the bytes in buf */
	char buf[SINK_SIZE];
};

bool sink_has_room(const struct sink *s);
/* Add bytes; those that do not fit are lost, so look for room before. */
void sink_put(struct sink *s, const char *bytes, size_t n);
/*
 * The descriptor was reported writable: write a little, so that a pipe or
 * terminal in blocking mode does not block us.  False the first time that the
 * reader turns out to be gone.
 */
bool sink_write(struct sink *s);

#endif
