/* Taking signals without a handler. */
#include "private.h"
#include "syscall.h"
#include "uaccess.h"
#include <linux/time_types.h>

int signal_take(u64 set, siginfo_t *info)
{
	struct thread *t = current_thread();
	struct process *p = t->process;
	u64 flags;
	int sig;

	set &= ~SIGNALS_UNBLOCKABLE;
	flags = spin_lock_irqsave(&p->lock);
	sig = sigpending_take(&t->pending, set, info);
	if (!sig)
		sig = sigpending_take(&p->pending, set, info);
	spin_unlock_irqrestore(&p->lock, flags);
	if (sig)
		signal_taken(sig, info);
	return sig;
}

bool signal_any_pending(u64 set)
{
	struct thread *t = current_thread();

	set &= ~SIGNALS_UNBLOCKABLE;
	return READ_ONCE(t->pending.set) & set ||
	       READ_ONCE(t->process->pending.set) & set;
}

static long sys_rt_sigtimedwait(const sigset_t __user *uset,
				siginfo_t __user *uinfo,
				const struct __kernel_timespec __user *utimeout,
				size_t size)
{
	nsec_t deadline;
	sigset_t set;
	siginfo_t info;
	int sig = 0, err;

	if (size != sizeof(sigset_t))
		return -EINVAL;
	if (get_user(set, uset))
		return -EFAULT;
	err = timeout_from_user(utimeout, &deadline);
	if (err)
		return err;
	err = wait_event_until(&current_process()->signal_wait,
			       (sig = signal_take(set, &info)), deadline);
	if (err == -ETIMEDOUT)
		return -EAGAIN;
	if (err)
		return -EINTR;
	if (uinfo && put_user(info, uinfo))
		return -EFAULT;
	return sig;
}
SYSCALL(__NR_rt_sigtimedwait, sys_rt_sigtimedwait);
