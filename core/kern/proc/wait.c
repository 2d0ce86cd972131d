/* Waiting for children. */
#include "private.h"
#include "string.h"
#include "syscall.h"
#include "uaccess.h"
#include <linux/wait.h>

void notify_parent_locked(struct process *p, int cld_code, int status)
{
	struct process *parent = p->parent;
	const struct sigaction *sa;
	struct usage u;
	siginfo_t info;

	if (parent != &kernel_process) {
		sa = &parent->actions->action[SIGCHLD - 1];
		process_usage(p, &u);
		memset(&info, 0, sizeof(info));
		info.si_signo = SIGCHLD;
		info.si_code = cld_code;
		info.si_pid = p->pid;
		info.si_uid = p->uid;
		info.si_status = status;
		info.si_utime = (long)(u.cpu_time / (NSEC_PER_SEC / 100));
		if (!(sa->sa_flags & SA_NOCLDSTOP) || cld_code == CLD_EXITED ||
		    cld_code == CLD_KILLED || cld_code == CLD_DUMPED)
			(void)signal_process(parent, SIGCHLD, &info);
	}
	waitq_wake_all(&parent->child_wait);
}

/* What waitid and wait4 look for, and what they found. */
struct wait_request {
	int which, id; /* P_PID, P_PGID, P_ALL */
	int options;   /* WEXITED, WSTOPPED, WCONTINUED, WNOHANG, WNOWAIT */
	int pid;       /* found, or 0 */
	u32 uid;
	int code, status; /* CLD_*, and what si_status says */
	struct usage usage;
};

static bool concerns(const struct wait_request *w, const struct process *p)
{
	return w->which == P_ALL || (w->which == P_PID && p->pid == w->id) ||
	       (w->which == P_PGID && p->pgid == w->id);
}

/* Has p something to report?  Then it is reported. process_lock held. */
static bool report(struct wait_request *w, struct process *p)
{
	bool keep = w->options & WNOWAIT;
	u64 flags;

	if (p->zombie && w->options & WEXITED) {
		int status = p->exit_status;

		w->code = status & 0x7f ? CLD_KILLED : CLD_EXITED;
		w->status = status & 0x7f ? status & 0x7f : status >> 8;
	} else {
		flags = spin_lock_irqsave(&p->lock);
		w->code = 0;
		if (p->stop_unreported && w->options & WSTOPPED) {
			w->code = CLD_STOPPED;
			w->status = p->stop_signal;
			p->stop_unreported = keep;
		} else if (p->cont_unreported && w->options & WCONTINUED) {
			w->code = CLD_CONTINUED;
			w->status = SIGCONT;
			p->cont_unreported = keep;
		}
		spin_unlock_irqrestore(&p->lock, flags);
		if (!w->code)
			return false;
	}
	w->pid = p->pid;
	w->uid = p->uid;
	process_usage(p, &w->usage);
	usage_add(&w->usage, &p->children_usage);
	if (p->zombie && !keep)
		process_reap_locked(p);
	return true;
}

/* One look at the children: 1 reported, 0 nothing yet, -ECHILD. */
static int look(struct wait_request *w)
{
	struct process *p, *next, *me = current_process();
	int result = -ECHILD;

	mutex_lock(&process_lock);
	list_for_each_safe(p, next, &me->children, sibling) {
		if (!concerns(w, p))
			continue;
		result = report(w, p);
		if (result)
			break;
	}
	mutex_unlock(&process_lock);
	return result;
}

/*
 * A look takes a mutex, so it cannot be the condition of a sleep; this flag,
 * set by every change after it was cleared, can.
 */
struct child_waiter {
	struct waiter waiter;
	bool changed;
};

static bool note_change(struct waiter *w, u32 events)
{
	WRITE_ONCE(container_of(w, struct child_waiter, waiter)->changed, true);
	return waiter_wake_thread(w, events);
}

static int sleep_until_change(struct child_waiter *cw)
{
	int err = 0;

	do {
		sleep_prepare(true);
		if (READ_ONCE(cw->changed))
			break;
		err = sleep_until(NSEC_FOREVER);
	} while (!err);
	sleep_cancel();
	return err;
}

