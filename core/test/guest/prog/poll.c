/* poll, select, epoll, pipes, eventfd. */
#include "check.h"
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <time.h>
#include <unistd.h>

static int fds[2];

static void *write_later(void *arg)
{
	usleep(20000);
	write(fds[1], "x", 1);
	return NULL;
}

static void polling(void)
{
	struct pollfd p[3];
	pthread_t t;
	char c[16];

	pipe(fds);
	p[0] = (struct pollfd){fds[0], POLLIN, 0};
	p[1] = (struct pollfd){fds[1], POLLOUT, 0};
	p[2] = (struct pollfd){99, POLLIN, 0};
	{
		int r_ = poll(p, 3, 0);

		show("poll", "%d %x %x %x", r_, p[0].revents, p[1].revents, p[2].revents);
	}
	show("time-out", "%d", poll(p, 1, 10));
	pthread_create(&t, NULL, write_later, NULL);
	{
		int r_ = poll(p, 1, 5000);

		show("woken", "%d %x", r_, p[0].revents);
	}
	pthread_join(t, NULL);
	CALL("read", read(fds[0], c, sizeof(c)));
	p[2].fd = -1;
	{
		int r_ = poll(&p[2], 1, 0);

		show("ignored", "%d %x", r_, p[2].revents);
	}
	close(fds[1]);
	{
		int r_ = poll(p, 1, 0);

		show("hang-up", "%d %x", r_, p[0].revents);
	}
	CALL("end of file", read(fds[0], c, 1));
	close(fds[0]);
}

static void pipes(void)
{
	static char big[70000];
	int p[2], n = 0;
	struct pollfd pf;

	signal(SIGPIPE, SIG_IGN);
	CALL("pipe2", pipe2(p, O_NONBLOCK | O_CLOEXEC));
	CALL("empty", read(p[0], big, 1));
	CALL("fill", write(p[1], big, sizeof(big)));
	CALL("full", write(p[1], big, 1));
	CALL("FIONREAD", ioctl(p[0], FIONREAD, &n));
	show("bytes", "%d", n);
	CALL("size", fcntl(p[0], F_GETPIPE_SZ));
	pf = (struct pollfd){p[1], POLLOUT, 0};
	show("not writable", "%d", poll(&pf, 1, 0));
	CALL("read some", read(p[0], big, 5000));
	CALL("atomic", write(p[1], big, 4096));
	show("drain", "%d", 0);
	while (read(p[0], big, sizeof(big)) > 0)
		;
	CALL("write wrong end", write(p[0], "x", 1));
	CALL("read wrong end", read(p[1], big, 1));
	CALL("seek", lseek(p[0], 0, SEEK_SET));
	close(p[0]);
	pf.revents = 0;
	{
		int r_ = poll(&pf, 1, 0);

		show("writer sees", "%d %x", r_, pf.revents);
	}
	CALL("broken", write(p[1], "x", 1));
	close(p[1]);
	CALL("pipe bad flags", pipe2(p, 0x40000000));
}

static void selecting(void)
{
	static struct {
		fd_set set;
		unsigned long behind, rest[250];
	} big;
	fd_set r, w;
	struct timeval tv = {0, 10000};

	pipe(fds);
	FD_ZERO(&r);
	FD_ZERO(&w);
	FD_SET(fds[0], &r);
	FD_SET(fds[1], &w);
	show("select", "%d %d %d", select(fds[1] + 1, &r, &w, NULL, &tv),
	     FD_ISSET(fds[0], &r) != 0, FD_ISSET(fds[1], &w) != 0);
	FD_SET(fds[0], &r);
	tv = (struct timeval){0, 10000};
	show("select time-out", "%d", select(fds[0] + 1, &r, NULL, NULL, &tv));
	FD_ZERO(&r);
	/* Linux looks no further than its table of descriptors, 64 at least. */
	FD_SET(60, &r);
	CALL("select bad fd", select(61, &r, NULL, NULL, &tv));
	/* What lies behind the set is not looked at, nor written. */
	memset(&big, 0, sizeof(big));
	big.behind = 99;
	tv = (struct timeval){0, 0};
	CALL("select too many", select(16000, &big.set, NULL, NULL, &tv));
	show("behind the set", "%lu", big.behind);
	close(fds[0]);
	close(fds[1]);
}

