/* Sleeping, and timers that send signals: never early, as often as due. */
#include "stress.h"
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

/* What Linux adds to a sleep, and shows in what is left: PR_SET_TIMERSLACK. */
#define SLACK_NS 50000

#define TIMER_SIGNAL (SIGRTMIN + 2)

static void sleep_ns(struct worker *w)
{
	int64_t ns = between(w, 1, 3000) * 1000, begun = now();
	struct timespec ts = {0, ns}, left = {-1, -1};
	clockid_t clock = draw(w, 2) ? CLOCK_MONOTONIC : CLOCK_REALTIME;
	int r;

	if (draw(w, 2)) {
		ts = in_ns(clock, ns);
		r = clock_nanosleep(clock, TIMER_ABSTIME, &ts, NULL);
	} else {
		r = clock_nanosleep(clock, 0, &ts, &left);
		if (r == EINTR)
			must(left.tv_sec == 0 && left.tv_nsec >= 0 &&
			     left.tv_nsec <= ns + SLACK_NS);
	}
	must(!r || r == EINTR);
	must(r || now() - begun >= ns);
}

/* ---- timers of one thread ---- */

struct alarm {
	unsigned rings; /* signals, atomic */
	unsigned missed; /* overruns, atomic */
};

static void ring(int sig, siginfo_t *si, void *context)
{
	struct alarm *a = si->si_value.sival_ptr;
	int error = errno;

	if (si->si_code != SI_TIMER)
		broken(__FILE__, __LINE__, "a signal of a timer");
	__atomic_fetch_add(&a->missed, (unsigned)si->si_overrun,
			   __ATOMIC_SEQ_CST);
	__atomic_fetch_add(&a->rings, 1, __ATOMIC_SEQ_CST);
	errno = error;
}

static void alarm_rang(int sig);

__attribute__((constructor)) static void setup(void)
{
	struct sigaction sa = {.sa_sigaction = ring,
			       .sa_flags = SA_SIGINFO | SA_RESTART};

	must(!sigaction(TIMER_SIGNAL, &sa, NULL));
	sa = (struct sigaction){.sa_handler = alarm_rang};
	must(!sigaction(SIGALRM, &sa, NULL));
}

static unsigned rings(struct alarm *a)
{
	return __atomic_load_n(&a->rings, __ATOMIC_SEQ_CST);
}

static void timer(struct worker *w)
{
	/* For all time: what is pending when a timer ends may still come. */
	static struct alarm alarms[MAX_WORKERS];
	struct alarm *a = &alarms[w->nr];
	struct sigevent se = {.sigev_notify = SIGEV_THREAD_ID,
			      .sigev_signo = TIMER_SIGNAL,
			      .sigev_value.sival_ptr = a};
	int64_t ns = between(w, 50, 2000) * 1000, begun;
	unsigned want = between(w, 1, 6), before = rings(a), so_far;
	unsigned missed = a->missed;
	bool once = draw(w, 2);
	struct itimerspec its = {{0, once ? 0 : ns}, {0, ns}};
	timer_t t;

	se.sigev_notify_thread_id = (pid_t)syscall(SYS_gettid);
	must(!timer_create(CLOCK_MONOTONIC, &se, &t));
	begun = now();
	must(!timer_settime(t, 0, &its, NULL));
	while ((so_far = rings(a) - before) < (once ? 1 : want)) {
		nanosleep(&(struct timespec){0, 200000}, NULL);
		must(now() - begun >= (int64_t)so_far * ns);
	}
	if (once) {
		dawdle(w);
		must(!timer_gettime(t, &its) && !its.it_value.tv_nsec &&
		     !its.it_value.tv_sec);
		must(rings(a) - before == 1);
	}
	must(!timer_delete(t));
	must(now() - begun >= (int64_t)(rings(a) - before) * ns);
	must(now() - begun >= (int64_t)(a->missed - missed) * ns);
}

/* ---- the one timer of the process ---- */

static pthread_mutex_t alone = PTHREAD_MUTEX_INITIALIZER;
static unsigned alarm_count;

static void alarm_rang(int sig)
{
	__atomic_fetch_add(&alarm_count, 1, __ATOMIC_SEQ_CST);
}

static void itimer(struct worker *w)
{
	struct itimerval it = {{0, 0}, {0, (int)between(w, 1, 3000)}};
	unsigned before;
	int64_t begun;

	zero(pthread_mutex_lock(&alone));
	before = __atomic_load_n(&alarm_count, __ATOMIC_SEQ_CST);
	begun = now();
	must(!setitimer(ITIMER_REAL, &it, NULL));
	while (__atomic_load_n(&alarm_count, __ATOMIC_SEQ_CST) == before)
		nanosleep(&(struct timespec){0, 200000}, NULL);
	must(now() - begun >= it.it_value.tv_usec * 1000ll);
	must(!getitimer(ITIMER_REAL, &it) && !it.it_value.tv_usec);
	must(__atomic_load_n(&alarm_count, __ATOMIC_SEQ_CST) == before + 1);
	zero(pthread_mutex_unlock(&alone));
}

const struct op time_ops[] = {
	{"sleep", sleep_ns}, {"timer", timer}, {"itimer", itimer}, {0},
};
