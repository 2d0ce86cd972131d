/* System calls about scheduling policies. */
#include "sched.h"
#include "futex.h"
#include "page.h"
#include "string.h"
#include "syscall.h"
#include "uaccess.h"
#include <linux/capability.h>
#include <linux/sched.h>
#include <linux/sched/types.h>

#define KEEP_POLICY (-1) /* sched_setparam */

/* Lowest and highest priority of a policy; false: unknown policy. */
static bool priority_range(int policy, int *min, int *max)
{
	switch (policy) {
	case SCHED_FIFO:
	case SCHED_RR:
		*min = 1;
		*max = 99;
		return true;
	case SCHED_NORMAL:
	case SCHED_BATCH:
	case SCHED_IDLE:
	case SCHED_DEADLINE:
		*min = *max = 0;
		return true;
	}
	return false;
}

static long sys_sched_get_priority_min(int policy)
{
	int min, max;

	return priority_range(policy, &min, &max) ? min : -EINVAL;
}
SYSCALL(__NR_sched_get_priority_min, sys_sched_get_priority_min);

static long sys_sched_get_priority_max(int policy)
{
	int min, max;

	return priority_range(policy, &min, &max) ? max : -EINVAL;
}
SYSCALL(__NR_sched_get_priority_max, sys_sched_get_priority_max);

static bool is_rt(int policy)
{
	return policy == SCHED_FIFO || policy == SCHED_RR;
}

/* Does it take privilege to have t scheduled so? */
static bool needs_privilege(struct thread *t, const struct sched_how *old,
			    const struct sched_how *new)
{
	u64 limit = READ_ONCE(t->process->limits[RLIMIT_RTPRIO].rlim_cur);

	if (is_rt(new->policy)) {
		if (new->policy != old->policy && !limit)
			return true;
		if (new->rt_priority > old->rt_priority &&
		    (u64)new->rt_priority > limit)
			return true;
	} else if (!sched_may_nice(t, new->nice)) {
		return true;
	}
	/* From below everybody's to the share of its nice value. */
	if (old->policy == SCHED_IDLE && new->policy != SCHED_IDLE &&
	    (u64)(20 - old->nice) >
		    READ_ONCE(t->process->limits[RLIMIT_NICE].rlim_cur))
		return true;
	return !sched_same_owner(t) ||
	       (old->reset_on_fork && !new->reset_on_fork);
}

/*
 * What SCHED_DEADLINE wants (sched(7)): runtime <= deadline <= period, at least
 * 1024 ns, the top bit clear.
 */
static bool deadline_valid(const struct sched_attr *a)
{
	u64 period = a->sched_period ? a->sched_period : a->sched_deadline;

	return a->sched_deadline && a->sched_runtime >= 1024 &&
	       !((a->sched_deadline | period) >> 63) &&
	       a->sched_runtime <= a->sched_deadline &&
	       a->sched_deadline <= period;
}

static long set_thread(struct thread *t, int policy,
		       const struct sched_attr *a)
{
	struct sched_how old = thread_how(t), new = old;
	int min, max;
	bool rt;

	new.reset_on_fork = a->sched_flags & SCHED_FLAG_RESET_ON_FORK;
	new.policy = policy;
	if (policy == KEEP_POLICY) {
		new.policy = old.policy;
		new.reset_on_fork = old.reset_on_fork;
	} else if (!priority_range(policy, &min, &max)) {
		return -EINVAL;
	}
	rt = is_rt(new.policy);
	if (a->sched_priority > 99 || rt != (a->sched_priority != 0) ||
	    (new.policy == SCHED_DEADLINE && !deadline_valid(a)))
		return -EINVAL;
	new.rt_priority = (int)a->sched_priority;
	if (!rt && new.policy != SCHED_DEADLINE)
		new.nice = a->sched_nice;
	if ((new.policy == SCHED_DEADLINE ||
	     needs_privilege(t, &old, &new)) &&
	    !capable(CAP_SYS_NICE))
		return -EPERM;
	/* No time can be promised to anybody: as a full admission control. */
	if (new.policy == SCHED_DEADLINE)
		return -EBUSY;
	if (a->sched_flags & SCHED_FLAG_KEEP_PARAMS) {
		new.nice = old.nice;
		new.rt_priority = old.rt_priority;
	}
	thread_set_how(t, &new);
	if (futex_pi_requeue)
		futex_pi_requeue(t);
	return 0;
}

static long set_policy(int tid, int policy,
		       const struct sched_param __user *uparam)
{
	struct sched_attr a = {0};
	struct sched_param param;
	struct thread *t;
	long err;

	if (!uparam || tid < 0)
		return -EINVAL;
	if (get_user(param, uparam))
		return -EFAULT;
	t = sched_find(tid);
	if (!t)
		return -ESRCH;
	a.sched_priority = (u32)param.sched_priority;
	a.sched_nice = READ_ONCE(t->nice);
	if (policy != KEEP_POLICY && policy & SCHED_RESET_ON_FORK) {
		a.sched_flags = SCHED_FLAG_RESET_ON_FORK;
		policy &= ~SCHED_RESET_ON_FORK;
	}
	err = set_thread(t, policy, &a);
	thread_put(t);
	return err;
}

static long sys_sched_setscheduler(int tid, int policy,
				   const struct sched_param __user *uparam)
{
	return policy < 0 ? -EINVAL : set_policy(tid, policy, uparam);
}
SYSCALL(__NR_sched_setscheduler, sys_sched_setscheduler);

