/* What unit tests draw at random is the same in every run. */
#ifndef CHANCE_H
#define CHANCE_H

#include <stdint.h>

/* xorshift64, from the seed of the paper (Marsaglia, Xorshift RNGs, 2003). */
static inline uint64_t chance(void)
{
	static uint64_t state = 88172645463325252u;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

#endif
