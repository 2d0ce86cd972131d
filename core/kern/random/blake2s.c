/* BLAKE2s (RFC 7693). */
#include "private.h"
#include "string.h"

/* RFC 7693, 2.6: the initialization vector */
static const u32 iv[8] = {
	0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
	0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
};

/* RFC 7693, 2.7: message word permutations */
static const u8 sigma[10][16] = {
	{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
	{14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
	{11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4},
	{7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
	{9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13},
	{2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
	{12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11},
	{13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
	{6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5},
	{10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0},
};

static inline u32 rotr(u32 x, unsigned n)
{
	return x >> n | x << (32 - n);
}

static inline void g(u32 *v, unsigned a, unsigned b, unsigned c, unsigned d,
		     u32 x, u32 y)
{
	v[a] += v[b] + x;
	v[d] = rotr(v[d] ^ v[a], 16);
	v[c] += v[d];
	v[b] = rotr(v[b] ^ v[c], 12);
	v[a] += v[b] + y;
	v[d] = rotr(v[d] ^ v[a], 8);
	v[c] += v[d];
	v[b] = rotr(v[b] ^ v[c], 7);
}

static void compress(struct blake2s *b, const u8 *block, bool last)
{
	u32 m[16], v[16];

	memcpy(m, block, sizeof(m));
	memcpy(v, b->h, sizeof(b->h));
	memcpy(v + 8, iv, sizeof(iv));
	v[12] ^= (u32)b->count;
	v[13] ^= (u32)(b->count >> 32);
	if (last)
		v[14] = ~v[14];
	for (unsigned r = 0; r < 10; r++) {
		const u8 *s = sigma[r];

		g(v, 0, 4, 8, 12, m[s[0]], m[s[1]]);
		g(v, 1, 5, 9, 13, m[s[2]], m[s[3]]);
		g(v, 2, 6, 10, 14, m[s[4]], m[s[5]]);
		g(v, 3, 7, 11, 15, m[s[6]], m[s[7]]);
		g(v, 0, 5, 10, 15, m[s[8]], m[s[9]]);
		g(v, 1, 6, 11, 12, m[s[10]], m[s[11]]);
		g(v, 2, 7, 8, 13, m[s[12]], m[s[13]]);
		g(v, 3, 4, 9, 14, m[s[14]], m[s[15]]);
	}
	for (unsigned i = 0; i < 8; i++)
		b->h[i] ^= v[i] ^ v[i + 8];
	wipe(m, sizeof(m));
	wipe(v, sizeof(v));
}

void blake2s_init(struct blake2s *b, const u8 *key, size_t keylen)
{
	memset(b, 0, sizeof(*b));
	memcpy(b->h, iv, sizeof(iv));
	/* RFC 7693, 2.5: digest length, key length, fanout 1, depth 1 */
	b->h[0] ^= BLAKE2S_HASH | (u32)keylen << 8 | 1u << 16 | 1u << 24;
	if (keylen) {
		memcpy(b->buf, key, keylen);
		b->filled = BLAKE2S_BLOCK;
	}
}

void blake2s_update(struct blake2s *b, const void *data, size_t n)
{
	const u8 *p = data;

	while (n) {
		size_t room = BLAKE2S_BLOCK - b->filled;

		/* The last block waits, in case it is the final one. */
		if (!room) {
			b->count += BLAKE2S_BLOCK;
			compress(b, b->buf, false);
			b->filled = 0;
			room = BLAKE2S_BLOCK;
		}
		room = MIN(room, n);
		memcpy(b->buf + b->filled, p, room);
		b->filled += (u32)room;
		p += room;
		n -= room;
	}
}

void blake2s_final(struct blake2s *b, u8 out[BLAKE2S_HASH])
{
	b->count += b->filled;
	memset(b->buf + b->filled, 0, BLAKE2S_BLOCK - b->filled);
	compress(b, b->buf, true);
	memcpy(out, b->h, BLAKE2S_HASH);
	wipe(b, sizeof(*b));
}

void wipe(void *p, size_t n)
{
	memset(p, 0, n);
	__asm__ __volatile__("" : : "r"(p) : "memory");
}
