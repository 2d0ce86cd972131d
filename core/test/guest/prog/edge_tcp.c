/* Corner cases of sockets: names, states, readiness, errors, of all families. */
#include "check.h"
#include "ports.h"
#include <unistd.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/ioctl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <arpa/inet.h>
#include <signal.h>
#include <pthread.h>
#include <sys/uio.h>

static void names(int fd, int peer)
{
	struct sockaddr_storage s;
	socklen_t l = sizeof s;
	int r = peer ? getpeername(fd, (void *)&s, &l)
		     : getsockname(fd, (void *)&s, &l);
	if (r < 0) {
		printf("  name %s\n", strerror(errno));
		return;
	}
	char b[64];
	int port = 0;
	if (s.ss_family == AF_INET) {
		inet_ntop(AF_INET, &((struct sockaddr_in *)&s)->sin_addr, b,
			  64);
		port = ntohs(((struct sockaddr_in *)&s)->sin_port);
	} else {
		inet_ntop(AF_INET6, &((struct sockaddr_in6 *)&s)->sin6_addr, b,
			  64);
		port = ntohs(((struct sockaddr_in6 *)&s)->sin6_port);
	}
	printf("  %s fam %d len %d %s %s\n", peer ? "peer" : "sock",
	       s.ss_family, l, b,
	       port >= 32768 ? "eph"
	       : port	     ? "low"
			     : "0");
}
static void tcp(void)
{
	int s = socket(AF_INET, SOCK_STREAM, 0), c, a;
	struct sockaddr_in ad = A(5555);
	char b[100];
	int v;
	socklen_t l;
	E(bind(s, (void *)&ad, 3));
	E(listen(-1, 1));
	P(s);
	E(bind(s, (void *)&ad, sizeof ad));
	E(bind(s, (void *)&ad, sizeof ad));
	E(accept(s, 0, 0));
	E(listen(s, 5));
	names(s, 0);
	names(s, 1);
	P(s);
	c = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	P(c);
	E(recv(c, b, 10, 0));
	E(send(c, b, 1, MSG_NOSIGNAL));
	E(connect(c, (void *)&ad, sizeof ad));
	usleep(20000);
	P(c);
	l = sizeof v;
	E(getsockopt(c, SOL_SOCKET, SO_ERROR, &v, &l));
	printf("  err %d\n", v);
	E(connect(c, (void *)&ad, sizeof ad));
	E(connect(c, (void *)&ad, sizeof ad));
	P(s);
	a = accept(s, 0, 0);
	printf("accept %d\n", a > 0);
	P(a);
	names(a, 0);
	names(a, 1);
	names(c, 0);
	names(c, 1);
	E(send(c, "hello", 5, 0));
	usleep(10000);
	P(a);
	E(ioctl(a, FIONREAD, &v));
	printf("  fionread %d\n", v);
	E(recv(a, b, 2, MSG_PEEK));
	E(recv(a, b, 100, 0));
	E(recv(a, b, 100, MSG_DONTWAIT));
	E(recv(a, b, 10, MSG_OOB));
	E(shutdown(c, SHUT_WR));
	usleep(10000);
	P(a);
	P(c);
	E(recv(a, b, 100, 0));
	E(send(c, "x", 1, MSG_NOSIGNAL));
	E(send(a, "world", 5, 0));
	usleep(10000);
	E(recv(c, b, 100, 0));
	E(close(a));
	usleep(10000);
	P(c);
	E(recv(c, b, 100, 0));
	E(close(c));
	c = socket(AF_INET, SOCK_STREAM, 0);
	struct sockaddr_in no = A(5556);
	E(connect(c, (void *)&no, sizeof no));
	P(c);
	E(connect(c, (void *)&ad, sizeof ad));
	P(c);
	a = accept(s, 0, 0);
	E(send(c, "abc", 3, 0));
	usleep(10000);
	close(a);
	usleep(10000);
	P(c);
	E(recv(c, b, 10, 0));
	E(recv(c, b, 10, 0));
	E(send(c, "x", 1, MSG_NOSIGNAL));
	close(c);
	int d = socket(AF_INET, SOCK_STREAM, 0);
	E(bind(d, (void *)&ad, sizeof ad));
	v = 1;
	E(setsockopt(d, SOL_SOCKET, SO_REUSEADDR, &v, sizeof v));
	E(bind(d, (void *)&ad, sizeof ad));
	close(d);
	c = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	E(connect(c, (void *)&no, sizeof no));
	usleep(10000);
	P(c);
	E(connect(c, (void *)&no, sizeof no));
	P(c);
	close(c);
	close(s);
	s = socket(AF_INET, SOCK_STREAM, 0);
	E(bind(s, (void *)&ad, sizeof ad));
	close(s);
	s = socket(AF_INET, SOCK_STREAM, 0);
	struct sockaddr_in bad = {.sin_family = AF_INET,
				  .sin_port = htons(80),
				  .sin_addr.s_addr = inet_addr("1.2.3.4")};
	E(bind(s, (void *)&bad, sizeof bad));
	bad.sin_family = AF_UNIX;
	E(bind(s, (void *)&bad, sizeof bad));
	E(connect(s, (void *)&bad, sizeof bad));
	E(listen(s, 5));
	names(s, 0);
	close(s);
}
static void *reader(void *p)
{
	int fd = (long)p;
	char b[65536];
	long n = 0, r;
	unsigned sum = 0;
	while ((r = read(fd, b, sizeof b)) > 0) {
		for (long i = 0; i < r; i++)
			sum = sum * 31 + (unsigned char)b[i];
		n += r;
	}
	printf("reader %ld bytes sum %u end %ld\n", n, sum, r);
	return 0;
}
static void bulk(void)
{
	int s = socket(AF_INET, SOCK_STREAM, 0), c;
	struct sockaddr_in ad = A(5600);
	bind(s, (void *)&ad, sizeof ad);
	listen(s, 5);
	c = socket(AF_INET, SOCK_STREAM, 0);
	E(connect(c, (void *)&ad, sizeof ad));
	int a = accept(s, 0, 0);
	pthread_t t;
	pthread_create(&t, 0, reader, (void *)(long)a);
	static char buf[300000];
	unsigned sum = 0;
	long tot = 0;
	for (int k = 0; k < 30; k++) {
		long n = 1 + (k * k * 7919) % 300000;
		for (long i = 0; i < n; i++) {
			buf[i] = (char)(i * 7 + k);
			sum = sum * 31 + (unsigned char)buf[i];
		}
		long w = write(c, buf, n);
		if (w != n)
			printf("short %ld of %ld %s\n", w, n, strerror(errno));
		tot += n;
	}
	printf("writer %ld sum %u\n", tot, sum);
	shutdown(c, SHUT_WR);
	pthread_join(t, 0);
	close(c);
	close(a);
	close(s);
}
/*
 * SO_RCVBUF of a listener limits what its connections take while nobody reads; all of
 * it comes through nevertheless.
 */
