/* sendto, sendmsg, sendmmsg. */
#include "private.h"
#include "page.h"
#include "string.h"
#include "syscall.h"
#include "thread.h"
#include "uaccess.h"

static long send(struct file *f, struct socket *s, struct socket_msg *m)
{
	if (!s->ops->sendmsg)
		return -EOPNOTSUPP;
	if (f->flags & O_NONBLOCK)
		m->flags |= MSG_DONTWAIT;
	return s->ops->sendmsg(s, m);
}

static long sys_sendto(int fd, void __user *buf, size_t n, unsigned flags,
		       void __user *uaddr, int addrlen)
{
	struct sockaddr_storage ss;
	struct iov_iter it;
	struct iovec iov;
	struct socket_msg m = {.it = &it, .flags = flags};
	struct file *f;
	struct socket *s = socket_from_fd(fd, &f);
	long ret = 0;

	if (IS_ERR(s))
		return PTR_ERR(s);
	if (!user_range_ok(buf, n)) {
		file_put(f);
		return -EFAULT;
	}
	iov_iter_user(&it, &iov, buf, n);
	if (uaddr) {
		ret = sockaddr_import(&ss, uaddr, addrlen);
		m.name = (void *)&ss;
		m.namelen = addrlen;
	}
	if (!ret)
		ret = send(f, s, &m);
	file_put(f);
	return ret;
}
SYSCALL(__NR_sendto, sys_sendto);

/* Every message lies in the buffer: cmsg(3). */
static bool control_ok(const struct socket_msg *m)
{
	size_t off = 0;

	while (m->controllen - off >= sizeof(struct cmsghdr)) {
		const struct cmsghdr *c = (void *)((char *)m->control + off);

		if (c->cmsg_len < sizeof(*c) || c->cmsg_len > m->controllen - off)
			return false;
		if (CMSG_ALIGN(c->cmsg_len) >= m->controllen - off)
			break;
		off += CMSG_ALIGN(c->cmsg_len);
	}
	return true;
}

/* net.core.optmem_max */
#define CONTROL_MAX 20480

static int control_import(struct socket_msg *m, const struct user_msghdr *h)
{
	if (!h->msg_controllen)
		return 0;
	if (h->msg_controllen > CONTROL_MAX)
		return -ENOBUFS;
	m->control = kmalloc(h->msg_controllen, 0);
	if (!m->control)
		return -ENOBUFS;
	m->controllen = h->msg_controllen;
	if (copy_from_user(m->control, h->msg_control, m->controllen))
		return -EFAULT;
	return control_ok(m) ? 0 : -EINVAL;
}

static long do_sendmsg(struct file *f, struct socket *s,
		       struct user_msghdr __user *umsg, unsigned flags)
{
	struct sockaddr_storage ss;
	struct user_msghdr h;
	struct iov_iter it;
	struct iovec *iov = NULL;
	struct socket_msg m = {.it = &it, .flags = flags};
	long ret;

	if (get_user(h, umsg))
		return -EFAULT;
	if (h.msg_name && h.msg_namelen) {
		/* A longer one is cut, other than in sendto. */
		if (h.msg_namelen > (int)sizeof(ss))
			h.msg_namelen = sizeof(ss);
		ret = sockaddr_import(&ss, h.msg_name, h.msg_namelen);
		if (ret)
			return ret;
		m.name = (void *)&ss;
		m.namelen = h.msg_namelen;
	}
	if (h.msg_iovlen > UIO_MAXIOV)
		return -EMSGSIZE;
	ret = iov_iter_import(&it, &iov, h.msg_iov, h.msg_iovlen);
	if (ret)
		return ret;
	ret = control_import(&m, &h);
	if (!ret)
		ret = send(f, s, &m);
	kfree(m.control);
	kfree(iov);
	return ret;
}

static long sys_sendmsg(int fd, struct user_msghdr __user *umsg, unsigned flags)
{
	struct file *f;
	struct socket *s = socket_from_fd(fd, &f);
	long ret;

	if (IS_ERR(s))
		return PTR_ERR(s);
	ret = do_sendmsg(f, s, umsg, flags);
	file_put(f);
	return ret;
}
SYSCALL(__NR_sendmsg, sys_sendmsg);

static long sys_sendmmsg(int fd, struct mmsghdr __user *v, unsigned n,
			 unsigned flags)
{
	struct file *f;
	struct socket *s = socket_from_fd(fd, &f);
	unsigned done = 0;
	long ret = 0;

	if (IS_ERR(s))
		return PTR_ERR(s);
	if (n > UIO_MAXIOV)
		n = UIO_MAXIOV;
	while (done < n) {
		ret = do_sendmsg(f, s, &v[done].msg_hdr, flags);
		if (ret < 0)
			break;
		ret = put_user((unsigned)ret, &v[done].msg_len);
		if (ret)
			break;
		done++;
		cond_resched();
	}
	file_put(f);
	return done ? (long)done : ret;
}
SYSCALL(__NR_sendmmsg, sys_sendmmsg);
