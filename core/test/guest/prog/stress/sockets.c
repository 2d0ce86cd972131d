/* Local sockets, with descriptors on their way; datagrams. */
#include "stress.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static void end_of_stream(int fd)
{
	must(!shutdown(fd, SHUT_WR));
}

static void local_stream(struct worker *w)
{
	struct flow f = {.w.random = next_random(&w->random), .key = w->random,
			 .n = between(w, 1, 150000), .end = end_of_stream};
	pthread_t t;
	int fd[2];

	must(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd));
	f.fd = fd[1];
	t = helper(w, pour, &f);
	drain(w, &f, fd[0]);
	join(t);
	close(fd[0]);
	close(fd[1]);
}

/* ---- packets keep their limits and their order ---- */

struct packets {
	struct sockaddr_un to;
	struct worker w;
	unsigned n;
	int type;
};

static void *send_packets(void *arg)
{
	struct packets *p = arg;
	int fd = socket(AF_UNIX, p->type, 0);
	char buf[2000];

	must(fd >= 0);
	must(!again(connect(fd, (struct sockaddr *)&p->to, sizeof(p->to))));
	for (unsigned i = 0; i < p->n; i++) {
		size_t n = 1 + mix(i) % sizeof(buf);

		pattern(i, 0, buf, n);
		must(again(send(fd, buf, n, MSG_NOSIGNAL)) == (ssize_t)n);
	}
	close(fd);
	return NULL;
}

static void local_packets(struct worker *w)
{
	struct packets p = {.to.sun_family = AF_UNIX, .n = between(w, 1, 60),
			    .type = draw(w, 2) ? SOCK_SEQPACKET : SOCK_DGRAM};
	int l = socket(AF_UNIX, p.type, 0), fd = l;
	char buf[2000];
	pthread_t t;

	must(l >= 0);
	file_name(w, p.to.sun_path, "socket");
	must(!bind(l, (struct sockaddr *)&p.to, sizeof(p.to)));
	if (p.type == SOCK_SEQPACKET)
		must(!listen(l, 1));
	t = helper(w, send_packets, &p);
	if (p.type == SOCK_SEQPACKET)
		fd = again(accept(l, NULL, NULL));
	must(fd >= 0);
	for (unsigned i = 0; i < p.n; i++) {
		size_t n = 1 + mix(i) % sizeof(buf);

		must(again(recv(fd, buf, sizeof(buf), 0)) == (ssize_t)n);
		must(is_pattern(i, 0, buf, n));
	}
	if (p.type == SOCK_SEQPACKET)
		must(again(recv(fd, buf, sizeof(buf), 0)) == 0);
	join(t);
	if (fd != l)
		close(fd);
	close(l);
	must(!unlink(p.to.sun_path));
}

/* ---- descriptors in messages ---- */

static void pass(int by, const int *fds, unsigned n)
{
	char control[CMSG_SPACE(4 * sizeof(int))] = "";
	struct iovec iov = {"f", 1};
	struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1,
			   .msg_control = control,
			   .msg_controllen = CMSG_SPACE(n * sizeof(int))};
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(n * sizeof(int));
	memcpy(CMSG_DATA(c), fds, n * sizeof(int));
	must(again(sendmsg(by, &m, MSG_NOSIGNAL)) == 1);
}

static void receive(int by, int *fds, unsigned n)
{
	char control[CMSG_SPACE(4 * sizeof(int))], data;
	struct iovec iov = {&data, 1};
	struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1,
			   .msg_control = control,
			   .msg_controllen = sizeof(control)};
	struct cmsghdr *c;

	must(again(recvmsg(by, &m, MSG_CMSG_CLOEXEC)) == 1 && data == 'f');
	c = CMSG_FIRSTHDR(&m);
	must(c && c->cmsg_type == SCM_RIGHTS &&
	     c->cmsg_len == CMSG_LEN(n * sizeof(int)));
	memcpy(fds, CMSG_DATA(c), n * sizeof(int));
}

struct given {
	int by;
	unsigned n;
};

/* Adds to each of the counters that it is given. */
static void *add_given(void *arg)
{
	struct given *g = arg;
	uint64_t one = 1;
	int fds[3];

	for (unsigned i = 0; i < g->n; i++) {
		receive(g->by, fds, 3);
		for (unsigned k = 0; k < 3; k++) {
			must(again(write(fds[k], &one, 8)) == 8);
			close(fds[k]);
		}
	}
	return NULL;
}

static void pass_fds(struct worker *w)
{
	struct given g = {.n = between(w, 1, 20)};
	unsigned unread = draw(w, 4);
	int pair[2], event[3];
	pthread_t t;
	uint64_t v;

	must(!socketpair(AF_UNIX, draw(w, 2) ? SOCK_STREAM : SOCK_DGRAM, 0,
			 pair));
	g.by = pair[1];
	for (unsigned k = 0; k < 3; k++) {
		event[k] = eventfd(0, 0);
		must(event[k] >= 0);
	}
	t = helper(w, add_given, &g);
	for (unsigned i = 0; i < g.n + unread; i++)
		pass(pair[0], event, 3);
	join(t);
	/* What nobody has taken goes with the sockets: even they. */
	if (draw(w, 2))
		pass(pair[0], pair, 2);
	close(pair[0]);
	close(pair[1]);
	for (unsigned k = 0; k < 3; k++) {
		must(again(read(event[k], &v, 8)) == 8 && v == g.n);
		close(event[k]);
	}
}

/* ---- UDP: one datagram at a time is under way, so none is dropped ---- */

struct echo {
	int fd;
	unsigned n;
};

static void *send_back(void *arg)
{
	struct echo *e = arg;
	struct sockaddr_storage from;
	char buf[3000];

	for (unsigned i = 0; i < e->n; i++) {
		socklen_t len = sizeof(from);
		ssize_t r = again(recvfrom(e->fd, buf, sizeof(buf), 0,
					   (struct sockaddr *)&from, &len));

		must(r >= 0);
		must(again(sendto(e->fd, buf, (size_t)r, 0,
				  (struct sockaddr *)&from, len)) == r);
	}
	return NULL;
}

static void udp(struct worker *w)
{
	struct sockaddr_in to = {.sin_family = AF_INET,
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct echo e = {.fd = socket(AF_INET, SOCK_DGRAM, 0),
			 .n = between(w, 1, 20)};
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	socklen_t len = sizeof(to);
	char buf[3000];
	pthread_t t;

	must(fd >= 0 && e.fd >= 0);
	must(!bind(e.fd, (struct sockaddr *)&to, sizeof(to)));
	must(!getsockname(e.fd, (struct sockaddr *)&to, &len));
	must(!connect(fd, (struct sockaddr *)&to, sizeof(to)));
	t = helper(w, send_back, &e);
	for (unsigned i = 0; i < e.n; i++) {
		size_t n = draw(w, sizeof(buf));

		pattern(w->turn + i, 0, buf, n);
		must(again(send(fd, buf, n, 0)) == (ssize_t)n);
		memset(buf, 0, n);
		must(again(recv(fd, buf, sizeof(buf), 0)) == (ssize_t)n);
		must(is_pattern(w->turn + i, 0, buf, n));
	}
	join(t);
	close(e.fd);
	close(fd);
}

const struct op socket_ops[] = {
	{"local-stream", local_stream}, {"local-packets", local_packets},
	{"pass-fds", pass_fds}, {"udp", udp}, {0},
};
