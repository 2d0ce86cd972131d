/* The system call table. */
#include "syscall.h"
#include "config.h"
#include "log.h"
#include "process.h"
#include "string.h"
#include "thread.h"

LINKSET_DECLARE(syscalls);

#define SYSCALL_MAX 480 /* above the last number of Linux 6.x */

typedef long (*syscall_fn)(u64, u64, u64, u64, u64, u64);

static const struct syscall_entry *table[SYSCALL_MAX] __ro_after_init;
static bool trace __ro_after_init;

void syscall_init(void)
{
	const struct syscall_entry *e;

	LINKSET_FOREACH(syscalls, e) {
		assert(e->nr < SYSCALL_MAX && !table[e->nr]);
		table[e->nr] = e;
	}
}

void syscall_trace_enable(void)
{
	trace = true;
}

/* Say once for each number that a program wants what is not there. */
static long unknown(u64 nr)
{
	static u64 said[DIV_ROUND_UP(SYSCALL_MAX, 64)];
	u64 bit = BIT(nr % 64);

	if (nr >= SYSCALL_MAX)
		kmsg_once("%s: no system call %lu", current_thread()->name, nr);
	else if (!(bit & __atomic_fetch_or(&said[nr / 64], bit,
					   __ATOMIC_RELAXED)))
		kmsg("%s: system call %lu is not in this image",
		     current_thread()->name, nr);
	return -ENOSYS;
}

void syscall_dispatch(struct trapframe *tf)
{
	u64 nr = tf->error;
	const struct syscall_entry *e = nr < SYSCALL_MAX ? table[nr] : NULL;
	struct thread *t = current_thread();
	long result;

	t->tf = tf;
	if (likely(e))
		result = ((syscall_fn)e->fn)(tf->rdi, tf->rsi, tf->rdx, tf->r10,
					     tf->r8, tf->r9);
	else
		result = unknown(nr);
	tf->rax = (u64)result;
	check_leave();
	/*
	 * A restart is settled on the way back, even if what asked for it has
	 * gone: the signal was taken by another thread.
	 */
	if (unlikely(result <= -ERESTARTSYS &&
		     result >= -ERESTART_RESTARTBLOCK))
		thread_set_work(t, THREAD_WORK_SIGNAL);
	if (unlikely(trace))
		kmsg("[%d] %s(%lx, %lx, %lx, %lx) = %ld", t->tid,
		     e ? e->name : "?", tf->rdi, tf->rsi, tf->rdx, tf->r10,
		     result);
}
