/* Sending signals. */
#include "private.h"
#include "string.h"
#include "syscall.h"
#include <linux/eventpoll.h>

enum signal_default signal_default(int sig)
{
	switch (sig) {
	case SIGCHLD:
	case SIGURG:
	case SIGWINCH:
		return SIG_IGNORE;
	case SIGCONT:
		return SIG_CONTINUE;
	case SIGSTOP:
	case SIGTSTP:
	case SIGTTIN:
	case SIGTTOU:
		return SIG_STOP;
	case SIGQUIT:
	case SIGILL:
	case SIGTRAP:
	case SIGABRT:
	case SIGBUS:
	case SIGFPE:
	case SIGSEGV:
	case SIGXCPU:
	case SIGXFSZ:
	case SIGSYS:
		return SIG_CORE;
	default:
		return SIG_TERMINATE;
	}
}

/* Would nobody notice?  A blocked one is kept: its action may change. */
static bool ignored(struct process *p, struct thread *t, int sig)
{
	__sighandler_t handler = p->actions->action[sig - 1].sa_handler;
	struct thread *other;

	if (handler != SIG_IGN &&
	    (handler != SIG_DFL || (signal_default(sig) != SIG_IGNORE &&
				    signal_default(sig) != SIG_CONTINUE)))
		return false;
	if (t)
		return !(t->sig_mask & SIGNAL_BIT(sig));
	list_for_each(other, &p->threads, process_link)
		if (other->sig_mask & SIGNAL_BIT(sig))
			return false;
	return true;
}

static void drop_everywhere(struct process *p, u64 set)
{
	struct thread *t;

	sigpending_drop(&p->pending, set);
	list_for_each(t, &p->threads, process_link)
		sigpending_drop(&t->pending, set);
}

/*
 * POSIX.1-2017, 2.4.3: a stop signal cancels a pending SIGCONT and the other
 * way round; and SIGCONT continues the process even if it is blocked or
 * ignored.
 */
static void job_control(struct process *p, int sig)
{
	if (SIGNAL_BIT(sig) & SIGNALS_STOP) {
		drop_everywhere(p, SIGNAL_BIT(SIGCONT));
	} else if (sig == SIGCONT) {
		drop_everywhere(p, SIGNALS_STOP);
		p->continues++;
		if (p->stopped) {
			p->stopped = false;
			p->stop_unreported = false;
			p->cont_unreported = true;
			p->cont_to_tell = true;
			waitq_wake_all(&p->stop_wait);
		}
	}
}

static void poke(struct thread *t)
{
	thread_set_work(t, THREAD_WORK_SIGNAL);
	thread_interrupt(t);
}

/* Somebody who does not block it; the current thread and the main one first. */
static struct thread *taker(struct process *p, u64 bit, struct thread *not)
{
	struct thread *t = current_thread();

	if (t->process == p && t != not && !t->exiting && !(t->sig_mask & bit))
		return t;
	list_for_each(t, &p->threads, process_link)
		if (t != not && !t->exiting && !(t->sig_mask & bit))
			return t;
	return NULL;
}

/* Queued already; whom does it concern? */
static void announce(struct process *p, struct thread *t, int sig)
{
	u64 bit = SIGNAL_BIT(sig);

	waitq_wake(&p->signal_wait, WAKE_ALL, EPOLLIN);
	if (!t)
		t = taker(p, bit, NULL);
	else if (t->sig_mask & bit)
		t = NULL;
	if (t)
		poke(t);
}

/* lock held */
static int send_locked(struct process *p, struct thread *t, int sig,
		       const siginfo_t *info, struct sigitem *timer_item)
{
	struct sigpending *q = t ? &t->pending : &p->pending;
	struct sigitem *it = timer_item;

	if (p->exiting || list_empty(&p->threads) || (t && t->exiting))
		return 0;
	if (sig == SIGKILL) {
		process_kill_locked(p, WAIT_SIGNALED(SIGKILL));
		return 0;
	}
	job_control(p, sig);
	if (ignored(p, t, sig))
		return 0;
	if (sig < SIGRTMIN && q->set & SIGNAL_BIT(sig))
		return 0; /* one of each is enough */
	if (!it && info)
		it = sigitem_new(p, info);
	if (!it && sig >= SIGRTMIN && info && info->si_code != SI_USER)
		return -EAGAIN;
	sigpending_add(q, sig, it);
	announce(p, t, sig);
	return 0;
}

