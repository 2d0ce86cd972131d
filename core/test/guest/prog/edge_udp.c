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

int main(void)
{
	signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; i < sizeof(big); i++)
		big[i] = (char)(i * 31 ^ i >> 8);
	corked();
	corked6();
	return 0;
}
