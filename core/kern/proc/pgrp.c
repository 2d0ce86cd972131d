/* Numbers of processes, process groups and sessions. */
#include "private.h"
#include "syscall.h"

static long sys_getpid(void)
{
	return current_process()->pid;
}
SYSCALL(__NR_getpid, sys_getpid);

static long sys_gettid(void)
{
	return current_thread()->tid;
}
SYSCALL(__NR_gettid, sys_gettid);

static long sys_getppid(void)
{
	/* A parent is only ever replaced by process 1, which stays. */
	return READ_ONCE(current_process()->parent)->pid;
}
SYSCALL(__NR_getppid, sys_getppid);

static long get_id(int pid, bool session)
{
	struct process *p;
	int id;

	if (!pid)
		pid = current_process()->pid;
	p = process_find(pid);
	if (!p)
		return -ESRCH;
	id = session ? READ_ONCE(p->sid) : READ_ONCE(p->pgid);
	process_put(p);
	return id;
}

static long sys_getpgid(int pid)
{
	return get_id(pid, false);
}
SYSCALL(__NR_getpgid, sys_getpgid);

static long sys_getsid(int pid)
{
	return get_id(pid, true);
}
SYSCALL(__NR_getsid, sys_getsid);

static long sys_getpgrp(void)
{
	return current_process()->pgid;
}
SYSCALL(__NR_getpgrp, sys_getpgrp);

/* Is there a group with this number in this session? process_lock held. */
static bool group_exists(int pgid, int sid)
{
	struct process *p;
	bool found = false;

	for (int pid = 0; !found && (p = process_next(pid)); process_put(p)) {
		pid = p->pid;
		found = p->pgid == pgid && p->sid == sid;
	}
	return found;
}

static long setpgid_locked(struct process *p, int pgid)
{
	struct process *me = current_process();

	if (p != me && p->parent != me)
		return -ESRCH;
	if (p->sid != me->sid || p->sid == p->pid)
		return -EPERM;
	if (pgid != p->pid && !group_exists(pgid, p->sid))
		return -EPERM;
	WRITE_ONCE(p->pgid, pgid);
	return 0;
}

static long sys_setpgid(int pid, int pgid)
{
	struct process *p;
	long err;

	if (!pid)
		pid = current_process()->pid;
	if (!pgid)
		pgid = pid;
	if (pgid < 0)
		return -EINVAL;
	p = process_find(pid);
	if (!p)
		return -ESRCH;
	mutex_lock(&process_lock);
	err = setpgid_locked(p, pgid);
	mutex_unlock(&process_lock);
	process_put(p);
	return err;
}
SYSCALL(__NR_setpgid, sys_setpgid);

static long sys_setsid(void)
{
	struct process *p = current_process();
	long result = -EPERM;

	mutex_lock(&process_lock);
	if (p->pgid != p->pid) {
		WRITE_ONCE(p->sid, p->pid);
		WRITE_ONCE(p->pgid, p->pid);
		result = p->pid;
	}
	mutex_unlock(&process_lock);
	return result;
}
SYSCALL(__NR_setsid, sys_setsid);
