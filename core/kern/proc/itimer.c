/* setitimer(2), alarm(2), and the limit of CPU time. */
#include "ptimer.h"
#include "page.h"
#include "string.h"
#include "syscall.h"
#include "uaccess.h"
#include <linux/time.h>

/* Send; true if it is pending now, so that the timer waits for its delivery. */
static bool send(struct process *p, int sig)
{
	u64 flags;
	bool pending;

	(void)signal_process(p, sig, NULL);
	flags = spin_lock_irqsave(&p->lock);
	pending = p->pending.set & SIGNAL_BIT(sig);
	spin_unlock_irqrestore(&p->lock, flags);
	return pending;
}

/* The process that these belong to is that of prof's clock. */
static bool real_fires(struct ptimer *t)
{
	struct itimers *it = container_of(t, struct itimers, real);

	return send(it->prof.clock.process, SIGALRM);
}

static bool virtual_fires(struct ptimer *t)
{
	return send(t->clock.process, SIGVTALRM);
}

static bool prof_fires(struct ptimer *t)
{
	return send(t->clock.process, SIGPROF);
}

/*
 * setrlimit(2): SIGXCPU each second above the soft limit, SIGKILL at the hard.
 */
static bool limit_fires(struct ptimer *t)
{
	struct process *p = t->clock.process;
	u64 hard = p->limits[RLIMIT_CPU].rlim_max;
	bool kill = hard != RLIM64_INFINITY &&
		    clock_read(&t->clock) / NSEC_PER_SEC >= hard;

	(void)signal_process(p, kill ? SIGKILL : SIGXCPU, NULL);
	return false;
}

static void destroy(struct process *p)
{
	struct itimers *it = p->itimers;

	posix_timers_destroy(it);
	ptimer_set(&it->real, 0, 0, true);
	ptimer_set(&it->virtual, 0, 0, true);
	ptimer_set(&it->prof, 0, 0, true);
	ptimer_set(&it->cpu_limit, 0, 0, true);
	p->itimers = NULL;
	kfree(it);
}

static void taken(struct itimers *it, int sig, siginfo_t *info)
{
	if (info->si_code == SI_TIMER)
		posix_timer_delivered(info);
	else if (sig == SIGALRM)
		(void)ptimer_delivered(&it->real);
	else if (sig == SIGVTALRM)
		(void)ptimer_delivered(&it->virtual);
	else if (sig == SIGPROF)
		(void)ptimer_delivered(&it->prof);
}

static const struct itimers_ops ops = {destroy, taken};

struct itimers *itimers_get(void)
{
	struct process *p = current_process();
	struct itimers *it = READ_ONCE(p->itimers), *other = NULL;
	struct clock mono = {.kind = CLOCK_IS_MONOTONIC};
	/* No reference: they end before the process does. */
	struct clock cpu = {.kind = CLOCK_IS_PROCESS, .process = p};

	if (it)
		return it;
	it = kzalloc(sizeof(*it), 0);
	if (!it)
		return NULL;
	ptimer_init(&it->real, &mono, real_fires);
	ptimer_init(&it->virtual, &cpu, virtual_fires);
	ptimer_init(&it->prof, &cpu, prof_fires);
	ptimer_init(&it->cpu_limit, &cpu, limit_fires);
	mutex_init(&it->lock);
	WRITE_ONCE(itimers_ops, &ops);
	if (__atomic_compare_exchange_n(&p->itimers, &other, it, false,
					__ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
		return it;
	kfree(it); /* another thread was faster */
	return other;
}

void itimers_cpu_limit(struct process *p)
{
	u64 limit = p->limits[RLIMIT_CPU].rlim_cur;
	struct itimers *it;

	if (limit == RLIM64_INFINITY && !p->itimers)
		return;
	it = itimers_get();
	if (!it)
		return;
	if (limit == RLIM64_INFINITY)
		ptimer_set(&it->cpu_limit, 0, 0, true);
	else
		ptimer_set(&it->cpu_limit,
			   MAX(limit, 1ull) < NSEC_FOREVER / NSEC_PER_SEC
				   ? MAX(limit, 1ull) * NSEC_PER_SEC
				   : NSEC_FOREVER,
			   NSEC_PER_SEC, true);
}

static struct ptimer *which_timer(struct itimers *it, int which)
{
	switch (which) {
	case ITIMER_REAL:
		return &it->real;
	case ITIMER_VIRTUAL:
		return &it->virtual;
	default:
		return &it->prof;
	}
}

static struct timeval timeval(nsec_t ns)
{
	struct timeval tv;

	/* Rounded up: what is still armed is not 0. */
	ns = DIV_ROUND_UP(ns, NSEC_PER_USEC);
	tv.tv_sec = (long)(ns / 1000000);
	tv.tv_usec = (long)(ns % 1000000);
	return tv;
}

static bool timeval_ns(const struct timeval *tv, nsec_t *ns)
{
	struct __kernel_timespec ts = {tv->tv_sec, tv->tv_usec * 1000};

	if (tv->tv_usec < 0 || tv->tv_usec >= 1000000 || !timespec_valid(&ts))
		return false;
	*ns = timespec_ns(&ts);
	return true;
}

static long give_itimer(struct itimerval __user *uval, nsec_t left,
			nsec_t interval)
{
	struct itimerval val = {timeval(interval), timeval(left)};

	return put_user(val, uval);
}

static long sys_getitimer(int which, struct itimerval __user *uval)
{
	struct itimers *it = READ_ONCE(current_process()->itimers);
	nsec_t left = 0, interval = 0;

	if (which < ITIMER_REAL || which > ITIMER_PROF)
		return -EINVAL;
	if (it)
		ptimer_get(which_timer(it, which), &left, &interval);
	return give_itimer(uval, left, interval);
}
SYSCALL(__NR_getitimer, sys_getitimer);

static long sys_setitimer(int which, const struct itimerval __user *unew,
			  struct itimerval __user *uold)
{
	struct itimerval new = {0};
	nsec_t value, interval, left, old_interval;
	struct itimers *it;
	struct ptimer *t;

	/* NULL disarms, as on Linux, which says so in its log. */
	if (unew && get_user(new, unew))
		return -EFAULT;
	if (which < ITIMER_REAL || which > ITIMER_PROF ||
	    !timeval_ns(&new.it_value, &value) ||
	    !timeval_ns(&new.it_interval, &interval))
		return -EINVAL;
	it = itimers_get();
	if (!it)
		return -ENOMEM;
	t = which_timer(it, which);
	mutex_lock(&it->lock);
	ptimer_get(t, &left, &old_interval);
	ptimer_set(t, value, interval, false);
	mutex_unlock(&it->lock);
	return uold ? give_itimer(uold, left, old_interval) : 0;
}
SYSCALL(__NR_setitimer, sys_setitimer);

static long sys_alarm(unsigned seconds)
{
	struct itimers *it = itimers_get();
	nsec_t left, interval;
	u64 rest;

	if (!it)
		return 0; /* alarm cannot fail; no timer was or is set */
	mutex_lock(&it->lock);
	ptimer_get(&it->real, &left, &interval);
	ptimer_set(&it->real, seconds * NSEC_PER_SEC, 0, false);
	mutex_unlock(&it->lock);
	/* To the nearest second, but never 0 if one was set. */
	rest = (left + NSEC_PER_SEC / 2) / NSEC_PER_SEC;
	return left && !rest ? 1 : (long)rest;
}
SYSCALL(__NR_alarm, sys_alarm);
