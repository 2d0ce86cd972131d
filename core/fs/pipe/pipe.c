/* Pipes: what they are made of, and the calls that make them. */
#include "fs.h"
#include "pipe.h"
#include "private.h"
#include "process.h"
#include "string.h"
#include "syscall.h"
#include "timer.h"
#include "uaccess.h"
#include <asm/ioctls.h>
#include <linux/capability.h>
#include <linux/eventpoll.h>
#include <linux/stat.h>

struct pipe *pipe_alloc(void)
{
	static u64 next_ino = 1; /* atomic */
	struct pipe *p = kzalloc(sizeof(*p), ALLOC_WAIT);

	if (!p)
		return NULL;
	p->slots = kzalloc(PIPE_SLOTS * sizeof(*p->slots), ALLOC_WAIT);
	if (!p->slots) {
		kfree(p);
		return NULL;
	}
	p->size = PIPE_SLOTS;
	mutex_init(&p->lock);
	waitq_init(&p->read_wait);
	waitq_init(&p->write_wait);
	p->ino = __atomic_fetch_add(&next_ino, 1, __ATOMIC_RELAXED);
	return p;
}

void pipe_destroy(struct pipe *p)
{
	for (; !pipe_is_empty(p); p->tail++)
		page_put(pipe_slot(p, p->tail)->page);
	if (p->spare)
		page_put(p->spare);
	kfree(p->slots);
	kfree(p);
}

void pipe_drop_end(struct pipe *p, const struct file *f)
{
	if (file_readable(f))
		WRITE_ONCE(p->readers, p->readers - 1);
	if (file_writable(f))
		WRITE_ONCE(p->writers, p->writers - 1);
	/* Whoever waits looks again; pollers learn of the other end's going. */
	if (!p->readers != !p->writers) {
		waitq_wake(&p->read_wait, WAKE_ALL,
			   EPOLLIN | EPOLLRDNORM | EPOLLERR | EPOLLHUP);
		waitq_wake(&p->write_wait, WAKE_ALL,
			   EPOLLOUT | EPOLLWRNORM | EPOLLERR | EPOLLHUP);
	}
}

static u32 pipe_poll(struct file *f, struct poll_table *pt)
{
	struct pipe *p = f->priv;
	u32 events = 0;

	if (file_readable(f)) {
		poll_wait(pt, &p->read_wait);
		if (!pipe_is_empty(p))
			events |= EPOLLIN | EPOLLRDNORM;
		/* A FIFO that nobody has written to yet is not hung up. */
		if (!READ_ONCE(p->writers) &&
		    (u32)f->pos != READ_ONCE(p->writer_count))
			events |= EPOLLHUP;
	}
	if (file_writable(f)) {
		poll_wait(pt, &p->write_wait);
		if (!pipe_is_full(p))
			events |= EPOLLOUT | EPOLLWRNORM;
		if (!READ_ONCE(p->readers))
			events |= EPOLLERR;
	}
	return events;
}

static long pipe_ioctl(struct file *f, unsigned cmd, unsigned long arg)
{
	struct pipe *p = f->priv;
	int n = 0;

	if (cmd != FIONREAD)
		return -ENOTTY;
	mutex_lock(&p->lock);
	for (u32 i = p->tail; i != p->head; i++)
		n += (int)pipe_slot(p, i)->len;
	mutex_unlock(&p->lock);
	return put_user(n, (int __user *)arg);
}

static int pipe_stat(struct file *f, struct stat *st)
{
	struct pipe *p = f->priv;

	memset(st, 0, sizeof(*st));
	st->st_ino = p->ino;
	st->st_mode = S_IFIFO | 0600;
	st->st_nlink = 1;
	st->st_blksize = PAGE_SIZE;
	return 0;
}

/* lock held: other slots, in which the present ones go on.  0 or -errno. */
static int resize(struct pipe *p, u32 size)
{
	u32 used = p->head - p->tail;
	struct pipe_slot *slots;

	if (used + p->promised > size)
		return -EBUSY;
	slots = kzalloc(size * sizeof(*slots), ALLOC_WAIT);
	if (!slots)
		return -ENOMEM;
	for (u32 i = 0; i < used; i++)
		slots[i] = *pipe_slot(p, p->tail + i);
	kfree(p->slots);
	p->slots = slots;
	WRITE_ONCE(p->size, size);
	WRITE_ONCE(p->tail, 0);
	WRITE_ONCE(p->head, used);
	return 0;
}