static long sys_sched_setparam(int tid, const struct sched_param __user *uparam)
{
	return set_policy(tid, KEEP_POLICY, uparam);
}
SYSCALL(__NR_sched_setparam, sys_sched_setparam);

/* How the thread is scheduled: 0, -EINVAL, -ESRCH. */
static long get_how(int tid, struct sched_how *how)
{
	struct thread *t;

	if (tid < 0)
		return -EINVAL;
	t = sched_find(tid);
	if (!t)
		return -ESRCH;
	*how = thread_how(t);
	thread_put(t);
	return 0;
}

static long sys_sched_getscheduler(int tid)
{
	struct sched_how how;
	long err = get_how(tid, &how);

	if (err)
		return err;
	return how.policy | (how.reset_on_fork ? SCHED_RESET_ON_FORK : 0);
}
SYSCALL(__NR_sched_getscheduler, sys_sched_getscheduler);

static long sys_sched_getparam(int tid, struct sched_param __user *uparam)
{
	struct sched_param param;
	struct sched_how how;
	long err = uparam ? get_how(tid, &how) : -EINVAL;

	if (err)
		return err;
	param.sched_priority = how.rt_priority;
	return put_user(param, uparam) ? -EFAULT : 0;
}
SYSCALL(__NR_sched_getparam, sys_sched_getparam);

static long sys_sched_getattr(int tid, struct sched_attr __user *uattr,
			      unsigned size, unsigned flags)
{
	struct sched_attr attr;
	struct sched_how how;
	long err;

	if (!uattr || size < SCHED_ATTR_SIZE_VER0 || size > PAGE_SIZE || flags)
		return -EINVAL;
	err = get_how(tid, &how);
	if (err)
		return err;
	memset(&attr, 0, sizeof(attr));
	attr.size = MIN(size, (unsigned)sizeof(attr));
	attr.sched_policy = (u32)how.policy;
	attr.sched_flags = how.reset_on_fork ? SCHED_FLAG_RESET_ON_FORK : 0;
	if (is_rt(how.policy))
		attr.sched_priority = (u32)how.rt_priority;
	else
		attr.sched_nice = how.nice;
	return copy_to_user(uattr, &attr, attr.size) ? -EFAULT : 0;
}
SYSCALL(__NR_sched_getattr, sys_sched_getattr);

/* A structure that may be longer than we know, if the rest is zero. */
static long import_attr(struct sched_attr *attr, struct sched_attr __user *uattr)
{
	u32 size;
	u8 byte;

	if (get_user(size, &uattr->size))
		return -EFAULT;
	if (!size)
		size = SCHED_ATTR_SIZE_VER0;
	if (size < SCHED_ATTR_SIZE_VER0 || size > PAGE_SIZE)
		goto bad_size;
	memset(attr, 0, sizeof(*attr));
	if (copy_from_user(attr, uattr, MIN((size_t)size, sizeof(*attr))))
		return -EFAULT;
	for (size_t i = sizeof(*attr); i < size; i++) {
		if (copy_from_user(&byte, (const u8 __user *)uattr + i, 1))
			return -EFAULT;
		if (byte)
			goto bad_size;
	}
	if (attr->sched_flags & SCHED_FLAG_UTIL_CLAMP &&
	    size < SCHED_ATTR_SIZE_VER1)
		return -EINVAL;
	attr->sched_nice = attr->sched_nice < -20  ? -20
			   : attr->sched_nice > 19 ? 19
						   : attr->sched_nice;
	return 0;
bad_size:
	size = sizeof(*attr);
	return put_user(size, &uattr->size) ? -EFAULT : -E2BIG;
}

static long sys_sched_setattr(int tid, struct sched_attr __user *uattr,
			      unsigned flags)
{
	struct sched_attr attr;
	struct sched_how how;
	struct thread *t;
	int policy;
	long err;

	if (!uattr || tid < 0 || flags)
		return -EINVAL;
	err = import_attr(&attr, uattr);
	if (err)
		return err;
	policy = (int)attr.sched_policy;
	if (policy < 0)
		return -EINVAL;
	if (attr.sched_flags & SCHED_FLAG_KEEP_POLICY)
		policy = KEEP_POLICY;
	t = sched_find(tid);
	if (!t)
		return -ESRCH;
	if (attr.sched_flags & SCHED_FLAG_KEEP_PARAMS) {
		how = thread_how(t);
		attr.sched_priority = (u32)how.rt_priority;
		attr.sched_nice = how.nice;
	}
	if (attr.sched_flags & ~(u64)SCHED_FLAG_ALL)
		err = -EINVAL;
	else if (attr.sched_flags & SCHED_FLAG_UTIL_CLAMP)
		err = -EOPNOTSUPP; /* as a Linux built without it */
	else
		err = set_thread(t, policy, &attr);
	thread_put(t);
	return err;
}
SYSCALL(__NR_sched_setattr, sys_sched_setattr);

static long sys_sched_rr_get_interval(int tid,
				      struct __kernel_timespec __user *uts)
{
	struct __kernel_timespec ts;
	struct thread *t;

	if (tid < 0)
		return -EINVAL;
	t = sched_find(tid);
	if (!t)
		return -ESRCH;
	ts = ns_timespec(thread_quantum(t));
	thread_put(t);
	return put_user(ts, uts) ? -EFAULT : 0;
}
SYSCALL(__NR_sched_rr_get_interval, sys_sched_rr_get_interval);
