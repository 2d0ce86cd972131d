/* What mutex.c and smp/spin.c share: locks that sleep. */
#ifndef RR_SCHED_LOCKS_H
#define RR_SCHED_LOCKS_H

#include "sync.h"

#define MUTEX_WAITERS 1ull /* the list is not empty */
/* The first waiter has been woken in vain: it is given the mutex. */
#define MUTEX_HANDOFF 2ull
#define MUTEX_BITS (MUTEX_WAITERS | MUTEX_HANDOFF)

/* Take the lock if it is free: true if it was. */
bool mutex_take(struct mutex *m);
bool rwlock_take_read(struct rwlock *l);
bool rwlock_take_write(struct rwlock *l);

/*
 * smp/spin.c: wait for it a little without sleeping, as long as its owner runs
 * on another CPU: true if it has been taken.
 */
bool mutex_spin(struct mutex *m) __weak;
bool rwlock_spin(struct rwlock *l, bool write) __weak;

#endif
