/* What the parts of the test component share. */
#ifndef TRIALS_H
#define TRIALS_H

#include "types.h"

/*
 * Look at every mapping that the current address space has, program's and
 * kernel's: none may be writable and executable, no page that the kernel
 * protects may be writable by any address, nothing but the kernel's text may be
 * executable in its half, and nothing of that open to ring 3.  Returns the number of violations, each reported in
 * the log; *seen: mappings looked at.
 */
unsigned trials_audit(u64 *seen);

/*
 * reach.c: touch the memory of the program that made this call, directly.  These
 * come back only where the processor lets the kernel.
 */
void reach_read(void);
void reach_write(void);
void reach_call(void);
/* The address of a page of the kernel, filled; -EIO once it has changed. */
u64 reach_target(void);
int reach_look(void);

#endif
