/* Local sockets that go away while something still leads to them. */
#include "check.h"
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static struct sockaddr_un name(const char *what)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};

	snprintf(a.sun_path, sizeof(a.sun_path), "/tmp/local-%s.%d", what,
		 (int)getpid());
	return a;
}

static int bound(int type, const char *what)
{
	struct sockaddr_un a = name(what);
	int s = socket(AF_UNIX, type, 0);

	unlink(a.sun_path);
	if (bind(s, (struct sockaddr *)&a, sizeof(a)))
		perror(what);
	return s;
}

static int join(int s, const char *what)
{
	struct sockaddr_un a = name(what);

	return connect(s, (struct sockaddr *)&a, sizeof(a));
}

static int pass(int s, int fd)
{
	union {
		struct cmsghdr h;
		char room[CMSG_SPACE(sizeof(int))];
	} u = {.h = {.cmsg_len = CMSG_LEN(sizeof(int)),
		     .cmsg_level = SOL_SOCKET,
		     .cmsg_type = SCM_RIGHTS}};
	struct iovec v = {"x", 1};
	struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = &u,
			   .msg_controllen = sizeof(u)};

	memcpy(CMSG_DATA(&u.h), &fd, sizeof(fd));
	return (int)sendmsg(s, &m, 0);
}

static void fill(int s)
{
	while (send(s, "m", 1, MSG_DONTWAIT) == 1)
		;
}

static int writable(int s)
{
	struct pollfd p = {s, POLLOUT, 0};

	return poll(&p, 1, 0) == 1 && p.revents & POLLOUT;
}

/* A full peer is polled, and is exchanged for another while epoll waits. */
static void peers_come_and_go(void)
{
	struct epoll_event e = {.events = EPOLLOUT};
	int one, two, s = socket(AF_UNIX, SOCK_DGRAM, 0), ep = epoll_create1(0);
	char c;

	for (int i = 0; i < 20; i++) {
		one = bound(SOCK_DGRAM, "one");
		two = bound(SOCK_DGRAM, "two");
		join(s, "one");
		fill(s);
		if (!i) {
			CALL("full", writable(s));
			CALL("add", epoll_ctl(ep, EPOLL_CTL_ADD, s, &e));
			CALL("wait for one", epoll_wait(ep, &e, 1, 0));
			CALL("connect to the other", join(s, "two"));
			CALL("writable", writable(s));
		} else {
			writable(s);
			join(s, "two");
		}
		close(one);
		if (!i)
			CALL("wait for two", epoll_wait(ep, &e, 1, 0));
		fill(s);
		writable(s);
		epoll_wait(ep, &e, 1, 0);
		while (recv(two, &c, 1, MSG_DONTWAIT) == 1)
			;
		if (!i)
			CALL("room at two", epoll_wait(ep, &e, 1, 0));
		fill(s);
		writable(s);
		close(two);
	}
	CALL("the last one is closed", writable(s));
	CALL("send", send(s, "x", 1, 0));
	close(s);
	close(ep);
}

static void *wait_for_room(void *arg)
{
	struct pollfd p = {*(int *)arg, POLLOUT, 0};

	return (void *)(long)poll(&p, 1, 5000);
}

static void room_wakes(void)
{
	int p = bound(SOCK_DGRAM, "room"), s = socket(AF_UNIX, SOCK_DGRAM, 0);
	pthread_t t;
	void *r;
	char c;

	join(s, "room");
	fill(s);
	pthread_create(&t, NULL, wait_for_room, &s);
	usleep(20000);
	while (recv(p, &c, 1, MSG_DONTWAIT) == 1)
		;
	pthread_join(t, &r);
	show("room wakes", "%ld", (long)r);
	close(p);
	close(s);
}

/* Each socket's last reference is in the queue of the next one. */
static void chain(void)
{
	int last = -1, n = 0;

	for (; n < 200; n++) {
		int p[2];

		if (socketpair(AF_UNIX, SOCK_STREAM, 0, p))
			break;
		if (last >= 0 && pass(p[1], last) != 1)
			break;
		close(last);
		close(p[1]);
		last = p[0];
	}
	show("chain", "%d", n);
	CALL("its end", close(last));
}

