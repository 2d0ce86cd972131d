/* timer_create(2) and its relatives. */
#include "page.h"
#include "ptimer.h"
#include "string.h"
#include "syscall.h"
#include "uaccess.h"
#include <linux/time.h>

struct posix_timer {
	struct ptimer timer;
	int id;
	struct process *process;
	struct thread *target; /* SIGEV_THREAD_ID; referenced */
	struct sigitem signal;
	int overrun;           /* of the signal delivered last; itimers->lock */
};

static bool posix_timer_fires(struct ptimer *pt)
{
	struct posix_timer *t = container_of(pt, struct posix_timer, timer);

	return signal_send_timer(t->process, t->target, &t->signal);
}

/* it->lock held. */
static struct posix_timer *find(struct itimers *it, int id)
{
	return it && id >= 0 ? radix_lookup(&it->ids, (u64)id) : NULL;
}

static void destroy(struct posix_timer *t)
{
	u64 flags;

	ptimer_destroy(&t->timer);
	flags = spin_lock_irqsave(&t->process->lock);
	sigitem_withdraw(t->process, t->target, &t->signal);
	spin_unlock_irqrestore(&t->process->lock, flags);
	if (t->target)
		thread_put(t->target);
	kfree(t);
}

void posix_timers_destroy(struct itimers *it)
{
	struct posix_timer *t;
	u64 id = 0;

	while ((t = radix_next(&it->ids, &id))) {
		radix_remove(&it->ids, id);
		destroy(t);
	}
}

void posix_timer_delivered(siginfo_t *info)
{
	struct itimers *it = current_process()->itimers;
	struct posix_timer *t;

	mutex_lock(&it->lock);
	t = find(it, info->si_tid);
	if (t) {
		t->overrun = ptimer_delivered(&t->timer);
		info->si_overrun = t->overrun;
	}
	mutex_unlock(&it->lock);
}

/* How it is to be told, checked. 0 or -EINVAL. */
static int set_notify(struct posix_timer *t, const struct sigevent *ev)
{
	siginfo_t *info = &t->signal.info;

	if (ev->sigev_notify == SIGEV_NONE) {
		t->timer.quiet = true;
	} else {
		if (ev->sigev_signo < 1 || ev->sigev_signo > SIGNAL_MAX)
			return -EINVAL;
		info->si_signo = ev->sigev_signo;
	}
	switch (ev->sigev_notify) {
	case SIGEV_NONE:
	case SIGEV_SIGNAL:
	case SIGEV_THREAD: /* libc's business; to the kernel a signal */
		break;
	case SIGEV_SIGNAL | SIGEV_THREAD_ID:
		t->target = process_find_thread(ev->sigev_notify_thread_id,
						NULL);
		if (!t->target)
			return -EINVAL;
		if (t->target->process != t->process) {
			thread_put(t->target);
			t->target = NULL;
			return -EINVAL;
		}
		break;
	default:
		return -EINVAL;
	}
	info->si_code = SI_TIMER;
	info->si_value = ev->sigev_value;
	return 0;
}

/* Give it a number. it->lock held. 0, -EAGAIN (too many), -ENOMEM. */
static int enter(struct itimers *it, struct posix_timer *t)
{
	int err;

	if (it->count >= process_limit(RLIMIT_SIGPENDING))
		return -EAGAIN;
	do {
		t->id = it->next_id;
		it->next_id = (it->next_id + 1) & INT32_MAX;
		err = radix_insert(&it->ids, (u64)t->id, t);
	} while (err == -EEXIST);
	if (!err)
		it->count++;
	t->signal.info.si_tid = t->id;
	return err;
}

static long create(const struct clock *c, const struct sigevent *ev,
		   int __user *uid)
{
	struct itimers *it = itimers_get();
	struct posix_timer *t = kzalloc(sizeof(*t), 0);
	struct clock clock = *c;
	int err;

	if (!it || !t) {
		kfree(t);
		clock_release(&clock);
		return -EAGAIN;
	}
	ptimer_init(&t->timer, c, posix_timer_fires);
	t->process = current_process();
	list_init(&t->signal.link);
	t->signal.timer = true;
	t->signal.owner = t->process;
	err = ev ? set_notify(t, ev) : 0;
	if (!err) {
		mutex_lock(&it->lock);
		err = enter(it, t);
		if (!err && !ev) {
			t->signal.info.si_signo = SIGALRM;
			t->signal.info.si_code = SI_TIMER;
			t->signal.info.si_int = t->id;
		}
		if (!err && put_user(t->id, uid)) {
			radix_remove(&it->ids, (u64)t->id);
			it->count--;
			err = -EFAULT;
		}
		mutex_unlock(&it->lock);
	}
	if (err)
		destroy(t);
	return err;
}

