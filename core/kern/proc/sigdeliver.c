/* Acting on signals, on the way back to the program. */
#include "private.h"
#include "platform.h"
#include "syscall.h"
#include <linux/signal.h>

void (*signal_handler)(struct trapframe *tf, const struct sigaction *sa,
		       int sig, const siginfo_t *info);

bool signal_pending(void)
{
	return __atomic_load_n(&current_thread()->work, __ATOMIC_SEQ_CST) &
	       (THREAD_WORK_SIGNAL | THREAD_WORK_EXIT);
}

void thread_set_work(struct thread *t, u32 bits)
{
	__atomic_or_fetch(&t->work, bits, __ATOMIC_SEQ_CST);
	if (t != current_thread() && READ_ONCE(t->on_cpu) &&
	    READ_ONCE(t->cpu) != this_cpu())
		arch_resched_cpu(t->cpu);
}

void signal_taken(int sig, siginfo_t *info)
{
	struct itimers *it = READ_ONCE(current_process()->itimers);

	if (it)
		itimers_ops->taken(it, sig, info);
}

/* The mask that was replaced for one call comes back. */
static void restore_mask(struct thread *t)
{
	if (t->restore_mask) {
		t->restore_mask = false;
		signal_set_mask(t->sig_saved_mask);
	}
}

/*
 * A call with a temporary mask that did not fail because of a signal is over:
 * no signal that only this mask let through is delivered any more.
 */
static void end_of_masked_call(struct thread *t, const struct trapframe *tf)
{
	long result = arch_syscall_result(tf);

	if (result != -EINTR && result != -ERESTARTNOHAND &&
	    result != -ERESTARTSYS)
		restore_mask(t);
}

/*
 * Find something to do: a signal with a handler. Its number, with *info and
 * *sa; 0 when there is nothing more. Default actions are carried out.
 */
static int next_signal(struct trapframe *tf, siginfo_t *info,
		       struct sigaction *sa)
{
	struct thread *t = current_thread();
	struct process *p = t->process;

	for (;;) {
		u64 flags = spin_lock_irqsave(&p->lock);
		struct sigaction *action;
		unsigned continues = p->continues;
		int sig;

		if (p->exiting) {
			spin_unlock_irqrestore(&p->lock, flags);
			return 0;
		}
		if (p->stopped || p->cont_to_tell) {
			spin_unlock_irqrestore(&p->lock, flags);
			process_stop_wait(p);
			continue;
		}
		sig = sigpending_take(&t->pending, ~t->sig_mask, info);
		if (!sig)
			sig = sigpending_take(&p->pending, ~t->sig_mask, info);
		if (!sig) {
			spin_unlock_irqrestore(&p->lock, flags);
			return 0;
		}
		action = &p->actions->action[sig - 1];
		*sa = *action;
		if (sa->sa_handler != SIG_DFL && sa->sa_handler != SIG_IGN &&
		    sa->sa_flags & SA_RESETHAND)
			action->sa_handler = SIG_DFL;
		spin_unlock_irqrestore(&p->lock, flags);

		signal_taken(sig, info);
		if (sa->sa_handler == SIG_IGN)
			continue;
		if (sa->sa_handler != SIG_DFL)
			return sig;
		switch (signal_default(sig)) {
		case SIG_IGNORE:
		case SIG_CONTINUE:
			break;
		case SIG_STOP:
			if (sig == SIGSTOP || !process_group_orphaned(p))
				process_stop(p, sig, continues);
			break;
		case SIG_CORE:
			crash_report(sig, info, tf);
			process_exit(WAIT_SIGNALED(sig));
		case SIG_TERMINATE:
			process_exit(WAIT_SIGNALED(sig));
		}
	}
}

/* After all signals: a call that no handler has interrupted goes on. */
static void resume_syscall(struct trapframe *tf)
{
	switch (-arch_syscall_result(tf)) {
	case ERESTARTSYS:
	case ERESTARTNOHAND:
	case ERESTARTNOINTR:
		arch_syscall_restart(tf, ~0ull);
		break;
	case ERESTART_RESTARTBLOCK:
		arch_syscall_restart(tf, __NR_restart_syscall);
		break;
	}
}

void signal_deliver(struct trapframe *tf)
{
	struct thread *t = current_thread();
	struct sigaction sa;
	siginfo_t info;
	int sig;

	/* Cleared before looking: what comes later sets it again. */
	__atomic_and_fetch(&t->work,
			   ~(THREAD_WORK_SIGNAL | THREAD_WORK_MASK),
			   __ATOMIC_SEQ_CST);
	if (t->restore_mask)
		end_of_masked_call(t, tf);
	while ((sig = next_signal(tf, &info, &sa)))
		signal_handler(tf, &sa, sig, &info);
	resume_syscall(tf);
	restore_mask(t);
}

void thread_exit_work(struct trapframe *tf)
{
	struct cpu *c = this_cpu();
	struct thread *t = current_thread();

	for (;;) {
		u32 work;

		if (READ_ONCE(c->need_resched)) {
			schedule();
			c = this_cpu();
			continue;
		}
		work = __atomic_load_n(&t->work, __ATOMIC_SEQ_CST);
		if (!work || !t->process)
			return;
		if (work & THREAD_WORK_EXIT)
			thread_end(0);
		signal_deliver(tf);
	}
}
