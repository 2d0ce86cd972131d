/*
 * leaks [CYCLE...]: does things again and again, and asks the kernel (hw_debug's
 * /proc/heap_sites) whether that leaves anything behind; leaks.t.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define SITES "/proc/heap_sites"
#define WARM 4    /* times for what is kept from the first ones */
#define TIMES 40
#define LEAK 20   /* objects more are no chance */

static void need(int ok, const char *what)
{
	if (!ok) {
		printf("%s: %s\n", what, strerror(errno));
		exit(1);
	}
}

static void files(void)
{
	char buf[100] = "";
	int fd = open("/tmp/leak", O_RDWR | O_CREAT | O_TRUNC, 0600);
	int other = dup(fd);

	need(fd >= 0, "open");
	need(write(fd, buf, 100) == 100 && pread(other, buf, 9, 5) == 9, "rw");
	need(!ftruncate(fd, 100000) && !rename("/tmp/leak", "/tmp/l2"), "mv");
	need(!link("/tmp/l2", "/tmp/l3") && !symlink("/tmp/l3", "/tmp/l4"),
	     "link");
	need(!unlink("/tmp/l2") && !unlink("/tmp/l3") && !unlink("/tmp/l4"),
	     "unlink");
	need(open("/tmp/not/there", O_RDONLY) < 0, "not there");
	close(fd);
	close(other);
}

static void directories(void)
{
	DIR *d;

	need(!mkdir("/tmp/leaks", 0700) && !mkdir("/tmp/leaks/a", 0700), "mkdir");
	d = opendir("/tmp/leaks");
	while (readdir(d))
		;
	closedir(d);
	need(!chdir("/tmp/leaks/a") && !chdir("/"), "chdir");
	need(rename("/tmp/leaks/a", "/tmp/leaks/b") == 0, "rename");
	need(!rmdir("/tmp/leaks/b") && !rmdir("/tmp/leaks"), "rmdir");
	d = opendir("/proc/self/fd");
	while (readdir(d))
		;
	closedir(d);
}

static void locks(void)
{
	struct flock l = {.l_type = F_WRLCK, .l_start = 10, .l_len = 10};
	int fd = open("/tmp/locked", O_RDWR | O_CREAT, 0600);
	int other = open("/tmp/locked", O_RDWR);

	need(!fcntl(fd, F_SETLK, &l), "F_SETLK");
	l.l_start = 15;
	l.l_type = F_UNLCK;
	l.l_len = 1;
	need(!fcntl(fd, F_SETLK, &l), "F_UNLCK");
	need(!flock(other, LOCK_SH), "flock");
	l.l_type = F_RDLCK;
	l.l_start = 100;
	l.l_pid = 0;
	need(!fcntl(other, F_OFD_SETLK, &l), "F_OFD_SETLK");
	close(fd);
	close(other);
	unlink("/tmp/locked");
}

static void pipes(void)
{
	char buf[5000] = "";
	int p[2], q[2];

	need(!pipe(p) && !pipe2(q, O_NONBLOCK), "pipe");
	need(write(p[1], buf, 5000) == 5000 && write(q[1], buf, 10) == 10,
	     "write");
	need(read(p[0], buf, 100) == 100, "read");
	close(p[1]);
	close(p[0]);
	close(q[0]);
	close(q[1]);
	need(!mkfifo("/tmp/fifo", 0600), "mkfifo");
	p[0] = open("/tmp/fifo", O_RDWR);
	need(write(p[0], buf, 5) == 5, "fifo");
	close(p[0]);
	unlink("/tmp/fifo");
}

