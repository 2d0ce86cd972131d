/* getrandom(2). */
#include "private.h"
#include "signal.h"
#include "syscall.h"
#include "thread.h"
#include "uaccess.h"
#include "uio.h"
#include <linux/random.h>

/*
 * More than a key's worth: a stream of its own, a block at a time, giving way
 * and looking for signals by pages, as Linux does.
 */
static size_t stream(u8 __user *buf, size_t n, const u8 key[CHACHA_KEY])
{
	u8 block[CHACHA_BLOCK];
	struct chacha c;
	size_t done = 0;

	chacha_init(&c, key);
	while (done < n) {
		size_t piece = MIN(n - done, sizeof(block));

		chacha_block(&c, block);
		if (copy_to_user(buf + done, block, piece))
			break;
		done += piece;
		if (done % PAGE_SIZE)
			continue;
		if (signal_pending())
			break;
		cond_resched();
	}
	wipe(block, sizeof(block));
	wipe(&c, sizeof(c));
	return done;
}

static long fill(u8 __user *buf, size_t n)
{
	u8 first[CHACHA_KEY];
	struct chacha c;
	size_t done;

	random_stream(&c, first);
	wipe(&c, sizeof(c));
	if (n > sizeof(first))
		done = stream(buf, n, first);
	else
		done = copy_to_user(buf, first, n) ? 0 : n;
	wipe(first, sizeof(first));
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
	n = MIN(n, (size_t)RW_MAX);
	return n ? fill(buf, n) : 0;
}
SYSCALL(__NR_getrandom, sys_getrandom);
