/* Resource limits: getrlimit(2). */
#include "private.h"
#include "linkset.h"
#include "page.h"
#include "syscall.h"
#include "uaccess.h"
#include <linux/capability.h>

/*
 * Linux lets threads fill an eighth of memory with their kernel stacks, and a
 * user have half of that, in threads as in queued signals (fork_init).
 */
static void limits_from_memory(void)
{
	struct memory_stats m;
	u64 n;

	memory_stats(&m);
	n = MAX(m.total * PAGE_SIZE / (8 * KSTACK_SIZE) / 2, 64ull);
	kernel_process.limits[RLIMIT_NPROC] = (struct rlimit64){n, n};
	kernel_process.limits[RLIMIT_SIGPENDING] = (struct rlimit64){n, n};
}
INITCALL(INIT_CORE, limits_from_memory);

static long change(struct process *p, unsigned resource,
		   const struct rlimit64 *new, struct rlimit64 *old)
{
	struct rlimit64 *r = &p->limits[resource];
	bool privileged = capable(CAP_SYS_RESOURCE);
	long err = 0;
	u64 flags;

	if (new && new->rlim_cur > new->rlim_max)
		return -EINVAL;
	if (new && resource == RLIMIT_NOFILE && new->rlim_max > 1048576)
		return -EPERM; /* fs.nr_open */
	flags = spin_lock_irqsave(&p->lock);
	if (old)
		*old = *r;
	if (new && new->rlim_max > r->rlim_max && !privileged)
		err = -EPERM;
	else if (new)
		*r = *new;
	spin_unlock_irqrestore(&p->lock, flags);
	if (!err && new && resource == RLIMIT_CPU)
		itimers_cpu_limit(p);
	return err;
}

static long sys_prlimit64(int pid, unsigned resource,
			  const struct rlimit64 __user *unew,
			  struct rlimit64 __user *uold)
{
	struct rlimit64 new, old;
	struct process *p;
	long err;

	if (resource >= RLIM_NLIMITS)
		return -EINVAL;
	if (unew && get_user(new, unew))
		return -EFAULT;
	p = process_find(pid ? pid : current_process()->pid);
	if (!p)
		return -ESRCH;
	err = process_may_control(p) && p != &kernel_process ? 0 : -EPERM;
	if (!err)
		err = change(p, resource, unew ? &new : NULL, &old);
	process_put(p);
	if (!err && uold && put_user(old, uold))
		err = -EFAULT;
	return err;
}
SYSCALL(__NR_prlimit64, sys_prlimit64);

static long sys_getrlimit(unsigned resource, struct rlimit64 __user *ulimit)
{
	return sys_prlimit64(0, resource, NULL, ulimit);
}
SYSCALL(__NR_getrlimit, sys_getrlimit);

static long sys_setrlimit(unsigned resource,
			  const struct rlimit64 __user *ulimit)
{
	struct rlimit64 new;

	if (get_user(new, ulimit))
		return -EFAULT;
	if (resource >= RLIM_NLIMITS)
		return -EINVAL;
	return change(current_process(), resource, &new, NULL);
}
SYSCALL(__NR_setrlimit, sys_setrlimit);
