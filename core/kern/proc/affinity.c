/* System calls about which processors threads run on. */
#include "sched.h"
#include "platform.h"
#include "syscall.h"
#include "uaccess.h"
#include <linux/capability.h>

struct thread *sched_find(int tid)
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

static long sys_sched_getaffinity(int tid, unsigned size, u64 __user *mask)
{
	struct thread *t;
	u64 cpus;

	if ((u64)size * 8 < platform_cpus_present() || size % sizeof(u64))
		return -EINVAL;
	t = sched_find(tid);
	if (!t)
		return -ESRCH;
	cpus = READ_ONCE(t->affinity) & platform_cpus_mask();
	thread_put(t);
	if (put_user(cpus, mask))
		return -EFAULT;
	return sizeof(cpus);
}
SYSCALL(__NR_sched_getaffinity, sys_sched_getaffinity);

static long sys_sched_setaffinity(int tid, unsigned size,
				  const u64 __user *umask)
{
	struct thread *t;
	u64 mask = 0;
	long err = 0;

	if (copy_from_user(&mask, umask, MIN((size_t)size, sizeof(mask))))
		return -EFAULT;
	t = sched_find(tid);
	if (!t)
		return -ESRCH;
	mask &= platform_cpus_mask();
	if (!sched_same_owner(t) && !capable(CAP_SYS_NICE))
		err = -EPERM;
	else if (!mask)
		err = -EINVAL;
	else
		thread_set_affinity(t, mask);
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
