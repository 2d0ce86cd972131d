/* The end of threads and processes. */
#include "private.h"
#include "file.h"
#include "futex.h"
#include "page.h"
#include "path.h"
#include "platform.h"
#include "syscall.h"
#include "uaccess.h"
#include <linux/futex.h>


void process_kill_locked(struct process *p, int wait_status)
{
	struct thread *t;

	if (p->exiting)
		return;
	p->exiting = true;
	p->exit_status = wait_status;
	list_for_each(t, &p->threads, process_link) {
		thread_set_work(t, THREAD_WORK_EXIT);
		thread_interrupt(t);
	}
	waitq_wake_all(&p->stop_wait);
}

void process_exit(int wait_status)
{
	struct process *p = current_process();
	u64 flags = spin_lock_irqsave(&p->lock);

	process_kill_locked(p, wait_status);
	spin_unlock_irqrestore(&p->lock, flags);
	thread_end(0);
}

void process_reap_locked(struct process *p)
{
	if (p->parent) {
		struct usage u;

		process_usage(p, &u);
		usage_add(&p->parent->children_usage, &u);
		usage_add(&p->parent->children_usage, &p->children_usage);
	}
	list_del(&p->sibling);
	p->parent = NULL;
	id_remove_process(p);
	process_put(p);
}

/*
 * Children go on as children of the kernel, which waits for nobody but its own.
 */
static void give_children_away(struct process *p)
{
	struct process *child, *next;

	list_for_each_safe(child, next, &p->children, sibling) {
		list_del(&child->sibling);
		child->parent = &kernel_process;
		list_append(&kernel_process.children, &child->sibling);
		if (child->pdeath_signal)
			(void)signal_process(child, child->pdeath_signal, NULL);
		if (child->zombie)
			process_reap_locked(child);
	}
}

/* SIGCHLD ignored, or SA_NOCLDWAIT: children leave no zombies. */
static bool reaps_itself(struct process *parent)
{
	const struct sigaction *sa;

	if (parent == &kernel_process)
		return false;
	sa = &parent->actions->action[SIGCHLD - 1];
	return sa->sa_handler == SIG_IGN || sa->sa_flags & SA_NOCLDWAIT;
}

const struct itimers_ops *itimers_ops;

/* Given by component vfs, as p->fs is. */
void fs_context_put(struct fs_context *fs) __weak;

/*
 * The last thread has gone (or runs this): give back what the threads shared.
 */
static void process_end(struct process *p)
{
	struct fdtable *files = p->files;
	struct fs_context *fs = p->fs;
	struct vm_space *vm = p->vm;
	struct process *parent;
	u64 flags;
	int status, code;

	if (p->itimers)
		itimers_ops->destroy(p);
	process_note_rss(p);
	flags = spin_lock_irqsave(&p->lock);
	p->files = NULL;
	p->fs = NULL;
	spin_unlock_irqrestore(&p->lock, flags);
	if (files)
		fdtable_put(files);
	if (fs)
		fs_context_put(fs);

	/* From here on this thread runs in the kernel's half alone. */
	flags = spin_lock_irqsave(&p->lock);
	p->vm = NULL;
	pmap_activate(NULL);
	spin_unlock_irqrestore(&p->lock, flags);
	if (vm)
		vm_put(vm);

	mutex_lock(&process_lock);
	give_children_away(p);
	parent = p->parent;
	p->zombie = true;
	status = p->exit_status;
	code = status & 0x7f ? (status & 0x80 ? CLD_DUMPED : CLD_KILLED)
			     : CLD_EXITED;
	notify_parent_locked(p, code,
			     code == CLD_EXITED ? status >> 8 : status & 0x7f);
	if (parent == &kernel_process ? !p->kernel_waits : reaps_itself(parent))
		process_reap_locked(p);
	mutex_unlock(&process_lock);
	waitq_wake_all(&kernel_process.child_wait);
}

void thread_end(int code)
{
	struct thread *t = current_thread();
	struct process *p = t->process;
	struct usage u;
	bool last;
	u64 flags;

	flags = spin_lock_irqsave(&p->lock);
	t->exiting = true;
	signal_retarget_locked(t, ~t->sig_mask);
	/*
	 * Who ends by himself may wait while files are closed (SO_LINGER); who
	 * is killed may not.
	 */
	if (!p->exiting || !(p->exit_status & 0x7f))
		__atomic_store_n(&t->work, 0, __ATOMIC_SEQ_CST);
	spin_unlock_irqrestore(&p->lock, flags);

	if (futex_thread_exit)
		futex_thread_exit(t);
	/* As Linux: pthread_join's word, if somebody is left to see it. */
	if (t->clear_child_tid && READ_ONCE(p->thread_count) > 1 &&
	    !put_user(0, t->clear_child_tid))
		(void)futex_wake((u32 __user *)t->clear_child_tid, 1,
				 FUTEX_BITSET_MATCH_ANY, true);

	id_remove_thread(t);
	flags = spin_lock_irqsave(&p->lock);
	list_del(&t->process_link);
	sigpending_flush(&t->pending);
	thread_usage(t, &u);
	usage_add(&p->ended, &u);
	/* The status of a process is that of its main thread. */
	if (t->tid == p->pid && !p->exiting)
		p->exit_status = WAIT_EXITED(code);
	last = !--p->thread_count;
	if (last)
		p->exiting = true;
	else
		/* Whoever is the last may destroy it while we are still here. */
		pmap_activate(NULL);
	spin_unlock_irqrestore(&p->lock, flags);
	if (last)
		process_end(p);
	thread_exit();
}

static long sys_exit(int code)
{
	thread_end(code);
}
SYSCALL(__NR_exit, sys_exit);

static long sys_exit_group(int code)
{
	process_exit(WAIT_EXITED(code));
}
SYSCALL(__NR_exit_group, sys_exit_group);
