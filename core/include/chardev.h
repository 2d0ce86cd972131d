/*
 * The three standard streams of the programs, whatever carries them: virtio
 * ports, the serial port (core/PROTOCOL.md, 5).
 */
#ifndef RR_CHARDEV_H
#define RR_CHARDEV_H

#include "sync.h"

enum stream { STREAM_STDIO, STREAM_STDERR, STREAM_CONTROL };

/*
 * A driver registers what it has; the last registration of a stream wins.  write
 * blocks until taken (back-pressure), read returns what is there (0: nothing now).
 */
struct stream_port {
	enum stream stream;
	/* Bytes taken, at least 1 unless nonblocking (then maybe 0). May sleep. */
	ssize_t (*write)(struct stream_port *p, const void *buf, size_t n,
			 bool nonblocking);
	/* From the input buffer, never sleeps. */
	size_t (*read)(struct stream_port *p, void *buf, size_t n);
	bool (*readable)(struct stream_port *p);
	bool (*writable)(struct stream_port *p);
	/* Everything written has reached the host (called before power-off). */
	void (*drain)(struct stream_port *p);
	struct waitq *wait; /* woken when readable or writable changes */
	void *priv;
};

void stream_register(struct stream_port *p);
/* What carries the stream now; never NULL for STDIO and STDERR. */
struct stream_port *stream_get(enum stream s);

/* Before power-off: let all output reach the host (bounded). */
void streams_drain(void);

#endif
