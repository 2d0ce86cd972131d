/* System calls: actions, masks, the signal stack, returning from handlers. */
#include "private.h"
#include "syscall.h"
#include "uaccess.h"
#include <linux/signal.h>

/*
 * Bits of sa_flags that Linux 6.1 knows; the others are cleared
 * (UAPI_SA_FLAGS).
 */
#define SA_KNOWN                                                               \
	(SA_NOCLDSTOP | SA_NOCLDWAIT | SA_SIGINFO | SA_ONSTACK | SA_RESTART |  \
	 SA_NODEFER | SA_RESETHAND | SA_EXPOSE_TAGBITS | SA_RESTORER)

static long sys_rt_sigaction(int sig, const struct sigaction __user *act,
			     struct sigaction __user *oact, size_t size)
{
	struct process *p = current_process();
	struct sigaction new, old, *sa;
	u64 flags;

	if (size != sizeof(sigset_t))
		return -EINVAL;
	if (act && get_user(new, act))
		return -EFAULT;
	if (sig < 1 || sig > SIGNAL_MAX ||
	    (act && SIGNAL_BIT(sig) & SIGNALS_UNBLOCKABLE))
		return -EINVAL;
	flags = spin_lock_irqsave(&p->lock);
	sa = &p->actions->action[sig - 1];
	old = *sa;
	if (act) {
		signal_handler = signal_run_handler;
		new.sa_flags &= SA_KNOWN;
		new.sa_mask &= ~SIGNALS_UNBLOCKABLE;
		*sa = new;
		/*
		 * POSIX.1-2017, 2.4.3: to ignore is to discard what is pending.
		 */
		if (new.sa_handler == SIG_IGN ||
		    (new.sa_handler == SIG_DFL &&
		     (signal_default(sig) == SIG_IGNORE ||
		      signal_default(sig) == SIG_CONTINUE))) {
			struct thread *t;

			sigpending_drop(&p->pending, SIGNAL_BIT(sig));
			list_for_each(t, &p->threads, process_link)
				sigpending_drop(&t->pending, SIGNAL_BIT(sig));
		}
	}
	spin_unlock_irqrestore(&p->lock, flags);
	if (oact && put_user(old, oact))
		return -EFAULT;
	return 0;
}
SYSCALL(__NR_rt_sigaction, sys_rt_sigaction);

void signal_set_mask(u64 mask)
{
	struct thread *t = current_thread();
	struct process *p = t->process;
	u64 flags;

	mask &= ~SIGNALS_UNBLOCKABLE;
	if (mask == t->sig_mask)
		return;
	flags = spin_lock_irqsave(&p->lock);
	signal_retarget_locked(t, mask & ~t->sig_mask);
	t->sig_mask = mask;
	signal_recalc_locked(t);
	spin_unlock_irqrestore(&p->lock, flags);
}

static long sys_rt_sigprocmask(int how, const sigset_t __user *set,
			       sigset_t __user *oldset, size_t size)
{
	sigset_t old = current_thread()->sig_mask, new;

	if (size != sizeof(sigset_t))
		return -EINVAL;
	if (set) {
		if (get_user(new, set))
			return -EFAULT;
		switch (how) {
		case SIG_BLOCK:
			signal_set_mask(old | new);
			break;
		case SIG_UNBLOCK:
			signal_set_mask(old & ~new);
			break;
		case SIG_SETMASK:
			signal_set_mask(new);
			break;
		default:
			return -EINVAL;
		}
	}
	if (oldset && put_user(old, oldset))
		return -EFAULT;
	return 0;
}
SYSCALL(__NR_rt_sigprocmask, sys_rt_sigprocmask);

void signal_set_temporary_mask_kernel(u64 mask)
{
	struct thread *t = current_thread();

	t->sig_saved_mask = t->sig_mask;
	t->restore_mask = true;
	thread_set_work(t, THREAD_WORK_MASK);
	signal_set_mask(mask);
}

