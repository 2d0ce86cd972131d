/* Sockets over the loopback interface: TCP and UDP. */
#include "check.h"
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static char big[300000];

static struct sockaddr_in loop(int port)
{
	return (struct sockaddr_in){AF_INET, htons(port), {htonl(INADDR_LOOPBACK)}};
}

/* A listening socket on a port of the system's choice. */
static int listener(struct sockaddr_in *a)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	socklen_t n = sizeof(*a);

	*a = loop(0);
	if (bind(fd, (void *)a, n) || listen(fd, 5))
		show("listener", "%s", strerror(errno));
	getsockname(fd, (void *)a, &n);
	return fd;
}

static void creation(void)
{
	CALL("family", socket(99, SOCK_STREAM, 0));
	CALL("type", socket(AF_INET, 99, 0));
	CALL("protocol", socket(AF_INET, SOCK_STREAM, IPPROTO_UDP));
	CALL("not a socket", listen(0, 1));
	CALL("bad fd", listen(99, 1));
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	show("flags", "%x %d", fcntl(fd, F_GETFL) & O_NONBLOCK, fcntl(fd, F_GETFD));
	struct stat st;
	fstat(fd, &st);
	show("is socket", "%d", S_ISSOCK(st.st_mode));
	CALL("recv unconnected", recv(fd, big, 1, 0));
	signal(SIGPIPE, SIG_IGN);
	CALL("send unconnected", send(fd, big, 1, 0));
	CALL("getpeername", getpeername(fd, (void *)big, &(socklen_t){100}));
	CALL("accept unlistened", accept(fd, NULL, NULL));
	CALL("lseek", lseek(fd, 0, SEEK_SET));
	close(fd);
}

static void options(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0), v = 1;
	socklen_t n = sizeof(v);
	struct linger l = {1, 5};
	struct timeval tv = {1, 500000};

	CALL("reuseaddr", setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &v, sizeof(v)));
	CALL("reuseport", setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &v, sizeof(v)));
	CALL("keepalive", setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &v, sizeof(v)));
	CALL("nodelay", setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &v, sizeof(v)));
	v = 30;
	CALL("keepidle", setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &v, sizeof(v)));
	v = 0;
	getsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &v, &n);
	show("keepidle", "%d", v);
	getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &v, &n);
	show("nodelay", "%d", v);
	CALL("linger", setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, sizeof(l)));
	CALL("rcvtimeo", setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)));
	n = sizeof(tv);
	getsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, &n);
	show("rcvtimeo", "%ld %ld", (long)tv.tv_sec, (long)tv.tv_usec / 100000);
	n = sizeof(v);
	getsockopt(fd, SOL_SOCKET, SO_TYPE, &v, &n);
	show("type", "%d", v);
	getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &v, &n);
	show("domain", "%d", v);
	getsockopt(fd, SOL_SOCKET, SO_ERROR, &v, &n);
	show("error", "%d", v);
	getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &v, &n);
	show("acceptconn", "%d", v);
	v = 20000;
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &v, sizeof(v));
	getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &v, &n);
	show("rcvbuf", "%d", v);
	CALL("unknown option", setsockopt(fd, SOL_SOCKET, 9999, &v, sizeof(v)));
	CALL("unknown level", setsockopt(fd, 9999, 1, &v, sizeof(v)));
	CALL("short option", setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &v, 1));
	CALL("bad pointer", setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, (void *)8, 4));
	close(fd);
}

static void *echo(void *arg)
{
	int fd = accept((int)(long)arg, NULL, NULL);
	static char buf[20000];
	ssize_t n;

	while ((n = read(fd, buf, sizeof(buf))) > 0)
		for (ssize_t off = 0, w; off < n; off += w)
			if ((w = write(fd, buf + off, n - off)) <= 0)
				return NULL;
	close(fd);
	return NULL;
}

static void *push(void *arg)
{
	int fd = (int)(long)arg;

	for (size_t off = 0; off < sizeof(big);) {
		ssize_t n = write(fd, big + off, sizeof(big) - off);

		if (n <= 0)
			break;
		off += (size_t)n;
	}
	shutdown(fd, SHUT_WR);
	return NULL;
}

