/* eventfd: a counter that can be waited for. */
#include "file.h"
#include "page.h"
#include "string.h"
#include "syscall.h"
#include "uio.h"
#include <linux/eventpoll.h>
#include <linux/stat.h>

/*
 * eventfd(2): the C library's, since <linux/eventfd.h> is newer than Linux
 * 6.1.
 */
#define EFD_SEMAPHORE 1
#define EFD_CLOEXEC O_CLOEXEC
#define EFD_NONBLOCK O_NONBLOCK

/*
 * The counter stays below this, which a read could not tell from an overflow.
 */
#define COUNT_MAX (UINT64_MAX - 1)

struct eventfd {
	spinlock_t lock;
	u64 count;      /* lock; read with READ_ONCE */
	bool semaphore; /* EFD_SEMAPHORE: a read takes 1 */
	struct waitq wait;
};

/* Take the counter: false if it is 0. */
static bool take(struct eventfd *e, u64 *value)
{
	bool ok;

	spin_lock(&e->lock);
	ok = e->count;
	if (ok) {
		*value = e->semaphore ? 1 : e->count;
		WRITE_ONCE(e->count, e->count - *value);
	}
	spin_unlock(&e->lock);
	return ok;
}

/* Add to it: false if there is no room. */
static bool add(struct eventfd *e, u64 value)
{
	bool ok;

	spin_lock(&e->lock);
	ok = value <= COUNT_MAX - e->count;
	if (ok)
		WRITE_ONCE(e->count, e->count + value);
	spin_unlock(&e->lock);
	return ok;
}

static ssize_t eventfd_read(struct file *f, struct iov_iter *it, loff_t *pos)
{
	struct eventfd *e = f->priv;
	u64 value = 0;

	if (it->count < sizeof(value))
		return -EINVAL;
	if (!take(e, &value)) {
		int err;

		if (f->flags & O_NONBLOCK)
			return -EAGAIN;
		err = wait_event_interruptible(&e->wait, take(e, &value));
		if (err)
			return err;
	}
	waitq_wake(&e->wait, WAKE_ALL, EPOLLOUT);
	if (iov_copy_to(it, &value, sizeof(value)) != sizeof(value))
		return -EFAULT;
	return sizeof(value);
}

static ssize_t eventfd_write(struct file *f, struct iov_iter *it, loff_t *pos)
{
	struct eventfd *e = f->priv;
	u64 value;

	if (it->count < sizeof(value))
		return -EINVAL;
	if (iov_copy_from(it, &value, sizeof(value)) != sizeof(value))
		return -EFAULT;
	if (value > COUNT_MAX)
		return -EINVAL;
	if (!add(e, value)) {
		int err;

		if (f->flags & O_NONBLOCK)
			return -EAGAIN;
		err = wait_event_interruptible(&e->wait, add(e, value));
		if (err)
			return err;
	}
	waitq_wake(&e->wait, WAKE_ALL, EPOLLIN);
	return sizeof(value);
}

static u32 eventfd_poll(struct file *f, struct poll_table *pt)
{
	struct eventfd *e = f->priv;
	u64 count;

	poll_wait(pt, &e->wait);
	count = READ_ONCE(e->count);
	return (count ? EPOLLIN : 0) | (count < COUNT_MAX ? EPOLLOUT : 0);
}

static void eventfd_release(struct file *f)
{
	kfree(f->priv);
}

static const struct file_ops eventfd_ops = {
	.kind = "anon_inode:[eventfd]",
	.read = eventfd_read,
	.write = eventfd_write,
	.poll = eventfd_poll,
	.release = eventfd_release,
};

static long sys_eventfd2(unsigned count, int flags)
{
	struct eventfd *e;
	struct file *f;

	if (flags & ~(EFD_CLOEXEC | EFD_NONBLOCK | EFD_SEMAPHORE))
		return -EINVAL;
	e = kzalloc(sizeof(*e), ALLOC_WAIT);
	if (!e)
		return -ENOMEM;
	e->count = count;
	e->semaphore = flags & EFD_SEMAPHORE;
	spin_init(&e->lock);
	waitq_init(&e->wait);
	f = file_alloc(&eventfd_ops, e, O_RDWR | (flags & O_NONBLOCK));
	if (!f) {
		kfree(e);
		return -ENOMEM;
	}
	return fd_install(f, flags & O_CLOEXEC);
}
SYSCALL(__NR_eventfd2, sys_eventfd2);

static long sys_eventfd(unsigned count)
{
	return sys_eventfd2(count, 0);
}
SYSCALL(__NR_eventfd, sys_eventfd);
