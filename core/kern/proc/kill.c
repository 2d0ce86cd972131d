/* System calls that send signals. */
#include "private.h"
#include "syscall.h"
#include "uaccess.h"

/* One process, with the checks; sig 0 only asks. */
static int kill_one(struct process *p, int sig, const siginfo_t *info)
{
	if (!process_may_control(p) &&
	    !(sig == SIGCONT && p->sid == current_process()->sid))
		return -EPERM;
	return sig ? signal_process(p, sig, info) : 0;
}

static int kill_pid(int pid, int sig, const siginfo_t *info)
{
	struct process *p = process_find(pid);
	int err;

	if (!p)
		return -ESRCH;
	err = kill_one(p, sig, info);
	process_put(p);
	return err;
}

/* A group, or everybody but the caller and the kernel (pgid -1). */
static int kill_many(int pgid, int sig, const siginfo_t *info)
{
	struct process *p, *me = current_process();
	int result = -ESRCH, err;

	for (int pid = 1; (p = process_next(pid)); process_put(p)) {
		pid = p->pid;
		if (pgid == -1 ? p == me : p->pgid != pgid)
			continue;
		err = kill_one(p, sig, info);
		/* One success is a success; EPERM tells more than ESRCH. */
		if (!err || result == -ESRCH)
			result = err;
	}
	return result;
}

static long sys_kill(int pid, int sig)
{
	siginfo_t info;

	if (sig < 0 || sig > SIGNAL_MAX)
		return -EINVAL;
	signal_user_info(&info, sig, SI_USER);
	if (pid == 0)
		return kill_many(current_process()->pgid, sig, &info);
	if (pid == INT32_MIN)
		return -ESRCH; /* it has no positive counterpart */
	if (pid < 0)
		return kill_many(pid == -1 ? -1 : -pid, sig, &info);
	return kill_pid(pid, sig, &info);
}
SYSCALL(__NR_kill, sys_kill);

/* tgid 0: any. */
static long send_to_thread(int tgid, int tid, int sig, const siginfo_t *info)
{
	struct process *p;
	struct thread *t = process_find_thread(tid, &p);
	long err = -ESRCH;

	if (!t)
		return -ESRCH;
	if (!tgid || p->pid == tgid) {
		if (!process_may_control(p))
			err = -EPERM;
		else
			err = sig ? signal_thread(t, sig, info) : 0;
	}
	thread_put(t);
	process_put(p);
	return err;
}

static long sys_tgkill(int tgid, int tid, int sig)
{
	siginfo_t info;

	if (tgid <= 0 || tid <= 0 || sig < 0 || sig > SIGNAL_MAX)
		return -EINVAL;
	signal_user_info(&info, sig, SI_TKILL);
	return send_to_thread(tgid, tid, sig, &info);
}
SYSCALL(__NR_tgkill, sys_tgkill);

static long sys_tkill(int tid, int sig)
{
	siginfo_t info;

	if (tid <= 0 || sig < 0 || sig > SIGNAL_MAX)
		return -EINVAL;
	signal_user_info(&info, sig, SI_TKILL);
	return send_to_thread(0, tid, sig, &info);
}
SYSCALL(__NR_tkill, sys_tkill);

/*
 * The sender writes si_code itself; only to itself may a thread pretend to be
 * the kernel or kill(2).
 */
static int import_info(siginfo_t *info, int sig, const siginfo_t __user *uinfo,
		       int target)
{
	if (get_user(*info, uinfo))
		return -EFAULT;
	info->si_signo = sig;
	if ((info->si_code >= 0 || info->si_code == SI_TKILL) &&
	    target != current_thread()->tid)
		return -EPERM;
	return 0;
}

static long sys_rt_sigqueueinfo(int pid, int sig, siginfo_t __user *uinfo)
{
	siginfo_t info;
	int err = import_info(&info, sig, uinfo, pid);

	if (err)
		return err;
	if (sig < 0 || sig > SIGNAL_MAX)
		return -EINVAL;
	return kill_pid(pid, sig, &info);
}
SYSCALL(__NR_rt_sigqueueinfo, sys_rt_sigqueueinfo);

static long sys_rt_tgsigqueueinfo(int tgid, int tid, int sig,
				  siginfo_t __user *uinfo)
{
	siginfo_t info;
	int err;

	if (tgid <= 0 || tid <= 0)
		return -EINVAL;
	err = import_info(&info, sig, uinfo, tid);
	if (err)
		return err;
	if (sig < 0 || sig > SIGNAL_MAX)
		return -EINVAL;
	return send_to_thread(tgid, tid, sig, &info);
}
SYSCALL(__NR_rt_tgsigqueueinfo, sys_rt_tgsigqueueinfo);
