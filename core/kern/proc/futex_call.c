/* The system call futex(2). */
#include "futex.h"
#include "process.h"
#include "syscall.h"
#include "uaccess.h"
#include <linux/futex.h>

/* args: uaddr, flags, val, bitset, deadline, realtime (all absolute) */
static long restart_wait(struct thread *t)
{
	const u64 *a = t->restart.args;
	struct futex_timeout to = {a[5], a[4]};
	int err = futex_wait((u32 __user *)(uintptr_t)a[0], a[1], (u32)a[2],
			     (u32)a[3], &to);

	if (err != -ERESTARTSYS)
		return err;
	t->restart.fn = restart_wait;
	return -ERESTART_RESTARTBLOCK;
}

static long wait(u32 __user *uaddr, bool shared, u32 val, u32 bitset,
		 const struct futex_timeout *to)
{
	struct thread *t = current_thread();
	int err = futex_wait(uaddr, shared, val, bitset, to);

	if (err != -ERESTARTSYS || to->deadline == NSEC_FOREVER)
		return err;
	/* Starting over must not begin the waiting time anew. */
	t->restart.fn = restart_wait;
	t->restart.args[0] = (u64)(uintptr_t)uaddr;
	t->restart.args[1] = shared;
	t->restart.args[2] = val;
	t->restart.args[3] = bitset;
	t->restart.args[4] = to->deadline;
	t->restart.args[5] = to->realtime;
	return -ERESTART_RESTARTBLOCK;
}

/* FUTEX_WAIT's time-out is a duration, all others are points in time. */
static int import_timeout(struct futex_timeout *to, int cmd,
			  const struct __kernel_timespec __user *utime)
{
	struct __kernel_timespec ts;

	to->deadline = NSEC_FOREVER;
	if (cmd != FUTEX_WAIT && cmd != FUTEX_WAIT_BITSET &&
	    cmd != FUTEX_LOCK_PI && cmd != FUTEX_LOCK_PI2)
		return 0;
	if (cmd == FUTEX_LOCK_PI)
		to->realtime = true;
	if (!utime)
		return 0;
	if (get_user(ts, utime))
		return -EFAULT;
	if (!timespec_valid(&ts))
		return -EINVAL;
	to->deadline = timespec_ns(&ts);
	if (cmd == FUTEX_WAIT) {
		to->deadline = deadline_after(to->deadline);
		to->realtime = false;
	}
	return 0;
}

static long sys_futex(u32 __user *uaddr, int op, u32 val,
		      const struct __kernel_timespec __user *utime,
		      u32 __user *uaddr2, u32 val3)
{
	bool shared = !(op & FUTEX_PRIVATE_FLAG);
	/* Where there is no time-out, it is a second number. */
	u32 val2 = (u32)(uintptr_t)utime;
	struct futex_timeout to = {.realtime = op & FUTEX_CLOCK_REALTIME};
	int cmd = op & FUTEX_CMD_MASK;
	int err;

	if (to.realtime && cmd != FUTEX_WAIT && cmd != FUTEX_WAIT_BITSET &&
	    cmd != FUTEX_LOCK_PI2)
		return -ENOSYS;
	err = import_timeout(&to, cmd, utime);
	if (err)
		return err;
	switch (cmd) {
	case FUTEX_WAIT:
		return wait(uaddr, shared, val, FUTEX_BITSET_MATCH_ANY, &to);
	case FUTEX_WAIT_BITSET:
		return wait(uaddr, shared, val, val3, &to);
	case FUTEX_WAKE:
	case FUTEX_WAKE_BITSET:
		/* Linux wakes one even if it is asked for none. */
		return futex_wake(uaddr, (s32)val > 0 ? val : 1,
				  cmd == FUTEX_WAKE ? FUTEX_BITSET_MATCH_ANY
						    : val3,
				  shared);
	}
	if (!futex_other)
		return -ENOSYS;
	return futex_other(uaddr, cmd, shared, val, &to, uaddr2, val2, val3);
}
SYSCALL(__NR_futex, sys_futex);
