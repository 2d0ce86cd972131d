/* getrandom(2). */
#include "private.h"
#include "signal.h"
#include "syscall.h"
#include "thread.h"
#include "uaccess.h"
#include <linux/random.h>

/* Linux takes at most this much in one call (MAX_RW_COUNT). */
#define COUNT_MAX (0x7fffffffu & (u32)PAGE_MASK)

/*
 * Any length: a block at a time, giving way and looking for signals by pages.
 */
static long fill(u8 __user *buf, size_t n)
{
	u8 block[CHACHA_BLOCK];
	struct chacha c;
	size_t done = 0, piece = MIN(n, (size_t)CHACHA_KEY);

	random_stream(&c, block);
	while (!copy_to_user(buf + done, block, piece)) {
		done += piece;
		if (done == n)
			break;
		if (done / PAGE_SIZE != (done - piece) / PAGE_SIZE) {
			if (signal_pending())
				break;
			cond_resched();
		}
		piece = MIN(n - done, sizeof(block));
		chacha_block(&c, block);
	}
	wipe(block, sizeof(block));
	wipe(&c, sizeof(c));
	return done ? (long)done : -EFAULT;
}

static long sys_getrandom(u8 __user *buf, size_t n, unsigned flags)
{
	int err;

	if (flags & ~(GRND_NONBLOCK | GRND_RANDOM | GRND_INSECURE))
		return -EINVAL;
	if ((flags & GRND_RANDOM) && (flags & GRND_INSECURE))
		return -EINVAL;
	if (!(flags & GRND_INSECURE) && !random_ready()) {
		if (flags & GRND_NONBLOCK)
			return -EAGAIN;
		err = random_wait();
		if (err)
			return err;
	}
	n = MIN(n, (size_t)COUNT_MAX);
	return n ? fill(buf, n) : 0;
}
SYSCALL(__NR_getrandom, sys_getrandom);
