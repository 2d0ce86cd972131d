/*
 * Making threads of programs: clone(2) and what it shares with exec and fork.
 */
#include "private.h"
#include "log.h"
#include "page.h"
#include "syscall.h"
#include "uaccess.h"
#include <arch/program.h>
#include <linux/sched.h>
#include <linux/signal.h>

/* First code of such a thread.  Its frame comes from the heap. */
static void enter_program(void *arg)
{
	struct thread *t = current_thread();
	struct trapframe tf = *t->tf;

	kfree(t->tf);
	t->tf = NULL;
	arch_enter_program(&tf);
}

struct thread *process_thread_create(struct process *p,
				     const struct trapframe *tf,
				     const struct thread *copy_fpu_from)
{
	struct trapframe *copy = kmalloc(sizeof(*copy), 0);
	struct thread *t;

	if (!copy)
		return NULL;
	t = thread_create(p->name, enter_program, NULL);
	if (!t) {
		kfree(copy);
		return NULL;
	}
	if (arch_fpu_alloc(t, copy_fpu_from)) {
		kfree(copy);
		thread_discard(t);
		return NULL;
	}
	*copy = *tf;
	t->tf = copy;
	t->altstack.ss_flags = SS_DISABLE;
	if (!p->pid)
		p->pid = t->tid;
	process_get(p);
	t->process = p;
	return t;
}

void process_thread_discard(struct thread *t)
{
	kfree(t->tf);
	thread_discard(t);
}

int process_thread_add(struct thread *t)
{
	struct process *p = t->process;
	int err = id_add_thread(t);
	u64 flags;

	if (err)
		return -ENOMEM;
	flags = spin_lock_irqsave(&p->lock);
	if (p->exiting) {
		err = -EAGAIN;
	} else {
		list_append(&p->threads, &t->process_link);
		p->thread_count++;
		/* What was sent before may be for this one. */
		signal_recalc_locked(t);
	}
	spin_unlock_irqrestore(&p->lock, flags);
	if (err)
		id_remove_thread(t);
	return err;
}

void process_thread_remove(struct thread *t)
{
	struct process *p = t->process;
	u64 flags;

	id_remove_thread(t);
	flags = spin_lock_irqsave(&p->lock);
	list_del(&t->process_link);
	p->thread_count--;
	spin_unlock_irqrestore(&p->lock, flags);
}

/* What clone and clone3 have in common. */
struct clone_request {
	u64 flags;
	int __user *parent_tid, *child_tid;
	u64 stack; /* its top; 0: the caller's */
	u64 tls;
};

/* All that threads of a process share here, and libcs never do without. */
#define THREAD_FLAGS                                                           \
	(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD)
#define NAMESPACE_FLAGS                                                        \
	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC |         \
	 CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET)

static long clone_check(u64 flags)
{
	if ((flags & CLONE_THREAD && !(flags & CLONE_SIGHAND)) ||
	    (flags & CLONE_SIGHAND && !(flags & CLONE_VM)) ||
	    (flags & CLONE_THREAD && flags & CLONE_PIDFD) ||
	    (flags & CLONE_FS && flags & CLONE_NEWNS))
		return -EINVAL;
	/* As a Linux that was built without namespaces. */
	if (flags & NAMESPACE_FLAGS)
		return -EINVAL;
	return 0;
}

static long clone_thread(const struct clone_request *r)
{
	struct thread *me = current_thread(), *t;
	struct trapframe tf = *me->tf;
	int tid, err;

	if (r->flags & CLONE_SETTLS && r->tls >= platform_program_end())
		return -EPERM;
	arch_clone_frame(&tf, r->stack);
	t = process_thread_create(me->process, &tf, me);
	if (!t)
		return -EAGAIN;
	arch_clone_tls(t, r->flags & CLONE_SETTLS, r->tls);
	t->sig_mask = me->sig_mask;
	thread_inherit_how(t);
	for (size_t i = 0; i < sizeof(t->name); i++)
		t->name[i] = me->name[i];
	if (r->flags & CLONE_CHILD_CLEARTID)
		t->clear_child_tid = r->child_tid;
	err = process_thread_add(t);
	if (err) {
		process_thread_discard(t);
		return -EAGAIN;
	}
	/* Linux does not mind either if these cannot be written. */
	tid = t->tid;
	if (r->flags & CLONE_PARENT_SETTID && put_user(tid, r->parent_tid))
		kdebug("clone: parent's tid pointer is bad");
	if (r->flags & CLONE_CHILD_SETTID && put_user(tid, r->child_tid))
		kdebug("clone: child's tid pointer is bad");
	thread_start(t);
	return tid;
}