static void small_window(int size)
{
	enum { TOTAL = 300000, LITTLE = 100000 };
	static char out[TOTAL], in[TOTAL];
	struct sockaddr_in a = {.sin_family = AF_INET};
	socklen_t l = sizeof a;
	size_t sent = 0, got = 0;
	int s = socket(AF_INET, SOCK_STREAM, 0), c, p, v = 8192;
	ssize_t n;

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	for (size_t i = 0; i < TOTAL; i++)
		out[i] = (char)(i * 7 + i / 251);
	E(setsockopt(s, SOL_SOCKET, SO_RCVBUF, &size, sizeof size));
	E(bind(s, (void *)&a, sizeof a));
	E(listen(s, 1));
	getsockname(s, (void *)&a, &l);
	c = socket(AF_INET, SOCK_STREAM, 0);
	setsockopt(c, SOL_SOCKET, SO_SNDBUF, &v, sizeof v);
	E(connect(c, (void *)&a, sizeof a));
	p = accept(s, 0, 0);
	fcntl(c, F_SETFL, O_NONBLOCK);
	for (struct pollfd f = {c, POLLOUT, 0}; poll(&f, 1, 300) == 1;) {
		n = send(c, out + sent, TOTAL - sent, 0);
		if (n <= 0)
			break;
		sent += (size_t)n;
	}
	printf("SO_RCVBUF %d: nobody reads, taken: %s\n", size,
	       sent < LITTLE ? "little" : "much");
	while (got < TOTAL) {
		n = send(c, out + sent, TOTAL - sent, 0);
		sent += n > 0 ? (size_t)n : 0;
		struct pollfd f = {p, POLLIN, 0};
		if (poll(&f, 1, 20000) != 1)
			break;
		n = recv(p, in + got, 1000, 0);
		if (n <= 0)
			break;
		got += (size_t)n;
	}
	printf("  all %d, as sent %d\n", got == TOTAL, !memcmp(in, out, got));
	close(c);
	close(p);
	close(s);
}

