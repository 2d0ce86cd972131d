/* Signals. */
#ifndef RR_SIGNAL_H
#define RR_SIGNAL_H

#include "types.h"
#include <asm/siginfo.h>
#include <asm/signal.h>

struct process;
struct thread;
struct trapframe;

/*
 * Send sig to a process (any thread that does not block it) or to one thread.
 * info NULL: SI_KERNEL.  Any context but NMI.  0, or -EAGAIN when a real-time
 * signal cannot be queued.
 */
int signal_process(struct process *p, int sig, const siginfo_t *info);
int signal_thread(struct thread *t, int sig, const siginfo_t *info);
/* To every process of the image, or those in the foreground (Ctrl-C). */
void signal_all(int sig);
void signal_foreground(int sig);
/*
 * A fault of the current thread: delivered at once; if it is blocked or ignored, or
 * has no handler, the program dies of it, with a crash report.
 */
void signal_fault(int sig, int code, u64 addr, const struct trapframe *tf);
/* Is there a signal that the current thread would act upon? */
bool signal_pending(void);
/* Deliver what is pending; called by thread_exit_work. */
void signal_deliver(struct trapframe *tf);
/*
 * Replace the mask for the duration of a call (ppoll, pselect, epoll_pwait): the old one
 * comes back when the call returns, after handlers have run.
 */
int signal_set_temporary_mask(const sigset_t *user_mask, size_t size);

#endif
