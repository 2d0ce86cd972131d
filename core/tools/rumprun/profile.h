/*
 * The profiler (--profile): a process beside the supervisor that stops the
 * guest now and then by QEMU's debugger interface, and looks where its
 * processors are.
 */
#ifndef RUMPRUN_PROFILE_H
#define RUMPRUN_PROFILE_H

#include <stdbool.h>
#include <sys/types.h>

#include "launch.h"

struct profiler;

/* Does a name end in something that we can write? */
bool profile_file(const char *path, char **why);

/*
 * Make ready for l, which asks for a profile and stays as it is: the file can
 * be written and the image has what is needed.  NULL with *why.
 */
struct profiler *profile_prepare(const struct launch *l, char **why);

/*
 * Begin on CHANNEL_PROFILE of a guest that was just started, until the guest
 * ends; then the file is there.  fd is closed in this process, and report (-1:
 * none), on which somebody waits for its end, in the profiler's.  That one's
 * process id, or -1 with *why.
 */
pid_t profile_start(struct profiler *p, int fd, int report, char **why);

/* Nothing is left but the file, if the profiler made it; p may be NULL. */
void profile_free(struct profiler *p);

#endif
