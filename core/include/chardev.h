/*
 * The three standard streams of the programs, whatever carries them: virtio
 * ports, the serial port (core/PROTOCOL.md, 5).
 */
#ifndef RR_CHARDEV_H
#define RR_CHARDEV_H

#include "sync.h"

enum stream { STREAM_STDIO, STREAM_STDERR, STREAM_CONTROL };
#define STREAM_COUNT 3

/*
 * A driver registers what it has; the last registration of a stream wins.
 * write blocks until taken (back-pressure), read returns what is there (0:
 * nothing now).
 */
struct stream_port {
	enum stream stream;
	/*
	 * Bytes taken, at least 1 unless nonblocking (then maybe 0), or
	 * -ERESTARTSYS when a signal came before the first.  buf is the
	 * kernel's. May sleep.
	 */
	ssize_t (*write)(struct stream_port *p, const void *buf, size_t n,
			 bool nonblocking);
	/* From the input buffer, never sleeps. */
	size_t (*read)(struct stream_port *p, void *buf, size_t n);
	bool (*readable)(struct stream_port *p); /* bytes are there */
	bool (*writable)(struct stream_port *p);
	/*
	 * Everything has been read and no more will come: reads return end of
	 * file.  NULL: never.
	 */
	bool (*eof)(struct stream_port *p);
	/*
	 * Everything written has reached the host (called before power-off);
	 * gives up at the deadline (monotonic ns).
	 */
	void (*drain)(struct stream_port *p, nsec_t deadline);
	struct waitq *wait; /* woken when readable, writable or eof changes */
	void *priv;
};

/* p lives for ever.  Any context. */
void stream_register(struct stream_port *p);
/*
 * What carries the stream now; never NULL for STDIO and STDERR.  Waits
 * (bounded) while a driver is still finding out what it has; so: in a thread.
 */
struct stream_port *stream_get(enum stream s);
/*
 * For drivers, any context: streams may follow soon; all that there are have
 * been registered.
 */
void stream_expect(void);
void stream_settled(void);

/* Before power-off: let all output reach the host (bounded). */
void streams_drain(void);

/*
 * Does the launcher say that descriptor fd (0, 1, 2) is a terminal? ("console"
 * in the configuration document; without it, yes.)
 */
bool stream_is_tty(unsigned fd);

/*
 * The terminal's size: that of the configuration document, then what control
 * lines say; 0 0 if unknown.  stream_window_set sends SIGWINCH to the
 * foreground programs when it changed.  Any context.
 */
void stream_window(u16 *rows, u16 *cols);
void stream_window_set(u16 rows, u16 cols);

/*
 * One control line of the launcher, without the newline (core/PROTOCOL.md, 5).
 * Kernel thread.  Unknown lines are reported.
 */
void control_line(const char *line);
/*
 * Control line "eof N": standard input ends after n bytes in all.  Set by the
 * driver that carries STDIO; called by control_line.
 */
extern void (*stream_input_end)(u64 n);

#endif
