/* System calls that read and set clocks. */
#include "clocks.h"
#include "process.h"
#include "string.h"
#include "syscall.h"
#include "timer.h"
#include "uaccess.h"
#include <linux/capability.h>
#include <linux/time.h>
#include <linux/timex.h>

static long sys_clock_gettime(int id, struct __kernel_timespec __user *uts)
{
	struct __kernel_timespec ts;
	struct clock c;
	int err = clock_resolve(id, &c);

	if (err)
		return err;
	ts = ns_timespec(clock_read(&c));
	clock_release(&c);
	return put_user(ts, uts);
}
SYSCALL(__NR_clock_gettime, sys_clock_gettime);

static long sys_clock_getres(int id, struct __kernel_timespec __user *uts)
{
	const struct __kernel_timespec one_ns = {0, 1};
	struct clock c;
	int err = clock_resolve(id, &c);

	if (err)
		return err;
	clock_release(&c);
	return uts ? put_user(one_ns, uts) : 0;
}
SYSCALL(__NR_clock_getres, sys_clock_getres);

/*
 * Linux' TIME_SETTOD_SEC_MAX: thirty years later the time still fits 63 bits of
 * nanoseconds.
 */
#define WALL_CLOCK_LIMIT                                                       \
	(INT64_MAX / (s64)NSEC_PER_SEC - 30ll * 365 * 24 * 3600)

static long set_wall_clock(const struct __kernel_timespec *ts)
{
	if (!timespec_valid(ts) || ts->tv_sec >= WALL_CLOCK_LIMIT)
		return -EINVAL;
	if (!capable(CAP_SYS_TIME))
		return -EPERM;
	/* Nor before the machine started. */
	if (timespec_ns(ts) < now_ns())
		return -EINVAL;
	realtime_set((s64)timespec_ns(ts));
	return 0;
}

static long sys_clock_settime(int id,
			      const struct __kernel_timespec __user *uts)
{
	struct __kernel_timespec ts;
	struct clock c;
	int err = clock_resolve(id, &c);

	if (err)
		return err;
	clock_release(&c);
	if (id != CLOCK_REALTIME)
		return id < 0 ? -EPERM : -EINVAL;
	if (get_user(ts, uts))
		return -EFAULT;
	return set_wall_clock(&ts);
}
SYSCALL(__NR_clock_settime, sys_clock_settime);

static struct timezone time_zone; /* what settimeofday was told; no meaning */

static long sys_gettimeofday(struct timeval __user *utv,
			     struct timezone __user *utz)
{
	nsec_t now = now_ns() + (nsec_t)realtime_offset();
	struct timeval tv;

	tv.tv_sec = (long)(now / NSEC_PER_SEC);
	tv.tv_usec = (long)(now % NSEC_PER_SEC / NSEC_PER_USEC);
	if ((utv && put_user(tv, utv)) || (utz && put_user(time_zone, utz)))
		return -EFAULT;
	return 0;
}
SYSCALL(__NR_gettimeofday, sys_gettimeofday);

static long sys_settimeofday(const struct timeval __user *utv,
			     const struct timezone __user *utz)
{
	struct __kernel_timespec ts;
	struct timezone tz;
	struct timeval tv;
	long err = 0;

	if ((utv && get_user(tv, utv)) || (utz && get_user(tz, utz)))
		return -EFAULT;
	if (utv && (tv.tv_usec < 0 || tv.tv_usec >= 1000000))
		return -EINVAL;
	if (utz &&
	    (tz.tz_minuteswest > 15 * 60 || tz.tz_minuteswest < -15 * 60))
		return -EINVAL;
	if (!capable(CAP_SYS_TIME))
		return -EPERM;
	if (utv) {
		ts.tv_sec = tv.tv_sec;
		ts.tv_nsec = tv.tv_usec * 1000;
		err = set_wall_clock(&ts);
	}
	if (!err && utz)
		time_zone = tz;
	return err;
}
SYSCALL(__NR_settimeofday, sys_settimeofday);

static long sys_time(long __user *ut)
{
	long t = (long)((now_ns() + (nsec_t)realtime_offset()) / NSEC_PER_SEC);

	if (ut && put_user(t, ut))
		return -EFAULT;
	return t;
}
SYSCALL(__NR_time, sys_time);

/*
 * The rate of the clock is the hypervisor's business: it can be asked for, not
 * changed.
 */
static long adjust(struct timex __user *ut)
{
	struct timex t;
	nsec_t now = now_ns() + (nsec_t)realtime_offset();
	unsigned modes;

	if (get_user(modes, &ut->modes))
		return -EFAULT;
	if (modes && modes != ADJ_OFFSET_SS_READ)
		return -EPERM;
	memset(&t, 0, sizeof(t));
	t.modes = modes;
	t.status = STA_UNSYNC | STA_NANO;
	t.maxerror = t.esterror = 16000000; /* NTP_PHASE_LIMIT: unset */
	t.constant = 2;
	t.precision = 1;
	t.tolerance = 32768000; /* MAXFREQ in units of 2^-16 ppm */
	t.tick = 10000;
	t.time.tv_sec = (long)(now / NSEC_PER_SEC);
	t.time.tv_usec = (long)(now % NSEC_PER_SEC);
	if (put_user(t, ut))
		return -EFAULT;
	return TIME_ERROR;
}

static long sys_adjtimex(struct timex __user *ut)
{
	return adjust(ut);
}
SYSCALL(__NR_adjtimex, sys_adjtimex);

static long sys_clock_adjtime(int id, struct timex __user *ut)
{
	struct clock c;
	int err = clock_resolve(id, &c);

	if (err)
		return err;
	clock_release(&c);
	return id == CLOCK_REALTIME ? adjust(ut) : -EOPNOTSUPP;
}
SYSCALL(__NR_clock_adjtime, sys_clock_adjtime);
