/* Entering signal handlers. */
#include "private.h"
#include "syscall.h"
#include <linux/signal.h>

/* Before a handler runs: what becomes of the call that it interrupts. */
static void settle_syscall(struct trapframe *tf, const struct sigaction *sa)
{
	current_thread()->restart.fn = NULL;
	switch (-arch_syscall_result(tf)) {
	case ERESTARTSYS:
		if (sa->sa_flags & SA_RESTART) {
			arch_syscall_restart(tf, ~0ull);
			break;
		}
		/* fall through */
	case ERESTARTNOHAND:
	case ERESTART_RESTARTBLOCK:
		arch_syscall_set_result(tf, -EINTR);
		break;
	case ERESTARTNOINTR:
		arch_syscall_restart(tf, ~0ull);
		break;
	}
}

static bool on_altstack(const struct thread *t, u64 sp)
{
	u64 base = (u64)(uintptr_t)t->altstack.ss_sp;

	/* With SS_AUTODISARM it is disarmed while in use. */
	return !(t->altstack.ss_flags & (int)SS_AUTODISARM) &&
	       t->altstack.ss_size && sp > base &&
	       sp - base <= t->altstack.ss_size;
}

int signal_altstack_flags(const struct thread *t, u64 sp)
{
	if (!t->altstack.ss_size)
		return SS_DISABLE;
	return on_altstack(t, sp) ? SS_ONSTACK : 0;
}

/* Build the frame of a handler. -EFAULT: it does not fit. */
static int enter_handler(struct trapframe *tf, const struct sigaction *sa,
			 int sig, const siginfo_t *info)
{
	struct thread *t = current_thread();
	u64 mask = t->restore_mask ? t->sig_saved_mask : t->sig_mask;
	u64 base = (u64)(uintptr_t)t->altstack.ss_sp;
	u64 sp_top = 0, sp_low = 0;
	int err;

	if (on_altstack(t, tf->rsp)) {
		sp_low = base;
	} else if (sa->sa_flags & SA_ONSTACK && t->altstack.ss_size) {
		sp_low = base;
		sp_top = base + t->altstack.ss_size;
	}
	err = arch_signal_enter(tf, sa, sig, info, mask, &t->altstack, sp_top,
				sp_low);
	if (err)
		return err;
	t->restore_mask = false;
	if (t->altstack.ss_flags & (int)SS_AUTODISARM)
		t->altstack = (stack_t){.ss_flags = SS_DISABLE};
	signal_set_mask(t->sig_mask | sa->sa_mask |
			(sa->sa_flags & SA_NODEFER ? 0 : SIGNAL_BIT(sig)));
	return 0;
}

/* Linux' force_sigsegv: a handler that cannot be entered is no way out. */
static void frame_fault(int sig, const siginfo_t *info)
{
	struct process *p = current_process();

	if (sig == SIGSEGV) {
		u64 flags = spin_lock_irqsave(&p->lock);

		p->actions->action[SIGSEGV - 1].sa_handler = SIG_DFL;
		spin_unlock_irqrestore(&p->lock, flags);
	}
	/* The report then speaks of the fault that there was no stack for. */
	signal_force(SIGSEGV, sig == SIGSEGV ? info : NULL);
}

void signal_run_handler(struct trapframe *tf, const struct sigaction *sa, int sig,
			const siginfo_t *info)
{
	settle_syscall(tf, sa);
	if (enter_handler(tf, sa, sig, info))
		frame_fault(sig, info);
}