static void maps(void)
{
	int fd = open("/tmp/map", O_RDWR | O_CREAT, 0600);
	char *a, *b, *c;

	need(!ftruncate(fd, 20000), "ftruncate");
	a = mmap(NULL, 20000, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	b = mmap(NULL, 20000, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	c = mmap(NULL, 100000, PROT_READ | PROT_WRITE,
		 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	close(fd);
	a[5000] = b[6000] = c[70000] = 1;
	c = mremap(c, 100000, 200000, MREMAP_MAYMOVE);
	need(c != MAP_FAILED, "mremap");
	need(!mprotect(c + 8192, 4096, PROT_READ), "mprotect");
	munmap(a, 20000);
	munmap(b, 20000);
	munmap(c, 200000);
	unlink("/tmp/map");
}

static struct sockaddr_in any(int fd)
{
	struct sockaddr_in a = {.sin_family = AF_INET};
	socklen_t n = sizeof(a);

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	need(!bind(fd, (struct sockaddr *)&a, n), "bind");
	need(!getsockname(fd, (struct sockaddr *)&a, &n), "getsockname");
	return a;
}

/* Ended by resets, for who closes first waits for a minute otherwise. */
static void tcp(void)
{
	struct linger now = {1, 0};
	int l = socket(AF_INET, SOCK_STREAM, 0);
	int c = socket(AF_INET, SOCK_STREAM, 0), d;
	struct sockaddr_in a = any(l);
	char buf[3000] = "";

	need(!listen(l, 5), "listen");
	need(!connect(c, (struct sockaddr *)&a, sizeof(a)), "connect");
	d = accept(l, NULL, NULL);
	need(write(c, buf, 3000) == 3000 && read(d, buf, 100) == 100, "tcp");
	setsockopt(c, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	setsockopt(d, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close(d);
	close(c);
	/* One that nobody accepts, one that finds nobody. */
	c = socket(AF_INET, SOCK_STREAM, 0);
	setsockopt(c, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	need(!connect(c, (struct sockaddr *)&a, sizeof(a)), "connect");
	close(l);
	close(c);
	c = socket(AF_INET, SOCK_STREAM, 0);
	need(connect(c, (struct sockaddr *)&a, sizeof(a)) < 0, "refused");
	close(c);
}

static void udp(void)
{
	int s = socket(AF_INET, SOCK_DGRAM, 0);
	struct sockaddr_in a = any(s);
	struct hostent *h;

	for (int i = 0; i < 3; i++)
		need(sendto(s, "hello", 5, 0, (struct sockaddr *)&a,
			    sizeof(a)) == 5, "sendto");
	need(recv(s, &a, 5, 0) == 5, "recv");
	close(s);
	h = gethostbyname("localhost");
	need(h != NULL, "gethostbyname");
}

static void pass(int s, int fd)
{
	union {
		struct cmsghdr h;
		char room[CMSG_SPACE(sizeof(int))];
	} u = {.h = {.cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET,
		   .cmsg_type = SCM_RIGHTS}};
	struct iovec v = {"x", 1};
	struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = &u,
			   .msg_controllen = sizeof(u)};

	memcpy(CMSG_DATA(&u.h), &fd, sizeof(fd));
	need(sendmsg(s, &m, 0) == 1, "SCM_RIGHTS");
}

static void unix_sockets(void)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX, .sun_path = "/tmp/un"};
	int l = socket(AF_UNIX, SOCK_STREAM, 0);
	int c = socket(AF_UNIX, SOCK_STREAM, 0), d, p[2];

	need(!bind(l, (struct sockaddr *)&a, sizeof(a)), "bind");
	need(!listen(l, 2), "listen");
	need(!connect(c, (struct sockaddr *)&a, sizeof(a)), "connect");
	d = accept(l, NULL, NULL);
	need(write(c, "hello", 5) == 5, "write");
	/* One that is never received, and two that hold each other. */
	pass(c, d);
	need(!socketpair(AF_UNIX, SOCK_DGRAM, 0, p), "socketpair");
	pass(p[0], p[1]);
	pass(p[1], p[0]);
	close(p[0]);
	close(p[1]);
	close(c);
	/* One that is held by what waits to be accepted by it. */
	c = socket(AF_UNIX, SOCK_STREAM, 0);
	need(!connect(c, (struct sockaddr *)&a, sizeof(a)), "connect");
	pass(c, l);
	close(l);
	close(c);
	close(d);
	unlink("/tmp/un");
}

static void netlink(void)
{
	struct {
		struct {
			unsigned len;
			unsigned short type, flags;
			unsigned seq, pid;
		} h;
		unsigned char family;
	} req = {{17, 18 /* RTM_GETLINK */, 0x301 /* REQUEST, DUMP */, 1, 0}, 0};
	char buf[8192];
	int s = socket(AF_NETLINK, SOCK_RAW, 0);

	need(s >= 0 && send(s, &req, 17, 0) == 17, "netlink");
	need(recv(s, buf, sizeof(buf), 0) > 0, "netlink answers");
	close(s);
}

static void polls(void)
{
	struct epoll_event e = {.events = EPOLLIN};
	int ep = epoll_create1(0), inner = epoll_create1(0);
	int ev = eventfd(1, 0), p[2];

	need(!pipe(p), "pipe");
	need(!epoll_ctl(ep, EPOLL_CTL_ADD, ev, &e), "epoll_ctl");
	need(!epoll_ctl(inner, EPOLL_CTL_ADD, p[0], &e), "epoll_ctl");
	need(!epoll_ctl(ep, EPOLL_CTL_ADD, inner, &e), "epoll_ctl");
	need(epoll_wait(ep, &e, 1, 0) == 1, "epoll_wait");
	close(p[0]); /* is in a set */
	close(p[1]);
	close(ep);
	close(ev);
	close(inner);
}

static void timers(void)
{
	struct itimerspec soon = {{0, 0}, {0, 1000}}, never = {{0, 0}, {1000, 0}};
	struct sigevent none = {.sigev_notify = SIGEV_NONE};
	int fd = timerfd_create(CLOCK_MONOTONIC, 0);
	struct timespec ts = {0, 1000};
	sigset_t set;
	timer_t t;
	char buf[8];

	need(!timerfd_settime(fd, 0, &soon, NULL) && read(fd, buf, 8) == 8,
	     "timerfd");
	timerfd_settime(fd, 0, &never, NULL);
	close(fd);
	need(!timer_create(CLOCK_MONOTONIC, &none, &t), "timer_create");
	need(!timer_settime(t, 0, &never, NULL), "timer_settime");
	timer_delete(t);
	nanosleep(&ts, NULL);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	fd = signalfd(-1, &set, 0);
	need(!sigqueue(getpid(), SIGUSR1, (union sigval){.sival_int = 1}) &&
	     fd >= 0, "sigqueue");
	need(sigwaitinfo(&set, NULL) == SIGUSR1, "sigwaitinfo");
	close(fd);
}

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static void *thread(void *arg)
{
	pthread_mutex_lock(&mutex);
	pthread_mutex_unlock(&mutex);
	return arg;
}

static void threads(void)
{
	pthread_t t[3];

	pthread_mutex_lock(&mutex);
	for (int i = 0; i < 3; i++)
		need(!pthread_create(&t[i], NULL, thread, NULL), "thread");
	pthread_mutex_unlock(&mutex);
	for (int i = 0; i < 3; i++)
		pthread_join(t[i], NULL);
}

static void crime(const char *name)
{
	int fd = open("/dev/crimes", O_WRONLY);

	need(fd >= 0 && write(fd, name, strlen(name)) > 0, name);
	close(fd);
}

/* The kernel keeps a descriptor, as it should not. */
static void keep(int fd)
{
	need(fd >= 0 && dup2(fd, 100) == 100, "dup2");
	close(fd);
	crime("leak");
	close(100);
}

static void leak_file(void)
{
	keep(open("/", O_RDONLY));
}

static void leak_socket(void)
{
	keep(socket(AF_INET, SOCK_DGRAM, 0));
}

static void leak_timer(void)
{
	keep(timerfd_create(CLOCK_MONOTONIC, 0));
}

static const struct {
	const char *name;
	void (*fn)(void);
} cycles[] = {
	{"files", files},	{"directories", directories},
	{"locks", locks},	{"pipes", pipes},
	{"maps", maps},		{"tcp", tcp},
	{"udp", udp},		{"unix", unix_sockets},
	{"netlink", netlink},	{"polls", polls},
	{"timers", timers},	{"threads", threads},
	{"leak-file", leak_file}, {"leak-socket", leak_socket},
	{"leak-timer", leak_timer},
};

static void tell_kernel(const char *order)
{
	int fd = open(SITES, O_WRONLY);

	need(fd >= 0 && write(fd, order, strlen(order)) > 0, SITES);
	close(fd);
}

/* How much the worst site has grown: the first behind the heading. */
static long grown(void)
{
	FILE *f = fopen(SITES, "r");
	char line[300];
	long n = 0;

	need(f && fgets(line, sizeof(line), f) && fgets(line, sizeof(line), f),
	     SITES);
	n = atol(line);
	fclose(f);
	return n;
}

/* Some ends are work that is still to be done: that is waited for. */
static int leaks(void)
{
	struct timespec ts = {0, 20000000};

	for (int i = 0; i < 100; i++) {
		tell_kernel("drop");
		if (grown() < LEAK)
			return 0;
		nanosleep(&ts, NULL);
	}
	return 1;
}

static void run(const char *name, void (*fn)(void))
{
	char order[30];

	for (int i = 0; i < WARM; i++)
		fn();
	leaks();
	tell_kernel("mark");
	for (int i = 0; i < TIMES; i++)
		fn();
	if (!leaks()) {
		printf("%s: nothing is left\n", name);
		return;
	}
	printf("%s: leaks\n", name);
	sprintf(order, "tell %d", LEAK);
	tell_kernel(order);
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (int i = 1; i < argc; i++)
		for (size_t k = 0; k < sizeof(cycles) / sizeof(*cycles); k++)
			if (!strcmp(argv[i], cycles[k].name))
				run(argv[i], cycles[k].fn);
	return 0;
}
