/*
 * Threads and the scheduler.
 *
 * A thread has a kernel stack and, if it belongs to a program, a process. It is
 * on one CPU's run queue when it can run. State is protected by sched_lock.
 */
#ifndef RR_THREAD_H
#define RR_THREAD_H

#include "list.h"
#include "signal.h"
#include "sync.h"
#include "timer.h"
#include <arch/cpu.h>

#define KSTACK_SIZE (4 * PAGE_SIZE) /* plus an unmapped guard page below */

struct process;
struct trapframe;

enum thread_state {
	THREAD_RUNNABLE,         /* running, or on a run queue */
	THREAD_SLEEPING,         /* waits; only a wake-up ends it */
	THREAD_INTERRUPTIBLE,    /* waits; a signal ends it too */
	THREAD_STOPPED,          /* job control */
	THREAD_DEAD
};

struct thread {
	struct arch_thread arch;
	u64 kstack;            /* lowest address of the kernel stack */
	struct trapframe *tf;  /* frame of the outermost entry from the program */
	char name[16];
	int tid;
	s32 refs;              /* atomic: that it runs, and thread_get */
	spinlock_t sched_lock; /* state and queueing */
	enum thread_state state;
	bool on_cpu;           /* its registers are still live on some CPU */
	/*
	 * Where it runs, is queued, or ran last.  Changes under the lock of the
	 * run queue that it leaves, or sched_lock if it is on none.
	 */
	struct cpu *cpu;
	struct avl_node run_node; /* its run queue's lock */
	bool on_rq;            /* queued or running; sched_lock */
	u64 vruntime;          /* weighted run time, ns; run queue's lock */
	s64 rt_turn;           /* among those of its priority; ditto */
	nsec_t rr_used;        /* of its SCHED_RR quantum; ditto */
	nsec_t run_start;      /* when it was last switched to */
	nsec_t cpu_time;       /* sum of finished runs, ns */
	u64 switches_voluntary, switches_forced;
	/*
	 * How it is scheduled: changed under sched_lock and the run queue's lock
	 * (kern/sched/control.c).
	 */
	int policy;            /* SCHED_* */
	int nice;
	int rt_priority;       /* SCHED_FIFO and SCHED_RR: 1 to 99; else 0 */
	int boost;             /* at least this, for the waiters of its PI locks */
	int prio;              /* what counts: 0 fair, else real-time */
	unsigned weight;
	bool reset_on_fork;    /* SCHED_RESET_ON_FORK */
	u64 affinity;          /* CPUs that it may run on, a bit each */

	/* Only for threads of programs, below. */
	struct process *process;
	struct list process_link;   /* process->threads */
	sigset_t sig_mask;          /* blocked; written by the thread, process->lock */
	sigset_t sig_saved_mask;    /* restored after the handler (sigsuspend, ppoll) */
	bool restore_mask;
	u32 work;                   /* THREAD_WORK_*, atomic; see below */
	struct sigpending pending;  /* for this thread alone; process->lock */
	stack_t altstack;           /* sigaltstack; own thread only */
	int __user *clear_child_tid; /* CLONE_CHILD_CLEARTID */
	void __user *robust_list;
	size_t robust_size;
	bool exiting;
	bool no_faults;             /* copy_to_user_now: own thread only */
	bool pi_exited;             /* gives back no PI futex any more; atomic */
	struct thread_check check;
	struct {                    /* how to go on after -ERESTART_RESTARTBLOCK */
		long (*fn)(struct thread *t);
		u64 args[6];
	} restart;
};

/*
 * thread->work: reasons not to go straight back to the program.  Set with
 * thread_set_work, looked at by the exit path of every entry.
 */
#define THREAD_WORK_SIGNAL 1u /* a signal may have to be delivered */
#define THREAD_WORK_EXIT 2u   /* the process is ending: die */
#define THREAD_WORK_MASK 4u   /* the mask replaced for one call comes back */

void thread_set_work(struct thread *t, u32 bits);

/*
 * A new thread that will run fn(arg) on its kernel stack, not yet started.
 * NULL: no memory.  name is copied.  The thread ends by thread_exit or by
 * returning from fn.  Its memory is freed by the scheduler after it died.
 */
struct thread *thread_create(const char *name, void (*fn)(void *arg), void *arg);
/* Give it to the scheduler. */
void thread_start(struct thread *t);
/* thread_create + thread_start for kernel threads; panics without memory. */
struct thread *kthread_start(const char *name, void (*fn)(void *arg), void *arg);
/* Free a thread that was never started. */
void thread_discard(struct thread *t);
/*
 * Keep the structure (not the stack) of a thread beyond its end.  To take the
 * first reference the caller holds what keeps t alive: the lock of the list on
 * which it was found, or it is the current thread.  Any context.
 */
