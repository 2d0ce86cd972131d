/*
 * Entropy from how long things take: caches, the host's scheduling, other
 * guests. A last resort for machines without RDRAND, RDSEED and virtio-rng.
 */
#include "linkset.h"
#include "platform.h"
#include "private.h"
#include "signal.h"
#include "sync.h"
#include "syscall.h"
#include "thread.h"
#include "timer.h"

/* Samples for one bit: those whose differences vary to the third order. */
#define SAMPLES_PER_BIT 16
#define START_LIMIT (8 * NSEC_PER_MSEC)
#define SLICE NSEC_PER_MSEC

struct sampler {
	u64 last, last_delta, last_delta2;
	u64 memory[256]; /* 2 KiB: more than the lines that a core prefetches */
	unsigned good;
};

/* One measured stretch of work over memory. */
static u64 sample(struct sampler *s)
{
	u64 now = platform_cycles(), delta = now - s->last;
	u64 delta2 = delta - s->last_delta, delta3 = delta2 - s->last_delta2;
	unsigned at = (unsigned)(now ^ delta) % ARRAY_SIZE(s->memory);

	for (unsigned i = 0; i < 16; i++) {
		volatile u64 *p = &s->memory[at];

		*p = *p * 0x9e3779b97f4a7c15 + now;
		at = (at + 67 + (unsigned)(*p >> 60)) % ARRAY_SIZE(s->memory);
	}
	if (delta && delta2 && delta3)
		s->good++;
	s->last = now;
	s->last_delta = delta;
	s->last_delta2 = delta2;
	return now ^ s->memory[at];
}

void jitter_collect(u64 deadline)
{
	struct sampler s = {.last = platform_cycles()};
	u64 batch[32];

	do {
		s.good = 0;
		for (unsigned i = 0; i < ARRAY_SIZE(batch); i++)
			batch[i] = sample(&s);
		random_add(batch, sizeof(batch), s.good / SAMPLES_PER_BIT);
	} while (!random_ready() && now_ns() < deadline);
	wipe(&s, sizeof(s));
	wipe(batch, sizeof(batch));
}

int random_wait(void)
{
	static struct mutex one_at_a_time = MUTEX_INIT(one_at_a_time);

	while (!random_ready()) {
		if (signal_pending())
			return -ERESTARTSYS;
		mutex_lock(&one_at_a_time);
		if (!random_ready())
			jitter_collect(now_ns() + SLICE);
		mutex_unlock(&one_at_a_time);
		thread_yield();
	}
	return 0;
}

static void random_init(void)
{
	u8 buf[64];
	size_t n = platform_entropy(buf, sizeof(buf));
	u64 now[2];

	random_add(buf, n, (unsigned)n * 8);
	wipe(buf, sizeof(buf));
	if (random_ready())
		return;
	now[0] = now_ns();
	now[1] = (u64)realtime_offset();
	random_add(now, sizeof(now), 0);
	jitter_collect(now_ns() + START_LIMIT);
}
INITCALL(INIT_CORE, random_init);
