/* Bytes through pipes: all of them, in order, whatever the two ends do. */
#include "stress.h"
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static void wait_ready(int fd, short events)
{
	struct pollfd p = {fd, events, 0};
	int r = again(poll(&p, 1, -1));

	must(r == 1 && p.revents & (events | POLLHUP));
}

void *pour(void *arg)
{
	struct flow *f = arg;
	char buf[CHUNK];

	for (size_t at = 0; at < f->n;) {
		size_t n = between(&f->w, 1, CHUNK);
		ssize_t r;

		if (n > f->n - at)
			n = f->n - at;
		if (f->nonblocking)
			wait_ready(f->fd, POLLOUT);
		pattern(f->key, at, buf, n);
		r = again(write(f->fd, buf, n));
		if (r == -1 && errno == EAGAIN && f->nonblocking)
			continue; /* there is room, but not for as much */
		must(r > 0 && (size_t)r <= n);
		at += (size_t)r;
	}
	if (f->end)
		f->end(f->fd);
	return NULL;
}

static ssize_t take(struct worker *w, int fd, char *buf, size_t n)
{
	struct iovec iov[2] = {{buf, n / 3}, {buf + n / 3, n - n / 3}};
	int waiting = -1;

	if (!draw(w, 3)) {
		wait_ready(fd, POLLIN);
		must(!ioctl(fd, FIONREAD, &waiting) && waiting >= 0);
	}
	return draw(w, 2) ? again(readv(fd, iov, 2)) : again(read(fd, buf, n));
}

void drain(struct worker *w, struct flow *f, int fd)
{
	char buf[CHUNK];
	size_t at = 0;
	ssize_t r;

	while ((r = take(w, fd, buf, between(w, 3, CHUNK))) > 0) {
		must(at + (size_t)r <= f->n);
		must(is_pattern(f->key, at, buf, (size_t)r));
		at += (size_t)r;
	}
	must(!r && at == f->n);
}

static void hang_up(int fd)
{
	close(fd);
}

static void pipe_flow(struct worker *w)
{
	struct flow f = {.w.random = next_random(&w->random), .key = w->random,
			 .n = between(w, 1, 150000), .nonblocking = draw(w, 2),
			 .end = hang_up};
	pthread_t t;
	int fd[2];

	must(!pipe2(fd, draw(w, 2) ? O_CLOEXEC : 0));
	f.fd = fd[1];
	if (f.nonblocking)
		must(!fcntl(fd[1], F_SETFL, O_NONBLOCK));
	if (!draw(w, 4))
		must(fcntl(fd[1], F_SETPIPE_SZ, 4096 << draw(w, 5)) >= 4096);
	t = helper(w, pour, &f);
	drain(w, &f, fd[0]);
	join(t);
	close(fd[0]);
}

/* A writer that meets no reader any more. */
static void *pour_in_vain(void *arg)
{
	int fd = (int)(intptr_t)arg;
	static const char block[4096];
	ssize_t r;

	while ((r = write(fd, block, sizeof(block))) > 0 ||
	       (r == -1 && errno == EINTR))
		;
	must(r == -1 && errno == EPIPE);
	close(fd);
	return NULL;
}

static void pipe_close(struct worker *w)
{
	char buf[CHUNK];
	pthread_t t;
	int fd[2];

	must(!pipe(fd));
	t = helper(w, pour_in_vain, (void *)(intptr_t)fd[1]);
	for (unsigned i = draw(w, 20); i; i--)
		must(again(read(fd[0], buf, between(w, 1, CHUNK))) > 0);
	dawdle(w);
	close(fd[0]);
	join(t);
}

static void *open_to_write(void *arg)
{
	struct flow *f = arg;
	char name[64];

	f->fd = again(open(file_name(self, name, "fifo"), O_WRONLY));
	must(f->fd >= 0);
	return pour(arg);
}

static void fifo(struct worker *w)
{
	struct flow f = {.w.random = next_random(&w->random), .key = w->random,
			 .n = between(w, 1, 20000), .end = hang_up};
	char name[64];
	pthread_t t;
	int fd;

	must(!mkfifo(file_name(w, name, "fifo"), 0600));
	t = helper(w, open_to_write, &f);
	fd = again(open(name, O_RDONLY));
	must(fd >= 0);
	drain(w, &f, fd);
	join(t);
	close(fd);
	must(!unlink(name));
}

const struct op pipe_ops[] = {
	{"pipe", pipe_flow}, {"pipe-close", pipe_close}, {"fifo", fifo}, {0},
};