/* 0 with w->pid (0: WNOHANG and nothing), or -errno. */
static int wait_for_child(struct wait_request *w)
{
	struct waitq *q = &current_process()->child_wait;
	struct child_waiter cw;
	int result, err = 0;

	w->pid = 0;
	waiter_init(&cw.waiter);
	cw.waiter.wake = note_change;
	waitq_add(q, &cw.waiter);
	for (;;) {
		WRITE_ONCE(cw.changed, false);
		result = look(w);
		if (result || err || w->options & WNOHANG)
			break;
		err = sleep_until_change(&cw);
	}
	waitq_remove(q, &cw.waiter);
	if (result < 0)
		return result;
	return result ? 0 : err;
}

static int wait_status(const struct wait_request *w)
{
	switch (w->code) {
	case CLD_EXITED:
		return WAIT_EXITED(w->status);
	case CLD_STOPPED:
		return w->status << 8 | 0x7f;
	case CLD_CONTINUED:
		return 0xffff;
	default:
		return WAIT_SIGNALED(w->status);
	}
}

static long sys_wait4(int pid, int __user *status, int options,
		      struct rusage __user *ru)
{
	struct wait_request w = {0};
	struct rusage r;
	int err;

	if (options & ~(WNOHANG | WUNTRACED | WCONTINUED | __WNOTHREAD |
			(int)__WCLONE | __WALL))
		return -EINVAL;
	if (pid == INT32_MIN)
		return -ESRCH;
	w.options = options | WEXITED; /* WUNTRACED and WSTOPPED are one bit */
	w.which = pid == -1 ? P_ALL : pid > 0 ? P_PID : P_PGID;
	w.id = pid > 0 ? pid : pid == 0 ? current_process()->pgid : -pid;
	err = wait_for_child(&w);
	if (err || !w.pid)
		return err;
	if (status && put_user(wait_status(&w), status))
		return -EFAULT;
	if (ru) {
		usage_to_rusage(&w.usage, &r);
		if (put_user(r, ru))
			return -EFAULT;
	}
	return w.pid;
}
SYSCALL(__NR_wait4, sys_wait4);

static long sys_waitid(int which, int id, siginfo_t __user *infop, int options,
		       struct rusage __user *ru)
{
	struct wait_request w = {0};
	struct rusage r;
	siginfo_t info;
	int err;

	if (options & ~(WNOHANG | WNOWAIT | WEXITED | WSTOPPED | WCONTINUED |
			__WNOTHREAD | (int)__WCLONE | __WALL) ||
	    !(options & (WEXITED | WSTOPPED | WCONTINUED)))
		return -EINVAL;
	switch (which) {
	case P_ALL:
		break;
	case P_PID:
		if (id <= 0)
			return -EINVAL;
		break;
	case P_PGID:
		if (id < 0)
			return -EINVAL;
		if (!id)
			id = current_process()->pgid;
		break;
	default: /* P_PIDFD: there are no such descriptors */
		return which == P_PIDFD ? -EBADF : -EINVAL;
	}
	w.which = which;
	w.id = id;
	w.options = options;
	err = wait_for_child(&w);
	if (err)
		return err;
	if (infop) {
		memset(&info, 0, sizeof(info));
		if (w.pid) {
			info.si_signo = SIGCHLD;
			info.si_code = w.code;
			info.si_pid = w.pid;
			info.si_uid = w.uid;
			info.si_status = w.status;
		}
		if (put_user(info, infop))
			return -EFAULT;
	}
	if (ru && w.pid) {
		usage_to_rusage(&w.usage, &r);
		if (put_user(r, ru))
			return -EFAULT;
	}
	return 0;
}
SYSCALL(__NR_waitid, sys_waitid);

int process_wait(struct process *p, bool *oom)
{
	int status;

	wait_event(&kernel_process.child_wait, READ_ONCE(p->zombie));
	mutex_lock(&process_lock);
	status = p->exit_status;
	if (oom)
		*oom = p->oom_killed;
	process_reap_locked(p);
	mutex_unlock(&process_lock);
	waitq_wake_all(&kernel_process.child_wait);
	process_put(p);
	return status;
}

void process_abandon(struct process *p)
{
	mutex_lock(&process_lock);
	p->kernel_waits = false;
	if (p->zombie)
		process_reap_locked(p);
	mutex_unlock(&process_lock);
	waitq_wake_all(&kernel_process.child_wait);
	process_put(p);
}

bool process_wait_all(nsec_t deadline)
{
	return !wait_event_common(&kernel_process.child_wait,
				  list_empty(&kernel_process.children), false,
				  deadline, false);
}
