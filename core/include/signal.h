/*
 * Signals.
 *
 * What a process shares (actions, signals pending for it as a whole, stops) and
 * what each thread has of its own (mask, signals pending for it alone) is
 * protected by process->lock, which is taken with interrupts off: timers send
 * signals from interrupts.
 */
#ifndef RR_SIGNAL_H
#define RR_SIGNAL_H

#include "list.h"
#include "types.h"
#include <asm/siginfo.h>
#include <asm/signal.h>

struct process;
struct thread;
struct trapframe;

#define SIGNAL_MAX 64 /* Linux' _NSIG */
#define SIGNAL_BIT(sig) (1ull << ((sig)-1))

/* Signals sent and not yet delivered. */
struct sigpending {
	u64 set;           /* SIGNAL_BIT */
	struct list items; /* of struct sigitem: more than the number */
};

void sigpending_init(struct sigpending *q);
/* Forget them all; process->lock held, or nobody else knows q any more. */
void sigpending_flush(struct sigpending *q);

/*
 * Send sig to a process (any thread that does not block it) or to one thread.
 * info NULL: SI_KERNEL. Any context but NMI, process->lock not held; the caller
 * holds a reference (a thread that has ended takes no signal). 0, or -EAGAIN
 * when a real-time signal cannot be queued.
 */
int signal_process(struct process *p, int sig, const siginfo_t *info);
int signal_thread(struct thread *t, int sig, const siginfo_t *info);
/*
 * To every process of the image, or those in the foreground (Ctrl-C). May
 * sleep.
 */
void signal_all(int sig);
void signal_foreground(int sig);
/*
 * A fault of the current thread: delivered at once; if it is blocked or
 * ignored, or has no handler, the program dies of it, with a crash report.
 * SIGKILL means that a page was wanted and no memory is left: the guest's end
 * is then reported as out of memory.
 */
void signal_fault(int sig, int code, u64 addr, const struct trapframe *tf);
/*
 * Is there a signal that the current thread would act upon? May be wrong in
 * that direction: a call that gives up for nothing is restarted.
 */
bool signal_pending(void);
/* Deliver what is pending; called by thread_exit_work. */
void signal_deliver(struct trapframe *tf);
/*
 * Replace the mask for the duration of a call (ppoll, pselect, epoll_pwait):
 * the old one comes back when the call returns, after handlers have run if the
 * call failed with -EINTR or a restart code. user_mask NULL changes nothing. 0,
 * -EINVAL (size), -EFAULT.
 */
int signal_set_temporary_mask(const sigset_t *user_mask, size_t size);
/* The same with a mask that is in the kernel already. */
void signal_set_temporary_mask_kernel(u64 mask);

/*
 * For signalfd and sigtimedwait. Take the next pending signal of set (blocked
 * or not), of the current thread or its process: its number with *info filled
 * in, or 0. process->signal_wait is woken, with EPOLLIN, whenever one arrives.
 */
int signal_take(u64 set, siginfo_t *info);
bool signal_any_pending(u64 set);

/* What sigaltstack reports for a thread with stack pointer sp. */
int signal_altstack_flags(const struct thread *t, u64 sp);

/* Change the current thread's mask; SIGKILL and SIGSTOP stay deliverable. */
void signal_set_mask(u64 mask);

/*
 * Given by core/arch: the frame that a handler runs on, laid out as Linux does.
 * Write it to the program's stack (the signal stack sp_top, if not 0, else
 * below tf's stack pointer) and change *tf to enter the handler. mask is what
 * sigreturn is to restore, altstack too. -EFAULT: the stack cannot be written,
 * or the frame would lie below sp_low.
 */
int arch_signal_enter(struct trapframe *tf, const struct sigaction *sa, int sig,
		      const siginfo_t *info, u64 mask, const stack_t *altstack,
		      u64 sp_top, u64 sp_low);
/* The most that a frame takes on the stack (AT_MINSIGSTKSZ). */
size_t arch_signal_frame_size(void);
/*
 * Undo it: take *tf, the vector registers, *mask and *altstack back from the
 * frame at tf's stack pointer. -EFAULT: there is no valid frame.
 */
int arch_signal_return(struct trapframe *tf, u64 *mask, stack_t *altstack);
/*
 * The result of the system call that tf is; 0 for other frames, and after one
 * of the calls here has changed it.
 */
long arch_syscall_result(const struct trapframe *tf);
/* Make tf execute its system call again, as call number nr (~0: the same). */
void arch_syscall_restart(struct trapframe *tf, u64 nr);
void arch_syscall_set_result(struct trapframe *tf, long result);

#endif
