/* Futex queues: wait and wake. */
#include "futex_queue.h"
#include "process.h"
#include "sync.h"
#include "syscall.h"
#include "uaccess.h"
#include <linux/futex.h>

#define BUCKETS 128 /* a power of two */

static struct bucket buckets[BUCKETS];

static void init_buckets(void)
{
	for (unsigned i = 0; i < BUCKETS; i++) {
		spin_init(&buckets[i].lock);
		list_init(&buckets[i].waiters);
	}
}
INITCALL(INIT_CORE, init_buckets);

struct bucket *futex_bucket(const struct futex_key *key)
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

void futex_enqueue(struct futex_waiter *w, struct bucket *b)
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

void futex_wake_waiter(struct futex_waiter *w)
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
	b = futex_bucket(&w.key);
	spin_lock(&b->lock);
	futex_enqueue(&w, b);
	spin_unlock(&b->lock);
	/* Queued first, then looked: see futex_wake_key. */
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
			futex_wake_waiter(w);
			woken++;
		}
	}
	return woken;
}

unsigned futex_wake_key(const struct futex_key *key, unsigned n, u32 bitset)
{
	struct bucket *b = futex_bucket(key);
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
	return err ? err : (int)futex_wake_key(&key, n, bitset);
}
