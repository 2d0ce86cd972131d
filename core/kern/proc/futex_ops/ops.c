/*
 * Futexes beyond waiting and waking: a part of the kernel that an image has where
 * a program may ask for it (PROTOCOL.md, 2).
 */
#include "../futex_queue.h"
#include "process.h"
#include "sync.h"
#include "syscall.h"
#include "uaccess.h"
#include <linux/futex.h>

static void lock_two(struct bucket *a, struct bucket *b)
{
	spin_lock(a < b ? &a->lock : &b->lock);
	if (a != b) {
		spinlock_t *second = a < b ? &b->lock : &a->lock;

		check_nest(&second->check, 1);
		spin_lock(second);
	}
}

static void unlock_two(struct bucket *a, struct bucket *b)
{
	if (a != b)
		spin_unlock(&b->lock);
	spin_unlock(&a->lock);
}

int futex_requeue(u32 __user *from, u32 __user *to, bool shared, unsigned wake,
		  unsigned requeue, const u32 *expected)
{
	struct futex_key key, key2;
	struct futex_waiter *w, *next;
	struct bucket *b, *b2;
	unsigned done = 0, moved = 0;
	u64 newest;
	u32 seen;
	int err;

	err = futex_key(from, shared, &key);
	if (!err)
		err = futex_key(to, shared, &key2);
	if (err)
		return err;
	b = futex_bucket(&key);
	b2 = futex_bucket(&key2);
	/*
	 * The word is read without a lock, so somebody may queue after the
	 * look, for a new value of the word; he must not be moved by what we
	 * saw.
	 */
	spin_lock(&b->lock);
	newest = b->joined;
	spin_unlock(&b->lock);
	if (expected) {
		err = user_load32(from, &seen);
		if (err)
			return err;
		if (seen != *expected)
			return -EAGAIN;
	}
	lock_two(b, b2);
	list_for_each_safe(w, next, &b->waiters, link) {
		if (!futex_key_equal(&w->key, &key) || w->seq > newest)
			continue;
		if (done < wake) {
			futex_wake_waiter(w);
			done++;
		} else if (moved < requeue) {
			list_del(&w->link);
			w->key = key2;
			futex_enqueue(w, b2);
			moved++;
		} else {
			break;
		}
	}
	unlock_two(b, b2);
	return (int)(done + moved);
}

/* The arithmetic of FUTEX_WAKE_OP; false: no such operation. */
static bool wake_op_value(u32 op, u32 old, u32 *new)
{
	unsigned kind = op >> 28 & 7;
	s32 arg = (s32)(op << 8) >> 20; /* 12 bits, signed */

	if (op >> 28 & FUTEX_OP_OPARG_SHIFT)
		arg = (s32)(1u << (arg & 31));
	switch (kind) {
	case FUTEX_OP_SET:
		*new = (u32)arg;
		return true;
	case FUTEX_OP_ADD:
		*new = old + (u32)arg;
		return true;
	case FUTEX_OP_OR:
		*new = old | (u32)arg;
		return true;
	case FUTEX_OP_ANDN:
		*new = old & ~(u32)arg;
		return true;
	case FUTEX_OP_XOR:
		*new = old ^ (u32)arg;
		return true;
	}
	return false;
}

/* Its comparison: 1, 0, or -ENOSYS. */
static int wake_op_compare(u32 op, s32 old)
{
	s32 arg = (s32)(op << 20) >> 20;

	switch (op >> 24 & 15) {
	case FUTEX_OP_CMP_EQ:
		return old == arg;
	case FUTEX_OP_CMP_NE:
		return old != arg;
	case FUTEX_OP_CMP_LT:
		return old < arg;
	case FUTEX_OP_CMP_GE:
		return old >= arg;
	case FUTEX_OP_CMP_LE:
		return old <= arg;
	case FUTEX_OP_CMP_GT:
		return old > arg;
	}
	return -ENOSYS;
}

int futex_wake_op(u32 __user *uaddr, u32 __user *uaddr2, bool shared,
		  unsigned wake, unsigned wake2, u32 op)
{
	struct futex_key key, key2;
	u32 old, new, seen;
	int err, second;
	unsigned n;

	err = futex_key(uaddr, shared, &key);
	if (!err)
		err = futex_key(uaddr2, shared, &key2);
	if (!err)
		err = user_load32(uaddr2, &old);
	if (err)
		return err;
	for (;;) {
		if (!wake_op_value(op, old, &new))
			return -ENOSYS;
		err = user_cmpxchg32(uaddr2, old, new, &seen);
		if (err)
			return err;
		if (seen == old)
			break;
		old = seen;
		cond_resched();
	}
	second = wake_op_compare(op, (s32)old);
	if (second < 0)
		return second;
	n = futex_wake_key(&key, wake, FUTEX_BITSET_MATCH_ANY);
	if (second)
		n += futex_wake_key(&key2, wake2, FUTEX_BITSET_MATCH_ANY);
	return (int)n;
}

long futex_other(u32 __user *uaddr, int cmd, bool shared, u32 val,
		 const struct futex_timeout *to, u32 __user *uaddr2, u32 val2,
		 u32 val3)
{
	switch (cmd) {
	case FUTEX_REQUEUE:
	case FUTEX_CMP_REQUEUE:
		if ((s32)val < 0 || (s32)val2 < 0)
			return -EINVAL;
		return futex_requeue(uaddr, uaddr2, shared, val, val2,
				     cmd == FUTEX_CMP_REQUEUE ? &val3 : NULL);
	case FUTEX_WAKE_OP:
		return futex_wake_op(uaddr, uaddr2, shared,
				     (s32)val > 0 ? val : 1,
				     (s32)val2 > 0 ? val2 : 1, val3);
	case FUTEX_LOCK_PI:
	case FUTEX_LOCK_PI2:
		return futex_lock_pi(uaddr, shared, to, false);
	case FUTEX_TRYLOCK_PI:
		return futex_lock_pi(uaddr, shared, to, true);
	case FUTEX_UNLOCK_PI:
		return futex_unlock_pi(uaddr, shared);
	}
	return -ENOSYS;
}
