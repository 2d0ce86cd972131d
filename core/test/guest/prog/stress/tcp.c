/* TCP over the loopback interface: every byte once, every end seen. */
#include "stress.h"
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

struct talk {
	union {
		struct sockaddr sa;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} to;
	socklen_t len;
	struct flow out, back;
	unsigned n;
};

/* A socket that is bound to an address of ours, which "t" remembers. */
static int bound(struct worker *w, struct talk *t)
{
	bool six = draw(w, 2);
	int fd = socket(six ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC,
			0);

	must(fd >= 0);
	if (six)
		t->to.v6 = (struct sockaddr_in6){
			.sin6_family = AF_INET6,
			.sin6_addr = IN6ADDR_LOOPBACK_INIT};
	else
		t->to.v4 = (struct sockaddr_in){
			.sin_family = AF_INET,
			.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	t->len = six ? sizeof(t->to.v6) : sizeof(t->to.v4);
	must(!bind(fd, &t->to.sa, t->len));
	must(!getsockname(fd, &t->to.sa, &t->len));
	return fd;
}

static int listening(struct worker *w, struct talk *t)
{
	int fd = bound(w, t);

	must(!listen(fd, 8));
	return fd;
}

/* Interrupted, it goes on by itself. */
static int connected(struct talk *t)
{
	int fd = socket(t->to.sa.sa_family, SOCK_STREAM, 0), error = 0;
	socklen_t len = sizeof(error);
	struct pollfd p = {fd, POLLOUT, 0};

	must(fd >= 0);
	if (connect(fd, &t->to.sa, t->len)) {
		error = errno;
		if (error == EINTR) {
			must(again(poll(&p, 1, -1)) == 1);
			must(!getsockopt(fd, SOL_SOCKET, SO_ERROR, &error,
					 &len));
		}
	}
	if (!error)
		return fd;
	close(fd);
	errno = error;
	return -1;
}

static void end_of_stream(int fd)
{
	must(!shutdown(fd, SHUT_WR));
}

static void flow_init(struct worker *w, struct flow *f, unsigned max)
{
	*f = (struct flow){.w.random = next_random(&w->random),
			   .key = next_random(&w->random),
			   .n = between(w, 1, max), .end = end_of_stream};
}

static void *client(void *arg)
{
	struct talk *t = arg;
	int one = 1;

	t->out.fd = connected(t);
	must(t->out.fd >= 0);
	if (draw(&t->out.w, 2))
		must(!setsockopt(t->out.fd, IPPROTO_TCP, TCP_NODELAY, &one,
				 sizeof(one)));
	if (t->out.nonblocking)
		must(!fcntl(t->out.fd, F_SETFL, O_NONBLOCK));
	pour(&t->out);
	if (t->out.nonblocking)
		must(!fcntl(t->out.fd, F_SETFL, 0));
	drain(&t->out.w, &t->back, t->out.fd);
	must(!close(t->out.fd));
	return NULL;
}

static void tcp(struct worker *w)
{
	struct talk talk;
	int l = listening(w, &talk), fd;
	bool early;
	pthread_t t;

	flow_init(w, &talk.out, 200000);
	flow_init(w, &talk.back, 20000);
	talk.out.nonblocking = draw(w, 2);
	t = helper(w, client, &talk);
	fd = again(accept4(l, NULL, NULL, SOCK_CLOEXEC));
	must(fd >= 0);
	early = draw(w, 2);
	if (early)
		must(!close(l));
	drain(w, &talk.out, fd);
	talk.back.fd = fd;
	pour(&talk.back);
	must(!close(fd));
	join(t);
	if (!early)
		must(!close(l));
}

/* ---- both ways at once ---- */

static void *drain_back(void *arg)
{
	struct talk *t = arg;

	drain(&t->back.w, &t->back, t->out.fd);
	return NULL;
}

static void tcp_duplex(struct worker *w)
{
	struct talk talk;
	int l = listening(w, &talk), fd;
	pthread_t a, b, c;

	flow_init(w, &talk.out, 100000);
	flow_init(w, &talk.back, 100000);
	talk.out.fd = connected(&talk);
	fd = again(accept(l, NULL, NULL));
	must(talk.out.fd >= 0 && fd >= 0);
	talk.back.fd = fd;
	a = helper(w, pour, &talk.out);
	b = helper(w, pour, &talk.back);
	c = helper(w, drain_back, &talk);
	drain(w, &talk.out, fd);
	join(a);
	join(b);
	join(c);
	must(!close(fd) && !close(talk.out.fd) && !close(l));
}

/* ---- connections that are cut off ---- */

static void *cut_off(void *arg)
{
	struct talk *t = arg;
	static const char block[4096];
	char buf[256];
	int fd = connected(t);
	ssize_t r;

	if (fd < 0) { /* all was over before connect came back */
		must(errno == ECONNRESET);
		return NULL;
	}
	for (unsigned i = 0; i < t->n; i++) {
		r = again(send(fd, block, sizeof(block), MSG_NOSIGNAL));
		must(r > 0 || errno == ECONNRESET || errno == EPIPE);
	}
	/* Either the answer and then the reset, or the reset alone. */
	while ((r = again(recv(fd, buf, sizeof(buf), 0))) > 0)
		must(buf[0] == 'a');
	must(!r || errno == ECONNRESET);
	close(fd);
	return NULL;
}

static void tcp_reset(struct worker *w)
{
	struct linger now_or_never = {1, 0};
	struct talk talk;
	int l = listening(w, &talk), fd;
	pthread_t t;

	talk.n = draw(w, 20);
	t = helper(w, cut_off, &talk);
	fd = again(accept(l, NULL, NULL));
	must(fd >= 0);
	dawdle(w);
	if (draw(w, 2))
		must(again(send(fd, "answer", 6, MSG_NOSIGNAL)) == 6);
	must(!setsockopt(fd, SOL_SOCKET, SO_LINGER, &now_or_never,
			 sizeof(now_or_never)));
	close(fd);
	join(t);
	close(l);
}

/* Nobody listens; nobody accepts. */
static void tcp_refused(struct worker *w)
{
	struct talk talk;
	int l = bound(w, &talk), fd[4], r;
	unsigned n = between(w, 1, 4);
	char c;

	must(connected(&talk) == -1 && errno == ECONNREFUSED);
	must(!listen(l, 8));
	for (unsigned i = 0; i < n; i++) {
		fd[i] = connected(&talk);
		must(fd[i] >= 0);
	}
	dawdle(w);
	must(!close(l));
	for (unsigned i = 0; i < n; i++) {
		r = (int)again(recv(fd[i], &c, 1, 0));
		must(!r || (r == -1 && errno == ECONNRESET));
		close(fd[i]);
	}
}

/* ---- a file ---- */

static void *send_file(void *arg)
{
	struct talk *t = arg;
	char name[64], buf[CHUNK];
	off_t at = 0;
	int fd = connected(t);
	int file = open(file_name(self, name, "sent"), O_RDWR | O_CREAT, 0600);

	must(fd >= 0 && file >= 0 && !unlink(name));
	for (size_t i = 0, n; i < t->out.n; i += n) {
		n = t->out.n - i < CHUNK ? t->out.n - i : CHUNK;
		pattern(t->out.key, i, buf, n);
		write_all(file, buf, n);
	}
	while ((size_t)at < t->out.n)
		must(again(sendfile(fd, file, &at, between(&t->out.w, 1,
							   50000))) > 0);
	/* What is under way stays what it was. */
	close(file);
	close(fd);
	return NULL;
}

static void tcp_file(struct worker *w)
{
	struct talk talk;
	int l = listening(w, &talk), fd;
	pthread_t t;

	flow_init(w, &talk.out, 100000);
	t = helper(w, send_file, &talk);
	fd = again(accept(l, NULL, NULL));
	must(fd >= 0);
	drain(w, &talk.out, fd);
	close(fd);
	join(t);
	close(l);
}

const struct op tcp_ops[] = {
	{"tcp", tcp}, {"tcp-duplex", tcp_duplex}, {"tcp-reset", tcp_reset},
	{"tcp-refused", tcp_refused}, {"sendfile", tcp_file}, {0},
};
