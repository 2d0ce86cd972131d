/* System calls about nice values: getpriority, setpriority. */
#include "sched.h"
#include "syscall.h"
#include <linux/capability.h>

/* Linux' nice_to_rlimit: 20 - nice. */
bool sched_may_nice(struct thread *t, int nice)
{
	u64 limit = READ_ONCE(t->process->limits[RLIMIT_NICE].rlim_cur);

	return nice >= READ_ONCE(t->nice) || (u64)(20 - nice) <= limit;
}

bool sched_same_owner(struct thread *t)
{
	const struct process *me = current_process(), *p = t->process;

	return me->euid == p->euid || me->euid == p->uid;
}

/* Linux lets the real user do it too, here alone. */
static long set_nice(struct thread *t, int nice)
{
	const struct process *me = current_process();
	struct sched_how how;

	if (!sched_same_owner(t) && me->uid != t->process->euid &&
	    !capable(CAP_SYS_NICE))
		return -EPERM;
	if (!sched_may_nice(t, nice) && !capable(CAP_SYS_NICE))
		return -EACCES;
	how = thread_how(t);
	how.nice = nice;
	thread_set_how(t, &how);
	return 0;
}

/* What is found out about the threads that are meant. */
struct meant {
	int nice;    /* to be set */
	long result; /* -ESRCH: there are none */
};

static void set_one(struct thread *t, struct meant *m)
{
	long err = set_nice(t, m->nice);

	if (err || m->result == -ESRCH)
		m->result = err;
}

/* The best one counts; 20 - nice, so that no result is negative. */
static void best_one(struct thread *t, struct meant *m)
{
	m->result = MAX(m->result, (long)(20 - READ_ONCE(t->nice)));
}

/*
 * Call fn for the threads that which and who mean: a thread, all of a process
 * group, or of a user.
 */
static long for_each_meant(int which, int who,
			   void (*fn)(struct thread *t, struct meant *m),
			   struct meant *m)
{
	struct process *me = current_process(), *p;
	struct thread *t;

	if (which < PRIO_PROCESS || which > PRIO_USER)
		return -EINVAL;
	m->result = -ESRCH;
	if (which == PRIO_PROCESS) {
		t = sched_find(who);
		if (t) {
			fn(t, m);
			thread_put(t);
		}
		return m->result;
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
			fn(t, m);
		}
	}
	return m->result;
}

static long sys_setpriority(int which, int who, int nice)
{
	struct meant m = {nice < -20 ? -20 : nice > 19 ? 19 : nice, 0};

	return for_each_meant(which, who, set_one, &m);
}
SYSCALL(__NR_setpriority, sys_setpriority);

static long sys_getpriority(int which, int who)
{
	struct meant m;

	return for_each_meant(which, who, best_one, &m);
}
SYSCALL(__NR_getpriority, sys_getpriority);