static long sys_timer_create(int clockid, const struct sigevent __user *uev,
			     int __user *uid)
{
	struct sigevent ev;
	struct clock c;
	int err;

	if (uev && get_user(ev, uev))
		return -EFAULT;
	err = clock_resolve(clockid, &c);
	if (err)
		return err;
	if (!c.timers)
		return -EOPNOTSUPP;
	return create(&c, uev ? &ev : NULL, uid);
}
SYSCALL(__NR_timer_create, sys_timer_create);

static struct itimerspec itimerspec(nsec_t left, nsec_t interval)
{
	struct __kernel_timespec l = ns_timespec(left);
	struct __kernel_timespec i = ns_timespec(interval);

	return (struct itimerspec){{i.tv_sec, i.tv_nsec},
				   {l.tv_sec, l.tv_nsec}};
}

static bool timespec_to_ns(const struct timespec *ts, nsec_t *ns)
{
	struct __kernel_timespec k = {ts->tv_sec, ts->tv_nsec};

	if (!timespec_valid(&k))
		return false;
	*ns = timespec_ns(&k);
	return true;
}

static long sys_timer_settime(int id, int flags,
			      const struct itimerspec __user *unew,
			      struct itimerspec __user *uold)
{
	struct itimers *it = current_process()->itimers;
	struct itimerspec new, old;
	nsec_t value, interval, left, old_interval;
	struct posix_timer *t;
	long err = -EINVAL;

	if (!unew)
		return -EINVAL;
	if (get_user(new, unew))
		return -EFAULT;
	if (!timespec_to_ns(&new.it_value, &value) ||
	    !timespec_to_ns(&new.it_interval, &interval) || !it)
		return -EINVAL;
	mutex_lock(&it->lock);
	t = find(it, id);
	if (t) {
		ptimer_get(&t->timer, &left, &old_interval);
		ptimer_set(&t->timer, value, interval, flags & TIMER_ABSTIME);
		t->overrun = 0;
		old = itimerspec(left, old_interval);
		err = 0;
	}
	mutex_unlock(&it->lock);
	if (!err && uold && put_user(old, uold))
		err = -EFAULT;
	return err;
}
SYSCALL(__NR_timer_settime, sys_timer_settime);

static long sys_timer_gettime(int id, struct itimerspec __user *ucur)
{
	struct itimers *it = current_process()->itimers;
	nsec_t left = 0, interval = 0;
	struct posix_timer *t;
	struct itimerspec cur;

	if (!it)
		return -EINVAL;
	mutex_lock(&it->lock);
	t = find(it, id);
	if (t)
		ptimer_get(&t->timer, &left, &interval);
	mutex_unlock(&it->lock);
	if (!t)
		return -EINVAL;
	cur = itimerspec(left, interval);
	return put_user(cur, ucur);
}
SYSCALL(__NR_timer_gettime, sys_timer_gettime);

static long sys_timer_getoverrun(int id)
{
	struct itimers *it = current_process()->itimers;
	struct posix_timer *t;
	long n = -EINVAL;

	if (!it)
		return -EINVAL;
	mutex_lock(&it->lock);
	t = find(it, id);
	if (t)
		n = t->overrun;
	mutex_unlock(&it->lock);
	return n;
}
SYSCALL(__NR_timer_getoverrun, sys_timer_getoverrun);

static long sys_timer_delete(int id)
{
	struct itimers *it = current_process()->itimers;
	struct posix_timer *t;

	if (!it)
		return -EINVAL;
	mutex_lock(&it->lock);
	t = find(it, id);
	if (t) {
		radix_remove(&it->ids, (u64)id);
		it->count--;
	}
	mutex_unlock(&it->lock);
	if (!t)
		return -EINVAL;
	destroy(t);
	return 0;
}
SYSCALL(__NR_timer_delete, sys_timer_delete);