static void epolling(void)
{
	struct epoll_event ev = {EPOLLIN, {.u64 = 0x1234567890}}, out[4];
	int ep = epoll_create1(EPOLL_CLOEXEC), ep2, e;
	unsigned long long v = 3;

	WORKS("epoll_create1", ep);
	CALL("epoll_create 0", epoll_create(0));
	e = eventfd(0, EFD_NONBLOCK);
	CALL("add", epoll_ctl(ep, EPOLL_CTL_ADD, e, &ev));
	CALL("add twice", epoll_ctl(ep, EPOLL_CTL_ADD, e, &ev));
	CALL("add itself", epoll_ctl(ep, EPOLL_CTL_ADD, ep, &ev));
	CALL("add bad fd", epoll_ctl(ep, EPOLL_CTL_ADD, 99, &ev));
	CALL("add file", epoll_ctl(ep, EPOLL_CTL_ADD, open("/etc/passwd", O_RDONLY), &ev));
	CALL("nothing", epoll_wait(ep, out, 4, 0));
	CALL("no room", epoll_wait(ep, out, 0, 0));
	write(e, &v, 8);
	CALL("level", epoll_wait(ep, out, 4, -1));
	show("data", "%x %llx", out[0].events, (unsigned long long)out[0].data.u64);
	CALL("level again", epoll_wait(ep, out, 4, 0));
	ev.events = EPOLLIN | EPOLLET;
	CALL("mod edge", epoll_ctl(ep, EPOLL_CTL_MOD, e, &ev));
	CALL("edge", epoll_wait(ep, out, 4, 0));
	CALL("edge again", epoll_wait(ep, out, 4, 0));
	write(e, &v, 8);
	CALL("new edge", epoll_wait(ep, out, 4, 0));
	ev.events = EPOLLIN | EPOLLONESHOT;
	epoll_ctl(ep, EPOLL_CTL_MOD, e, &ev);
	CALL("oneshot", epoll_wait(ep, out, 4, 0));
	CALL("oneshot spent", epoll_wait(ep, out, 4, 0));
	epoll_ctl(ep, EPOLL_CTL_MOD, e, &ev);
	CALL("rearmed", epoll_wait(ep, out, 4, 0));
	ep2 = epoll_create1(0);
	ev.events = EPOLLIN;
	CALL("nest", epoll_ctl(ep2, EPOLL_CTL_ADD, ep, &ev));
	epoll_ctl(ep, EPOLL_CTL_MOD, e, &ev);
	CALL("nested", epoll_wait(ep2, out, 4, 0));
	CALL("loop", epoll_ctl(ep, EPOLL_CTL_ADD, ep2, &ev));
	CALL("delete", epoll_ctl(ep, EPOLL_CTL_DEL, e, NULL));
	CALL("delete again", epoll_ctl(ep, EPOLL_CTL_DEL, e, NULL));
	CALL("nothing left", epoll_wait(ep2, out, 4, 0));
	ev.events = EPOLLOUT;
	epoll_ctl(ep, EPOLL_CTL_ADD, e, &ev);
	CALL("writable", epoll_wait(ep, out, 4, 0));
	close(e);
	CALL("closed", epoll_wait(ep, out, 4, 0));
	pipe(fds);
	ev.events = EPOLLIN | EPOLLRDHUP;
	epoll_ctl(ep, EPOLL_CTL_ADD, fds[0], &ev);
	close(fds[1]);
	{
		int r_ = epoll_wait(ep, out, 4, 0);

		show("hup", "%d %x", r_, out[0].events);
	}
	close(fds[0]);
	CALL("wait on file", epoll_wait(0, out, 1, 0));
}

static void events(void)
{
	unsigned long long v = 5;
	int e = eventfd(2, EFD_NONBLOCK | EFD_SEMAPHORE);

	{
		ssize_t r_ = read(e, &v, 8);

		show("semaphore", "%zd %llu", r_, v);
	}
	{
		ssize_t r_ = read(e, &v, 8);

		show("again", "%zd %llu", r_, v);
	}
	CALL("empty", read(e, &v, 8));
	v = ~0ull;
	CALL("too much", write(e, &v, 8));
	v = ~0ull - 1;
	CALL("most", write(e, &v, 8));
	v = 1;
	CALL("full", write(e, &v, 8));
	CALL("short", read(e, &v, 4));
	close(e);
	e = eventfd(7, 0);
	{
		ssize_t r_ = read(e, &v, 8);

		show("counter", "%zd %llu", r_, v);
	}
	CALL("bad flags", eventfd(0, 0x1000000));
	close(e);
}

int main(void)
{
	polling();
	pipes();
	selecting();
	epolling();
	events();
	return 0;
}
