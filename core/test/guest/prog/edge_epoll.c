/* Corner cases of epoll. */
#include "epoll.h"
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

static int mod(int ep, int fd, uint32_t events, uint64_t data)
{
	struct epoll_event ev = {events, {.u64 = data}};

	return epoll_ctl(ep, EPOLL_CTL_MOD, fd, &ev);
}

static int del(int ep, int fd)
{
	return epoll_ctl(ep, EPOLL_CTL_DEL, fd, NULL);
}

static void arguments(void)
{
	int ep = epoll_create1(0), e = eventfd(0, 0), p[2];
	struct epoll_event ev = {EPOLLIN};

	TRY(epoll_create1(1));
	TRY(epoll_create(-1));
	TRY(epoll_ctl(ep, 0, e, &ev));
	TRY(epoll_ctl(ep, 4, e, &ev));
	TRY(epoll_ctl(ep, EPOLL_CTL_ADD, e, BAD));
	TRY(epoll_ctl(ep, EPOLL_CTL_ADD, -1, BAD));
	TRY(epoll_ctl(-1, EPOLL_CTL_ADD, e, &ev));
	TRY(epoll_ctl(e, EPOLL_CTL_ADD, ep, &ev));
	TRY(epoll_ctl(e, EPOLL_CTL_DEL, e, NULL));
	TRY(epoll_ctl(ep, EPOLL_CTL_DEL, e, BAD));
	TRY(epoll_ctl(ep, EPOLL_CTL_MOD, e, &ev));
	TRY(epoll_wait(ep, out, -1, 0));
	TRY(epoll_wait(ep, out, 1 << 28, 0));
	TRY(epoll_wait(ep, BAD, 1, 0));
	TRY(epoll_wait(-1, out, 1, 0));
	TRY(epoll_wait(e, out, 1, 0));
	add(ep, e, EPOLLOUT, 1);
	TRY(epoll_wait(ep, BAD, 1, 0));
	now("still there", ep, 4);
	TRY(epoll_pwait(ep, out, 1, 0, BAD));
	TRY(syscall(SYS_epoll_pwait, ep, out, 1, 0, &ev, 4));
	TRY(read(ep, out, 8));
	TRY(write(ep, out, 8));
	TRY(add(ep, open(".", O_RDONLY), EPOLLIN, 0));
	TRY(add(ep, open("/dev/null", O_RDWR), EPOLLIN, 0));
	pipe(p);
	TRY(add(ep, p[0], EPOLLIN | EPOLLEXCLUSIVE, 0));
	TRY(mod(ep, p[0], EPOLLIN, 0));
	TRY(add(ep, p[1], EPOLLOUT | EPOLLEXCLUSIVE | EPOLLONESHOT, 0));
	TRY(add(ep, p[1], EPOLLOUT, 0));
	TRY(mod(ep, p[1], EPOLLOUT | EPOLLEXCLUSIVE, 0));
	close(p[0]);
	close(p[1]);
	close(ep);
	close(e);
}

static void order(void)
{
	int ep = epoll_create1(0), e[5];

	for (int i = 0; i < 5; i++) {
		e[i] = eventfd(0, EFD_NONBLOCK);
		add(ep, e[i], EPOLLIN, i);
	}
	put(e[3], 1);
	put(e[1], 1);
	put(e[4], 1);
	now("in order", ep, 10);
	now("two of three", ep, 2);
	now("the others first", ep, 2);
	now("and on", ep, 2);
	read(e[1], out, 8);
	now("one less", ep, 10);
	mod(ep, e[3], EPOLLIN | EPOLLET, 33);
	now("modified", ep, 10);
	now("edge gone", ep, 10);
	put(e[3], 1);
	now("edge again", ep, 10);
	mod(ep, e[4], 0, 44);
	now("nothing wanted", ep, 10);
	mod(ep, e[4], EPOLLIN | EPOLLOUT, 44);
	now("both", ep, 10);
	del(ep, e[4]);
	now("deleted", ep, 10);
	for (int i = 0; i < 5; i++)
		close(e[i]);
	now("closed", ep, 10);
	close(ep);
}

static void closing(void)
{
	int ep = epoll_create1(0), p[2], d;

	pipe(p);
	d = dup(p[0]);
	add(ep, p[0], EPOLLIN, 1);
	TRY(add(ep, d, EPOLLIN, 2));
	write(p[1], "x", 1);
	now("twice", ep, 4);
	close(p[0]);
	now("a duplicate keeps it", ep, 4);
	TRY(del(ep, p[0]));
	close(d);
	now("gone", ep, 4);
	close(p[1]);
	pipe(p);
	add(ep, p[0], EPOLLIN, 1);
	add(ep, p[1], EPOLLOUT | EPOLLET, 2);
	now("writable", ep, 4);
	close(p[1]);
	now("hung up", ep, 4);
	mod(ep, p[0], 0, 3);
	now("hang-up needs no asking", ep, 4);
	close(p[0]);
	pipe(p);
	add(ep, p[1], 0, 4);
	close(p[0]);
	now("error needs no asking", ep, 4);
	close(p[1]);
	/* The set closed first. */
	pipe(p);
	add(ep, p[0], EPOLLIN, 1);
	close(ep);
	write(p[1], "x", 1);
	CALL("pipe goes on", read(p[0], out, 1));
	close(p[0]);
	close(p[1]);
}

