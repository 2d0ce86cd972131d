/* Sockets as open files. */
#include "socket.h"
#include "page.h"
#include "string.h"
#include "syscall.h"
#include "uaccess.h"
#include <asm/ioctls.h>
#include <linux/stat.h>

static const struct file_ops socket_file_ops;

struct socket *socket_from_file(struct file *f)
{
	return f->ops == &socket_file_ops ? f->priv : NULL;
}

struct socket *socket_from_fd(int fd, struct file **fp)
{
	struct file *f = fd_get(fd);

	if (!f)
		return ERR_PTR(-EBADF);
	if (f->ops != &socket_file_ops || (f->flags & O_PATH)) {
		file_put(f);
		return ERR_PTR(-ENOTSOCK);
	}
	*fp = f;
	return f->priv;
}

struct file *socket_file(struct socket *s, int flags)
{
	struct file *f = file_alloc(&socket_file_ops, s,
				    O_RDWR | (flags & O_NONBLOCK));

	if (f)
		s->file = f;
	return f;
}

int socket_install(struct socket *s, int flags)
{
	struct file *f = socket_file(s, flags);

	if (!f) {
		s->ops->close(s);
		socket_put(s);
		return -ENFILE;
	}
	return fd_install(f, flags & O_CLOEXEC);
}

static ssize_t sock_read(struct file *f, struct iov_iter *it, loff_t *pos)
{
	struct socket *s = f->priv;
	struct socket_msg m = {.it = it};

	if (f->flags & O_NONBLOCK)
		m.flags = MSG_DONTWAIT;
	/* As on Linux: not even an error is reported. */
	if (it->count == 0 && s->type == SOCK_STREAM)
		return 0;
	if (!s->ops->recvmsg)
		return -EOPNOTSUPP;
	return s->ops->recvmsg(s, &m);
}

static ssize_t sock_write(struct file *f, struct iov_iter *it, loff_t *pos)
{
	struct socket *s = f->priv;
	struct socket_msg m = {.it = it};

	if (f->flags & O_NONBLOCK)
		m.flags = MSG_DONTWAIT;
	if (s->type == SOCK_SEQPACKET)
		m.flags |= MSG_EOR;
	if (!s->ops->sendmsg)
		return -EOPNOTSUPP;
	return s->ops->sendmsg(s, &m);
}

static ssize_t sock_send_page(struct file *f, struct page *p, size_t off,
			      size_t n, bool more)
{
	struct socket *s = f->priv;
	unsigned flags = more ? MSG_MORE : 0;
	struct socket_msg m = {0};
	struct iov_iter it;
	struct iovec iov;

	if (f->flags & O_NONBLOCK)
		flags |= MSG_DONTWAIT;
	if (s->ops->send_page)
		return s->ops->send_page(s, p, off, n, flags);
	if (!s->ops->sendmsg)
		return -EOPNOTSUPP;
	iov_iter_kernel(&it, &iov, (char *)page_address(p) + off, n);
	m.it = &it;
	m.flags = flags;
	return s->ops->sendmsg(s, &m);
}

static u32 sock_poll(struct file *f, struct poll_table *pt)
{
	struct socket *s = f->priv;

	return s->ops->poll(s, pt);
}

static long sock_ioctl(struct file *f, unsigned cmd, unsigned long arg)
{
	struct socket *s = f->priv;

	long err = s->ops->ioctl ? s->ops->ioctl(s, cmd, arg) : -ENOTTY;

	if (err == -ENOTTY && socket_device_ioctl)
		err = socket_device_ioctl(cmd, arg);
	return err;
}

static int sock_stat(struct file *f, struct stat *st)
{
	struct socket *s = f->priv;

	memset(st, 0, sizeof(*st));
	st->st_dev = 8; /* sockfs, an anonymous device */
	st->st_ino = s->ino;
	st->st_nlink = 1;
	st->st_mode = S_IFSOCK | 0777;
	st->st_uid = s->owner.uid;
	st->st_gid = s->owner.gid;
	st->st_blksize = PAGE_SIZE;
	return 0;
}

static void sock_release(struct file *f)
{
	struct socket *s = f->priv;

	s->ops->close(s);
	s->file = NULL;
	socket_put(s);
}

static const struct file_ops socket_file_ops = {
	.kind = "socket",
	.read = sock_read,
	.write = sock_write,
	.send_page = sock_send_page,
	.poll = sock_poll,
	.ioctl = sock_ioctl,
	.stat = sock_stat,
	.release = sock_release,
};
