/*
 * timerfd: a timer that can be waited for.
 *
 * A periodic timer does not go on by itself after it has expired; reading it
 * (or asking for its setting) counts the periods that have passed and sets it
 * for the next one, so a short period costs nothing while nobody looks.
 */
#include "file.h"
#include "page.h"
#include "process.h"
#include "syscall.h"
#include "timer.h"
#include "uaccess.h"
#include "uio.h"
#include <linux/capability.h>
#include <linux/eventpoll.h>
#include <linux/timerfd.h>

struct timerfd {
	int clock;
	struct waitq wait;
	spinlock_t lock;   /* interrupts off; the fields below */
	struct timer timer;
	u64 ticks;         /* expirations that have not been read */
	bool expired;      /* since it was last set */
	bool armed;
	bool wall;         /* the deadline is one of the wall clock */
	nsec_t deadline;   /* of the monotonic or the wall clock */
	nsec_t interval;   /* 0: once */
	bool cancel_on_set; /* TFD_TIMER_CANCEL_ON_SET */
	bool canceled;
	struct waiter clock_set; /* on realtime_changed, if on_queue */
	bool on_queue;
	struct mutex set_lock; /* settime, one at a time */
};

static bool is_wall(int clock)
{
	return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_ALARM;
}

static nsec_t clock_now(const struct timerfd *t)
{
	return now_ns() + (t->wall ? (nsec_t)realtime_offset() : 0);
}

/* lock held: have the timer go off at the deadline. */
static void start(struct timerfd *t)
{
	t->expired = false;
	timer_set(&t->timer,
		  t->wall ? realtime_deadline(t->deadline) : t->deadline);
}

/* Interrupt context. */
static void expire(struct timer *timer)
{
	struct timerfd *t = container_of(timer, struct timerfd, timer);
	u64 flags = spin_lock_irqsave(&t->lock);
	bool due = t->armed && !t->expired && clock_now(t) >= t->deadline;

	if (due) {
		t->expired = true;
		t->ticks++;
	} else if (t->armed && !t->expired) {
		start(t); /* the wall clock was set back, or it was set anew */
	}
	spin_unlock_irqrestore(&t->lock, flags);
	if (due)
		waitq_wake(&t->wait, WAKE_ALL, EPOLLIN);
}

/* The wall clock was set; realtime_changed's lock is held. */
static bool clock_was_set(struct waiter *w, u32 events)
{
	struct timerfd *t = container_of(w, struct timerfd, clock_set);
	u64 flags = spin_lock_irqsave(&t->lock);
	bool cancel = t->armed && t->cancel_on_set;

	if (cancel) {
		t->canceled = true;
		t->ticks++;
	} else if (t->armed && !t->expired) {
		start(t);
	}
	spin_unlock_irqrestore(&t->lock, flags);
	if (cancel)
		waitq_wake(&t->wait, WAKE_ALL, EPOLLIN);
	return true;
}

/* lock held: count the periods that have passed, and go on with the next. */
static void forward(struct timerfd *t)
{
	nsec_t now;
	u64 n;

	if (!t->expired || !t->interval)
		return;
	now = clock_now(t);
	n = now > t->deadline ? (now - t->deadline) / t->interval : 0;
	t->ticks += n;
	t->deadline += (n + 1) * t->interval;
	start(t);
}

/* -EAGAIN: it has not expired. */
static int take(struct timerfd *t, u64 *ticks)
{
	u64 flags = spin_lock_irqsave(&t->lock);
	int err = 0;

	if (t->cancel_on_set && t->canceled) {
		t->canceled = false;
		t->ticks = 0;
		err = -ECANCELED;
	} else if (!t->ticks) {
		err = -EAGAIN;
	} else {
		forward(t);
		*ticks = t->ticks;
		t->ticks = 0;
		if (!t->interval)
			t->armed = false;
	}
	spin_unlock_irqrestore(&t->lock, flags);
	return err;
}

static ssize_t timerfd_read(struct file *f, struct iov_iter *it, loff_t *pos)
{
	struct timerfd *t = f->priv;
	u64 ticks = 0;
	int err;

	if (it->count < sizeof(ticks))
		return -EINVAL;
	err = take(t, &ticks);
	if (err == -EAGAIN && !(f->flags & O_NONBLOCK)) {
		int intr = wait_event_interruptible(
			&t->wait, (err = take(t, &ticks)) != -EAGAIN);

		if (intr)
			return intr;
	}
	if (err)
		return err;
	if (iov_copy_to(it, &ticks, sizeof(ticks)) != sizeof(ticks))
		return -EFAULT;
	return sizeof(ticks);
}

static u32 timerfd_poll(struct file *f, struct poll_table *pt)
{
	struct timerfd *t = f->priv;

	poll_wait(pt, &t->wait);
	return READ_ONCE(t->ticks) ? EPOLLIN : 0;
}

/* Be told when the wall clock is set, or no longer. set_lock held. */
static void watch_clock(struct timerfd *t, bool on)
{
	if (on == t->on_queue)
		return;
	if (on) {
		waiter_init(&t->clock_set);
		t->clock_set.wake = clock_was_set;
		waitq_add(&realtime_changed, &t->clock_set);
	} else {
		waitq_remove(&realtime_changed, &t->clock_set);
	}
	t->on_queue = on;
}

