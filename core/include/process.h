/*
 * Processes: what the threads of one program share.
 */
#ifndef RR_PROCESS_H
#define RR_PROCESS_H

#include "signal.h"
#include "thread.h"
#include "vm.h"
#include <linux/resource.h>

struct fdtable;
struct fs_context;
struct baked_program;

struct process {
	int pid, pgid, sid;
	struct process *parent;     /* process_lock */
	struct list children;       /* of ->sibling; process_lock */
	struct list sibling;
	struct list all_link;       /* every process; process_lock */
	struct list threads;        /* of thread->process_link; lock */
	unsigned thread_count;      /* live threads; lock */
	spinlock_t lock;            /* threads, signal state */
	s32 refs;

	struct vm_space *vm;
	struct fdtable *files;
	struct fs_context *fs;      /* cwd, root, umask (fs.h) */
	struct signal_actions *actions;
	struct sigqueue *pending;   /* signals for the process as a whole; lock */

	bool exiting;               /* exit_group or a fatal signal; lock */
	int exit_status;            /* as wait4 reports it; lock */
	bool zombie;
	bool stopped;
	struct waitq child_wait;    /* wait4 of the parent sleeps here */

	struct rlimit64 limits[RLIM_NLIMITS];
	u32 uid, euid, suid, gid, egid, sgid;
	unsigned ngroups;
	u32 groups[32];
	char name[16];              /* comm */
	const char *exe;            /* path of the executable; for /proc */
	const struct baked_program *program;
	bool daemon;                /* runmode &: not waited for in the foreground */
	int dumpable;
	nsec_t start_time;
	nsec_t dead_time;           /* CPU time of threads that ended; lock */
	nsec_t children_time;
	struct itimers *itimers;    /* setitimer, POSIX timers */
	u64 minor_faults, major_faults; /* atomic */
};

/* The current thread's process; NULL in kernel threads. */
static inline struct process *current_process(void)
{
	return current_thread()->process;
}

extern struct mutex process_lock;

/* By id, with a reference; NULL: none. */
struct process *process_find(int pid);
struct thread *process_find_thread(int tid, struct process **owner);
void process_put(struct process *p);
/* Walk all processes: next with pid > the given one, referenced. */
struct process *process_next(int pid);

/* End the whole process with a wait status; does not return. */
void process_exit(int wait_status) __noreturn;

#endif
