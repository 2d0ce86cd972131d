/* What the system calls about scheduling share. */
#ifndef RR_PROC_SCHED_H
#define RR_PROC_SCHED_H

#include "private.h"

/* The thread with this id, referenced; 0: the caller.  NULL: none. */
struct thread *sched_find(int tid);
/* Does the caller's effective user own t (check_same_owner of Linux)? */
bool sched_same_owner(struct thread *t);
/* May t have this nice value without privilege? */
bool sched_may_nice(struct thread *t, int nice);

#endif