static void nested(void)
{
	int ep[7], e = eventfd(0, EFD_NONBLOCK);
	struct pollfd pf;

	for (int i = 0; i < 7; i++)
		ep[i] = epoll_create1(0);
	add(ep[0], e, EPOLLIN, 9);
	for (int i = 1; i < 7; i++) {
		char label[30];

		snprintf(label, sizeof(label), "nest %d", i);
		CALL(label, add(ep[i], ep[i - 1], EPOLLIN, i));
	}
	TRY(add(ep[0], ep[3], EPOLLIN, 0));
	now("nothing yet", ep[2], 4);
	put(e, 1);
	now("through two", ep[2], 4);
	now("again", ep[2], 4);
	pf = (struct pollfd){ep[2], POLLIN | POLLOUT, 0};
	{
		int r = poll(&pf, 1, 0);

		show("poll of a set", "%d %x", r, pf.revents);
	}
	read(e, out, 8);
	now("consumed", ep[2], 4);
	close(ep[1]);
	put(e, 1);
	now("middle closed", ep[2], 4);
	now("inner", ep[0], 4);
	for (int i = 0; i < 7; i++)
		close(ep[i]);
	close(e);
}

static int shared_ep, shared_fd;
static volatile int woken;

static void *waiter(void *arg)
{
	struct epoll_event ev;
	uint64_t v;

	if (epoll_wait(shared_ep, &ev, 1, 3000) == 1) {
		__sync_fetch_and_add(&woken, 1);
		if (arg)
			read(shared_fd, &v, 8);
	}
	return NULL;
}

/* Until so many waiters have been, or all have given up. */
static void wait_woken(int n)
{
	for (int ms = 0; woken < n && ms < 3000; ms++)
		usleep(1000);
}

/* One waiter for each time that there is something. */
static void several(uint32_t events, const char *label)
{
	pthread_t t[4];

	shared_ep = epoll_create1(0);
	shared_fd = eventfd(0, EFD_SEMAPHORE);
	woken = 0;
	add(shared_ep, shared_fd, events, 0);
	for (int i = 0; i < 4; i++)
		pthread_create(&t[i], NULL, waiter, &t);
	usleep(50000);
	put(shared_fd, 1);
	wait_woken(1);
	usleep(50000); /* no more of them */
	show(label, "%d", woken);
	for (int i = 0; i < 3; i++) {
		mod(shared_ep, shared_fd, events, 0);
		put(shared_fd, 1);
		wait_woken(i + 2);
	}
	for (int i = 0; i < 4; i++)
		pthread_join(t[i], NULL);
	show("in the end", "%d", woken);
	close(shared_ep);
	close(shared_fd);
}

static void *close_later(void *arg)
{
	usleep(30000);
	close((int)(long)arg);
	return NULL;
}

static void *add_later(void *arg)
{
	usleep(30000);
	add(shared_ep, shared_fd, EPOLLOUT, 5);
	return NULL;
}

static void on_signal(int sig) {}

static void *signal_later(void *arg)
{
	usleep(30000);
	pthread_kill(*(pthread_t *)arg, SIGUSR1);
	return NULL;
}

static void waiting(void)
{
	struct sigaction sa = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
	pthread_t t, me = pthread_self();
	sigset_t set;
	int p[2];

	shared_ep = epoll_create1(0);
	pipe(p);
	add(shared_ep, p[0], EPOLLIN, 1);
	pthread_create(&t, NULL, close_later, (void *)(long)p[1]);
	CALL("other end closes", epoll_wait(shared_ep, out, 4, 3000));
	show("event", "%x", out[0].events);
	pthread_join(t, NULL);
	close(p[0]);
	shared_fd = eventfd(0, 0);
	pthread_create(&t, NULL, add_later, NULL);
	CALL("added while waiting", epoll_wait(shared_ep, out, 4, 3000));
	pthread_join(t, NULL);
	del(shared_ep, shared_fd);
	sigaction(SIGUSR1, &sa, NULL);
	pthread_create(&t, NULL, signal_later, &me);
	CALL("interrupted", epoll_wait(shared_ep, out, 4, 3000));
	pthread_join(t, NULL);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	pthread_create(&t, NULL, signal_later, &me);
	CALL("masked", epoll_pwait(shared_ep, out, 4, 100, &set));
	pthread_join(t, NULL);
	close(shared_ep);
	close(shared_fd);
}

static void edges(void)
{
	int ep = epoll_create1(0), p[2];
	char buf[100];

	pipe2(p, O_NONBLOCK);
	add(ep, p[0], EPOLLIN | EPOLLET, 1);
	add(ep, p[1], EPOLLOUT | EPOLLET, 2);
	now("start", ep, 4);
	write(p[1], "abc", 3);
	now("data", ep, 4);
	read(p[0], buf, 1);
	now("part read", ep, 4);
	write(p[1], "d", 1);
	now("more data", ep, 4);
	while (write(p[1], out, 512) > 0)
		;
	now("full", ep, 4);
	while (read(p[0], buf, sizeof(buf)) > 0)
		;
	now("drained", ep, 4);
	mod(ep, p[0], EPOLLIN | EPOLLET | EPOLLONESHOT, 3);
	write(p[1], "x", 1);
	now("oneshot", ep, 4);
	write(p[1], "x", 1);
	now("spent", ep, 4);
	close(p[1]);
	now("spent, hung up", ep, 4);
	mod(ep, p[0], EPOLLIN | EPOLLONESHOT, 4);
	now("armed", ep, 4);
	close(p[0]);
	close(ep);
}

int main(void)
{
	arguments();
	order();
	closing();
	nested();
	several(EPOLLIN | EPOLLET, "edge wakes");
	several(EPOLLIN | EPOLLONESHOT, "oneshot wakes");
	waiting();
	edges();
	return 0;
}