static void tcp(void)
{
	struct sockaddr_in a, b;
	socklen_t n = sizeof(b);
	int l = listener(&a), c, s, v;
	pthread_t t, t2;
	static char back[sizeof(big)];
	size_t got = 0;
	ssize_t r;
	struct pollfd p;

	for (size_t i = 0; i < sizeof(big); i++)
		big[i] = (char)(i * 31 >> 3);
	pthread_create(&t, NULL, echo, (void *)(long)l);
	c = socket(AF_INET, SOCK_STREAM, 0);
	CALL("connect", connect(c, (void *)&a, sizeof(a)));
	CALL("connect again", connect(c, (void *)&a, sizeof(a)));
	CALL("getpeername", getpeername(c, (void *)&b, &n));
	show("peer", "%s %d", inet_ntoa(b.sin_addr), b.sin_port == a.sin_port);
	pthread_create(&t2, NULL, push, (void *)(long)c);
	while ((r = read(c, back + got, sizeof(back) - got)) > 0)
		got += (size_t)r;
	pthread_join(t, NULL);
	pthread_join(t2, NULL);
	show("echoed", "%zu %d", got, !memcmp(big, back, sizeof(big)));
	close(c);

	c = socket(AF_INET, SOCK_STREAM, 0);
	connect(c, (void *)&a, sizeof(a));
	s = accept4(l, (void *)&b, &n, SOCK_NONBLOCK | SOCK_CLOEXEC);
	show("accept4", "%x %d", fcntl(s, F_GETFL) & O_NONBLOCK, fcntl(s, F_GETFD));
	CALL("nothing yet", recv(s, big, 10, 0));
	p = (struct pollfd){s, POLLIN | POLLOUT | POLLRDHUP, 0};
	{
		int r_ = poll(&p, 1, 0);

		show("poll", "%d %x", r_, p.revents);
	}
	CALL("send", send(c, "hello", 5, MSG_NOSIGNAL));
	p.events = POLLIN;
	{
		int r_ = poll(&p, 1, 5000);

		show("readable", "%d %x", r_, p.revents);
	}
	CALL("FIONREAD", ioctl(s, FIONREAD, &v));
	show("bytes", "%d", v);
	{
		ssize_t r_ = recv(s, back, 2, MSG_PEEK);

		show("peek", "%zd %.2s", r_, back);
	}
	{
		ssize_t r_ = recv(s, back, 3, 0);

		show("recv", "%zd %.3s", r_, back);
	}
	show("rest", "%zd", recv(s, back, 30, MSG_DONTWAIT));
	CALL("oob flag", recv(s, back, 1, MSG_OOB));
	CALL("shutdown", shutdown(c, SHUT_WR));
	p.events = POLLIN | POLLRDHUP;
	{
		int r_ = poll(&p, 1, 5000);

		show("half closed", "%d %x", r_, p.revents);
	}
	CALL("end", recv(s, back, 10, 0));
	CALL("send after shutdown", send(c, "x", 1, MSG_NOSIGNAL));
	CALL("other way", send(s, "back", 4, 0));
	show("received", "%zd", recv(c, back, 10, 0));
	close(s);
	CALL("closed", recv(c, back, 10, 0));
	p = (struct pollfd){c, POLLIN | POLLOUT | POLLRDHUP, 0};
	{
		int r_ = poll(&p, 1, -1);

		show("both closed", "%d %x", r_, p.revents);
	}
	close(c);

	/* Reset: closing with unread data, or with linger 0. */
	c = socket(AF_INET, SOCK_STREAM, 0);
	connect(c, (void *)&a, sizeof(a));
	s = accept(l, NULL, NULL);
	setsockopt(s, SOL_SOCKET, SO_LINGER, &(struct linger){1, 0}, sizeof(struct linger));
	close(s);
	p = (struct pollfd){c, POLLIN | POLLRDHUP, 0};
	{
		int r_ = poll(&p, 1, 5000);

		show("reset", "%d %x", r_, p.revents);
	}
	CALL("recv reset", recv(c, back, 10, 0));
	CALL("recv after", recv(c, back, 10, 0));
	close(c);

	close(l);
	c = socket(AF_INET, SOCK_STREAM, 0);
	CALL("refused", connect(c, (void *)&a, sizeof(a)));
	close(c);
	c = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	errno = 0;
	v = connect(c, (void *)&a, sizeof(a));
	show("nonblocking refused", "%d %d", v, errno == EINPROGRESS || errno == ECONNREFUSED);
	if (errno == EINPROGRESS) {
		p = (struct pollfd){c, POLLOUT, 0};
		poll(&p, 1, 5000);
		n = sizeof(v);
		getsockopt(c, SOL_SOCKET, SO_ERROR, &v, &n);
	} else {
		v = errno;
	}
	show("so_error", "%s", strerror(v));
	close(c);
	c = socket(AF_INET, SOCK_STREAM, 0);
	setsockopt(c, SOL_SOCKET, SO_RCVTIMEO, &(struct timeval){0, 20000}, sizeof(struct timeval));
	l = listener(&a);
	connect(c, (void *)&a, sizeof(a));
	CALL("receive time-out", recv(c, back, 1, 0));
	s = socket(AF_INET, SOCK_STREAM, 0);
	CALL("address in use", bind(s, (void *)&a, sizeof(a)));
	a.sin_addr.s_addr = inet_addr("192.0.2.1");
	CALL("not our address", bind(s, (void *)&a, sizeof(a)));
	CALL("short address", bind(s, (void *)&a, 4));
	close(s);
	close(c);
	close(l);
}