static void udp(void)
{
	int s = socket(AF_INET, SOCK_DGRAM, 0), c;
	struct sockaddr_in ad = A(5557), no = A(5558);
	char b[70000];
	struct sockaddr_in f;
	socklen_t l = sizeof f;
	E(bind(s, (void *)&ad, sizeof ad));
	P(s);
	c = socket(AF_INET, SOCK_DGRAM, 0);
	names(c, 0);
	E(send(c, "x", 1, 0));
	E(sendto(c, "hello", 5, 0, (void *)&ad, sizeof ad));
	names(c, 0);
	P(s);
	E(recvfrom(s, b, 3, MSG_TRUNC, (void *)&f, &l));
	printf("  from len %d %s\n", l, inet_ntoa(f.sin_addr));
	E(sendto(c, b, 65507, 0, (void *)&ad, sizeof ad));
	E(recv(s, b, sizeof b, 0));
	E(sendto(c, b, 65508, 0, (void *)&ad, sizeof ad));
	E(sendto(c, b, 0, 0, (void *)&ad, sizeof ad));
	E(recv(s, b, sizeof b, 0));
	E(recv(s, b, 9, MSG_DONTWAIT));
	E(connect(c, (void *)&no, sizeof no));
	names(c, 1);
	E(send(c, "x", 1, 0));
	usleep(10000);
	P(c);
	E(send(c, "x", 1, 0));
	E(recv(c, b, 1, MSG_DONTWAIT));
	E(recv(c, b, 1, MSG_DONTWAIT));
	E(shutdown(s, SHUT_RD));
	E(recv(s, b, 1, 0));
	P(s);
	struct sockaddr u = {AF_UNSPEC};
	E(connect(c, &u, sizeof u));
	E(getpeername(c, (void *)&f, &l));
	close(c);
	close(s);
	s = socket(AF_INET6, SOCK_DGRAM, 0);
	struct sockaddr_in6 a6 = {.sin6_family = AF_INET6,
				  .sin6_port = htons(own(5559))};
	E(bind(s, (void *)&a6, sizeof a6));
	c = socket(AF_INET, SOCK_DGRAM, 0);
	ad = A(5559);
	E(sendto(c, "v4", 2, 0, (void *)&ad, sizeof ad));
	struct sockaddr_in6 f6;
	l = sizeof f6;
	E(recvfrom(s, b, 9, 0, (void *)&f6, &l));
	char t[64];
	printf("  %s\n", inet_ntop(AF_INET6, &f6.sin6_addr, t, 64));
	int c6 = socket(AF_INET6, SOCK_DGRAM, 0);
	a6.sin6_addr = in6addr_loopback;
	E(sendto(c6, "v6!", 3, 0, (void *)&a6, sizeof a6));
	E(recvfrom(s, b, 9, 0, (void *)&f6, &l));
	printf("  %s\n", inet_ntop(AF_INET6, &f6.sin6_addr, t, 64));
	E(bind(c, (void *)&ad, sizeof ad));
	close(s);
	close(c);
	close(c6);
}
static void un(void)
{
	int sv[2];
	char b[300];
	E(socketpair(AF_UNIX, SOCK_STREAM, 0, sv));
	P(sv[0]);
	E(write(sv[0], "hello", 5));
	E(read(sv[1], b, 3));
	E(read(sv[1], b, 30));
	P(sv[1]);
	int p[2];
	pipe(p);
	struct msghdr m = {0};
	char cb[CMSG_SPACE(sizeof(int) * 2)];
	struct iovec v = {"fd", 2};
	m.msg_iov = &v;
	m.msg_iovlen = 1;
	m.msg_control = cb;
	m.msg_controllen = CMSG_SPACE(sizeof(int));
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &p[1], sizeof(int));
	E(sendmsg(sv[0], &m, 0));
	close(p[1]);
	v.iov_base = b;
	v.iov_len = 10;
	m.msg_controllen = sizeof cb;
	E(recvmsg(sv[1], &m, 0));
	c = CMSG_FIRSTHDR(&m);
	printf("  cmsg %d %d flags %x ctl %zu\n", c ? c->cmsg_type : -1,
	       c ? (int)c->cmsg_len : 0, m.msg_flags, (size_t)m.msg_controllen);
	int nf;
	memcpy(&nf, CMSG_DATA(c), sizeof nf);
	E(write(nf, "pipe!", 5));
	E(read(p[0], b, 10));
	close(nf);
	E(read(p[0], b, 10));
	close(p[0]);
	E(shutdown(sv[0], SHUT_WR));
	P(sv[1]);
	E(read(sv[1], b, 1));
	E(send(sv[0], "x", 1, MSG_NOSIGNAL));
	E(close(sv[1]));
	P(sv[0]);
	E(read(sv[0], b, 1));
	E(send(sv[0], "x", 1, MSG_NOSIGNAL));
	close(sv[0]);
	struct sockaddr_un u = {.sun_family = AF_UNIX};
	strcpy(u.sun_path, "/tmp/netsock.s");
	unlink(u.sun_path);
	int s = socket(AF_UNIX, SOCK_STREAM, 0);
	E(listen(s, 1));
	E(bind(s, (void *)&u, sizeof u));
	E(bind(s, (void *)&u, sizeof u));
	int s2 = socket(AF_UNIX, SOCK_STREAM, 0);
	E(connect(s2, (void *)&u, sizeof u));
	E(bind(s2, (void *)&u, sizeof u));
	E(listen(s, 1));
	P(s);
	E(connect(s2, (void *)&u, sizeof u));
	P(s);
	P(s2);
	E(write(s2, "early", 5));
	struct sockaddr_un pu;
	socklen_t l = sizeof pu;
	int a = accept(s, (void *)&pu, &l);
	printf("accept %d len %d\n", a > 0, l);
	E(read(a, b, 10));
	l = sizeof pu;
	E(getpeername(s2, (void *)&pu, &l));
	printf("  %s %d\n", pu.sun_path, l);
	struct ucred uc;
	l = sizeof uc;
	E(getsockopt(a, SOL_SOCKET, SO_PEERCRED, &uc, &l));
	printf("  pid ok %d uid ok %d\n", uc.pid == getpid(),
	       uc.uid == getuid());
	int s3 = socket(AF_UNIX, SOCK_DGRAM, 0);
	E(connect(s3, (void *)&u, sizeof u));
	E(send(s3, "x", 1, 0));
	close(s3);
	E(unlink(u.sun_path));
	E(connect(socket(AF_UNIX, SOCK_STREAM, 0), (void *)&u, sizeof u));
	close(a);
	P(s2);
	E(read(s2, b, 1));
	close(s2);
	close(s);
	int d = socket(AF_UNIX, SOCK_DGRAM, 0),
	    e = socket(AF_UNIX, SOCK_DGRAM, 0);
	struct sockaddr_un ab = {.sun_family = AF_UNIX};
	memcpy(ab.sun_path, "\0abs", 4);
	E(bind(d, (void *)&ab, 2 + 4));
	E(sendto(e, "dg", 2, 0, (void *)&ab, 6));
	E(sendto(e, "dgram", 5, 0, (void *)&ab, 6));
	P(d);
	E(recv(d, b, 1, 0));
	l = sizeof pu;
	E(recvfrom(d, b, 99, 0, (void *)&pu, &l));
	printf("  l %d\n", l);
	E(connect(e, (void *)&ab, 6));
	int n = 0;
	while (send(e, "q", 1, MSG_DONTWAIT) == 1)
		n++;
	printf("queued %d %s\n", n > 0, strerror(errno));
	P(e);
	E(recv(d, b, 9, 0));
	P(e);
	close(d);
	P(e);
	E(send(e, "q", 1, 0));
	E(send(e, "q", 1, 0));
	close(e);
	E(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, sv));
	E(send(sv[0], "abc", 3, 0));
	E(send(sv[0], "de", 2, 0));
	E(recv(sv[1], b, 2, 0));
	E(recv(sv[1], b, 9, 0));
	close(sv[0]);
	E(recv(sv[1], b, 9, 0));
	close(sv[1]);
}
int main(void)
{
	setvbuf(stdout, 0, _IOLBF, 0);
	signal(SIGPIPE, SIG_IGN);
	tcp();
	bulk();
	small_window(1);
	small_window(8192);
	udp();
	un();
	E(socket(99, 1, 0));
	E(socket(AF_INET, SOCK_SEQPACKET, 0));
	E(socket(AF_INET, SOCK_STREAM, 17));
	E(socket(AF_INET, 77, 0));
	E(socketpair(AF_INET, SOCK_STREAM, 0, (int[2]){0}));
	E(socket(AF_UNIX, SOCK_STREAM, 5));
	E(getsockname(0, 0, 0));
	return 0;
}
