/* Making the tables of firmware that the tests give to the kernel. */
#ifndef TABLES_H
#define TABLES_H

#include "types.h"

/* v, little-endian, in width bytes. */
static inline void put(u8 *p, u64 v, int width)
{
	for (int i = 0; i < width; i++)
		p[i] = (u8)(v >> 8 * i);
}

/* Make the n bytes at p add up to 0, by the one at offset at. */
static inline void fix(u8 *p, size_t n, size_t at)
{
	u8 sum = 0;

	p[at] = 0;
	for (size_t i = 0; i < n; i++)
		sum = (u8)(sum + p[i]);
	p[at] = (u8)-sum;
}

#endif