int signal_set_temporary_mask(const sigset_t *user_mask, size_t size)
{
	sigset_t mask;

	if (!user_mask)
		return 0;
	if (size != sizeof(sigset_t))
		return -EINVAL;
	if (get_user(mask, user_mask))
		return -EFAULT;
	signal_set_temporary_mask_kernel(mask);
	return 0;
}

static long sys_rt_sigpending(sigset_t __user *set, size_t size)
{
	struct thread *t = current_thread();
	struct process *p = t->process;
	sigset_t pending;
	u64 flags;

	if (size > sizeof(sigset_t))
		return -EINVAL;
	flags = spin_lock_irqsave(&p->lock);
	pending = (t->pending.set | p->pending.set) & t->sig_mask;
	spin_unlock_irqrestore(&p->lock, flags);
	return copy_to_user(set, &pending, size);
}
SYSCALL(__NR_rt_sigpending, sys_rt_sigpending);

/* Until a signal is there. */
static long wait_for_signal(void)
{
	int err;

	do {
		sleep_prepare(true);
		err = sleep_until(NSEC_FOREVER);
	} while (!err);
	return -ERESTARTNOHAND;
}

static long sys_rt_sigsuspend(const sigset_t __user *set, size_t size)
{
	sigset_t mask;

	if (size != sizeof(sigset_t))
		return -EINVAL;
	if (get_user(mask, set))
		return -EFAULT;
	signal_set_temporary_mask_kernel(mask);
	return wait_for_signal();
}
SYSCALL(__NR_rt_sigsuspend, sys_rt_sigsuspend);

static long sys_pause(void)
{
	return wait_for_signal();
}
SYSCALL(__NR_pause, sys_pause);

/* Install what is asked for, given the program's stack pointer. */
static long set_altstack(struct thread *t, const stack_t *ss, u64 sp)
{
	int mode = ss->ss_flags & ~(int)SS_FLAG_BITS;

	if (signal_altstack_flags(t, sp) == SS_ONSTACK)
		return -EPERM;
	if (mode != SS_DISABLE && mode != SS_ONSTACK && mode != 0)
		return -EINVAL;
	if (mode == SS_DISABLE) {
		t->altstack = (stack_t){.ss_flags = ss->ss_flags};
		return 0;
	}
	if (ss->ss_size < MINSIGSTKSZ)
		return -ENOMEM;
	t->altstack = *ss;
	return 0;
}

static long sys_sigaltstack(const stack_t __user *new, stack_t __user *old)
{
	struct thread *t = current_thread();
	stack_t ss = {0}, before = t->altstack;
	long err;

	before.ss_flags = signal_altstack_flags(t, t->tf->rsp) |
			  (t->altstack.ss_flags & (int)SS_FLAG_BITS);
	if (new) {
		if (get_user(ss, new))
			return -EFAULT;
		err = set_altstack(t, &ss, t->tf->rsp);
		if (err)
			return err;
	}
	/* No padding of ours for the program to see. */
	if (old && (put_user(before.ss_sp, &old->ss_sp) ||
		    put_user(before.ss_flags, &old->ss_flags) ||
		    put_user(before.ss_size, &old->ss_size)))
		return -EFAULT;
	return 0;
}
SYSCALL(__NR_sigaltstack, sys_sigaltstack);

static long sys_rt_sigreturn(void)
{
	struct thread *t = current_thread();
	struct trapframe *tf = t->tf;
	stack_t ss;
	u64 mask;

	if (arch_signal_return(tf, &mask, &ss)) {
		signal_force(SIGSEGV, NULL);
		return 0;
	}
	signal_set_mask(mask);
	/* As on Linux: if it cannot be had back, it stays as it is. */
	(void)set_altstack(t, &ss, tf->rsp);
	return (long)tf->rax;
}
SYSCALL(__NR_rt_sigreturn, sys_rt_sigreturn);

static long sys_restart_syscall(void)
{
	struct thread *t = current_thread();
	long (*fn)(struct thread *t) = t->restart.fn;

	/* Only the kernel arranges for this call; a program gets nowhere. */
	t->restart.fn = NULL;
	return fn ? fn(t) : -EINTR;
}
SYSCALL(__NR_restart_syscall, sys_restart_syscall);
