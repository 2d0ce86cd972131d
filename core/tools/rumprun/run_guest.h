/* A launch from beginning to end, in the foreground or detached. */
#ifndef RUMPRUN_RUN_GUEST_H
#define RUMPRUN_RUN_GUEST_H

#include "launch.h"

/* Run what l asks for; returns our exit status. */
int run_guest(const struct launch *l);

#endif
