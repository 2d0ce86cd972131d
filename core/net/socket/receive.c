/* recvfrom, recvmsg, recvmmsg. */
#include "private.h"
#include "page.h"
#include "string.h"
#include "syscall.h"
#include "thread.h"
#include "uaccess.h"
#include <linux/time_types.h>

static long receive(struct file *f, struct socket *s, struct socket_msg *m)
{
	if (!s->ops->recvmsg)
		return -EOPNOTSUPP;
	if (f->flags & O_NONBLOCK)
		m->flags |= MSG_DONTWAIT;
	return s->ops->recvmsg(s, m);
}

static long sys_recvfrom(int fd, void __user *buf, size_t n, unsigned flags,
			 void __user *uaddr, int __user *ulen)
{
	struct sockaddr_storage ss;
	struct iov_iter it;
	struct iovec iov;
	struct socket_msg m = {.it = &it, .flags = flags};
	struct file *f;
	struct socket *s = socket_from_fd(fd, &f);
	long ret;

	if (IS_ERR(s))
		return PTR_ERR(s);
	if (!user_range_ok(buf, n)) {
		file_put(f);
		return -EFAULT;
	}
	iov_iter_user(&it, &iov, buf, n);
	if (uaddr)
		m.name = (void *)&ss;
	ret = receive(f, s, &m);
	if (ret >= 0 && uaddr) {
		int err = sockaddr_export(&ss, m.namelen, uaddr, ulen);

		if (err)
			ret = err;
	}
	file_put(f);
	return ret;
}
SYSCALL(__NR_recvfrom, sys_recvfrom);

static long do_recvmsg(struct file *f, struct socket *s,
		       struct user_msghdr __user *umsg, unsigned flags)
{
	struct sockaddr_storage ss;
	struct user_msghdr h;
	struct iov_iter it;
	struct iovec *iov = NULL;
	struct cmsg_buffer cmsg = {0};
	struct socket_msg m = {.it = &it, .flags = flags, .cmsg = &cmsg};
	long ret;

	if (get_user(h, umsg))
		return -EFAULT;
	if (h.msg_name) {
		if (h.msg_namelen < 0)
			return -EINVAL;
		m.name = (void *)&ss;
	}
	if (h.msg_iovlen > UIO_MAXIOV)
		return -EMSGSIZE;
	ret = iov_iter_import(&it, &iov, h.msg_iov, h.msg_iovlen);
	if (ret)
		return ret;
	cmsg.p = h.msg_control;
	cmsg.left = h.msg_control ? h.msg_controllen : 0;
	ret = receive(f, s, &m);
	kfree(iov);
	if (ret < 0)
		return ret;
	if (h.msg_name) {
		if (MIN(h.msg_namelen, m.namelen) &&
		    copy_to_user(h.msg_name, &ss, MIN(h.msg_namelen, m.namelen)))
			return -EFAULT;
		if (put_user(m.namelen, &umsg->msg_namelen))
			return -EFAULT;
	}
	if (cmsg.truncated)
		m.out |= MSG_CTRUNC;
	if (flags & MSG_CMSG_CLOEXEC)
		m.out |= MSG_CMSG_CLOEXEC;
	if (put_user(m.out, &umsg->msg_flags) ||
	    put_user(cmsg.used, &umsg->msg_controllen))
		return -EFAULT;
	return ret;
}

static long sys_recvmsg(int fd, struct user_msghdr __user *umsg, unsigned flags)
{
	struct file *f;
	struct socket *s = socket_from_fd(fd, &f);
	long ret;

	if (IS_ERR(s))
		return PTR_ERR(s);
	ret = do_recvmsg(f, s, umsg, flags);
	file_put(f);
	return ret;
}
SYSCALL(__NR_recvmsg, sys_recvmsg);

static int timespec_deadline(const struct __kernel_timespec __user *uts,
			     nsec_t *deadline)
{
	struct __kernel_timespec ts;

	*deadline = NSEC_FOREVER;
	if (!uts)
		return 0;
	if (get_user(ts, uts))
		return -EFAULT;
	if (ts.tv_sec < 0 || ts.tv_nsec < 0 || ts.tv_nsec >= (s64)NSEC_PER_SEC)
		return -EINVAL;
	if ((u64)ts.tv_sec < NSEC_FOREVER / NSEC_PER_SEC / 2)
		*deadline = now_ns() + ts.tv_sec * NSEC_PER_SEC + ts.tv_nsec;
	return 0;
}

/* The timeout is looked at after each message only: BUGS in recvmmsg(2). */
static long sys_recvmmsg(int fd, struct mmsghdr __user *v, unsigned n,
			 unsigned flags, struct __kernel_timespec __user *uts)
{
	struct file *f;
	struct socket *s;
	nsec_t deadline;
	unsigned done = 0;
	long ret = timespec_deadline(uts, &deadline);

	if (ret)
		return ret;
	s = socket_from_fd(fd, &f);
	if (IS_ERR(s))
		return PTR_ERR(s);
	ret = socket_take_error(s);
	if (n > UIO_MAXIOV)
		n = UIO_MAXIOV;
	while (!ret && done < n) {
		ret = do_recvmsg(f, s, &v[done].msg_hdr,
				 flags & ~MSG_WAITFORONE);
		if (ret < 0)
			break;
		ret = put_user((unsigned)ret, &v[done].msg_len);
		if (ret)
			break;
		done++;
		if (flags & MSG_WAITFORONE)
			flags |= MSG_DONTWAIT;
		if (now_ns() >= deadline)
			break;
		cond_resched();
	}
	/* An error after the first message is kept for the next call. */
	if (done && ret < 0 && ret > -ERESTARTSYS && ret != -EAGAIN &&
	    ret != -EFAULT)
		__atomic_store_n(&s->error, (int)-ret, __ATOMIC_RELEASE);
	file_put(f);
	return done ? (long)done : ret;
}
SYSCALL(__NR_recvmmsg, sys_recvmmsg);
