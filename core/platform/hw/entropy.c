/* Entropy from the processor. */
#include "platform.h"
#include "string.h"
#include <arch/features.h>
#include <arch/insn.h>

/*
 * Intel, DRNG Software Implementation Guide, 5.2 and 5.3: RDRAND fails ten
 * times in a row only if it is broken; RDSEED may run dry, so it gets more
 * patience.
 */
#define RDRAND_TRIES 10
#define RDSEED_TRIES 100

static bool rdseed(u64 *v)
{
	u8 ok;

	for (int i = 0; i < RDSEED_TRIES; i++) {
		__asm__ __volatile__("rdseed %0; setc %1"
				     : "=r"(*v), "=qm"(ok)::"cc");
		if (ok)
			return true;
		__asm__ __volatile__("pause");
	}
	return false;
}

static bool rdrand(u64 *v)
{
	u8 ok;

	for (int i = 0; i < RDRAND_TRIES; i++) {
		__asm__ __volatile__("rdrand %0; setc %1"
				     : "=r"(*v), "=qm"(ok)::"cc");
		if (ok)
			return true;
	}
	return false;
}

/*
 * Some processors return all ones for ever after a sleep state (AMD families
 * 15h and 16h), and say that all is well: such values do not count.
 */
static bool word(u64 *v)
{
	if (cpu_features.rdseed && rdseed(v) && *v != ~0ull)
		return true;
	return cpu_features.rdrand && rdrand(v) && *v != ~0ull;
}

size_t platform_entropy(void *buf, size_t n)
{
	size_t done = 0;

	while (done < n) {
		size_t part = MIN(n - done, sizeof(u64));
		u64 v;

		if (!word(&v))
			break;
		memcpy((char *)buf + done, &v, part);
		done += part;
	}
	return done;
}

u64 platform_cycles(void)
{
	return rdtsc();
}
