/* Clocks and timers. */
#include "check.h"
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/times.h>
#include <time.h>
#include <unistd.h>

static volatile int alarms, value;

static void on_alarm(int sig) { alarms++; }
static void on_info(int sig, siginfo_t *si, void *uc) { value += si->si_value.sival_int; alarms++; }

static long elapsed_ms(const struct timespec *a)
{
	struct timespec b;

	clock_gettime(CLOCK_MONOTONIC, &b);
	return (b.tv_sec - a->tv_sec) * 1000 + (b.tv_nsec - a->tv_nsec) / 1000000;
}

static void clocks(void)
{
	static const int ids[] = {CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_MONOTONIC_RAW,
				  CLOCK_REALTIME_COARSE, CLOCK_MONOTONIC_COARSE,
				  CLOCK_BOOTTIME, CLOCK_PROCESS_CPUTIME_ID,
				  CLOCK_THREAD_CPUTIME_ID};
	struct timespec a, b;
	int back = 0;

	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		CALL("clock_gettime", clock_gettime(ids[i], &a));
		CALL("clock_getres", clock_getres(ids[i], &a));
	}
	CALL("bad clock", clock_gettime(99, &a));
	CALL("set monotonic", clock_settime(CLOCK_MONOTONIC, &a));
	clock_gettime(CLOCK_MONOTONIC, &a);
	for (int i = 0; i < 20000; i++) {
		clock_gettime(CLOCK_MONOTONIC, &b);
		if (b.tv_sec < a.tv_sec || (b.tv_sec == a.tv_sec && b.tv_nsec < a.tv_nsec))
			back++;
		a = b;
	}
	show("went back", "%d", back);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
	for (volatile int i = 0; i < 3000000; i++)
		;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
	show("cpu time grows", "%d", b.tv_sec > a.tv_sec || b.tv_nsec > a.tv_nsec);
	show("gettimeofday", "%d", gettimeofday(&(struct timeval){0}, NULL));
	show("times", "%d", times(&(struct tms){0}) != -1);
	show("getrusage", "%d", getrusage(RUSAGE_SELF, &(struct rusage){0}));
}

static void sleeps(void)
{
	struct timespec t0, ts = {0, 30000000}, rem = {-1, -1};
	/* Again and again: one that comes before the sleep does not end it. */
	struct itimerval it = {{0, 10000}, {0, 10000}};

	clock_gettime(CLOCK_MONOTONIC, &t0);
	CALL("nanosleep", nanosleep(&ts, NULL));
	show("slept enough", "%d", elapsed_ms(&t0) >= 30);
	CALL("nanosleep bad", nanosleep(&(struct timespec){0, 1000000000}, NULL));
	CALL("nanosleep negative", nanosleep(&(struct timespec){-1, 0}, NULL));
	clock_gettime(CLOCK_MONOTONIC, &ts);
	ts.tv_nsec += 20000000;
	if (ts.tv_nsec >= 1000000000)
		ts.tv_sec++, ts.tv_nsec -= 1000000000;
	show("absolute", "%d", clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL));
	show("in the past", "%d", clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t0, NULL));
	signal(SIGALRM, on_alarm);
	setitimer(ITIMER_REAL, &it, NULL);
	ts = (struct timespec){3600, 0};
	CALL("interrupted", nanosleep(&ts, &rem));
	show("remaining", "%d", rem.tv_sec >= 0 && rem.tv_sec < 3600);
	show("alarms", "%d", alarms > 0);
	setitimer(ITIMER_REAL, &(struct itimerval){0}, NULL);
}

static void interval(void)
{
	struct itimerval it = {{0, 5000}, {0, 5000}}, old;
	int n;

	alarms = 0;
	CALL("setitimer", setitimer(ITIMER_REAL, &it, NULL));
	while (alarms < 5)
		pause();
	CALL("getitimer", getitimer(ITIMER_REAL, &old));
	show("interval", "%ld", (long)old.it_interval.tv_usec);
	CALL("disarm", setitimer(ITIMER_REAL, &(struct itimerval){0}, &old));
	show("alarm", "%u", alarm(100000));
	n = (int)alarm(0);
	show("alarm again", "%d", n > 0 && n <= 100000);
	it = (struct itimerval){{0, 0}, {0, 20000}};
	alarms = 0;
	signal(SIGVTALRM, on_alarm);
	setitimer(ITIMER_VIRTUAL, &it, NULL);
	while (!alarms)
		;
	show("virtual", "%d", alarms);
}

static void posix_timers(void)
{
	struct sigevent se = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN,
			      .sigev_value.sival_int = 3};
	struct itimerspec it = {{0, 5000000}, {0, 5000000}};
	struct sigaction sa = {.sa_sigaction = on_info, .sa_flags = SA_SIGINFO};
	timer_t t;

	alarms = value = 0;
	sigaction(SIGRTMIN, &sa, NULL);
	CALL("timer_create", timer_create(CLOCK_MONOTONIC, &se, &t));
	CALL("timer_settime", timer_settime(t, 0, &it, NULL));
	while (alarms < 3)
		pause();
	CALL("timer_gettime", timer_gettime(t, &it));
	show("interval ns", "%ld", it.it_interval.tv_nsec);
	show("values", "%d", value >= 9 && value % 3 == 0);
	CALL("overrun", timer_getoverrun(t) >= 0 ? 0 : -1);
	CALL("timer_delete", timer_delete(t));
	CALL("deleted", timer_gettime(t, &it));
	CALL("bad clock timer", timer_create(77, &se, &t));
}

static void timer_fds(void)
{
	struct itimerspec it = {{0, 10000000}, {0, 10000000}}, old;
	unsigned long long n;
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
	struct pollfd p = {fd, POLLIN, 0};

	WORKS("timerfd_create", fd);
	CALL("not yet", read(fd, &n, 8));
	CALL("timerfd_settime", timerfd_settime(fd, 0, &it, NULL));
	{
		int r_ = poll(&p, 1, -1);

		show("poll", "%d %d", r_, p.revents);
	}
	{
		ssize_t r_ = read(fd, &n, 8);

		show("read", "%zd %d", r_, n >= 1);
	}
	CALL("short read", read(fd, &n, 4));
	CALL("timerfd_gettime", timerfd_gettime(fd, &old));
	show("interval", "%ld", old.it_interval.tv_nsec);
	CALL("write", write(fd, &n, 8));
	close(fd);
}

int main(void)
{
	clocks();
	sleeps();
	interval();
	posix_timers();
	timer_fds();
	return 0;
}
