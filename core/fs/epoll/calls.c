/* epoll's system calls. */
#include "private.h"
#include "process.h"
#include "signal.h"
#include "syscall.h"
#include "timer.h"
#include "uaccess.h"
#include <linux/time_types.h>

/* What may be asked together with EPOLLEXCLUSIVE, as on Linux. */
#define EXCLUSIVE_OK                                                           \
	(EPOLLIN | EPOLLOUT | EPOLLERR | EPOLLHUP | EPOLLWAKEUP | EPOLLET |    \
	 EPOLLEXCLUSIVE)

static long sys_epoll_create1(int flags)
{
	struct epoll_set *s;
	struct file *f;

	if (flags & ~EPOLL_CLOEXEC)
		return -EINVAL;
	s = epoll_set_alloc();
	if (!s)
		return -ENOMEM;
	f = file_alloc(&epoll_file_ops, s, O_RDWR);
	if (!f) {
		epoll_set_put(s);
		return -ENOMEM;
	}
	s->file = f;
	return fd_install(f, flags & O_CLOEXEC);
}
SYSCALL(__NR_epoll_create1, sys_epoll_create1);

static long sys_epoll_create(int size)
{
	return size <= 0 ? -EINVAL : sys_epoll_create1(0);
}
SYSCALL(__NR_epoll_create, sys_epoll_create);

static int add(struct epoll_set *s, struct file *f, int fd,
	       struct epoll_event *ev)
{
	bool nested = f->ops == &epoll_file_ops;
	int err = 0;

	if (nested) {
		mutex_lock(&epoll_nest_lock);
		err = epoll_check_nesting(s, f);
	}
	if (!err) {
		mutex_lock(&s->mutex);
		ev->events |= EPOLLERR | EPOLLHUP;
		err = epoll_find(s, f, fd) ? -EEXIST :
					     epoll_insert(s, f, fd, ev);
		mutex_unlock(&s->mutex);
	}
	if (nested)
		mutex_unlock(&epoll_nest_lock);
	return err;
}

static int change(struct epoll_set *s, int op, struct file *f, int fd,
		  struct epoll_event *ev)
{
	struct epoll_item *it;
	int err = 0;

	mutex_lock(&s->mutex);
	it = epoll_find(s, f, fd);
	if (!it) {
		err = -ENOENT;
	} else if (op == EPOLL_CTL_DEL) {
		epoll_remove(it);
	} else if (it->events & EPOLLEXCLUSIVE) {
		err = -EINVAL;
	} else {
		ev->events |= EPOLLERR | EPOLLHUP;
		epoll_modify(it, ev);
	}
	mutex_unlock(&s->mutex);
	return err;
}

static int control(struct file *epf, int op, int fd, struct file *f,
		   struct epoll_event *ev)
{
	struct epoll_set *s = epf->priv;

	if (!f->ops->poll)
		return -EPERM;
	if (f == epf || epf->ops != &epoll_file_ops)
		return -EINVAL;
	if (op != EPOLL_CTL_DEL && ev->events & EPOLLEXCLUSIVE) {
		if (op == EPOLL_CTL_MOD || f->ops == &epoll_file_ops ||
		    ev->events & ~EXCLUSIVE_OK)
			return -EINVAL;
	}
	switch (op) {
	case EPOLL_CTL_ADD:
		return add(s, f, fd, ev);
	case EPOLL_CTL_MOD:
	case EPOLL_CTL_DEL:
		return change(s, op, f, fd, ev);
	default:
		return -EINVAL;
	}
}

static long sys_epoll_ctl(int epfd, int op, int fd,
			  const struct epoll_event __user *uev)
{
	struct epoll_event ev = {0};
	struct file *epf, *f;
	int err;

	if (op != EPOLL_CTL_DEL && get_user(ev, uev))
		return -EFAULT;
	epf = fd_get(epfd);
	if (!epf)
		return -EBADF;
	f = fd_get(fd);
	if (f) {
		err = control(epf, op, fd, f, &ev);
		file_put(f);
	} else {
		err = -EBADF;
	}
	file_put(epf);
	return err;
}
SYSCALL(__NR_epoll_ctl, sys_epoll_ctl);

static int wait_on(struct epoll_set *s, struct epoll_event __user *out, int max,
		   nsec_t deadline)
{
	int n, err;

	for (;;) {
		if (epoll_available(s)) {
			n = epoll_hand_out(s, out, max);
			if (n)
				return n;
		}
		/*
		 * Before the clock is asked: a poll without waiting is common.
		 */
		if (!deadline)
			return 0;
		err = wait_event_exclusive_until(&s->wait, epoll_available(s),
						 deadline);
		if (err == -ETIMEDOUT)
			return 0;
		if (err)
			return -EINTR;
	}
}

/* deadline: monotonic; 0: do not wait. */
static long do_wait(int epfd, struct epoll_event __user *out, int max,
		    nsec_t deadline)
{
	struct file *f;
	long n;

	if (max <= 0 || max > (int)(INT32_MAX / sizeof(*out)))
		return -EINVAL;
	if (!user_range_ok(out, (size_t)max * sizeof(*out)))
		return -EFAULT;
	f = fd_get(epfd);
	if (!f)
		return -EBADF;
	n = f->ops == &epoll_file_ops ? wait_on(f->priv, out, max, deadline) :
					-EINVAL;
	file_put(f);
	return n;
}

static nsec_t deadline_of_ms(int ms)
{
	if (ms < 0)
		return NSEC_FOREVER;
	return ms ? deadline_after((nsec_t)ms * NSEC_PER_MSEC) : 0;
}

static long sys_epoll_wait(int epfd, struct epoll_event __user *out, int max,
			   int timeout)
{
	return do_wait(epfd, out, max, deadline_of_ms(timeout));
}
SYSCALL(__NR_epoll_wait, sys_epoll_wait);

static long sys_epoll_pwait(int epfd, struct epoll_event __user *out, int max,
			    int timeout, const sigset_t __user *mask,
			    size_t size)
{
	int err = signal_set_temporary_mask(mask, size);

	return err ? err : do_wait(epfd, out, max, deadline_of_ms(timeout));
}
SYSCALL(__NR_epoll_pwait, sys_epoll_pwait);

static long sys_epoll_pwait2(int epfd, struct epoll_event __user *out, int max,
			     const struct __kernel_timespec __user *timeout,
			     const sigset_t __user *mask, size_t size)
{
	nsec_t deadline;
	int err = timeout_from_user(timeout, &deadline);

	if (!err)
		err = signal_set_temporary_mask(mask, size);
	return err ? err : do_wait(epfd, out, max, deadline);
}
/* Newer than the C library's headers may be (Linux 5.11). */
#ifndef __NR_epoll_pwait2
#define __NR_epoll_pwait2 441
#endif
SYSCALL(__NR_epoll_pwait2, sys_epoll_pwait2);
