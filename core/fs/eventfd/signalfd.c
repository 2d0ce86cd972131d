/* signalfd: signals that are read instead of delivered. */
#include "file.h"
#include "page.h"
#include "process.h"
#include "signal.h"
#include "string.h"
#include "syscall.h"
#include "uaccess.h"
#include "uio.h"
#include <linux/eventpoll.h>
#include <linux/signalfd.h>

/*
 * Signals are those of whoever reads.  A process whose wait queue somebody is
 * on must stay until the file goes, so it is referenced.
 */
struct polled {
	struct polled *next;
	struct process *process;
};

struct signalfd {
	u64 set;       /* the signals wanted; atomic */
	struct mutex lock;
	struct polled *polled; /* lock */
};

/* Keep the current process until the file is released; false: no memory. */
static bool keep_process(struct signalfd *s)
{
	struct process *me = current_process();
	struct polled *p;

	mutex_lock(&s->lock);
	for (p = s->polled; p && p->process != me; p = p->next)
		;
	if (!p) {
		p = kmalloc(sizeof(*p), ALLOC_WAIT);
		if (p) {
			process_get(me);
			p->process = me;
			p->next = s->polled;
			s->polled = p;
		}
	}
	mutex_unlock(&s->lock);
	return p;
}

/*
 * As Linux' signalfd_copyinfo: which fields mean something depends on the
 * code.
 */
static void describe(struct signalfd_siginfo *out, int sig, const siginfo_t *in)
{
	memset(out, 0, sizeof(*out));
	out->ssi_signo = (u32)sig;
	out->ssi_errno = in->si_errno;
	out->ssi_code = in->si_code;
	if (in->si_code == SI_TIMER) {
		out->ssi_tid = (u32)in->si_tid;
		out->ssi_overrun = (u32)in->si_overrun;
		out->ssi_ptr = (u64)in->si_ptr;
		out->ssi_int = in->si_int;
		return;
	}
	if (in->si_code > 0 && in->si_code != SI_KERNEL) {
		switch (sig) {
		case SIGILL:
		case SIGFPE:
		case SIGSEGV:
		case SIGBUS:
		case SIGTRAP:
			out->ssi_addr = (u64)in->si_addr;
			return;
		case SIGPOLL:
			out->ssi_band = (u32)in->si_band;
			out->ssi_fd = in->si_fd;
			return;
		case SIGCHLD:
			out->ssi_status = in->si_status;
			out->ssi_utime = (u64)in->si_utime;
			out->ssi_stime = (u64)in->si_stime;
			break;
		}
	}
	out->ssi_pid = (u32)in->si_pid;
	out->ssi_uid = (u32)in->si_uid;
	if (in->si_code < 0 && in->si_code != SI_TKILL) {
		out->ssi_ptr = (u64)in->si_ptr;
		out->ssi_int = in->si_int;
	}
}

static ssize_t signalfd_read(struct file *f, struct iov_iter *it, loff_t *pos)
{
	struct signalfd *s = f->priv;
	struct signalfd_siginfo out;
	ssize_t done = 0;

	if (it->count < sizeof(out))
		return -EINVAL;
	while (it->count >= sizeof(out)) {
		u64 set = READ_ONCE(s->set);
		siginfo_t info;
		int sig = signal_take(set, &info), err;

		if (!sig && (done || f->flags & O_NONBLOCK))
			return done ? done : -EAGAIN;
		if (!sig) {
			/*
			 * Interrupted only by signals that are not wanted
			 * here.
			 */
			err = wait_event_interruptible(
				&current_process()->signal_wait,
				(sig = signal_take(READ_ONCE(s->set), &info)));
			if (err)
				return err;
		}
		describe(&out, sig, &info);
		if (iov_copy_to(it, &out, sizeof(out)) != sizeof(out))
			return done ? done : -EFAULT;
		done += sizeof(out);
	}
	return done;
}

static u32 signalfd_poll(struct file *f, struct poll_table *pt)
{
	struct signalfd *s = f->priv;

	if (pt && pt->queue && keep_process(s))
		poll_wait(pt, &current_process()->signal_wait);
	return signal_any_pending(READ_ONCE(s->set)) ? EPOLLIN : 0;
}

static void signalfd_release(struct file *f)
{
	struct signalfd *s = f->priv;

	if (!s)
		return;
	while (s->polled) {
		struct polled *p = s->polled;

		s->polled = p->next;
		process_put(p->process);
		kfree(p);
	}
	kfree(s);
}

static const struct file_ops signalfd_ops = {
	.kind = "anon_inode:[signalfd]",
	.read = signalfd_read,
	.poll = signalfd_poll,
	.release = signalfd_release,
};

static int make(u64 set, int flags)
{
	struct signalfd *s = kzalloc(sizeof(*s), ALLOC_WAIT);
	struct file *f;

	if (!s)
		return -ENOMEM;
	s->set = set;
	mutex_init(&s->lock);
	f = file_alloc(&signalfd_ops, s, O_RDWR | (flags & O_NONBLOCK));
	if (!f) {
		kfree(s);
		return -ENOMEM;
	}
	return fd_install(f, flags & O_CLOEXEC);
}

static int change(int fd, u64 set)
{
	struct file *f = fd_get(fd);
	int err = 0;

	if (!f)
		return -EBADF;
	if (f->ops == &signalfd_ops) {
		struct signalfd *s = f->priv;

		WRITE_ONCE(s->set, set);
		/* Whoever waits may now be waiting for what is there. */
		waitq_wake(&current_process()->signal_wait, WAKE_ALL, EPOLLIN);
	} else {
		err = -EINVAL;
	}
	file_put(f);
	return err ? err : fd;
}

static long sys_signalfd4(int fd, const sigset_t __user *mask, size_t size,
			  int flags)
{
	u64 set;

	if (flags & ~(SFD_CLOEXEC | SFD_NONBLOCK) || size != sizeof(set))
		return -EINVAL;
	if (copy_from_user(&set, mask, sizeof(set)))
		return -EFAULT;
	set &= ~(SIGNAL_BIT(SIGKILL) | SIGNAL_BIT(SIGSTOP));
	return fd == -1 ? make(set, flags) : change(fd, set);
}
SYSCALL(__NR_signalfd4, sys_signalfd4);

static long sys_signalfd(int fd, const sigset_t __user *mask, size_t size)
{
	return sys_signalfd4(fd, mask, size, 0);
}
SYSCALL(__NR_signalfd, sys_signalfd);
