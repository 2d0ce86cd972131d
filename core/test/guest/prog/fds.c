/* Descriptors: when there are no more, and what closing one of them leaves alone. */
#include "check.h"
#include <fcntl.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <unistd.h>

static struct rlimit before;

/* From now on there are no more than n descriptors left. */
static void only(int n)
{
	struct rlimit few;
	int fd = dup(0);

	close(fd);
	getrlimit(RLIMIT_NOFILE, &before);
	few.rlim_cur = (rlim_t)(fd + n);
	few.rlim_max = before.rlim_max;
	setrlimit(RLIMIT_NOFILE, &few);
}

/* As many as before. */
static void enough(void)
{
	setrlimit(RLIMIT_NOFILE, &before);
}

/* What is refused for want of a descriptor has not been done. */
static void opening(void)
{
	int fd = open("file", O_CREAT | O_RDWR, 0600);
	struct stat st;

	write(fd, "12345", 5);
	close(fd);
	only(0);
	CALL("open", open("file", O_RDWR | O_TRUNC));
	CALL("create", open("new", O_CREAT | O_RDWR, 0600));
	CALL("missing", open("no/such", O_RDONLY));
	CALL("dup", dup(0));
	enough();
	stat("file", &st);
	show("not cut off", "%ld", (long)st.st_size);
	CALL("not created", access("new", F_OK));
	unlink("file");
}

/* Calls that make descriptors, where there is none, or one of two. */
static void making(void)
{
	int p[2], both[2] = {0, 1}, got[2] = {-1, -1}, next = dup(0);
	char room[CMSG_SPACE(sizeof(both))], c = 'x';
	struct iovec v = {&c, 1};
	struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = room,
			   .msg_controllen = sizeof(room)};
	struct cmsghdr *h = CMSG_FIRSTHDR(&m);
	sigset_t set;

	close(next);
	sigemptyset(&set);
	only(0);
	CALL("pipe", pipe(p));
	CALL("socket", socket(AF_UNIX, SOCK_STREAM, 0));
	CALL("socketpair", socketpair(AF_UNIX, SOCK_STREAM, 0, p));
	CALL("epoll", epoll_create1(0));
	CALL("eventfd", eventfd(0, 0));
	CALL("timerfd", timerfd_create(CLOCK_MONOTONIC, 0));
	CALL("signalfd", signalfd(-1, &set, 0));
	CALL("memfd", memfd_create("m", 0));
	CALL("F_DUPFD", fcntl(0, F_DUPFD, 0));
	enough();
	only(1);
	CALL("one for a pipe", pipe(p));
	CALL("one for a pair", socketpair(AF_UNIX, SOCK_STREAM, 0, p));
	enough();
	show("both are free", "%d", dup(0) == next);
	close(next);

	/* Of two that are passed on one arrives. */
	socketpair(AF_UNIX, SOCK_STREAM, 0, p);
	h->cmsg_level = SOL_SOCKET;
	h->cmsg_type = SCM_RIGHTS;
	h->cmsg_len = CMSG_LEN(sizeof(both));
	memcpy(CMSG_DATA(h), both, sizeof(both));
	CALL("pass two on", sendmsg(p[0], &m, 0));
	only(1);
	CALL("room for one", recvmsg(p[1], &m, 0));
	enough();
	show("cut off", "%d, %d bytes", (m.msg_flags & MSG_CTRUNC) != 0,
	     (int)(h->cmsg_len - CMSG_LEN(0)));
	memcpy(got, CMSG_DATA(h), sizeof(got[0]));
	CALL("it is open", fcntl(got[0], F_GETFD));
	close(got[0]);
	close(p[0]);
	close(p[1]);
}

static void accepting(void)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX, .sun_path = "socket"};
	int l = socket(AF_UNIX, SOCK_STREAM, 0), s, c;
	char buf[10] = "";

	bind(l, (struct sockaddr *)&a, sizeof(a));
	listen(l, 5);
	only(0);
	CALL("nobody there", accept(l, NULL, NULL));
	enough();
	c = socket(AF_UNIX, SOCK_STREAM, 0);
	CALL("connect", connect(c, (struct sockaddr *)&a, sizeof(a)));
	CALL("write", write(c, "hello", 5));
	only(0);
	CALL("accept", accept(l, NULL, NULL));
	CALL("accept again", accept4(l, NULL, NULL, SOCK_CLOEXEC));
	enough();
	s = accept4(l, NULL, NULL, SOCK_CLOEXEC);
	show("later", "%d", s >= 0);
	show("flags", "%d", fcntl(s, F_GETFD));
	CALL("read", read(s, buf, sizeof(buf)));
	close(c);
	close(s);
	c = socket(AF_UNIX, SOCK_STREAM, 0);
	connect(c, (struct sockaddr *)&a, sizeof(a));
	CALL("bad address", accept(l, (void *)1, (void *)1));
	CALL("it is gone", read(c, buf, sizeof(buf)));
	show("its descriptor is free", "%d", dup(0) == c + 1);
	close(c + 1);
	close(c);
	close(l);
	unlink(a.sun_path);
}

/* A descriptor that is a place only has no part in the process's locks. */
static void locks_stay(void)
{
	struct flock l = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	int fd = open("locked", O_CREAT | O_RDWR, 0600);
	int other = open("locked", O_RDWR);

	CALL("lock", fcntl(fd, F_SETLK, &l));
	close(open("locked", O_PATH));
	fcntl(other, F_OFD_GETLK, &l);
	show("still locked", "%d", l.l_type == F_WRLCK);
	close(open("locked", O_RDONLY));
	l.l_type = F_WRLCK;
	l.l_pid = 0;
	fcntl(other, F_OFD_GETLK, &l);
	show("no more", "%d", l.l_type == F_UNLCK);
	close(other);
	close(fd);
	unlink("locked");
}

int main(void)
{
	char dir[] = "/tmp/fds-XXXXXX";

	/* Lest accept waits for a connection. */
	alarm(60);
	if (!mkdtemp(dir) || chdir(dir))
		return 1;
	opening();
	making();
	accepting();
	locks_stay();
	CALL("leave", chdir("/"));
	CALL("all clean", rmdir(dir));
	return 0;
}
