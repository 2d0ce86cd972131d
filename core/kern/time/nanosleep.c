/* nanosleep(2), clock_nanosleep(2). */
#include "clocks.h"
#include "process.h"
#include "syscall.h"
#include "timer.h"
#include "uaccess.h"
#include <linux/time.h>

/* Until the clock shows until. 0 or -ERESTARTSYS. */
static int sleep_by_clock(const struct clock *c, nsec_t until)
{
	static const bool never;
	int err;

	if (c->kind == CLOCK_IS_WALL || c->kind == CLOCK_IS_MONOTONIC) {
		err = sleep_on_flag(&never, c->kind == CLOCK_IS_WALL, until);
		return err == -ETIMEDOUT ? 0 : err;
	}
	do
		err = sleep_deadline(clock_deadline(c, until));
	while (!err && clock_read(c) < until);
	return err;
}

/* args: end, clock id, where to put the rest */
static long restart_sleep(struct thread *t)
{
	struct __kernel_timespec __user *urest =
		(void __user *)(uintptr_t)t->restart.args[2];
	nsec_t end = t->restart.args[0], now;
	struct __kernel_timespec rest;
	struct clock c;
	int err = clock_resolve((int)t->restart.args[1], &c);

	if (err)
		return err;
	/* A duration is not shortened or lengthened by setting the clock. */
	if (c.kind == CLOCK_IS_WALL)
		c.kind = CLOCK_IS_MONOTONIC;
	err = sleep_by_clock(&c, end);
	now = clock_read(&c);
	clock_release(&c);
	if (!err || now >= end)
		return 0;
	if (urest) {
		rest = ns_timespec(end - now);
		if (put_user(rest, urest))
			return -EFAULT;
	}
	t->restart.fn = restart_sleep;
	return -ERESTART_RESTARTBLOCK;
}

static long sleep_for(int id, const struct clock *c, nsec_t duration,
		      struct __kernel_timespec __user *urest)
{
	struct thread *t = current_thread();
	nsec_t now = c->kind == CLOCK_IS_WALL ? now_ns() : clock_read(c);

	t->restart.args[0] =
		duration < NSEC_FOREVER - now ? now + duration : NSEC_FOREVER;
	t->restart.args[1] = (u64)(s64)id;
	t->restart.args[2] = (u64)(uintptr_t)urest;
	return restart_sleep(t);
}

static long sys_clock_nanosleep(int id, int flags,
				const struct __kernel_timespec __user *uts,
				struct __kernel_timespec __user *urest)
{
	struct __kernel_timespec ts;
	struct clock c;
	long err = clock_resolve(id, &c);

	if (err)
		return err;
	if (!c.timers || id == CLOCK_THREAD_CPUTIME_ID)
		err = -EOPNOTSUPP;
	else if (get_user(ts, uts))
		err = -EFAULT;
	else if (!timespec_valid(&ts))
		err = -EINVAL;
	else if (c.thread == current_thread())
		err = -EINVAL; /* its clock stands still while it sleeps */
	else if (!(flags & TIMER_ABSTIME))
		err = sleep_for(id, &c, timespec_ns(&ts), urest);
	else if (sleep_by_clock(&c, timespec_ns(&ts)))
		err = -ERESTARTNOHAND;
	clock_release(&c);
	return err;
}
SYSCALL(__NR_clock_nanosleep, sys_clock_nanosleep);

static long sys_nanosleep(const struct __kernel_timespec __user *uts,
			  struct __kernel_timespec __user *urest)
{
	return sys_clock_nanosleep(CLOCK_MONOTONIC, 0, uts, urest);
}
SYSCALL(__NR_nanosleep, sys_nanosleep);
