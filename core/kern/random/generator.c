/*
 * The generator: ChaCha20 with fast key erasure.  Every request replaces the
 * key by the first half of a block of its own key stream, so that what was
 * handed out before cannot be computed from what memory holds afterwards.
 *
 * One lock around the key, for 64 bytes of work; longer output is made outside.
 */
#include "private.h"
#include "spinlock.h"
#include "string.h"

static spinlock_t lock = SPINLOCK_INIT; /* interrupts off */
static u8 key[CHACHA_KEY];              /* lock */
static u32 seeded;                      /* lock; pool_generation() of the key */
static bool started;                    /* lock */

/* A new key from the pool and the old key; lock held. */
static void reseed(u32 generation)
{
	u8 seed[BLAKE2S_HASH];
	struct blake2s b;

	pool_extract(seed);
	blake2s_init(&b, seed, sizeof(seed));
	blake2s_update(&b, key, sizeof(key));
	blake2s_final(&b, key);
	wipe(seed, sizeof(seed));
	seeded = generation;
	started = true;
}

void random_stream(struct chacha *c, u8 first[CHACHA_KEY])
{
	u8 block[CHACHA_BLOCK];
	u32 generation = pool_generation();
	u64 flags = spin_lock_irqsave(&lock);

	/* Until there is enough, whatever there is goes in each time. */
	if (!started || seeded != generation || !random_ready())
		reseed(generation);
	chacha_init(c, key);
	chacha_block(c, block);
	memcpy(key, block, sizeof(key));
	spin_unlock_irqrestore(&lock, flags);
	memcpy(first, block + CHACHA_KEY, CHACHA_KEY);
	wipe(block, sizeof(block));
}

void random_bytes(void *buf, size_t n)
{
	u8 block[CHACHA_BLOCK], *out = buf;
	struct chacha c;
	size_t piece = MIN(n, (size_t)CHACHA_KEY);

	random_stream(&c, block);
	memcpy(out, block, piece);
	for (out += piece, n -= piece; n; out += piece, n -= piece) {
		piece = MIN(n, sizeof(block));
		chacha_block(&c, block);
		memcpy(out, block, piece);
	}
	wipe(block, sizeof(block));
	wipe(&c, sizeof(c));
}

u64 random_u64(void)
{
	u64 v;

	random_bytes(&v, sizeof(v));
	return v;
}

/* The lowest 2^64 mod n values are refused, so that the rest is uniform. */
u64 random_below(u64 n)
{
	u64 refuse = -n % n, v;

	do
		v = random_u64();
	while (v < refuse);
	return v % n;
}
