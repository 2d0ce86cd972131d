/* eventfd, timerfd, poll and select: no event is lost, none is made up. */
#include "stress.h"
#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <sys/timerfd.h>
#include <unistd.h>

struct adding {
	int fd;
	unsigned n;
};

static void *add(void *arg)
{
	struct adding *a = arg;

	for (uint64_t i = 1; i <= a->n; i++)
		must(again(write(a->fd, &i, sizeof(i))) == sizeof(i));
	return NULL;
}

static void event(struct worker *w)
{
	unsigned helpers = between(w, 1, 3), semaphore = draw(w, 2);
	int flags = semaphore ? EFD_SEMAPHORE : 0;
	struct adding a = {.fd = eventfd(0, flags), .n = between(w, 1, 20)};
	uint64_t want = (uint64_t)helpers * a.n * (a.n + 1) / 2, sum = 0, v;
	pthread_t t[3];

	must(a.fd >= 0);
	for (unsigned i = 0; i < helpers; i++)
		t[i] = helper(w, add, &a);
	while (sum < want) {
		must(again(read(a.fd, &v, sizeof(v))) == sizeof(v));
		must(v && (!semaphore || v == 1));
		sum += v;
	}
	for (unsigned i = 0; i < helpers; i++)
		join(t[i]);
	must(sum == want);
	must(!fcntl(a.fd, F_SETFL, O_NONBLOCK));
	must(read(a.fd, &v, sizeof(v)) == -1 && errno == EAGAIN);
	close(a.fd);
}

static void timer_fd(struct worker *w)
{
	int64_t ns = between(w, 100, 3000) * 1000, begun;
	unsigned want = between(w, 1, 5);
	struct itimerspec its = {{0, ns}, {0, ns}};
	uint64_t v, ticks = 0;
	int fd = timerfd_create(CLOCK_MONOTONIC, 0);

	must(fd >= 0);
	begun = now();
	must(!timerfd_settime(fd, 0, &its, NULL));
	while (ticks < want) {
		must(again(read(fd, &v, sizeof(v))) == sizeof(v) && v);
		ticks += v;
		/* Not one before its time. */
		must(now() - begun >= (int64_t)ticks * ns);
	}
	if (draw(w, 2))
		must(!timerfd_settime(fd, 0, &(struct itimerspec){0}, NULL));
	close(fd);
}

/* ---- poll and select, with others that close, write, hang up ---- */

struct end {
	int fd;
	unsigned how;
	struct worker w;
};

static void *do_something(void *arg)
{
	struct end *e = arg;

	dawdle(&e->w);
	if (e->how)
		must(write(e->fd, "x", 1) == 1);
	dawdle(&e->w);
	close(e->fd);
	return NULL;
}

static int wait_for_it(struct worker *w, int fd)
{
	struct pollfd p = {fd, POLLIN, 0};
	struct timeval tv = {30, 0};
	struct timespec ts = {30, 0};
	fd_set set;

	if (draw(w, 2))
		return again(ppoll(&p, 1, draw(w, 2) ? &ts : NULL, NULL));
	for (;;) {
		FD_ZERO(&set);
		FD_SET(fd, &set);
		int r = select(fd + 1, &set, NULL, NULL,
			       draw(w, 2) ? &tv : NULL);

		if (r >= 0 || errno != EINTR)
			return r;
	}
}

static void poll_end(struct worker *w)
{
	struct end e = {.how = draw(w, 2), .w.random = next_random(&w->random)};
	pthread_t t;
	int fd[2];
	char c = 0;

	must(!pipe(fd));
	e.fd = fd[1];
	t = helper(w, do_something, &e);
	must(wait_for_it(w, fd[0]) == 1);
	must(again(read(fd[0], &c, 1)) == (e.how ? 1 : 0));
	must(c == (e.how ? 'x' : 0));
	if (e.how) {
		must(wait_for_it(w, fd[0]) == 1); /* and the end */
		must(again(read(fd[0], &c, 1)) == 0);
	}
	join(t);
	close(fd[0]);
}

/* The descriptor is closed while others poll it: they go on, and come back. */
static void *poll_it(void *arg)
{
	struct end *e = arg;
	struct pollfd p = {e->fd, POLLIN, 0};
	int r = again(poll(&p, 1, 3));

	must(!r || (r == 1 && p.revents));
	return NULL;
}

static void poll_closed(struct worker *w)
{
	unsigned first = draw(w, 2), n = between(w, 1, 3);
	struct end e = {0};
	pthread_t t[3];
	int fd[2];

	must(!pipe(fd));
	e.fd = fd[0];
	for (unsigned i = 0; i < n; i++)
		t[i] = helper(w, poll_it, &e);
	dawdle(w);
	must(!close(fd[first]));
	dawdle(w);
	must(!close(fd[!first]));
	for (unsigned i = 0; i < n; i++)
		join(t[i]);
}

static void poll_timeout(struct worker *w)
{
	int ms = (int)draw(w, 4);
	int64_t begun = now();
	struct timespec ts = {0, between(w, 1, 3000) * 1000};
	int r;

	r = poll(NULL, 0, ms);
	must(!r || (r == -1 && errno == EINTR));
	must(r || now() - begun >= ms * 1000000ll);
	begun = now();
	r = pselect(0, NULL, NULL, NULL, &ts, NULL);
	must(!r || (r == -1 && errno == EINTR));
	must(r || now() - begun >= ts.tv_nsec);
}

const struct op event_ops[] = {
	{"eventfd", event}, {"timerfd", timer_fd}, {"poll", poll_end},
	{"poll-closed", poll_closed}, {"poll-timeout", poll_timeout}, {0},
};