static void timerfd_release(struct file *f)
{
	struct timerfd *t = f->priv;
	u64 flags;

	if (!t)
		return;
	watch_clock(t, false);
	flags = spin_lock_irqsave(&t->lock);
	t->armed = false;
	spin_unlock_irqrestore(&t->lock, flags);
	timer_cancel(&t->timer);
	kfree(t);
}

static const struct file_ops timerfd_ops = {
	.kind = "anon_inode:[timerfd]",
	.read = timerfd_read,
	.poll = timerfd_poll,
	.release = timerfd_release,
};

static long sys_timerfd_create(int clock, int flags)
{
	struct timerfd *t;
	struct file *f;

	if (flags & ~(TFD_CLOEXEC | TFD_NONBLOCK))
		return -EINVAL;
	switch (clock) {
	case CLOCK_REALTIME:
	case CLOCK_MONOTONIC:
	case CLOCK_BOOTTIME: /* the guest is never suspended: as monotonic */
		break;
	case CLOCK_REALTIME_ALARM:
	case CLOCK_BOOTTIME_ALARM:
		if (!capable(CAP_WAKE_ALARM))
			return -EPERM;
		break;
	default:
		return -EINVAL;
	}
	t = kzalloc(sizeof(*t), ALLOC_WAIT);
	if (!t)
		return -ENOMEM;
	t->clock = clock;
	waitq_init(&t->wait);
	spin_init(&t->lock);
	mutex_init(&t->set_lock);
	timer_init(&t->timer, expire);
	f = file_alloc(&timerfd_ops, t, O_RDWR | (flags & O_NONBLOCK));
	if (!f) {
		kfree(t);
		return -ENOMEM;
	}
	return fd_install(f, flags & O_CLOEXEC);
}
SYSCALL(__NR_timerfd_create, sys_timerfd_create);

/* lock held. */
static void get_setting(struct timerfd *t, struct __kernel_itimerspec *out)
{
	nsec_t left = 0;

	forward(t);
	if (t->armed && !t->expired) {
		nsec_t now = clock_now(t);

		/*
		 * Due, and the interrupt is under way: not 0, which is "off".
		 */
		left = t->deadline > now ? t->deadline - now : 1;
	}
	out->it_value = ns_timespec(left);
	out->it_interval = ns_timespec(t->interval);
}

static void set(struct timerfd *t, int flags,
		const struct __kernel_itimerspec *new,
		struct __kernel_itimerspec *old)
{
	nsec_t value = timespec_ns(&new->it_value);
	bool abs = flags & TFD_TIMER_ABSTIME, wall;
	u64 irq;

	mutex_lock(&t->set_lock);
	wall = is_wall(t->clock) && abs;
	watch_clock(t, wall && value);
	timer_cancel(&t->timer);
	irq = spin_lock_irqsave(&t->lock);
	get_setting(t, old);
	t->wall = wall;
	t->ticks = 0;
	t->expired = false;
	t->canceled = false;
	t->cancel_on_set = wall && flags & TFD_TIMER_CANCEL_ON_SET;
	t->interval = timespec_ns(&new->it_interval);
	t->armed = value;
	if (value) {
		t->deadline = abs ? value : deadline_after(value);
		start(t);
	}
	spin_unlock_irqrestore(&t->lock, irq);
	/* get_setting may have started it for its next period. */
	if (!value)
		timer_cancel(&t->timer);
	mutex_unlock(&t->set_lock);
}

/* The timer behind a descriptor; ERR_PTR.  *f gets the reference. */
static struct timerfd *get_timer(int fd, struct file **f)
{
	*f = fd_get(fd);
	if (!*f)
		return ERR_PTR(-EBADF);
	if ((*f)->ops == &timerfd_ops)
		return (*f)->priv;
	file_put(*f);
	return ERR_PTR(-EINVAL);
}

static long sys_timerfd_settime(int fd, int flags,
				const struct __kernel_itimerspec __user *unew,
				struct __kernel_itimerspec __user *uold)
{
	struct __kernel_itimerspec new, old;
	struct timerfd *t;
	struct file *f;

	if (get_user(new, unew))
		return -EFAULT;
	if (flags & ~(TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET) ||
	    !timespec_valid(&new.it_value) || !timespec_valid(&new.it_interval))
		return -EINVAL;
	t = get_timer(fd, &f);
	if (IS_ERR(t))
		return PTR_ERR(t);
	set(t, flags, &new, &old);
	file_put(f);
	return uold ? put_user(old, uold) : 0;
}
SYSCALL(__NR_timerfd_settime, sys_timerfd_settime);

static long sys_timerfd_gettime(int fd, struct __kernel_itimerspec __user *out)
{
	struct __kernel_itimerspec now;
	struct timerfd *t;
	struct file *f;
	u64 irq;

	t = get_timer(fd, &f);
	if (IS_ERR(t))
		return PTR_ERR(t);
	irq = spin_lock_irqsave(&t->lock);
	get_setting(t, &now);
	spin_unlock_irqrestore(&t->lock, irq);
	file_put(f);
	return put_user(now, out);
}
SYSCALL(__NR_timerfd_gettime, sys_timerfd_gettime);
