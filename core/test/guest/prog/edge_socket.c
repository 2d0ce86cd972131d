/* Corner cases of sockets: options, control messages, blocking, sendfile. */
#include "check.h"
#include "ports.h"
#include <unistd.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/ioctl.h>
#include <sys/epoll.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <arpa/inet.h>
#include <net/if.h>
#include <ifaddrs.h>
#include <netdb.h>
#include <signal.h>
#include <pthread.h>
#include <sys/uio.h>
#include <sys/time.h>
#include <time.h>

static int ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}
static void pair(int port, int *c, int *a)
{
	int s = socket(AF_INET, SOCK_STREAM, 0), v = 1;
	struct sockaddr_in ad = A(port);
	setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &v, sizeof v);
	if (bind(s, (void *)&ad, sizeof ad) || listen(s, 5))
		perror("pair");
	*c = socket(AF_INET, SOCK_STREAM, 0);
	connect(*c, (void *)&ad, sizeof ad);
	*a = accept(s, 0, 0);
	close(s);
}
static void opts(int fd, const char *n)
{
	int o[][2] = {{SOL_SOCKET, SO_TYPE},
		      {SOL_SOCKET, SO_DOMAIN},
		      {SOL_SOCKET, SO_PROTOCOL},
		      {SOL_SOCKET, SO_ACCEPTCONN},
		      {SOL_SOCKET, SO_KEEPALIVE},
		      {SOL_SOCKET, SO_REUSEADDR},
		      {SOL_SOCKET, SO_BROADCAST},
		      {SOL_SOCKET, SO_OOBINLINE},
		      {SOL_SOCKET, SO_PRIORITY},
		      {SOL_SOCKET, SO_RCVLOWAT},
		      {SOL_SOCKET, SO_SNDLOWAT},
		      {SOL_SOCKET, SO_PASSCRED},
		      {SOL_SOCKET, SO_ERROR},
		      {SOL_SOCKET, 12345},
		      {IPPROTO_TCP, TCP_NODELAY},
		      {IPPROTO_TCP, TCP_CORK},
		      {IPPROTO_TCP, TCP_MAXSEG},
		      {IPPROTO_TCP, TCP_USER_TIMEOUT},
		      {IPPROTO_TCP, TCP_DEFER_ACCEPT},
		      {IPPROTO_TCP, TCP_QUICKACK},
		      {IPPROTO_TCP, 999},
		      {IPPROTO_IP, IP_TOS},
		      {IPPROTO_IP, IP_TTL},
		      {IPPROTO_IP, IP_PKTINFO},
		      {IPPROTO_IP, IP_MULTICAST_TTL},
		      {IPPROTO_IP, IP_MULTICAST_LOOP},
		      {IPPROTO_IP, IP_MTU_DISCOVER},
		      {IPPROTO_IP, 999},
		      {IPPROTO_IPV6, IPV6_V6ONLY},
		      {IPPROTO_IPV6, IPV6_UNICAST_HOPS},
		      {IPPROTO_IPV6, IPV6_MULTICAST_HOPS},
		      {IPPROTO_IPV6, IPV6_TCLASS},
		      {77, 1}};
	printf("options of %s:\n", n);
	for (unsigned i = 0; i < sizeof o / sizeof *o; i++) {
		int v = -7;
		socklen_t l = sizeof v;
		errno = 0;
		int r = getsockopt(fd, o[i][0], o[i][1], &v, &l);
		printf("  %d/%d: %d %d l=%u %s\n", o[i][0], o[i][1], r, v, l,
		       r ? strerror(errno) : "");
	}
}
static void *later(void *p)
{
	int fd = (long)p;
	usleep(100000);
	send(fd, "de", 2, 0);
	usleep(100000);
	send(fd, "fgh", 3, 0);
	return 0;
}
static volatile int pipes;
static void onpipe(int s)
{
	pipes++;
}
int main(void)
{
	setvbuf(stdout, 0, _IOLBF, 0);
	int c, a, v;
	char b[100000];
	socklen_t l;
	pthread_t t;
	int t0;
	int s4 = socket(AF_INET, SOCK_STREAM, 0);
	opts(s4, "tcp4");
	close(s4);
	s4 = socket(AF_INET6, SOCK_STREAM, 0);
	opts(s4, "tcp6");
	close(s4);
	s4 = socket(AF_INET, SOCK_DGRAM, 0);
	opts(s4, "udp4");
	close(s4);
	s4 = socket(AF_INET6, SOCK_DGRAM, 0);
	opts(s4, "udp6");
	close(s4);
	s4 = socket(AF_UNIX, SOCK_STREAM, 0);
	opts(s4, "unix");
	close(s4);
	pair(5700, &c, &a);
	v = 100000;
	E(setsockopt(c, SOL_SOCKET, SO_RCVBUF, &v, 4));
	l = 4;
	getsockopt(c, SOL_SOCKET, SO_RCVBUF, &v, &l);
	printf("%d\n", v);
	v = 1;
	setsockopt(c, SOL_SOCKET, SO_RCVBUF, &v, 4);
	l = 4;
	getsockopt(c, SOL_SOCKET, SO_RCVBUF, &v, &l);
	printf("%d\n", v);
	v = 10;
	setsockopt(c, SOL_SOCKET, SO_SNDBUF, &v, 4);
	getsockopt(c, SOL_SOCKET, SO_SNDBUF, &v, &l);
	printf("%d\n", v);
	E(setsockopt(c, SOL_SOCKET, SO_ERROR, &v, 4));
	E(setsockopt(c, SOL_SOCKET, SO_KEEPALIVE, &v, 3));
	E(setsockopt(c, IPPROTO_TCP, TCP_KEEPCNT, (v = 1000, &v), 4));
	E(setsockopt(c, IPPROTO_IP, IP_TTL, (v = 300, &v), 4));
	E(setsockopt(c, IPPROTO_IP, IP_TTL, (v = 30, &v), 4));
	char ch = 3;
	l = 1;
	E(getsockopt(c, IPPROTO_IP, IP_TTL, &ch, &l));
	printf("%d %d\n", ch, l);
	/* whole ticks of every HZ: Linux rounds up */ struct timeval tv = {
		0, 200000};
	E(setsockopt(a, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv));
	t0 = ms();
	E(recv(a, b, 1, 0));
	t0 = ms() - t0;
	printf("  waited %s\n", t0 >= 190 && t0 < 900 ? "ok" : "wrong");
	struct timeval g;
	l = sizeof g;
	E(getsockopt(a, SOL_SOCKET, SO_RCVTIMEO, &g, &l));
	printf("  %ld %ld %d\n", (long)g.tv_sec, (long)g.tv_usec, l);
	tv.tv_usec = 0;
	setsockopt(a, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv);
	send(c, "abc", 3, 0);
	pthread_create(&t, 0, later, (void *)(long)c);
	E(recv(a, b, 8, MSG_WAITALL));
	pthread_join(t, 0);
	b[8] = 0;
	printf("  %s\n", b);
	E(send(c, "0123456789", 10, MSG_MORE));
	E(send(c, "ab", 2, 0));
	usleep(20000);
	E(recv(a, b, 100, 0));
	v = 1;
	E(setsockopt(c, IPPROTO_TCP, TCP_CORK, &v, 4));
	send(c, "corked", 6, 0);
	usleep(20000);
	E(recv(a, b, 100, MSG_DONTWAIT));
	v = 0;
	setsockopt(c, IPPROTO_TCP, TCP_CORK, &v, 4);
	usleep(20000);
	E(recv(a, b, 100, MSG_DONTWAIT));
	v = 1;
	setsockopt(c, IPPROTO_TCP, TCP_CORK, &v, 4);
	send(c, "late", 4, 0);
	usleep(700000);
	E(recv(a, b, 100, MSG_DONTWAIT));
	E(ioctl(c, TIOCOUTQ, &v));
	printf("%d\n", v);
	struct iovec iv[3] = {{"aa", 2}, {"bbb", 3}, {"c", 1}};
	E(writev(c, iv, 3));
	usleep(20000);
	E(recv(a, b, 100, MSG_TRUNC));
	E(recv(a, b, 0, MSG_DONTWAIT));
	E(read(a, b, 0));
	E(write(c, b, 0));
	struct mmsghdr mm[2] = {
		{.msg_hdr = {.msg_iov = iv, .msg_iovlen = 1}},
		{.msg_hdr = {.msg_iov = iv + 1, .msg_iovlen = 2}}};
	E(sendmmsg(c, mm, 2, 0));
	printf("%d %d\n", mm[0].msg_len, mm[1].msg_len);
	usleep(20000);
	E(recv(a, b, 100, 0));
	struct tcp_info ti;
	l = sizeof ti;
	E(getsockopt(c, IPPROTO_TCP, TCP_INFO, &ti, &l));
	printf("  state %d mss>0 %d cwnd>0 %d\n", ti.tcpi_state,
	       ti.tcpi_snd_mss > 0, ti.tcpi_snd_cwnd > 0);
	int f = open("/tmp/net.dat", O_RDWR | O_CREAT | O_TRUNC, 0600);
	for (int i = 0; i < 100000; i++)
		b[i] = (char)(i * 13);
	write(f, b, 100000);
	off_t off = 10;
	E(sendfile(c, f, &off, 60000));
	printf("  off %ld\n", (long)off);
	static char rb[100000];
	int got = 0;
	while (got < 60000) {
		int r = recv(a, rb + got, sizeof rb - got, 0);
		if (r <= 0)
			break;
		got += r;
	}
	printf("  sendfile %d same %d\n", got, !memcmp(rb, b + 10, got));
	close(f);
	unlink("/tmp/net.dat");
	fcntl(c, F_SETFL, O_NONBLOCK);
	long tot = 0, r;
	while ((r = send(c, b, sizeof b, 0)) > 0)
		tot += r;
	printf("filled %s %s\n", tot > 50000 ? "much" : "little",
	       strerror(errno));
	P(c);
	long rd = 0;
	fcntl(a, F_SETFL, O_NONBLOCK);
	for (int k = 0; k < 200; k++) {
		while ((r = recv(a, rb, sizeof rb, 0)) > 0)
			rd += r;
		usleep(1000);
		if (rd == tot)
			break;
	}
	printf("drained %d\n", rd == tot);
	P(c);
	struct linger lg = {1, 0};
	E(setsockopt(c, SOL_SOCKET, SO_LINGER, &lg, sizeof lg));
	close(c);
	usleep(20000);
	P(a);
	E(recv(a, b, 1, 0));
	E(recv(a, b, 1, 0));
	signal(SIGPIPE, onpipe);
	E(send(a, b, 1, 0));
	printf("sigpipe %d\n", pipes);
	close(a);
	pair(5701, &c, &a);
	send(c, "unread", 6, 0);
	usleep(10000);
	close(a);
	usleep(10000);
	P(c);
	E(recv(c, b, 1, 0));
	close(c);
	pair(5702, &c, &a);
	close(c);
	usleep(10000);
	E(send(a, "x", 1, MSG_NOSIGNAL));
	usleep(10000);
	P(a);
	E(send(a, "x", 1, MSG_NOSIGNAL));
	E(recv(a, b, 1, 0));
	close(a);
	pair(5703, &c, &a);
	int ep = epoll_create1(0);
	struct epoll_event ev = {EPOLLIN | EPOLLOUT | EPOLLET | EPOLLRDHUP,
				 {.fd = a}};
	epoll_ctl(ep, EPOLL_CTL_ADD, a, &ev);
	E(epoll_wait(ep, &ev, 1, -1));
	printf("  %x\n", ev.events);
	E(epoll_wait(ep, &ev, 1, 20));
	send(c, "x", 1, 0);
	E(epoll_wait(ep, &ev, 1, -1));
	printf("  %x\n", ev.events);
	E(epoll_wait(ep, &ev, 1, 20));
	send(c, "y", 1, 0);
	E(epoll_wait(ep, &ev, 1, -1));
	printf("  %x\n", ev.events);
	shutdown(c, SHUT_WR);
	E(epoll_wait(ep, &ev, 1, -1));
	printf("  %x\n", ev.events);
	shutdown(a, SHUT_WR);
	E(epoll_wait(ep, &ev, 1, -1));
	printf("  %x\n", ev.events);
	close(c);
	close(a);
	close(ep);
	pair(5704, &c, &a);
	E(shutdown(a, SHUT_RD));
	P(a);
	send(c, "z", 1, 0);
	usleep(10000);
	E(recv(a, b, 1, 0));
	E(shutdown(a, SHUT_RD));
	E(shutdown(a, 7));
	E(shutdown(a, SHUT_RDWR));
	P(a);
	E(shutdown(a, SHUT_RDWR));
	close(a);
	close(c);
	int s = socket(AF_INET6, SOCK_STREAM, 0);
	struct sockaddr_in6 a6 = {.sin6_family = AF_INET6,
				  .sin6_port = htons(own(5705))};
	v = 1;
	setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &v, 4);
	E(bind(s, (void *)&a6, sizeof a6));
	E(listen(s, 1));
	s4 = socket(AF_INET, SOCK_STREAM, 0);
	struct sockaddr_in ad = A(5705);
	E(bind(s4, (void *)&ad, sizeof ad));
	E(connect(s4, (void *)&ad, sizeof ad));
	struct sockaddr_in6 p6;
	l = sizeof p6;
	a = accept(s, (void *)&p6, &l);
	char tx[99];
	printf("  %s %d\n", inet_ntop(AF_INET6, &p6.sin6_addr, tx, 99), l);
	close(s4);
	close(a);
	a6.sin6_addr = in6addr_loopback;
	s4 = socket(AF_INET6, SOCK_STREAM, 0);
	E(connect(s4, (void *)&a6, sizeof a6));
	l = 10;
	a = accept(s, (void *)&p6, &l);
	printf("  len %d\n", l);
	E(send(s4, "six", 3, 0));
	E(recv(a, b, 10, 0));
	close(a);
	close(s4);
	v = 1;
	E(setsockopt(s, IPPROTO_IPV6, IPV6_V6ONLY, &v, 4));
	close(s);
	struct stat st;
	s = socket(AF_INET, SOCK_STREAM, 0);
	fstat(s, &st);
	printf("stat %o %d\n", st.st_mode, (int)st.st_size);
	E(lseek(s, 0, SEEK_SET));
	E(fcntl(s, F_GETFL));
	E(accept4(s, 0, 0, 0));
	E(accept4(s, 0, 0, ~0));
	E(sendto(s, "x", 1, MSG_NOSIGNAL, (void *)&ad, sizeof ad));
	E(getpeername(s, (void *)&ad, &l));
	E(pread(s, b, 1, 0));
	E(ftruncate(s, 1));
	E(ioctl(s, 0x1234));
	close(s);
	s = socket(AF_INET, SOCK_DGRAM, 0);
	v = 1;
	E(setsockopt(s, IPPROTO_IP, IP_PKTINFO, &v, 4));
	E(setsockopt(s, IPPROTO_IP, IP_RECVTTL, &v, 4));
	E(setsockopt(s, SOL_SOCKET, SO_TIMESTAMP, &v, 4));
	ad = A(5706);
	E(bind(s, (void *)&ad, sizeof ad));
	E(sendto(s, "self", 4, 0, (void *)&ad, sizeof ad));
	struct iovec io = {b, 100};
	char cb[256];
	struct msghdr m = {.msg_name = &p6,
			   .msg_namelen = sizeof p6,
			   .msg_iov = &io,
			   .msg_iovlen = 1,
			   .msg_control = cb,
			   .msg_controllen = sizeof cb};
	E(recvmsg(s, &m, 0));
	for (struct cmsghdr *h = CMSG_FIRSTHDR(&m); h; h = CMSG_NXTHDR(&m, h))
		printf("  cmsg %d %d %d\n", h->cmsg_level, h->cmsg_type,
		       (int)h->cmsg_len);
	E(listen(s, 1));
	E(accept(s, 0, 0));
	close(s);
	E(if_nametoindex("lo"));
	printf("%s\n", if_indextoname(1, tx));
	struct ifaddrs *ifa, *i;
	E(getifaddrs(&ifa));
	for (i = ifa; i; i = i->ifa_next)
		if (!strcmp(i->ifa_name, "lo"))
			printf("  %s fam %d flags %x\n", i->ifa_name,
			       i->ifa_addr ? i->ifa_addr->sa_family : -1,
			       i->ifa_flags & ~0x10000);
	freeifaddrs(ifa);
	struct addrinfo *ai,
		h = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM};
	E(getaddrinfo("localhost", "80", &h, &ai));
	printf("  %s\n",
	       inet_ntoa(((struct sockaddr_in *)ai->ai_addr)->sin_addr));
	int sv[2];
	socketpair(AF_UNIX, SOCK_STREAM, 0, sv);
	v = 1;
	setsockopt(sv[1], SOL_SOCKET, SO_PASSCRED, &v, 4);
	write(sv[0], "cc", 2);
	m.msg_name = 0;
	m.msg_controllen = sizeof cb;
	E(recvmsg(sv[1], &m, 0));
	struct cmsghdr *ch2 = CMSG_FIRSTHDR(&m);
	printf("  cred %d %d pid ok %d\n", ch2->cmsg_type, (int)ch2->cmsg_len,
	       ((struct ucred *)CMSG_DATA(ch2))->pid == getpid());
	struct {
		struct cmsghdr h;
		int fd[2];
	} sc = {{CMSG_LEN(4), SOL_SOCKET, SCM_RIGHTS}, {sv[0], 0}};
	struct iovec one = {"s", 1};
	struct msghdr sm = {.msg_iov = &one,
			    .msg_iovlen = 1,
			    .msg_control = &sc,
			    .msg_controllen = CMSG_SPACE(4)};
	E(sendmsg(sv[0], &sm, 0));
	sc.fd[0] = sv[1];
	E(sendmsg(sv[1], &sm, 0));
	sc.fd[0] = 999;
	E(sendmsg(sv[1], &sm, 0));
	close(sv[0]);
	close(sv[1]);
	for (int k = 0; k < 3; k++) {
		socketpair(AF_UNIX, SOCK_DGRAM, 0, sv);
		sc.fd[0] = sv[0];
		sendmsg(sv[0], &sm, 0);
		sc.fd[0] = sv[1];
		sendmsg(sv[1], &sm, 0);
		sendmsg(sv[0], &sm, 0);
		close(sv[0]);
		close(sv[1]);
	}
	s = socket(AF_UNIX, SOCK_DGRAM, 0);
	v = 1;
	E(setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &v, 4));
	l = 4;
	E(getsockopt(s, IPPROTO_TCP, TCP_NODELAY, &v, &l));
	E(setsockopt(s, IPPROTO_IP, IP_TTL, &v, 4));
	close(s);
	s = socket(AF_UNIX, SOCK_STREAM, 0);
	E(setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &v, 4));
	E(setsockopt(s, SOL_SOCKET, SO_REUSEPORT, &v, 4));
	close(s);
	s = socket(AF_INET, SOCK_STREAM, 0);
	E(setsockopt(s, IPPROTO_IPV6, IPV6_V6ONLY, &v, 4));
	E(setsockopt(s, 99, 1, &v, 4));
	E(setsockopt(s, SOL_SOCKET, SO_PASSCRED, &v, 4));
	E(setsockopt(s, SOL_SOCKET, SO_PEERCRED, &v, 4));
	l = 12;
	E(getsockopt(s, SOL_SOCKET, SO_PEERCRED, b, &l));
	close(s);
	s = socket(AF_INET6, SOCK_STREAM, 0);
	E(setsockopt(s, 99, 1, &v, 4));
	E(setsockopt(s, IPPROTO_IP, IP_TTL, (v = 9, &v), 4));
	l = 4;
	E(getsockopt(s, IPPROTO_IP, IP_TTL, &v, &l));
	printf("%d\n", v);
	close(s);
	return 0;
}
