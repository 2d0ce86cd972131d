/* Random numbers (core/kern/random). */
#ifndef RR_RANDOM_H
#define RR_RANDOM_H

#include "types.h"

/* Cryptographically strong bytes; any context.  Never fails, never blocks. */
void random_bytes(void *buf, size_t n);
u64 random_u64(void);
/* Below n (n > 0), uniform. */
u64 random_below(u64 n);
/*
 * Mix in input; bits is a cautious estimate of its entropy.  Any context.
 */
void random_add(const void *buf, size_t n, unsigned bits);
/*
 * Something happened whose time nobody could foresee (an interrupt); data may
 * tell more about it.  Cheap; any context.
 */
void random_event(u64 data);
/* Has enough entropy been seen? (getrandom with GRND_NONBLOCK asks) */
bool random_ready(void);
/*
 * Wait until random_ready, gathering timing jitter if nothing else comes.  0,
 * or -ERESTARTSYS.
 */
int random_wait(void);

#endif
