/*
 * Initial sequence numbers as RFC 6528, 3 has them: a clock of 4 microseconds plus
 * a keyed hash of the addresses and ports, SipHash-2-4 with a key made at first use.
 */
#include "random.h"
#include "timer.h"
#include "hooks.h"
#include "string.h"

static u64 key[2];
static bool key_made; /* network lock */

static inline u64 rotl(u64 x, int b)
{
	return (x << b) | (x >> (64 - b));
}

static void sip_round(u64 v[4])
{
	v[0] += v[1];
	v[1] = rotl(v[1], 13) ^ v[0];
	v[0] = rotl(v[0], 32);
	v[2] += v[3];
	v[3] = rotl(v[3], 16) ^ v[2];
	v[0] += v[3];
	v[3] = rotl(v[3], 21) ^ v[0];
	v[2] += v[1];
	v[1] = rotl(v[1], 17) ^ v[2];
	v[2] = rotl(v[2], 32);
}

/* Of n whole 64-bit words (the paper's padding word carries only the length). */
static u64 siphash(const u64 *m, size_t n)
{
	u64 v[4] = {key[0] ^ 0x736f6d6570736575, key[1] ^ 0x646f72616e646f6d,
		    key[0] ^ 0x6c7967656e657261, key[1] ^ 0x7465646279746573};

	for (size_t i = 0; i <= n; i++) {
		u64 w = i < n ? m[i] : (u64)(n * 8) << 56;

		v[3] ^= w;
		sip_round(v);
		sip_round(v);
		v[0] ^= w;
	}
	v[2] ^= 0xff;
	for (int i = 0; i < 4; i++)
		sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

u32_t lwip_hook_isn(const ip_addr_t *local, u16_t lport, const ip_addr_t *remote,
		    u16_t rport)
{
	u64 m[5] = {0};

	if (!key_made) {
		random_bytes(key, sizeof(key));
		key_made = true;
	}
	if (IP_IS_V6(local)) {
		memcpy(&m[0], ip_2_ip6(local)->addr, 16);
		memcpy(&m[2], ip_2_ip6(remote)->addr, 16);
	} else {
		m[0] = ip4_addr_get_u32(ip_2_ip4(local));
		m[2] = ip4_addr_get_u32(ip_2_ip4(remote));
	}
	m[4] = (u64)lport << 16 | rport;
	return (u32_t)(now_ns() / 4000 + siphash(m, 5));
}
