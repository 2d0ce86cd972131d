/* Futex queues: wait, wake, requeue. */
#include "futex.h"
#include "process.h"
#include "sync.h"
#include "syscall.h"
#include "uaccess.h"
#include <linux/futex.h>

#define BUCKETS 128 /* a power of two */

struct bucket {
	spinlock_t lock;
	struct list waiters; /* of futex_waiter; lock */
	u64 joined;          /* how many ever queued here; lock */
};

struct futex_waiter {
	struct list link;       /* bucket's lock */
	struct bucket *bucket;  /* where it is or was last; that one's lock */
	struct futex_key key;   /* bucket's lock */
	u32 bitset;
	int prio;               /* its thread's real-time priority */
	u64 seq;                /* bucket->joined when it queued */
	bool woken;             /* set, out of the queue, by the waker; ditto */
	struct thread *thread;
};

static struct bucket buckets[BUCKETS];

static void init_buckets(void)
{
	for (unsigned i = 0; i < BUCKETS; i++) {
		spin_init(&buckets[i].lock);
		list_init(&buckets[i].waiters);
	}
}
INITCALL(INIT_CORE, init_buckets);

static struct bucket *bucket_of(const struct futex_key *key)
{
	/*
	 * Fibonacci hashing: the golden ratio spreads what differs in few bits.
	 */
	u64 h = ((u64)(uintptr_t)key->object ^ key->offset) *
		0x9e3779b97f4a7c15ull;

	return &buckets[h >> (64 - __builtin_ctz(BUCKETS))];
}

int futex_key(const u32 __user *uaddr, bool shared, struct futex_key *key)
{
	struct vm_space *vm = current_process()->vm;
	u64 addr = (u64)(uintptr_t)uaddr;
	struct vma *vma;
	int err = 0;

	if (addr & 3)
		return -EINVAL;
	if (!user_range_ok(uaddr, sizeof(*uaddr)))
		return -EFAULT;
	key->object = vm;
	key->offset = addr;
	if (!shared)
		return 0;
	rwlock_read(&vm->lock);
	vma = vm_find(vm, addr);
	if (!vma || vma->start > addr) {
		err = -EFAULT;
	} else if (vma->flags & VMA_SHARED && vma->mapping) {
		key->object = vma->mapping;
		key->offset = vma->pgoff * PAGE_SIZE + (addr - vma->start);
	}
	rwlock_read_done(&vm->lock);
	return err;
}

/* As on Linux, real-time threads are woken first; of equals, the oldest. */
static void enqueue(struct futex_waiter *w, struct bucket *b)
{
	struct list *at = b->waiters.prev;

	w->bucket = b;
	w->seq = ++b->joined;
	while (at != &b->waiters &&
	       container_of(at, struct futex_waiter, link)->prio < w->prio)
		at = at->prev;
	list_push(at, &w->link);
}

/* A requeue may move w while we wait for the lock. */
static struct bucket *lock_bucket(struct futex_waiter *w)
{
	for (;;) {
		struct bucket *b = READ_ONCE(w->bucket);

		spin_lock(&b->lock);
		if (b == w->bucket)
			return b;
		spin_unlock(&b->lock);
	}
}

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

/* The waiter can be gone as soon as it sees woken and gets the lock. Locked. */
static void wake_waiter(struct futex_waiter *w)
{
	list_del(&w->link);
	WRITE_ONCE(w->woken, true);
	thread_wake(w->thread);
}

int futex_wait(u32 __user *uaddr, bool shared, u32 val, u32 bitset,
	       const struct futex_timeout *to)
{
	struct futex_waiter w = {.bitset = bitset, .thread = current_thread()};
	struct bucket *b;
	u32 seen;
	int err;

	if (!bitset)
		return -EINVAL;
	err = futex_key(uaddr, shared, &w.key);
	if (err)
		return err;
	w.prio = READ_ONCE(w.thread->rt_priority);
	b = bucket_of(&w.key);
	spin_lock(&b->lock);
	enqueue(&w, b);
	spin_unlock(&b->lock);
	/* Queued first, then looked: see wake_key. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);

	err = user_load32(uaddr, &seen);
	if (!err && seen != val)
		err = -EAGAIN;
	if (!err)
		err = sleep_on_flag(&w.woken, to->realtime, to->deadline);

	b = lock_bucket(&w);
	list_del(&w.link);
	/* Whoever woke us has counted us, so we were woken, whatever else. */
	if (w.woken)
		err = 0;
	spin_unlock(&b->lock);
	return err;
}

static unsigned wake_locked(struct bucket *b, const struct futex_key *key,
			    unsigned n, u32 bitset)
{
	struct futex_waiter *w, *next;
	unsigned woken = 0;

	list_for_each_safe(w, next, &b->waiters, link) {
		if (woken == n)
			break;
		if (futex_key_equal(&w->key, key) && w->bitset & bitset) {
			wake_waiter(w);
			woken++;
		}
	}
	return woken;
}

static unsigned wake_key(const struct futex_key *key, unsigned n, u32 bitset)
{
	struct bucket *b = bucket_of(key);
	unsigned woken;

	/*
	 * Nobody here? A waiter that we do not see has yet to look at the word,
	 * and the fence makes our caller's change visible to it.
	 */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (list_empty(&b->waiters))
		return 0;
	spin_lock(&b->lock);
	woken = wake_locked(b, key, n, bitset);
	spin_unlock(&b->lock);
	return woken;
}

int futex_wake(u32 __user *uaddr, unsigned n, u32 bitset, bool shared)
{
	struct futex_key key;
	int err;

	if (!bitset)
		return -EINVAL;
	err = futex_key(uaddr, shared, &key);
	return err ? err : (int)wake_key(&key, n, bitset);
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
	b = bucket_of(&key);
	b2 = bucket_of(&key2);
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
			wake_waiter(w);
			done++;
		} else if (moved < requeue) {
			list_del(&w->link);
			w->key = key2;
			enqueue(w, b2);
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
	n = wake_key(&key, wake, FUTEX_BITSET_MATCH_ANY);
	if (second)
		n += wake_key(&key2, wake2, FUTEX_BITSET_MATCH_ANY);
	return (int)n;
}