static long set_size(struct pipe *p, unsigned long arg)
{
	u64 size = PAGE_SIZE;
	bool grown;
	long err;

	if (arg > 1ul << 31)
		return -EINVAL;
	while (size < arg)
		size *= 2;
	mutex_lock(&p->lock);
	grown = size / PAGE_SIZE > p->size;
	if (grown && size > PIPE_SIZE_MAX && !capable(CAP_SYS_RESOURCE))
		err = -EPERM;
	else
		err = resize(p, (u32)(size / PAGE_SIZE));
	mutex_unlock(&p->lock);
	if (err)
		return err;
	if (grown)
		waitq_wake(&p->write_wait, WAKE_ALL, EPOLLOUT | EPOLLWRNORM);
	return (long)size;
}

long pipe_fcntl(struct file *f, unsigned cmd, unsigned long arg)
{
	struct pipe *p = f->priv;

	if (f->ops != &pipe_file_ops)
		return -EBADF;
	if (cmd == F_SETPIPE_SZ)
		return set_size(p, arg);
	return (long)(READ_ONCE(p->size) * PAGE_SIZE);
}

static void pipe_release(struct file *f)
{
	struct pipe *p = f->priv;
	struct mutex *owner = f->inode ? &f->inode->lock : NULL;
	bool last;

	if (!p)
		return; /* a FIFO whose opening failed */
	if (owner)
		mutex_lock(owner);
	mutex_lock(&p->lock);
	pipe_drop_end(p, f);
	last = !--p->files;
	mutex_unlock(&p->lock);
	if (last && f->inode)
		f->inode->special = NULL;
	if (owner)
		mutex_unlock(owner);
	if (last)
		pipe_destroy(p);
}

const struct file_ops pipe_file_ops = {
	.kind = "pipe",
	.read = pipe_read,
	.write = pipe_write,
	.poll = pipe_poll,
	.ioctl = pipe_ioctl,
	.stat = pipe_stat,
	.release = pipe_release,
};

int pipe_create(struct file *ends[2], int flags)
{
	struct pipe *p = pipe_alloc();

	if (!p)
		return -ENOMEM;
	ends[0] = file_alloc(&pipe_file_ops, p, flags | O_RDONLY);
	ends[1] = file_alloc(&pipe_file_ops, p, flags | O_WRONLY);
	if (!ends[0] || !ends[1]) {
		for (int i = 0; i < 2; i++) {
			if (!ends[i])
				continue;
			ends[i]->priv = NULL;
			file_put(ends[i]);
		}
		pipe_destroy(p);
		return -ENOMEM;
	}
	p->readers = p->writers = 1;
	p->reader_count = p->writer_count = 1;
	p->files = 2;
	return 0;
}

static long sys_pipe2(int __user *fds, int flags)
{
	struct file *ends[2];
	int fd[2], err;

	if (flags & ~(O_CLOEXEC | O_NONBLOCK | O_DIRECT))
		return -EINVAL;
	err = pipe_create(ends, flags & (O_NONBLOCK | O_DIRECT));
	if (err)
		return err;
	fd[0] = fd_install(ends[0], flags & O_CLOEXEC);
	if (fd[0] < 0) {
		file_put(ends[1]);
		return fd[0];
	}
	fd[1] = fd_install(ends[1], flags & O_CLOEXEC);
	if (fd[1] < 0) {
		(void)fd_close(fd[0]);
		return fd[1];
	}
	if (copy_to_user(fds, fd, sizeof(fd))) {
		(void)fd_close(fd[0]);
		(void)fd_close(fd[1]);
		return -EFAULT;
	}
	return 0;
}
SYSCALL(__NR_pipe2, sys_pipe2);

static long sys_pipe(int __user *fds)
{
	return sys_pipe2(fds, 0);
}
SYSCALL(__NR_pipe, sys_pipe);
