/* Corner cases of eventfd, timerfd, signalfd, alone and in epoll sets. */
#include "epoll.h"
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <time.h>

static void eventfds(void)
{
	int e = eventfd(0, EFD_NONBLOCK), ep = epoll_create1(0);
	struct stat st;
	char buf[16];

	add(ep, e, EPOLLIN | EPOLLOUT, 1);
	now("empty", ep, 1);
	put(e, UINT64_MAX - 1);
	now("full", ep, 1);
	TRY(write(e, buf, 7));
	TRY(read(e, buf, 7));
	TRY(read(e, BAD, 8));
	TRY(read(e, buf, 16));
	TRY(fsync(e));
	TRY(ftruncate(e, 0));
	fstat(e, &st);
	show("mode", "%o", st.st_mode & S_IFMT);
	close(e);
	close(ep);
}

static void timerfds(void)
{
	struct itimerspec it = {{0, 0}, {0, 20000000}}, old;
	int t = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
	int ep = epoll_create1(0);
	uint64_t v = 0;

	TRY(timerfd_create(99, 0));
	TRY(timerfd_create(CLOCK_PROCESS_CPUTIME_ID, 0));
	TRY(timerfd_create(CLOCK_MONOTONIC, 1));
	TRY(timerfd_settime(t, 4, &it, NULL));
	TRY(timerfd_settime(t, 0, BAD, NULL));
	TRY(timerfd_settime(ep, 0, &it, NULL));
	TRY(timerfd_settime(-1, 0, &it, NULL));
	TRY(timerfd_gettime(ep, &it));
	TRY(timerfd_gettime(t, BAD));
	it.it_value.tv_nsec = 1000000000;
	TRY(timerfd_settime(t, 0, &it, NULL));
	it.it_value.tv_nsec = 20000000;
	TRY(read(t, &v, 8));
	TRY(timerfd_gettime(t, &old));
	show("off", "%ld %ld", (long)old.it_value.tv_sec, old.it_value.tv_nsec);
	add(ep, t, EPOLLIN, 1);
	TRY(timerfd_settime(t, 0, &it, &old));
	now("not yet", ep, 1);
	CALL("wait", epoll_wait(ep, out, 1, 2000));
	TRY(read(t, &v, 4));
	TRY(read(t, &v, 8));
	show("once", "%d", (int)v);
	TRY(read(t, &v, 8));
	TRY(write(t, &v, 8));
	it.it_interval.tv_nsec = 10000000;
	timerfd_settime(t, 0, &it, NULL);
	usleep(75000);
	TRY(read(t, &v, 8));
	show("several", "%d", v >= 5 && v <= 40);
	timerfd_gettime(t, &old);
	show("interval", "%ld", old.it_interval.tv_nsec);
	show("running", "%d", old.it_value.tv_nsec > 0 &&
				      old.it_value.tv_nsec <= 10000000);
	it.it_value.tv_nsec = it.it_interval.tv_nsec = 0;
	timerfd_settime(t, 0, &it, &old);
	usleep(20000);
	TRY(read(t, &v, 8));
	/* An absolute time in the past is due at once. */
	it.it_value.tv_nsec = 1;
	timerfd_settime(t, TFD_TIMER_ABSTIME, &it, NULL);
	usleep(2000);
	TRY(read(t, &v, 8));
	close(t);
	t = timerfd_create(CLOCK_REALTIME, 0);
	clock_gettime(CLOCK_REALTIME, &it.it_value);
	it.it_value.tv_sec += 1;
	timerfd_settime(t, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &it,
			NULL);
	timerfd_gettime(t, &old);
	show("wall clock", "%d", old.it_value.tv_sec == 0 &&
				       old.it_value.tv_nsec > 500000000);
	close(t);
	close(ep);
}

static void signalfds(void)
{
	struct signalfd_siginfo si[3];
	union sigval val = {.sival_int = 1234};
	sigset_t set, none;
	int ep = epoll_create1(0), s;

	sigemptyset(&none);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	sigaddset(&set, SIGRTMIN + 3);
	sigprocmask(SIG_BLOCK, &set, NULL);
	TRY(signalfd(-1, &set, 1));
	TRY(signalfd(ep, &set, 0));
	TRY(signalfd(99, &set, 0));
	s = signalfd(-1, &set, SFD_NONBLOCK);
	add(ep, s, EPOLLIN, 1);
	TRY(read(s, si, sizeof(si)));
	now("none", ep, 1);
	kill(getpid(), SIGUSR2);
	now("one", ep, 1);
	sigqueue(getpid(), SIGRTMIN + 3, val);
	sigqueue(getpid(), SIGRTMIN + 3, val);
	TRY(read(s, si, sizeof(si[0]) - 1));
	memset(si, 0, sizeof(si));
	CALL("three", read(s, si, sizeof(si)) / sizeof(si[0]));
	for (int i = 0; i < 3; i++)
		show("signal", "%d %d %d %d %d",
		     si[i].ssi_signo == SIGUSR2 ? 1 :
		     si[i].ssi_signo == (unsigned)SIGRTMIN + 3 ? 2 : 3,
		     si[i].ssi_code, si[i].ssi_int, si[i].ssi_uid == getuid(),
		     si[i].ssi_pid == (unsigned)getpid());
	now("all read", ep, 1);
	TRY(signalfd(s, &none, 0) == s);
	kill(getpid(), SIGUSR2);
	now("not wanted", ep, 1);
	signalfd(s, &set, 0);
	CALL("wanted again", epoll_wait(ep, out, 1, -1));
	TRY(write(s, si, 8));
	close(s);
	close(ep);
	signal(SIGUSR2, SIG_IGN);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

int main(void)
{
	eventfds();
	timerfds();
	signalfds();
	return 0;
}