/* info, or if that is NULL what the kernel says of itself, in *buf. */
static const siginfo_t *or_kernel(const siginfo_t *info, int sig,
				  siginfo_t *buf)
{
	if (info)
		return info;
	memset(buf, 0, sizeof(*buf));
	buf->si_signo = sig;
	buf->si_code = SI_KERNEL;
	return buf;
}

static int send(struct process *p, struct thread *t, int sig,
		const siginfo_t *info)
{
	siginfo_t from_kernel;
	u64 flags;
	int err;

	info = or_kernel(info, sig, &from_kernel);
	flags = spin_lock_irqsave(&p->lock);
	err = send_locked(p, t, sig, info, NULL);
	spin_unlock_irqrestore(&p->lock, flags);
	return err;
}

int signal_process(struct process *p, int sig, const siginfo_t *info)
{
	return send(p, NULL, sig, info);
}

int signal_thread(struct thread *t, int sig, const siginfo_t *info)
{
	return send(t->process, t, sig, info);
}

bool signal_send_timer(struct process *p, struct thread *t, struct sigitem *it)
{
	u64 flags = spin_lock_irqsave(&p->lock);
	bool queued;

	if (list_empty(&it->link))
		(void)send_locked(p, t, it->info.si_signo, &it->info, it);
	queued = !list_empty(&it->link);
	spin_unlock_irqrestore(&p->lock, flags);
	return queued;
}

void signal_user_info(siginfo_t *info, int sig, int code)
{
	memset(info, 0, sizeof(*info));
	info->si_signo = sig;
	info->si_code = code;
	info->si_pid = current_process()->pid;
	info->si_uid = current_process()->uid;
}

void signal_force(int sig, const siginfo_t *info)
{
	struct thread *t = current_thread();
	struct process *p = t->process;
	siginfo_t from_kernel;
	u64 flags;
	struct sigaction *sa = &p->actions->action[sig - 1];

	info = or_kernel(info, sig, &from_kernel);
	flags = spin_lock_irqsave(&p->lock);

	if (sa->sa_handler == SIG_IGN || t->sig_mask & SIGNAL_BIT(sig)) {
		sa->sa_handler = SIG_DFL;
		t->sig_mask &= ~SIGNAL_BIT(sig);
	}
	(void)send_locked(p, t, sig, info, NULL);
	spin_unlock_irqrestore(&p->lock, flags);
}

void signal_fault(int sig, int code, u64 addr, const struct trapframe *tf)
{
	struct process *p = current_process();
	siginfo_t info;

	memset(&info, 0, sizeof(info));
	info.si_signo = sig;
	info.si_code = code;
	info.si_addr = (void *)(uintptr_t)addr;
	if (sig == SIGKILL) {
		u64 flags = spin_lock_irqsave(&p->lock);

		/* Once it is ending, further faults change nothing. */
		p->oom_killed |= !p->exiting;
		spin_unlock_irqrestore(&p->lock, flags);
	}
	signal_force(sig, &info);
}

static void send_to_all(int sig, bool foreground_only)
{
	struct process *p;

	for (int pid = 1; (p = process_next(pid)); process_put(p)) {
		pid = p->pid;
		if (!foreground_only || !p->daemon)
			(void)signal_process(p, sig, NULL);
	}
}

void signal_all(int sig)
{
	send_to_all(sig, false);
}

void signal_foreground(int sig)
{
	send_to_all(sig, true);
}

void signal_recalc_locked(struct thread *t)
{
	if ((t->pending.set | t->process->pending.set) & ~t->sig_mask)
		thread_set_work(t, THREAD_WORK_SIGNAL);
}

void signal_retarget_locked(struct thread *t, u64 set)
{
	struct process *p = t->process;
	struct thread *other;

	set &= p->pending.set;
	while (set) {
		u64 bit = set & -set;

		other = taker(p, bit, t);
		if (other)
			poke(other);
		set &= ~bit;
	}
}