static void udp(void)
{
	int a = socket(AF_INET, SOCK_DGRAM, 0), b = socket(AF_INET, SOCK_DGRAM, 0);
	struct sockaddr_in aa = loop(0), from;
	socklen_t n = sizeof(aa);
	char buf[100], ctl[100];
	struct iovec v[2] = {{"two ", 4}, {"parts", 5}};
	struct msghdr m = {.msg_iov = v, .msg_iovlen = 2};

	bind(a, (void *)&aa, n);
	getsockname(a, (void *)&aa, &n);
	CALL("sendto", sendto(b, "datagram", 8, 0, (void *)&aa, n));
	CALL("recvfrom", recvfrom(a, buf, sizeof(buf), 0, (void *)&from, &n));
	show("from", "%s", inet_ntoa(from.sin_addr));
	CALL("reply", sendto(a, "", 0, 0, (void *)&from, n));
	CALL("empty datagram", recv(b, buf, sizeof(buf), 0));
	CALL("no destination", send(b, "x", 1, 0));
	CALL("connect", connect(b, (void *)&aa, n));
	CALL("sendmsg", sendmsg(b, &m, 0));
	CALL("truncated", recv(a, buf, 3, MSG_TRUNC));
	CALL("send", send(b, "abcdef", 6, 0));
	v[0] = (struct iovec){buf, 3};
	m.msg_iovlen = 1;
	m.msg_control = ctl;
	m.msg_controllen = sizeof(ctl);
	{
		ssize_t r_ = recvmsg(a, &m, 0);

		show("recvmsg", "%zd %x", r_, m.msg_flags & MSG_TRUNC);
	}
	CALL("nothing", recv(a, buf, 1, MSG_DONTWAIT));
	CALL("too large", sendto(b, big, 70000, 0, (void *)&aa, sizeof(aa)));
	CALL("large", send(b, big, 20000, 0));
	CALL("large received", recv(a, big, sizeof(big), 0));
	close(a);
	usleep(1000);
	CALL("to nobody", send(b, "x", 1, 0));
	usleep(10000);
	CALL("told so", recv(b, buf, 1, MSG_DONTWAIT));
	close(b);
}

static void six(void)
{
	struct sockaddr_in6 a = {AF_INET6, 0, 0, in6addr_any}, p;
	struct sockaddr_in v4;
	int l = socket(AF_INET6, SOCK_STREAM, 0), c, s, zero = 0;
	socklen_t n = sizeof(a);
	char text[64];

	setsockopt(l, IPPROTO_IPV6, IPV6_V6ONLY, &zero, sizeof(zero));
	CALL("bind6", bind(l, (void *)&a, n));
	listen(l, 5);
	getsockname(l, (void *)&a, &n);
	c = socket(AF_INET6, SOCK_STREAM, 0);
	p = a;
	p.sin6_addr = in6addr_loopback;
	CALL("connect6", connect(c, (void *)&p, sizeof(p)));
	s = accept(l, (void *)&p, &n);
	show("peer6", "%s", inet_ntop(AF_INET6, &p.sin6_addr, text, sizeof(text)));
	close(c);
	close(s);
	c = socket(AF_INET, SOCK_STREAM, 0);
	v4 = loop(ntohs(a.sin6_port));
	CALL("v4 to dual", connect(c, (void *)&v4, sizeof(v4)));
	s = accept(l, (void *)&p, &n);
	show("mapped", "%s", inet_ntop(AF_INET6, &p.sin6_addr, text, sizeof(text)));
	close(c);
	close(s);
	close(l);
}

static void many(void)
{
	enum { N = 200 };
	struct sockaddr_in a;
	int l = listener(&a), c[N], s[N], ok = 0, ep = epoll_create1(0);
	struct epoll_event ev, out[N];

	listen(l, N);
	for (int i = 0; i < N; i++) {
		c[i] = socket(AF_INET, SOCK_STREAM, 0);
		if (connect(c[i], (void *)&a, sizeof(a)))
			show("connect", "%d %s", i, strerror(errno));
		s[i] = accept(l, NULL, NULL);
		ev = (struct epoll_event){EPOLLIN, {.u32 = (unsigned)i}};
		epoll_ctl(ep, EPOLL_CTL_ADD, s[i], &ev);
	}
	for (int round = 0; round < 5; round++) {
		for (int i = 0; i < N; i++)
			write(c[i], &i, sizeof(i));
		for (int seen = 0; seen < N;) {
			int n = epoll_wait(ep, out, N, 5000);

			if (n <= 0)
				break;
			for (int i = 0; i < n; i++) {
				int v = -1;

				read(s[out[i].data.u32], &v, sizeof(v));
				ok += v == (int)out[i].data.u32;
				seen++;
			}
		}
	}
	show("messages", "%d", ok);
	for (int i = 0; i < N; i++) {
		close(c[i]);
		close(s[i]);
	}
}

int main(void)
{
	creation();
	options();
	tcp();
	udp();
	six();
	many();
	return 0;
}
