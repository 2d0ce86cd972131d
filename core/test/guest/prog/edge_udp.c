/* Corner cases of UDP: datagrams of several calls, all of 127/8. */
#include "check.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#define TRY(expr) CALL(#expr, expr)

static char big[70000], got[70000];

static struct sockaddr_in at(const char *ip, int port)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port)};

	inet_pton(AF_INET, ip, &a.sin_addr);
	return a;
}

static int bound(const char *ip, int port)
{
	struct sockaddr_in a = at(ip, port);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	CALL("bind", bind(fd, (void *)&a, sizeof(a)));
	return fd;
}

/* What arrived next, if anything. */
static void next(const char *label, int fd)
{
	ssize_t n = recv(fd, got, sizeof(got), MSG_DONTWAIT);

	if (n < 0)
		show(label, "%s", strerror(errno));
	else
		show(label, "%zd %x", n, hash(got, (size_t)n));
}

static long to(int fd, const char *data, size_t n, int flags, int port)
{
	struct sockaddr_in a = at("127.0.0.1", port);

	return sendto(fd, data, n, flags, (void *)&a, sizeof(a));
}

static void corked(void)
{
	int a = bound("127.0.0.1", 5811), b = bound("127.0.0.1", 5812);
	int c = socket(AF_INET, SOCK_DGRAM, 0), v;
	struct sockaddr_in me;
	socklen_t l = sizeof(me);

	TRY(send(c, "x", 1, MSG_MORE));
	TRY(to(c, "one ", 4, MSG_MORE, 5811));
	TRY(getsockname(c, (void *)&me, &l));
	show("has a port", "%d", me.sin_port != 0);
	next("held back", a);
	TRY(to(c, "two ", 4, MSG_MORE, 5812));
	TRY(send(c, "three", 5, 0));
	next("together", a);
	next("not elsewhere", b);
	TRY(to(c, "", 0, MSG_MORE, 5811));
	TRY(to(c, "", 0, 0, 5811));
	next("empty", a);
	/* too long: what was held back is lost */
	TRY(to(c, big, 65000, MSG_MORE, 5811));
	TRY(to(c, big, 507, MSG_MORE, 5811));
	TRY(to(c, big, 70000, MSG_MORE, 5811));
	TRY(to(c, big, 0, 0, 5811));
	next("longest", a);
	TRY(to(c, big, 65000, MSG_MORE, 5811));
	TRY(to(c, big, 508, 0, 5811));
	next("too long", a);
	TRY(to(c, "after", 5, 0, 5811));
	next("after", a);
	TRY(to(c, "lost", 4, MSG_MORE, 5811));
	TRY(to(c, (void *)8, 4, 0, 5811));
	TRY(to(c, "new", 3, 0, 5811));
	next("after a fault", a);
	/* the option */
	l = sizeof(v);
	TRY(getsockopt(c, IPPROTO_UDP, UDP_CORK, &v, &l));
	show("cork", "%d %u", v, l);
	v = 1;
	TRY(setsockopt(c, IPPROTO_UDP, UDP_CORK, &v, 3));
	TRY(setsockopt(c, IPPROTO_UDP, UDP_CORK, &v, 4));
	TRY(getsockopt(c, IPPROTO_UDP, UDP_CORK, &v, &l));
	show("cork", "%d %u", v, l);
	for (int i = 0; i < 1000; i++)
		to(c, big + i, 7, 0, i ? 5812 : 5811);
	next("corked", a);
	v = 0;
	TRY(setsockopt(c, IPPROTO_UDP, UDP_CORK, &v, 4));
	next("uncorked", a);
	TRY(setsockopt(c, IPPROTO_UDP, UDP_CORK, &v, 4));
	next("nothing more", a);
	next("not elsewhere", b);
	v = 1;
	setsockopt(c, IPPROTO_UDP, UDP_CORK, &v, 4);
	TRY(to(c, "closed", 6, 0, 5811));
	close(c);
	next("closed", a);
	close(a);
	close(b);
}