/* Only messages in each other's queues lead to them, and none is ever closed. */
static void lost(void)
{
	int n = 0;

	for (; n < 20000; n++) {
		int p[2];

		if (socketpair(AF_UNIX, SOCK_STREAM, 0, p) ||
		    pass(p[0], p[1]) != 1 || pass(p[1], p[0]) != 1)
			break;
		close(p[0]);
		close(p[1]);
	}
	show("lost", "%d", n);
}

static int take(int s)
{
	char room[CMSG_SPACE(sizeof(int))] = "", c;
	struct iovec v = {&c, 1};
	struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = room,
			   .msg_controllen = sizeof(room)};
	int fd = -1;

	if (recvmsg(s, &m, 0) == 1 && CMSG_FIRSTHDR(&m))
		memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof(fd));
	return fd;
}

/* A place can be passed on, too. */
static void pass_path(void)
{
	int p[2], fd = open("/tmp", O_PATH), got;

	socketpair(AF_UNIX, SOCK_STREAM, 0, p);
	CALL("pass a place", pass(p[0], fd));
	got = take(p[1]);
	show("is one", "%d", (fcntl(got, F_GETFL) & O_PATH) != 0);
	close(got);
	close(fd);
	close(p[0]);
	close(p[1]);
}

/* An ordinary user has as many on the way as he may have open, and one more. */
static void too_many(void)
{
	struct rlimit l = {50, 50};
	int p[2], n = 0;

	if (!geteuid() && setuid(61234))
		exit(1);
	setrlimit(RLIMIT_NOFILE, &l);
	socketpair(AF_UNIX, SOCK_STREAM, 0, p);
	while (n < 100 && pass(p[0], 0) == 1)
		n++;
	show("on the way", "%d %s", n, strerror(errno));
	close(take(p[1]));
	CALL("one is taken", pass(p[0], 0));
	CALL("no more", pass(p[0], 0));
	CALL("without any", send(p[0], "x", 1, 0));
}

/* The listener's last reference is with one that it will never accept. */
static void in_own_backlog(void)
{
	int l = bound(SOCK_STREAM, "backlog"), c;

	listen(l, 1);
	c = socket(AF_UNIX, SOCK_STREAM, 0);
	CALL("connect", join(c, "backlog"));
	CALL("pass the listener to itself", pass(c, l));
	CALL("close the listener", close(l));
	CALL("close", close(c));
}

/*
 * A lock is set by one descriptor while another one of the same file is opened and
 * closed: whoever closes first, the lock that was set last by a descriptor that is
 * still there stays.
 */
static int fd_now;

static void *closing(void *arg)
{
	for (int i = 0; i < 500; i++) {
		int fd = open(arg, O_RDWR);

		__atomic_store_n(&fd_now, fd, __ATOMIC_SEQ_CST);
		sched_yield();
		close(fd);
	}
	__atomic_store_n(&fd_now, -1, __ATOMIC_SEQ_CST);
	return NULL;
}

static void lock_and_close(void)
{
	struct flock l = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 1};
	struct sockaddr_un a = name("locked");
	pthread_t t;
	int fd = open(a.sun_path, O_RDWR | O_CREAT, 0600), n;

	pthread_create(&t, NULL, closing, a.sun_path);
	do {
		n = __atomic_load_n(&fd_now, __ATOMIC_SEQ_CST);
		if (n > 0)
			fcntl(n, F_SETLK, &l);
		sched_yield();
	} while (n >= 0);
	pthread_join(t, NULL);
	/* Another owner sees what is left. */
	l.l_type = F_WRLCK;
	CALL("ask", fcntl(fd, F_OFD_GETLK, &l));
	show("left", "%d", l.l_type == F_UNLCK);
	close(fd);
	unlink(a.sun_path);
}

int main(void)
{
	static const char *const names[] = {"one", "two", "room", "backlog"};

	peers_come_and_go();
	room_wakes();
	chain();
	lost();
	pass_path();
	in_own_backlog();
	lock_and_close();
	for (int i = 0; i < 4; i++) {
		struct sockaddr_un a = name(names[i]);

		unlink(a.sun_path);
	}
	/* The superuser no more. */
	too_many();
	return 0;
}