void thread_get(struct thread *t);
void thread_put(struct thread *t);
/* A number for a new thread or process, above 0, used again late (pid.c). */
int thread_new_id(void);
/* How many there were so far, and the last one. */
u64 thread_ids_given(int *last);
/* End the current thread.  Everything that hangs off it has been given back. */
void thread_exit(void) __noreturn;

/* Make a sleeping thread runnable; true if it was asleep.  Any context. */
bool thread_wake(struct thread *t);
/* The same, only if it sleeps interruptibly. */
bool thread_interrupt(struct thread *t);

/* Let others run; the current thread stays runnable. */
void thread_yield(void);
/* In long loops of the kernel, no lock held: give way if somebody waits. */
void cond_resched(void);
/* Choose and switch.  Interrupts on or off, no spin lock held. */
void schedule(void);

/* What programs set of how a thread is scheduled. */
struct sched_how {
	int policy, nice, rt_priority;
	bool reset_on_fork;
};
struct sched_how thread_how(struct thread *t);
void thread_set_how(struct thread *t, const struct sched_how *how);
/* A new thread t is scheduled as its maker is, who is the current thread. */
void thread_inherit_how(struct thread *t);
/*
 * From now on t runs only on these CPUs, of which at least one is online.  When
 * this returns it is on no other one.  May sleep.
 */
void thread_set_affinity(struct thread *t, u64 cpus);
/* The priority that waiters lend t (0: none).  Any context. */
void thread_set_boost(struct thread *t, int prio);
/* Its turn where it is the only one of its kind, ns; 0: none (SCHED_FIFO). */
nsec_t thread_quantum(struct thread *t);

/* CPU time used by t so far, ns. */
nsec_t thread_cpu_time(struct thread *t);

/* What a CPU has done up to one moment. */
struct cpu_usage {
	nsec_t busy, idle; /* neither goes back from call to call */
	u64 switches;      /* from one thread to another */
	unsigned runnable; /* threads that run or wait for it now */
};
void cpu_usage(struct cpu *c, struct cpu_usage *u);

/*
 * From the arch's exit path, interrupts on, on the way back to the program: do
 * what need_resched and thread->work ask for.
 */
void thread_exit_work(struct trapframe *tf);

static inline bool kstack_contains(const struct thread *t, u64 sp)
{
	return sp - t->kstack <= KSTACK_SIZE;
}

/*
 * For the platform: run queue, timers and idle thread of a CPU (whose number is
 * set), before it runs.  0 or -ENOMEM (not for number 0).
 */
int sched_init_cpu(struct cpu *c);
/* It never ran. */
void sched_free_cpu(struct cpu *c);
/* On this stack c begins, as its idle thread. */
void sched_begin_cpu(struct cpu *c, u64 kstack);
/* The idle loop of a CPU, entered once it is up. */
void sched_idle(void) __noreturn;
/* First code of a new thread, called by arch_thread_init's trampoline. */
void thread_start_c(void (*fn)(void *), void *arg) __noreturn;
/* Called on the new thread's stack right after a switch, with prev. */
void sched_switched(struct thread *prev);
/* c has switched away from a thread that may not run on it. */
void sched_left(struct cpu *c);
/* A dead thread has been switched away from: free it soon. */
void thread_reap_later(struct thread *t);

/*
 * Given by core/arch: prepare t so that the first switch to it calls
 * sched_switched(prev) and then fn(arg) with interrupts on.
 */
void arch_thread_init(struct thread *t, void (*fn)(void *), void *arg);
/* The innermost frame of t, which does not run, for who walks them. */
u64 arch_thread_frame(const struct thread *t);
/*
 * Switch stacks, FS base, vector registers and, when the processes differ,
 * address spaces. Interrupts are off. Returns, in the context of to, the thread
 * that ran before.
 */
struct thread *arch_switch(struct thread *from, struct thread *to);
/* 0, or -ENOMEM: give t (a thread of a program) a vector register area. */
int arch_fpu_alloc(struct thread *t, const struct thread *copy_from);
void arch_fpu_free(struct thread *t);
/*
 * Go to the program with this frame, on the current thread's kernel stack,
 * which is emptied. Used by exec and by new threads.
 */
void arch_enter_program(const struct trapframe *tf) __noreturn;
/*
 * Sleep until an interrupt; called with interrupts off, returns with them off.
 */
void arch_idle_wait(void);
/* Tell another CPU to look at need_resched. */
void arch_resched_cpu(struct cpu *c);

#endif