static void corked6(void)
{
	struct sockaddr_in6 a = {.sin6_family = AF_INET6, .sin6_port = htons(5813)};
	int fd = socket(AF_INET6, SOCK_DGRAM, 0);

	a.sin6_addr = in6addr_loopback;
	TRY(bind(fd, (void *)&a, sizeof(a)));
	TRY(sendto(fd, big, 65000, MSG_MORE, (void *)&a, sizeof(a)));
	TRY(sendto(fd, big, 487, 0, (void *)&a, sizeof(a)));
	next("long", fd);
	TRY(sendto(fd, big, 65000, MSG_MORE, (void *)&a, sizeof(a)));
	TRY(sendto(fd, big, 528, 0, (void *)&a, sizeof(a)));
	next("too long", fd);
	close(fd);
}

static void name(const char *label, int fd, int peer)
{
	struct sockaddr_in a;
	socklen_t l = sizeof(a);
	char text[32];

	if ((peer ? getpeername : getsockname)(fd, (void *)&a, &l))
		show(label, "%s", strerror(errno));
	else
		show(label, "%s", inet_ntop(AF_INET, &a.sin_addr, text, 32));
}

/* Every address of 127/8 is ours, and each is another. */
static void loopback(void)
{
	struct sockaddr_in a = at("127.0.0.5", 5821), b = at("127.1.2.3", 5822), f;
	int x = bound("127.0.0.5", 5821), y = bound("127.1.2.3", 5821), c, d;
	socklen_t l = sizeof(f);
	char text[32];

	c = socket(AF_INET, SOCK_DGRAM, 0);
	TRY(sendto(c, "five", 4, 0, (void *)&a, sizeof(a)));
	next("for .5", x);
	next("not for .3", y);
	TRY(connect(c, (void *)&a, sizeof(a)));
	name("source", c, 0);
	TRY(send(c, "to", 2, 0));
	TRY(recvfrom(x, got, 9, 0, (void *)&f, &l));
	show("from", "%s", inet_ntop(AF_INET, &f.sin_addr, text, 32));
	TRY(sendto(x, "back", 4, 0, (void *)&f, l));
	next("answer", c);
	close(c);
	c = bound("127.200.0.1", 0);
	TRY(sendto(c, "x", 1, 0, (void *)&a, sizeof(a)));
	TRY(recvfrom(x, got, 9, 0, (void *)&f, &l));
	show("from", "%s", inet_ntop(AF_INET, &f.sin_addr, text, 32));
	close(c);
	close(x);
	close(y);
	/* nobody there: refused */
	c = socket(AF_INET, SOCK_DGRAM, 0);
	TRY(connect(c, (void *)&b, sizeof(b)));
	TRY(send(c, "x", 1, 0));
	TRY(recv(c, got, 9, MSG_DONTWAIT));
	close(c);
	/* TCP */
	c = socket(AF_INET, SOCK_STREAM, 0);
	d = 1;
	setsockopt(c, SOL_SOCKET, SO_REUSEADDR, &d, sizeof(d));
	TRY(bind(c, (void *)&b, sizeof(b)));
	TRY(listen(c, 1));
	a = at("127.1.2.4", 5822);
	x = socket(AF_INET, SOCK_STREAM, 0);
	TRY(connect(x, (void *)&a, sizeof(a)));
	TRY(connect(x, (void *)&b, sizeof(b)));
	y = accept(c, 0, 0);
	name("client", x, 0);
	name("client's peer", x, 1);
	name("server", y, 0);
	name("server's peer", y, 1);
	TRY(send(x, "hello", 5, 0));
	TRY(recv(y, got, 9, 0));
	close(x);
	close(y);
	close(c);
}

int main(void)
{
	signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; i < sizeof(big); i++)
		big[i] = (char)(i * 31 ^ i >> 8);
	corked();
	corked6();
	loopback();
	return 0;
}
