/* Times of the program's interface and nanoseconds. */
#include "sync.h"
#include "timer.h"
#include "uaccess.h"
#include <linux/errno.h>

bool timespec_valid(const struct __kernel_timespec *ts)
{
	return ts->tv_sec >= 0 && ts->tv_nsec >= 0 &&
	       (u64)ts->tv_nsec < NSEC_PER_SEC;
}

nsec_t timespec_ns(const struct __kernel_timespec *ts)
{
	u64 ns;

	if (__builtin_mul_overflow((u64)ts->tv_sec, NSEC_PER_SEC, &ns) ||
	    __builtin_add_overflow(ns, (u64)ts->tv_nsec, &ns))
		return NSEC_FOREVER;
	return ns;
}

struct __kernel_timespec ns_timespec(nsec_t ns)
{
	struct __kernel_timespec ts;

	ts.tv_sec = (s64)(ns / NSEC_PER_SEC);
	ts.tv_nsec = (s64)(ns % NSEC_PER_SEC);
	return ts;
}

nsec_t deadline_after(nsec_t delta)
{
	nsec_t now = now_ns();

	return delta < NSEC_FOREVER - now ? now + delta : NSEC_FOREVER;
}

int timeout_from_user(const struct __kernel_timespec __user *uts,
		      nsec_t *deadline)
{
	struct __kernel_timespec ts;
	nsec_t delta;

	*deadline = NSEC_FOREVER;
	if (!uts)
		return 0;
	if (get_user(ts, uts))
		return -EFAULT;
	if (!timespec_valid(&ts))
		return -EINVAL;
	delta = timespec_ns(&ts);
	*deadline = delta ? deadline_after(delta) : 0;
	return 0;
}

nsec_t realtime_deadline(nsec_t unix_ns)
{
	s64 offset = realtime_offset();

	if (unix_ns >= (nsec_t)INT64_MAX)
		return NSEC_FOREVER;
	if ((s64)unix_ns <= offset)
		return 0;
	return unix_ns - (nsec_t)offset;
}