/* fork and its relatives are the component proc's. */
long process_fork(const struct clone_request *r, int exit_signal) __weak;

static long clone_dispatch(const struct clone_request *r, int exit_signal)
{
	long err = clone_check(r->flags);

	if (err)
		return err;
	if ((r->flags & THREAD_FLAGS) == THREAD_FLAGS)
		return clone_thread(r);
	if (process_fork)
		return process_fork(r, exit_signal);
	kmsg_once("%s: wants a second process: not without component proc",
		  current_thread()->name);
	return -ENOSYS;
}

static long sys_clone(u64 flags, u64 stack, int __user *parent_tid,
		      int __user *child_tid, u64 tls)
{
	struct clone_request r = {
		.flags = flags & 0xffffffff & ~(u64)CSIGNAL,
		.parent_tid = parent_tid,
		.child_tid = child_tid,
		.stack = stack,
		.tls = tls,
	};

	return clone_dispatch(&r, (int)(flags & CSIGNAL));
}
SYSCALL(__NR_clone, sys_clone);

/* A structure that may be longer than we know, if the rest is zero. */
static long import_clone_args(struct clone_args *args, const void __user *uargs,
			      size_t size)
{
	u8 byte;

	if (size > PAGE_SIZE)
		return -E2BIG;
	if (size < CLONE_ARGS_SIZE_VER0)
		return -EINVAL;
	*args = (struct clone_args){0};
	if (copy_from_user(args, uargs, MIN(size, sizeof(*args))))
		return -EFAULT;
	for (size_t i = sizeof(*args); i < size; i++) {
		if (copy_from_user(&byte, (const u8 __user *)uargs + i, 1))
			return -EFAULT;
		if (byte)
			return -E2BIG;
	}
	return 0;
}

static long sys_clone3(const struct clone_args __user *uargs, size_t size)
{
	struct clone_args args;
	struct clone_request r;
	long err = import_clone_args(&args, uargs, size);

	if (err)
		return err;
	if (args.flags & ~(0xffffffffull | CLONE_CLEAR_SIGHAND) ||
	    args.flags & (CLONE_DETACHED | CSIGNAL) ||
	    (args.flags & CLONE_CLEAR_SIGHAND && args.flags & CLONE_SIGHAND) ||
	    (args.flags & (CLONE_THREAD | CLONE_PARENT) && args.exit_signal) ||
	    args.exit_signal > SIGNAL_MAX || args.set_tid ||
	    args.set_tid_size || !args.stack != !args.stack_size)
		return -EINVAL;
	r.flags = args.flags;
	r.parent_tid = (int __user *)(uintptr_t)args.parent_tid;
	r.child_tid = (int __user *)(uintptr_t)args.child_tid;
	r.stack = args.stack ? args.stack + args.stack_size : 0;
	r.tls = args.tls;
	return clone_dispatch(&r, (int)args.exit_signal);
}
SYSCALL(__NR_clone3, sys_clone3);

static long sys_fork(void)
{
	struct clone_request r = {0};

	return clone_dispatch(&r, SIGCHLD);
}
SYSCALL(__NR_fork, sys_fork);

static long sys_vfork(void)
{
	struct clone_request r = {.flags = CLONE_VM | CLONE_VFORK};

	return clone_dispatch(&r, SIGCHLD);
}
SYSCALL(__NR_vfork, sys_vfork);

static long sys_set_tid_address(int __user *tid)
{
	struct thread *t = current_thread();

	t->clear_child_tid = tid;
	return t->tid;
}
SYSCALL(__NR_set_tid_address, sys_set_tid_address);
