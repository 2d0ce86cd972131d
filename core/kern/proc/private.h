/* Private to kern/proc: what its files have in common. */
#ifndef RR_KERN_PROC_H
#define RR_KERN_PROC_H

#include "process.h"

/* ---- pid.c: numbers ---- */

/* Enter in, or take out of, the tables. 0 or -ENOMEM. */
int id_add_thread(struct thread *t);
void id_remove_thread(struct thread *t);
int id_add_process(struct process *p);
void id_remove_process(struct process *p);

/* ---- exit.c ---- */

/* End the current thread with the status that exit(2) was given. */
void thread_end(int code) __noreturn;
/* A zombie is forgotten: process_lock held. */
void process_reap_locked(struct process *p);
/* Add b to a. */
void usage_add(struct usage *a, const struct usage *b);
/* Of one thread. */
void thread_usage(struct thread *t, struct usage *u);

/* Remember the largest size that p's memory was seen to have. */
void process_note_rss(struct process *p);
struct rusage;
void usage_to_rusage(const struct usage *u, struct rusage *r);

/* ---- wait.c ---- */

/*
 * Tell p's parent what became of p: SIGCHLD with CLD_* and the status, and wake
 * its wait4.  process_lock held.
 */
void notify_parent_locked(struct process *p, int cld_code, int status);

/* ---- signals: sigqueue.c ---- */

struct sigitem {
	struct list link;      /* in a sigpending; empty: not queued */
	siginfo_t info;
	struct process *owner; /* whose sig_queued counts it */
	bool timer;            /* part of a POSIX timer: not freed here */
};

/*
 * Queue one signal.  item NULL: only the bit, when the number is all that is
 * known.  All of these with process->lock held.
 */
void sigpending_add(struct sigpending *q, int sig, struct sigitem *item);
/* Forget all of set. */
void sigpending_drop(struct sigpending *q, u64 set);
/* Is a signal with this number pending with an item? */
bool sigpending_has_item(const struct sigpending *q, int sig);
/* Next of set, by Linux's order; 0: none.  info is filled in. */
int sigpending_take(struct sigpending *q, u64 set, siginfo_t *info);
/* Take a timer's item back, wherever it is queued. */
void sigitem_withdraw(struct process *p, struct thread *t, struct sigitem *it);
/* A new item for p, or NULL: no memory, or RLIMIT_SIGPENDING reached. */
struct sigitem *sigitem_new(struct process *p, const siginfo_t *info);

/* ---- signals: sigsend.c ---- */

enum signal_default {
	SIG_TERMINATE,
	SIG_CORE, /* the same, and a report */
	SIG_IGNORE,
	SIG_STOP,
	SIG_CONTINUE
};
enum signal_default signal_default(int sig);
/*
 * Send with the item that a timer owns; process->lock not held.  t NULL: to the
 * process.  True if the item is queued now; it may have been before.
 */
bool signal_send_timer(struct process *p, struct thread *t, struct sigitem *it);
/* info as kill(2) makes it. */
void signal_user_info(siginfo_t *info, int sig, int code);
/* Send to the current thread, overriding mask and SIG_IGN. */
void signal_force(int sig, const siginfo_t *info);
/* Look again whether t has something to deliver; lock held. */
void signal_recalc_locked(struct thread *t);
/*
 * t will not take the process's pending signals of set (it has blocked them, or
 * ends): find other threads for them; lock held.
 */
void signal_retarget_locked(struct thread *t, u64 set);
#define SIGNALS_UNBLOCKABLE (SIGNAL_BIT(SIGKILL) | SIGNAL_BIT(SIGSTOP))
#define SIGNALS_STOP                                                           \
	(SIGNAL_BIT(SIGSTOP) | SIGNAL_BIT(SIGTSTP) | SIGNAL_BIT(SIGTTIN) |     \
	 SIGNAL_BIT(SIGTTOU))

/* ---- signals: sigdeliver.c, sighandler.c ---- */

/*
 * signal_run_handler, set by the first rt_sigaction(2): an image whose programs
 * have no handlers does not hold what is needed to run one.
 */
extern void (*signal_handler)(struct trapframe *tf, const struct sigaction *sa,
			      int sig, const siginfo_t *info);
/* Make tf enter the handler sa, or die of SIGSEGV. */
void signal_run_handler(struct trapframe *tf, const struct sigaction *sa,
			int sig, const siginfo_t *info);

/* ---- crash.c ---- */

/* The current process dies of sig; tf is where it stood. */
void crash_report(int sig, const siginfo_t *info, const struct trapframe *tf);

/* ---- stop.c ---- */

/* Stop the process, and the current thread until it goes on; lock not held. */
void process_stop(struct process *p, int sig, unsigned continues);
/* While the process is stopped, wait. */
void process_stop_wait(struct process *p);
/* POSIX.1-2017, 3.261: nobody outside the group could let it go on. */
bool process_group_orphaned(struct process *p);

/* ---- timers ---- */

/*
 * What the rest of the kernel needs of a process's timers; NULL until the first
 * process has any.  An image whose programs have none does not hold it.
 */
struct itimers_ops {
	/* p->itimers are disarmed and freed. */
	void (*destroy)(struct process *p);
	/* See signal_taken. */
	void (*taken)(struct itimers *it, int sig, siginfo_t *info);
};
extern const struct itimers_ops *itimers_ops; /* exit.c */
/* RLIMIT_CPU of the current process has changed. */
void itimers_cpu_limit(struct process *p);
/*
 * A signal of the current process was taken out of the queue: timers that
 * waited for that go on; info gets a timer's overrun. No lock held.
 */
void signal_taken(int sig, siginfo_t *info);

#endif
