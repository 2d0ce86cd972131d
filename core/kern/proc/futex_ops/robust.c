/*
 * Robust mutexes: when a thread ends, those that it still holds are marked, and
 * a waiter is told (Documentation/locking/robust-futexes in Linux).
 */
#include "../futex.h"
#include "../private.h"
#include "syscall.h"
#include "uaccess.h"
#include <linux/futex.h>

static long sys_set_robust_list(struct robust_list_head __user *head,
				size_t size)
{
	struct thread *t = current_thread();

	if (size != sizeof(*head))
		return -EINVAL;
	t->robust_list = head;
	t->robust_size = size;
	return 0;
}
SYSCALL(__NR_set_robust_list, sys_set_robust_list);

static long sys_get_robust_list(int tid, void __user *__user *head,
				size_t __user *size)
{
	struct thread *t = current_thread();
	struct process *p = t->process;
	void __user *list;
	bool allowed;

	if (!tid)
		tid = t->tid;
	t = process_find_thread(tid, &p);
	if (!t)
		return -ESRCH;
	allowed = process_may_control(p);
	list = t->robust_list;
	thread_put(t);
	process_put(p);
	if (!allowed)
		return -EPERM;
	if (put_user(sizeof(struct robust_list_head), size))
		return -EFAULT;
	return put_user(list, head);
}
SYSCALL(__NR_get_robust_list, sys_get_robust_list);

/* The word of the mutex whose list entry this is. */
static u32 __user *word_at(u64 entry, long offset)
{
	return (u32 __user *)(uintptr_t)(entry + (u64)offset);
}

/* One mutex. 0, or -EFAULT: the list cannot be trusted any further. */
static int mutex_died(struct thread *t, u32 __user *word, bool pi, bool pending)
{
	u32 old, new, seen;

	if ((u64)(uintptr_t)word & 3 || user_load32(word, &old))
		return -EFAULT;
	for (;; old = seen) {
		/*
		 * It died between unlocking and waking (the word is 0 and the
		 * mutex was being unlocked): wake in its place.
		 */
		if (pending && !pi && !old) {
			(void)futex_wake(word, 1, FUTEX_BITSET_MATCH_ANY, true);
			return 0;
		}
		if ((old & FUTEX_TID_MASK) != (u32)t->tid)
			return 0;
		new = (old & FUTEX_WAITERS) | FUTEX_OWNER_DIED;
		if (user_cmpxchg32(word, old, new, &seen))
			return -EFAULT;
		if (seen == old)
			break;
	}
	if (!pi && old & FUTEX_WAITERS)
		(void)futex_wake(word, 1, FUTEX_BITSET_MATCH_ANY, true);
	return 0;
}

/* A list pointer: bit 0 says that the mutex is a PI one. */
static int fetch(u64 *entry, bool *pi, const void __user *p)
{
	u64 v;

	if (copy_from_user(&v, p, sizeof(v)))
		return -EFAULT;
	*pi = v & 1;
	*entry = v & ~1ull;
	return 0;
}

static void robust_list_exit(struct thread *t)
{
	struct robust_list_head __user *head = t->robust_list;
	u64 entry, next, pending, head_addr = (u64)(uintptr_t)head;
	bool pi, next_pi, pending_pi;
	long offset;
	int err;

	if (!head || fetch(&entry, &pi, &head->list.next) ||
	    get_user(offset, &head->futex_offset) ||
	    fetch(&pending, &pending_pi, &head->list_op_pending))
		return;
	/* The limit also ends circles. */
	for (int n = 0; n < ROBUST_LIST_LIMIT && entry != head_addr; n++) {
		/*
		 * First the way on: the mutex may be freed once it is released.
		 */
		err = fetch(&next, &next_pi, (void __user *)(uintptr_t)entry);
		if (entry != pending &&
		    mutex_died(t, word_at(entry, offset), pi, false))
			return;
		if (err)
			return;
		entry = next;
		pi = next_pi;
		cond_resched();
	}
	if (pending)
		(void)mutex_died(t, word_at(pending, offset), pending_pi, true);
}

void futex_thread_exit(struct thread *t)
{
	robust_list_exit(t);
	t->robust_list = NULL;
	futex_pi_thread_exit(t);
}
