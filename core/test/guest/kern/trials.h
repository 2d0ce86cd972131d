/* What the parts of the test component share. */
#ifndef TRIALS_H
#define TRIALS_H

#include "types.h"

/*
 * Look at every mapping that the current address space has, program's and
 * kernel's: none may be writable and executable, no page that the kernel
 * protects may be writable by any address, nothing but the kernel's text may be
 * executable in its half.  Returns the number of violations, each reported in
 * the log; *seen: mappings looked at.
 */
unsigned trials_audit(u64 *seen);

#endif
