/* Time that only goes forward. */
#ifndef RUMPRUN_CLOCK_H
#define RUMPRUN_CLOCK_H

#include <time.h>

/* Milliseconds since some point before the program started; never 0. */
static inline long long clock_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000 + 1;
}

#endif
