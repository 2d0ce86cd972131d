/* bind, listen, accept, connect, shutdown and the names of both ends. */
#include "private.h"
#include "syscall.h"
#include "string.h"

static long sys_bind(int fd, void __user *uaddr, int len)
{
	struct sockaddr_storage ss;
	struct file *f;
	struct socket *s = socket_from_fd(fd, &f);
	int err;

	if (IS_ERR(s))
		return PTR_ERR(s);
	err = sockaddr_import(&ss, uaddr, len);
	if (!err)
		err = s->ops->bind ? s->ops->bind(s, (void *)&ss, len) :
				     -EOPNOTSUPP;
	file_put(f);
	return err;
}
SYSCALL(__NR_bind, sys_bind);

static long sys_listen(int fd, int backlog)
{
	struct file *f;
	struct socket *s = socket_from_fd(fd, &f);
	int err;

	if (IS_ERR(s))
		return PTR_ERR(s);
	/* listen(2): a larger value, and a negative one, means the limit. */
	if ((unsigned)backlog > SOMAXCONN)
		backlog = SOMAXCONN;
	err = s->ops->listen ? s->ops->listen(s, backlog) : -EOPNOTSUPP;
	file_put(f);
	return err;
}
SYSCALL(__NR_listen, sys_listen);

/* The connection n as descriptor fd, which is reserved; it goes on failure. */
static int install(struct socket *n, int fd, void __user *uaddr,
		   int __user *ulen, int flags)
{
	struct sockaddr_storage ss;
	struct file *f = socket_file(n, flags);
	int len, err = 0;

	if (!f) {
		n->ops->close(n);
		socket_put(n);
		return -ENFILE;
	}
	if (uaddr) {
		memset(&ss, 0, sizeof(ss));
		len = n->ops->getname(n, (void *)&ss, true);
		/* The peer may be gone already. */
		err = len < 0 ? -ECONNABORTED
			      : sockaddr_export(&ss, len, uaddr, ulen);
	}
	if (err)
		file_put(f);
	else
		fd_fill(fd, f);
	return err;
}

static long do_accept(struct file *f, struct socket *s, void __user *uaddr,
		      int __user *ulen, int flags)
{
	struct socket *n;
	int fd, err;

	if (flags & ~(SOCK_CLOEXEC | SOCK_NONBLOCK))
		return -EINVAL;
	if (!s->ops->accept)
		return -EOPNOTSUPP;
	/* A connection that there is no descriptor for stays in the backlog. */
	fd = fd_reserve(flags);
	if (fd < 0)
		return fd;
	n = s->ops->accept(s, f->flags & O_NONBLOCK);
	err = IS_ERR(n) ? (int)PTR_ERR(n) : install(n, fd, uaddr, ulen, flags);
	if (err) {
		fd_unreserve(fd);
		return err;
	}
	return fd;
}

static long sys_accept4(int fd, void __user *uaddr, int __user *ulen, int flags)
{
	struct file *f;
	struct socket *s = socket_from_fd(fd, &f);
	long ret;

	if (IS_ERR(s))
		return PTR_ERR(s);
	ret = do_accept(f, s, uaddr, ulen, flags);
	file_put(f);
	return ret;
}
SYSCALL(__NR_accept4, sys_accept4);

static long sys_accept(int fd, void __user *uaddr, int __user *ulen)
{
	return sys_accept4(fd, uaddr, ulen, 0);
}
SYSCALL(__NR_accept, sys_accept);

static long sys_connect(int fd, void __user *uaddr, int len)
{
	struct sockaddr_storage ss;
	struct file *f;
	struct socket *s = socket_from_fd(fd, &f);
	int err;

	if (IS_ERR(s))
		return PTR_ERR(s);
	err = sockaddr_import(&ss, uaddr, len);
	if (!err)
		err = s->ops->connect ?
			  s->ops->connect(s, (void *)&ss, len,
					  f->flags & O_NONBLOCK) :
			  -EOPNOTSUPP;
	file_put(f);
	return err;
}
SYSCALL(__NR_connect, sys_connect);

static long sys_shutdown(int fd, int how)
{
	struct file *f;
	struct socket *s = socket_from_fd(fd, &f);
	int err;

	if (IS_ERR(s))
		return PTR_ERR(s);
	if (how < SHUT_RD || how > SHUT_RDWR)
		err = -EINVAL;
	else
		err = s->ops->shutdown ? s->ops->shutdown(s, how) : -EOPNOTSUPP;
	file_put(f);
	return err;
}
SYSCALL(__NR_shutdown, sys_shutdown);

static long name(int fd, void __user *uaddr, int __user *ulen, bool peer)
{
	struct sockaddr_storage ss;
	struct file *f;
	struct socket *s = socket_from_fd(fd, &f);
	int len;

	if (IS_ERR(s))
		return PTR_ERR(s);
	memset(&ss, 0, sizeof(ss));
	len = s->ops->getname ? s->ops->getname(s, (void *)&ss, peer) :
				-EOPNOTSUPP;
	file_put(f);
	return len < 0 ? len : sockaddr_export(&ss, len, uaddr, ulen);
}

static long sys_getsockname(int fd, void __user *uaddr, int __user *ulen)
{
	return name(fd, uaddr, ulen, false);
}
SYSCALL(__NR_getsockname, sys_getsockname);

static long sys_getpeername(int fd, void __user *uaddr, int __user *ulen)
{
	return name(fd, uaddr, ulen, true);
}
SYSCALL(__NR_getpeername, sys_getpeername);
