/*
 * Processes: what the threads of one program share.
 *
 * The kernel itself is process 1, the parent of every program that the
 * configuration starts and of every orphan (kern/proc/reaper.c).
 */
#ifndef RR_PROCESS_H
#define RR_PROCESS_H

#include "signal.h"
#include "thread.h"
#include "vm.h"
#include <linux/resource.h>

struct fdtable;
struct file;
struct fs_context;
struct baked_program;
struct itimers;

/* Actions of the signals; index is the number - 1. process->lock. */
struct signal_actions {
	struct sigaction action[SIGNAL_MAX];
};

/* What getrusage counts, for threads and processes that have ended. */
struct usage {
	nsec_t cpu_time;
	u64 minor_faults, major_faults;
	u64 switches_voluntary, switches_forced;
	u64 max_rss; /* pages */
};

struct process {
	int pid, pgid, sid;         /* pgid, sid: process_lock */
	struct process *parent;     /* process_lock */
	struct list children;       /* of ->sibling; process_lock */
	struct list sibling;
	struct list threads;        /* of thread->process_link; lock */
	unsigned thread_count;      /* live threads; lock */
	spinlock_t lock;            /* threads, signal state; interrupts off */
	s32 refs;                   /* atomic: the table's, process_find's */

	/* Gone (NULL, lock) once the last thread has ended. */
	struct vm_space *vm;
	struct fdtable *files;
	struct fs_context *fs;      /* cwd, root, umask (fs.h) */
	struct signal_actions *actions; /* lives as long as the process */
	struct sigpending pending;  /* for the process as a whole; lock */
	unsigned sig_queued;        /* items in all queues; lock */
	struct waitq signal_wait;   /* signalfd, sigtimedwait */

	bool exiting;               /* exit_group or a fatal signal; lock */
	int exit_status;            /* as wait4 reports it; lock */
	bool oom_killed;            /* ended for want of memory; lock */
	bool zombie;                /* process_lock */
	bool stopped;               /* job control; lock */
	int stop_signal;            /* which stopped it; lock */
	unsigned continues;         /* SIGCONTs so far; lock */
	bool cont_to_tell;          /* SIGCHLD for the parent is due; lock */
	bool stop_unreported;       /* for wait4 WUNTRACED; lock */
	bool cont_unreported;       /* for wait4 WCONTINUED; lock */
	struct waitq stop_wait;     /* its threads, while stopped */
	struct waitq child_wait;    /* wait4 of the parent sleeps here */

	struct rlimit64 limits[RLIM_NLIMITS]; /* lock to write */
	/* Identity. Written by the process itself, lock. */
	u32 uid, euid, suid, fsuid, gid, egid, sgid, fsgid;
	unsigned ngroups;
	u32 groups[32];
	u64 cap_effective, cap_permitted, cap_inheritable, cap_bounding;
	u64 cap_ambient;
	u32 securebits;
	bool no_new_privs;
	bool child_subreaper;
	bool thp_disabled;
	u32 personality;
	int pdeath_signal;          /* PR_SET_PDEATHSIG */
	char name[16];              /* comm */
	const char *exe;            /* path of the executable; for /proc */
	const struct baked_program *program;
	u64 load_bias;              /* where it lies less where it was linked */
	bool daemon;                /* runmode &: not in the foreground */
	bool kernel_waits;          /* process_wait will be called */
	int dumpable;
	nsec_t start_time;
	struct usage ended;         /* threads that ended; lock */
	struct usage children_usage; /* children waited for; process_lock */
	struct itimers *itimers;    /* setitimer, POSIX timers; own threads */
	u64 minor_faults, major_faults; /* atomic */
};

/* The current thread's process; NULL in kernel threads. */
static inline struct process *current_process(void)
{
	return current_thread()->process;
}

/*
 * The tree and list of processes.  Outermost lock.
 */
extern struct mutex process_lock;
/* Process 1: the kernel. No threads, no memory. */
extern struct process kernel_process;
/* Before any thread: fill it in. */
void process_init(void);

/* By id, with a reference; NULL: none.  Zombies are found too. */
struct process *process_find(int pid);
/*
 * A live thread of a program by its id, with a reference on it (thread_put)
 * and, unless owner is NULL, on its process. NULL: none. Any context.
 */
