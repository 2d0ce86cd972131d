#include "iso9660.h"

#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#define SECTOR 2048
/* Descriptors begin here; at most this many are looked at. */
#define FIRST 16
#define LIMIT 64

enum { BOOT = 0, PRIMARY = 1, TERMINATOR = 255 };

/* Numbers are stored in both byte orders, one after the other. */
static bool both16(const unsigned char *p, uint32_t *out)
{
	*out = (uint32_t)p[0] | (uint32_t)p[1] << 8;
	return *out == ((uint32_t)p[3] | (uint32_t)p[2] << 8);
}

static bool both32(const unsigned char *p, uint32_t *out)
{
	uint32_t lo, hi;

	lo = (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	     (uint32_t)p[3] << 24;
	hi = (uint32_t)p[7] | (uint32_t)p[6] << 8 | (uint32_t)p[5] << 16 |
	     (uint32_t)p[4] << 24;
	*out = lo;
	return lo == hi;
}

static enum iso primary(const unsigned char *d, uint64_t size, uint64_t *volume)
{
	uint32_t blocks, block;

	if (!both32(d + 80, &blocks) || !both16(d + 128, &block) ||
	    blocks == 0 || (block != 512 && block != 1024 && block != 2048))
		return ISO_DAMAGED;
	*volume = (uint64_t)blocks * block;
	return *volume <= size ? ISO_WHOLE : ISO_TRUNCATED;
}

enum iso iso9660_check(int fd, uint64_t size, uint64_t *volume)
{
	unsigned char d[SECTOR];

	*volume = 0;
	for (unsigned i = FIRST; i < FIRST + LIMIT; i++) {
		ssize_t n = pread(fd, d, sizeof(d), (off_t)i * SECTOR);

		if (n >= 6 && memcmp(d + 1, "CD001", 5) != 0)
			return i == FIRST ? ISO_NONE : ISO_DAMAGED;
		if (n != (ssize_t)sizeof(d))
			return n < 6 && i == FIRST ? ISO_NONE : ISO_TRUNCATED;
		if (d[0] == PRIMARY)
			return primary(d, size, volume);
		if (d[0] == TERMINATOR)
			break;
	}
	return ISO_DAMAGED;
}
