/* ChaCha20's block function (RFC 8439, 2.3), with a 64-bit counter, nonce 0. */
#include "private.h"
#include "string.h"

static inline u32 rotl(u32 x, unsigned n)
{
	return x << n | x >> (32 - n);
}

static inline void quarter(u32 *a, u32 *b, u32 *c, u32 *d)
{
	*a += *b;
	*d = rotl(*d ^ *a, 16);
	*c += *d;
	*b = rotl(*b ^ *c, 12);
	*a += *b;
	*d = rotl(*d ^ *a, 8);
	*c += *d;
	*b = rotl(*b ^ *c, 7);
}

void chacha_init(struct chacha *c, const u8 key[CHACHA_KEY])
{
	/* "expand 32-byte k" */
	c->state[0] = 0x61707865;
	c->state[1] = 0x3320646e;
	c->state[2] = 0x79622d32;
	c->state[3] = 0x6b206574;
	memcpy(&c->state[4], key, CHACHA_KEY);
	memset(&c->state[12], 0, 16);
}

void chacha_block(struct chacha *c, u8 out[CHACHA_BLOCK])
{
	u32 x[16];

	memcpy(x, c->state, sizeof(x));
	for (unsigned i = 0; i < 10; i++) {
		quarter(&x[0], &x[4], &x[8], &x[12]);
		quarter(&x[1], &x[5], &x[9], &x[13]);
		quarter(&x[2], &x[6], &x[10], &x[14]);
		quarter(&x[3], &x[7], &x[11], &x[15]);
		quarter(&x[0], &x[5], &x[10], &x[15]);
		quarter(&x[1], &x[6], &x[11], &x[12]);
		quarter(&x[2], &x[7], &x[8], &x[13]);
		quarter(&x[3], &x[4], &x[9], &x[14]);
	}
	for (unsigned i = 0; i < 16; i++)
		x[i] += c->state[i];
	memcpy(out, x, sizeof(x));
	wipe(x, sizeof(x));
	if (!++c->state[12])
		c->state[13]++;
}
