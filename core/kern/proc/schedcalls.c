/* System calls about scheduling. */
#include "private.h"
#include "platform.h"
#include "string.h"
#include "syscall.h"
#include "uaccess.h"
#include <linux/capability.h>
#include <linux/sched.h>
#include <linux/sched/types.h>

/* The thread with this id, referenced; 0: the caller.  NULL: none. */
static struct thread *find(int tid)
{
	struct thread *t = current_thread();

	if (tid < 0)
		return NULL;
	if (tid)
		return process_find_thread(tid, NULL);
	thread_get(t);
	return t;
}

static long sys_sched_yield(void)
{
	thread_yield();
	return 0;
}
SYSCALL(__NR_sched_yield, sys_sched_yield);

/* ---- where ---- */

static u64 online_cpus(void)
{
	unsigned n = platform_cpus_online();

	return n < 64 ? BIT(n) - 1 : ~0ull;
}

static long sys_sched_getaffinity(int tid, unsigned size, u64 __user *mask)
{
	u64 cpus = online_cpus();
	struct thread *t;

	if (size * 8 < platform_cpus_online() || size % sizeof(u64))
		return -EINVAL;
	t = find(tid);
	if (!t)
		return -ESRCH;
	thread_put(t);
	if (put_user(cpus, mask))
		return -EFAULT;
	return sizeof(cpus);
}
SYSCALL(__NR_sched_getaffinity, sys_sched_getaffinity);

/*
 * The scheduler does not move threads between processors, so any mask with the
 * thread's own one in it is kept; others cannot be had yet.
 */
static long sys_sched_setaffinity(int tid, unsigned size,
				  const u64 __user *umask)
{
	struct thread *t;
	u64 mask = 0;
	long err = 0;

	if (copy_from_user(&mask, umask, MIN((size_t)size, sizeof(mask))))
		return -EFAULT;
	t = find(tid);
	if (!t)
		return -ESRCH;
	if (!(mask & online_cpus() & BIT(t->cpu->id % 64)))
		err = -EINVAL;
	thread_put(t);
	return err;
}
SYSCALL(__NR_sched_setaffinity, sys_sched_setaffinity);

static long sys_getcpu(unsigned __user *cpu, unsigned __user *node)
{
	unsigned id = this_cpu()->id;

	if ((cpu && put_user(id, cpu)) || (node && put_user(0, node)))
		return -EFAULT;
	return 0;
}
SYSCALL(__NR_getcpu, sys_getcpu);

/* ---- how: nice values ---- */

/* Linux' nice_to_rlimit: 20 - nice. */
static bool may_nice(struct thread *t, int nice)
{
	return nice >= t->nice || capable(CAP_SYS_NICE) ||
	       (u64)(20 - nice) <= process_limit(RLIMIT_NICE);
}

static long set_nice(struct thread *t, int nice)
{
	if (!process_may_control(t->process))
		return -EPERM;
	if (!may_nice(t, nice))
		return -EACCES;
	WRITE_ONCE(t->nice, nice);
	return 0;
}

/*
 * Call fn for the threads that which and who mean: a thread, all of a process
 * group, or of a user.  -ESRCH: there are none.
 */
static long for_each_meant(int which, int who,
			   long (*fn)(struct thread *t, void *arg), void *arg)
{
	struct process *me = current_process(), *p;
	struct thread *t;
	long result = -ESRCH;

	if (which == PRIO_PROCESS) {
		t = find(who);
		if (!t)
			return -ESRCH;
		result = fn(t, arg);
		thread_put(t);
		return result;
	}
	if (!who)
		who = which == PRIO_PGRP ? me->pgid : (int)me->uid;
	for (int pid = 1; (p = process_next(pid)); process_put(p)) {
		pid = p->pid;
		if (which == PRIO_PGRP ? p->pgid != who : (int)p->uid != who)
			continue;
		for (int tid = 0; (t = process_next_thread(p, tid));
		     thread_put(t)) {
			tid = t->tid;
			result = fn(t, arg);
		}
	}
	return result;
}

static long set_one(struct thread *t, void *arg)
{
	return set_nice(t, *(int *)arg);
}

static long sys_setpriority(int which, int who, int nice)
{
	nice = nice < -20 ? -20 : nice > 19 ? 19 : nice;
	if (which < PRIO_PROCESS || which > PRIO_USER)
		return -EINVAL;
	return for_each_meant(which, who, set_one, &nice);
}
SYSCALL(__NR_setpriority, sys_setpriority);

/* The best one counts; 20 - nice, so that no result is negative. */
static long best_one(struct thread *t, void *arg)
{
	long *best = arg;

	*best = MAX(*best, (long)(20 - t->nice));
	return *best;
}

static long sys_getpriority(int which, int who)
{
	long best = 0;

	if (which < PRIO_PROCESS || which > PRIO_USER)
		return -EINVAL;
	return for_each_meant(which, who, best_one, &best);
}
SYSCALL(__NR_getpriority, sys_getpriority);

/* ---- how: policies ---- */

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