struct thread *process_find_thread(int tid, struct process **owner);
/*
 * Is there a process pid (a zombie is one), and, unless tid is 0, a live thread tid
 * of it?  Any context.
 */
bool process_is_there(int pid, int tid);
void process_get(struct process *p);
void process_put(struct process *p);
/* Walk all processes: next with pid > the given one, referenced. */
struct process *process_next(int pid);
/*
 * Walk the threads: the live one of p with the least tid > the given,
 * referenced.
 */
struct thread *process_next_thread(struct process *p, int tid);
/*
 * What another process has, with a reference (vm_put, fdtable_put); NULL once
 * it has ended.
 */
struct vm_space *process_get_vm(struct process *p);
struct fdtable *process_get_files(struct process *p);
/* 'R' running, 'S' sleeping, 'D' sleeping for sure, 'T' stopped, 'Z' zombie. */
char process_state(struct process *p);
char thread_state_letter(struct thread *t);

/* CPU time of all its threads, dead ones included; any context. */
nsec_t process_cpu_time(struct process *p);
/* What getrusage(RUSAGE_SELF) reports. */
void process_usage(struct process *p, struct usage *u);

/*
 * The soft limit RLIMIT_* of the current process (RLIM64_INFINITY: none).  This and
 * what follows may be called by kernel threads, who may do everything.
 */
u64 process_limit(int resource);

/*
 * May the current process send signals to p, or look at what is private to it?
 */
bool process_may_control(struct process *p);
/* Does the current process have capability CAP_* (linux/capability.h)? */
bool capable(int cap);
/* Is the current process in group gid (effective or supplementary)? */
bool process_in_group(u32 gid);

/* ---- starting and ending ---- */

/*
 * What a program starts with.  The files are referenced by the callee as
 * often as it uses them; NULL leaves the descriptor closed.
 */
struct program_start {
	const struct baked_program *program;
	const char *const *argv; /* argc entries; argc at least 1 */
	size_t argc;
	const char *const *envp;
	size_t envc;
	struct file *stdio[3];
	bool daemon;
};

/*
 * Start a baked program as a child of process 1.  With a reference, that
 * process_wait gives back.  ERR_PTR: -ENOEXEC (not a valid program; it has been
 * said why), -E2BIG (arguments), -ENOMEM.
 */
struct process *process_spawn(const struct program_start *start);
/*
 * Wait until it has ended, not interruptibly; its wait status (as wait4's). The
 * process is gone afterwards. *oom, if not NULL: it was ended for want of
 * memory.
 */
int process_wait(struct process *p, bool *oom);
/* Instead: give the reference back, it may end when it likes. */
void process_abandon(struct process *p);
/* Until no process is left but the kernel's; false: the deadline came first. */
bool process_wait_all(nsec_t deadline);

/* End the whole process with a wait status; does not return. */
void process_exit(int wait_status) __noreturn;
/* Have p end with a wait status as soon as its threads can; lock held. */
void process_kill_locked(struct process *p, int wait_status);

/* Mechanics shared with the component proc (fork, exec). */

/*
 * A new process in nobody's list, without pid, vm, files, fs and threads.
 * Inherits identity and limits from model; actions are the default ones.  NULL:
 * no memory.
 */
struct process *process_alloc(const struct process *model);
/* Give back what process_alloc made, if it was never added. */
void process_discard(struct process *p);
/*
 * Enter it in the table as parent's child: the table takes over the caller's
 * reference.  0 or -ENOMEM.
 */
int __must_check process_add(struct process *p, struct process *parent);
/*
 * A thread of p, not started and known to nobody; it will enter the program
 * with *tf. The first one of a process gives it its pid. NULL: no memory.
 */
struct thread *process_thread_create(struct process *p,
				     const struct trapframe *tf,
				     const struct thread *copy_fpu_from);
/*
 * Make it one of the process's threads, findable by its id; thread_start runs
 * it. -EAGAIN: the process is ending; -ENOMEM. Then it is for
 * process_thread_discard.
 */
int process_thread_add(struct thread *t);
/* Undo the latter; the thread has not been started. */
void process_thread_remove(struct thread *t);
/* Free a thread of process_thread_create that has not been added. */
void process_thread_discard(struct thread *t);

/* wait status, as wait4 reports it (sys/wait.h's W_EXITCODE). */
#define WAIT_EXITED(code) (((code) & 0xff) << 8)
#define WAIT_SIGNALED(sig) (sig)

#endif
