/* Pipes and FIFOs (component pipe). */
#ifndef RR_PIPE_H
#define RR_PIPE_H

#include "types.h"

struct file;

/*
 * A pipe: ends[0] is read from, ends[1] is written to, each with a reference.
 * flags: O_NONBLOCK, O_DIRECT (packets).  0, or -ENOMEM.
 */
int pipe_create(struct file *ends[2], int flags);

/*
 * fcntl's F_GETPIPE_SZ and F_SETPIPE_SZ.  -EBADF: f is not a pipe.  Weak:
 * without this component no file is.
 */
long pipe_fcntl(struct file *f, unsigned cmd, unsigned long arg) __weak;

#endif