/*
 * Only fair scheduling exists. Asking for a real-time policy is refused, as it
 * is for whoever lacks the privilege on Linux: programs are prepared for that.
 */
static long set_policy(int tid, int policy, const struct sched_param *param)
{
	struct thread *t;
	long err = 0;
	int min, max;

	policy &= ~SCHED_RESET_ON_FORK;
	if (tid < 0 || !priority_range(policy, &min, &max) ||
	    param->sched_priority < min || param->sched_priority > max)
		return -EINVAL;
	t = find(tid);
	if (!t)
		return -ESRCH;
	if (policy == SCHED_FIFO || policy == SCHED_RR ||
	    policy == SCHED_DEADLINE || !process_may_control(t->process))
		err = -EPERM;
	else
		t->policy = policy;
	thread_put(t);
	return err;
}

static long sys_sched_setscheduler(int tid, int policy,
				   const struct sched_param __user *uparam)
{
	struct sched_param param;

	if (policy < 0 || !uparam)
		return -EINVAL;
	if (get_user(param, uparam))
		return -EFAULT;
	return set_policy(tid, policy, &param);
}
SYSCALL(__NR_sched_setscheduler, sys_sched_setscheduler);

static long sys_sched_getscheduler(int tid)
{
	struct thread *t;
	long policy;

	if (tid < 0)
		return -EINVAL;
	t = find(tid);
	if (!t)
		return -ESRCH;
	policy = t->policy;
	thread_put(t);
	return policy;
}
SYSCALL(__NR_sched_getscheduler, sys_sched_getscheduler);

static long sys_sched_setparam(int tid, const struct sched_param __user *uparam)
{
	struct sched_param param;
	long policy;

	if (!uparam)
		return -EINVAL;
	if (get_user(param, uparam))
		return -EFAULT;
	policy = sys_sched_getscheduler(tid);
	return policy < 0 ? policy : set_policy(tid, (int)policy, &param);
}
SYSCALL(__NR_sched_setparam, sys_sched_setparam);

static long sys_sched_getparam(int tid, struct sched_param __user *uparam)
{
	struct sched_param param = {0};
	struct thread *t;

	if (!uparam || tid < 0)
		return -EINVAL;
	t = find(tid);
	if (!t)
		return -ESRCH;
	param.sched_priority = t->rt_priority;
	thread_put(t);
	return put_user(param, uparam);
}
SYSCALL(__NR_sched_getparam, sys_sched_getparam);

static long sys_sched_getattr(int tid, struct sched_attr __user *uattr,
			      unsigned size, unsigned flags)
{
	struct sched_attr attr;
	struct thread *t;

	if (!uattr || tid < 0 || size < SCHED_ATTR_SIZE_VER0 ||
	    size > PAGE_SIZE || flags)
		return -EINVAL;
	t = find(tid);
	if (!t)
		return -ESRCH;
	memset(&attr, 0, sizeof(attr));
	attr.size = MIN(size, (unsigned)sizeof(attr));
	attr.sched_policy = (u32)t->policy;
	attr.sched_nice = t->nice;
	thread_put(t);
	return copy_to_user(uattr, &attr, attr.size);
}
SYSCALL(__NR_sched_getattr, sys_sched_getattr);

static long sys_sched_setattr(int tid, struct sched_attr __user *uattr,
			      unsigned flags)
{
	struct sched_attr attr;
	struct sched_param param;
	struct thread *t;
	u32 size;
	long err;

	if (!uattr || tid < 0 || flags)
		return -EINVAL;
	if (get_user(size, &uattr->size))
		return -EFAULT;
	if (!size)
		size = SCHED_ATTR_SIZE_VER0;
	if (size < SCHED_ATTR_SIZE_VER0 || size > sizeof(attr))
		return -E2BIG;
	memset(&attr, 0, sizeof(attr));
	if (copy_from_user(&attr, uattr, size))
		return -EFAULT;
	param.sched_priority = (int)attr.sched_priority;
	err = set_policy(tid, (int)attr.sched_policy, &param);
	if (err)
		return err;
	t = find(tid);
	if (!t)
		return -ESRCH;
	err = set_nice(t, attr.sched_nice < -20  ? -20
			  : attr.sched_nice > 19 ? 19
						 : attr.sched_nice);
	thread_put(t);
	return err == -EACCES ? -EPERM : err;
}
SYSCALL(__NR_sched_setattr, sys_sched_setattr);

static long sys_sched_rr_get_interval(int tid,
				      struct __kernel_timespec __user *ts)
{
	struct __kernel_timespec slice = {0, 0};
	struct thread *t;

	if (tid < 0)
		return -EINVAL;
	t = find(tid);
	if (!t)
		return -ESRCH;
	thread_put(t);
	/* The longest turn of the fair scheduler (kern/sched/sched.c). */
	slice.tv_nsec = 3 * (long)NSEC_PER_MSEC;
	return put_user(slice, ts);
}
SYSCALL(__NR_sched_rr_get_interval, sys_sched_rr_get_interval);
