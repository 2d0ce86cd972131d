/* The random number generator: what the files of this folder share. */
#ifndef RR_RANDOM_PRIVATE_H
#define RR_RANDOM_PRIVATE_H

#include "random.h"

/* ---- ChaCha20 (RFC 8439) ---- */

#define CHACHA_KEY 32
#define CHACHA_BLOCK 64

struct chacha {
	u32 state[16];
};

void chacha_init(struct chacha *c, const u8 key[CHACHA_KEY]);
/* The next block of key stream. */
void chacha_block(struct chacha *c, u8 out[CHACHA_BLOCK]);

/* ---- BLAKE2s (RFC 7693), 32 bytes of output ---- */

#define BLAKE2S_HASH 32
#define BLAKE2S_BLOCK 64

struct blake2s {
	u32 h[8];
	u64 count;  /* bytes hashed, those in buf not */
	u32 filled; /* of buf */
	u8 buf[BLAKE2S_BLOCK];
};

/* key may be NULL (keylen 0); keylen at most 32. */
void blake2s_init(struct blake2s *b, const u8 *key, size_t keylen);
void blake2s_update(struct blake2s *b, const void *data, size_t n);
/* Ends the computation; b is wiped. */
void blake2s_final(struct blake2s *b, u8 out[BLAKE2S_HASH]);

/* Overwrite what must not be found later; not optimised away. */
void wipe(void *p, size_t n);

/* ---- the entropy pool (pool.c); any context ---- */

/*
 * 32 bytes that depend on all input so far; the pool goes on from a new state.
 */
void pool_extract(u8 seed[BLAKE2S_HASH]);
/* Changes with every reason to seed the generator anew. */
u32 pool_generation(void);

/*
 * Gather timing jitter until ready or the deadline (monotonic ns); about 1 ms
 * of work at a time, the caller may give way in between.  jitter.c.
 */
void jitter_collect(u64 deadline);

/* The first of the generator's stream for one caller; generator.c. */
void random_stream(struct chacha *c, u8 first[CHACHA_KEY]);

#endif
