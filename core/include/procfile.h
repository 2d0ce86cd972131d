/* Files of components in /proc. */
#ifndef RR_PROCFILE_H
#define RR_PROCFILE_H

#include "linkset.h"

/*
 * A file that a component has in /proc: entries of the linker sets proc_root and
 * proc_net.  show formats the whole text into buf[size] and returns the length that
 * it would have had; store (NULL: read-only, as all of proc_net are) gets what was
 * written, n bytes and a NUL, and returns 0 or -errno.  In a thread, no lock held.
 */
struct proc_file {
	const char *name; /* at most 15 bytes */
	size_t (*show)(char *buf, size_t size);
	int (*store)(const char *s, size_t n);
};

#endif
