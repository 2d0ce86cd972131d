/* The standard streams as open files. */
#include "stream.h"
#include "chardev.h"
#include "kernelfile.h"
#include "private.h"
#include "signal.h"
#include "syscall.h"
#include "uaccess.h"
#include "ioctl/terminal.h"
#include <asm/ioctls.h>
#include <asm/termios.h>
#include <linux/eventpoll.h>

/* f->priv: which of the three descriptors this is. */
static unsigned which(const struct file *f)
{
	return (unsigned)(uintptr_t)f->priv;
}

static struct stream_port *port_of(const struct file *f)
{
	return stream_get(which(f) == 2 ? STREAM_STDERR : STREAM_STDIO);
}

static bool at_end(struct stream_port *p)
{
	return p->eof && p->eof(p);
}

/* Wait for input: 0, -EAGAIN, or -ERESTARTSYS. */
static int wait_input(struct file *f, struct stream_port *p)
{
	if (p->readable(p) || at_end(p))
		return 0;
	if (f->flags & O_NONBLOCK)
		return -EAGAIN;
	return wait_event_interruptible(p->wait, p->readable(p) || at_end(p));
}

static ssize_t stream_read(struct file *f, struct iov_iter *it, loff_t *pos)
{
	struct stream_port *p = port_of(f);
	size_t got = 0, done;
	char *buf;
	int err = 0;

	if (!it->count)
		return 0;
	buf = kmalloc(MIN(it->count, PAGE_SIZE), ALLOC_WAIT);
	if (!buf)
		return -ENOMEM;
	/* Another reader may be faster. */
	while (!err && !got) {
		err = wait_input(f, p);
		if (!err)
			got = p->read(p, buf, MIN(it->count, PAGE_SIZE));
		if (!err && !got && at_end(p))
			break;
	}
	done = got ? iov_copy_to(it, buf, got) : 0;
	kfree(buf);
	if (err)
		return err;
	return done < got ? -EFAULT : (ssize_t)done;
}

/* All of n bytes of the kernel's, or what the port takes. */
static ssize_t put(struct stream_port *p, const char *buf, size_t n,
		   bool nonblocking)
{
	size_t done = 0;

	while (done < n) {
		ssize_t r = p->write(p, buf + done, n - done, nonblocking);

		if (r < 0)
			return done ? (ssize_t)done : r;
		if (r == 0)
			break;
		done += (size_t)r;
		if (done < n && signal_pending())
			break;
	}
	return (ssize_t)done;
}

#define WRITE_PIECE 16384u

static ssize_t stream_write(struct file *f, struct iov_iter *it, loff_t *pos)
{
	struct stream_port *p = port_of(f);
	size_t size = MIN(it->count, WRITE_PIECE);
	ssize_t done = 0, r = 0;
	char small[256], *buf = small;

	if (size > sizeof(small)) {
		buf = kmalloc(size, ALLOC_WAIT);
		if (!buf)
			return -ENOMEM;
	}
	while (it->count) {
		size_t n = iov_copy_from(it, buf, MIN(it->count, size));

		r = n ? put(p, buf, n, f->flags & O_NONBLOCK) : -EFAULT;
		if (r <= 0)
			break;
		done += r;
		if ((size_t)r < n)
			break;
	}
	if (buf != small)
		kfree(buf);
	if (done || !it->count)
		return done;
	return r < 0 ? r : f->flags & O_NONBLOCK ? -EAGAIN : -ERESTARTSYS;
}

static u32 stream_poll(struct file *f, struct poll_table *pt)
{
	struct stream_port *p = port_of(f);
	u32 events = 0;

	if (p->wait)
		poll_wait(pt, p->wait);
	if (p->readable && p->readable(p))
		events |= EPOLLIN | EPOLLRDNORM;
	else if (at_end(p))
		events |= EPOLLIN | EPOLLRDNORM | EPOLLHUP;
	if (!p->writable || p->writable(p))
		events |= EPOLLOUT | EPOLLWRNORM;
	return events;
}

/* What libc asks to find out whether it writes to a terminal. */
static long get_window(struct winsize __user *u)
{
	struct winsize w;

	memset(&w, 0, sizeof(w));
	stream_window(&w.ws_row, &w.ws_col);
	return copy_to_user(u, &w, sizeof(w)) ? -EFAULT : 0;
}

static long stream_ioctl(struct file *f, unsigned cmd, unsigned long arg)
{
	if (!stream_is_tty(which(f)))
		return -ENOTTY;
	if (cmd == TIOCGWINSZ)
		return get_window((struct winsize __user *)arg);
	return terminal_ioctl ? terminal_ioctl(f, cmd, arg) : -ENOTTY;
}

const struct file_ops stream_ops = {
	.kind = "stream",
	.read = stream_read,
	.write = stream_write,
	.poll = stream_poll,
	.ioctl = stream_ioctl,
};

/* Given by component vfs. */
struct file *kernel_open(const char *path, int flags, u32 mode) __weak;

static struct file *open_one(unsigned n)
{
	static const struct {
		const char *path;
		int flags;
	} std[] = {{"/dev/std/0", O_RDONLY},
		   {"/dev/std/1", O_WRONLY},
		   {"/dev/std/2", O_WRONLY}};
	/* A terminal is open for both, as after login. */
	int flags = O_LARGEFILE | (stream_is_tty(n) ? O_RDWR : std[n].flags);
	struct file *f;

	if (kernel_open)
		return kernel_open(std[n].path, flags, 0);
	f = file_alloc(&stream_ops, (void *)(uintptr_t)n, flags);
	return f ? f : ERR_PTR(-ENOMEM);
}

int stream_open_std(struct file *files[3])
{
	for (unsigned i = 0; i < 3; i++) {
		files[i] = open_one(i);
		if (IS_ERR(files[i])) {
			int err = PTR_ERR(files[i]);

			while (i--)
				file_put(files[i]);
			return err;
		}
	}
	return 0;
}
