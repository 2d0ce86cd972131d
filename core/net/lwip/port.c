/* What lwIP wants from its port: memory, time, random numbers, checksums. */
#include "page.h"
#include "random.h"
#include "timer.h"
#include "hooks.h"
#include "lwip/sys.h"

uint32_t lwip_tcp_window_extra;

/* lwIP allocates under the network lock, a mutex: reclaiming is fine. */
void *lwip_malloc(size_t n)
{
	return kmalloc(n, ALLOC_WAIT);
}

void *lwip_calloc(size_t n, size_t size)
{
	return kzalloc(n * size, ALLOC_WAIT);
}

void lwip_free(void *p)
{
	kfree(p);
}

u32_t sys_now(void)
{
	return (u32_t)(now_ns() / NSEC_PER_MSEC);
}

uint32_t lwip_rand(void)
{
	return (uint32_t)random_u64();
}

/*
 * RFC 1071: the sum of 16-bit words, here taken 64 bits at a time with the carry
 * added back, which the one's complement sum allows (2.(B), 2.(C)).
 */
uint16_t lwip_checksum(const void *data, int len)
{
	const u8 *p = data;
	u64 sum = 0;

	while (len >= 8) {
		u64 v;

		__builtin_memcpy(&v, p, 8);
		sum += v;
		sum += sum < v;
		p += 8;
		len -= 8;
	}
	if (len) {
		u64 v = 0;

		memcpy(&v, p, len); /* zero-padded at the end */
		sum += v;
		sum += sum < v;
	}
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}
