/*
 * The entropy pool: a running hash of all input, and an account of how much of
 * it an attacker could not guess.
 *
 * Nothing is ever drawn from the account: the generator (generator.c) stays
 * strong once it had 256 bits.  The account says when that is so for the first
 * time, and later when there is enough new input to seed it anew at one blow
 * (never bit by bit, which an observer could follow).
 */
#include "platform.h"
#include "private.h"
#include "spinlock.h"
#include "string.h"
#include "sync.h"

#define ENOUGH 256 /* bits */

static spinlock_t lock = SPINLOCK_INIT; /* interrupts off */
static struct blake2s pool;             /* lock */
static bool started;                    /* lock */
static unsigned account;                /* lock; bits since the last seeding */
static bool ready;                      /* atomic */
static u32 generation;                  /* atomic */

static void start(void)
{
	if (!started) {
		blake2s_init(&pool, NULL, 0);
		started = true;
	}
}

void random_add(const void *buf, size_t n, unsigned bits)
{
	u64 stamp = platform_cycles();
	u64 flags = spin_lock_irqsave(&lock);

	start();
	blake2s_update(&pool, &stamp, sizeof(stamp));
	blake2s_update(&pool, buf, n);
	account += MIN(bits, (unsigned)ENOUGH);
	if (account >= ENOUGH) {
		account = 0;
		__atomic_add_fetch(&generation, 1, __ATOMIC_RELEASE);
		__atomic_store_n(&ready, true, __ATOMIC_RELEASE);
	}
	spin_unlock_irqrestore(&lock, flags);
}

bool random_ready(void)
{
	return __atomic_load_n(&ready, __ATOMIC_ACQUIRE);
}

u32 pool_generation(void)
{
	return __atomic_load_n(&generation, __ATOMIC_ACQUIRE);
}

/* What has been hashed is the key of a block: half goes out, half goes on. */
void pool_extract(u8 seed[BLAKE2S_HASH])
{
	u64 stamp = platform_cycles();
	u8 all[BLAKE2S_HASH], block[CHACHA_BLOCK];
	struct chacha c;
	u64 flags = spin_lock_irqsave(&lock);

	start();
	blake2s_update(&pool, &stamp, sizeof(stamp));
	blake2s_final(&pool, all);
	chacha_init(&c, all);
	chacha_block(&c, block);
	blake2s_init(&pool, block, BLAKE2S_HASH);
	spin_unlock_irqrestore(&lock, flags);
	memcpy(seed, block + BLAKE2S_HASH, BLAKE2S_HASH);
	wipe(&c, sizeof(c));
	wipe(all, sizeof(all));
	wipe(block, sizeof(block));
}

/*
 * Events are gathered in one word without a lock and mixed in by the dozens;
 * lost updates of racing CPUs do no harm.  One bit for 64 events: somebody on
 * the host sees most of them.
 */
void random_event(u64 data)
{
	static u64 gathered;
	static u32 count;
	u64 g = READ_ONCE(gathered);

	g = (g << 19 | g >> 45) ^ data ^ platform_cycles();
	g *= 0x9e3779b97f4a7c15; /* 2^64 / golden ratio: spreads the bits */
	WRITE_ONCE(gathered, g);
	if (__atomic_add_fetch(&count, 1, __ATOMIC_RELAXED) % 64 == 0)
		random_add(&g, sizeof(g), 1);
}
