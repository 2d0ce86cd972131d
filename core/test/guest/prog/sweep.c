/*
 * System calls with addresses that are not the program's: every call that takes a
 * pointer, with each kind of bad one (ring3.t).  Each line is what Linux answers.
 *
 * With the argument "blind": calls of all numbers with arguments drawn at random
 * from such addresses, small numbers and good memory.  That is for the guest
 * alone; what counts is that it lives.
 */
#include "check.h"
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#define PAGE 4096ul

/* Arguments that stand for others. */
enum {
	PTR = 0x5eed0000, /* the bad address */
	BUF,              /* zeroed memory, a page */
	LEN,              /* an int, 16 */
	FD,               /* a file of two pages */
	SOCK, PEER,       /* a pair of datagram sockets; one message is there */
	EP,               /* an epoll set with something ready */
	DIR_, TIMER, PIPE_R, PIPE_W,
	ROOT,             /* "/" */
	NAME,             /* of a file that is not there */
	MASK,             /* an empty set of signals */
	SOON,             /* 1 ns */
};

struct row {
	const char *name;
	short nr;
	char out; /* it is written to */
	long args[6];
};

#define IN(name, ...) {#name, SYS_##name, 0, {__VA_ARGS__}}
#define OUT(name, ...) {#name, SYS_##name, 1, {__VA_ARGS__}}

static const struct row rows[] = {
	OUT(pread64, FD, PTR, 64, 0), IN(pwrite64, FD, PTR, 64, 0),
	OUT(read, PIPE_R, PTR, 8), IN(write, PIPE_W, PTR, 64),
	IN(open, PTR, O_RDONLY), IN(openat, AT_FDCWD, PTR, O_RDONLY),
	IN(creat, PTR, 0600), IN(stat, PTR, BUF), OUT(stat, ROOT, PTR),
	IN(lstat, PTR, BUF), OUT(lstat, ROOT, PTR), OUT(fstat, FD, PTR),
	IN(newfstatat, AT_FDCWD, PTR, BUF, 0),
	OUT(newfstatat, AT_FDCWD, ROOT, PTR, 0),
	IN(statx, AT_FDCWD, PTR, 0, 0x7ff, BUF),
	OUT(statx, AT_FDCWD, ROOT, 0, 0x7ff, PTR),
	IN(statfs, PTR, BUF), OUT(statfs, ROOT, PTR), OUT(fstatfs, FD, PTR),
	IN(access, PTR, 0), IN(faccessat, AT_FDCWD, PTR, 0),
	IN(truncate, PTR, 0), IN(chdir, PTR), IN(mkdir, PTR, 0700),
	IN(mkdirat, AT_FDCWD, PTR, 0700), IN(rmdir, PTR), IN(unlink, PTR),
	IN(unlinkat, AT_FDCWD, PTR, 0), IN(rename, PTR, NAME),
	IN(rename, NAME, PTR), IN(link, PTR, NAME),
	IN(symlink, PTR, NAME), IN(symlink, NAME, PTR),
	IN(readlink, PTR, BUF, 100), IN(readlinkat, AT_FDCWD, PTR, BUF, 100),
	IN(chmod, PTR, 0600), IN(fchmodat, AT_FDCWD, PTR, 0600),
	IN(chown, PTR, -1, -1), IN(lchown, PTR, -1, -1),
	IN(fchownat, AT_FDCWD, PTR, -1, -1, 0),
	IN(mknod, PTR, 0100600, 0), IN(utimes, PTR, 0),
	IN(utimensat, AT_FDCWD, PTR, 0, 0), IN(utimensat, FD, 0, PTR, 0),
	OUT(getdents64, DIR_, PTR, 4000), OUT(getcwd, PTR, 4000),
	IN(readv, FD, PTR, 1), IN(writev, FD, PTR, 1),
	IN(preadv, FD, PTR, 1, 0), IN(pwritev, FD, PTR, 1, 0),
	OUT(ioctl, PIPE_R, 0x541b, PTR), /* FIONREAD */
	IN(ioctl, FD, 0x5421, PTR),      /* FIONBIO */
	OUT(fcntl, FD, F_GETLK, PTR), IN(fcntl, FD, F_SETLK, PTR),
	OUT(pipe, PTR), OUT(pipe2, PTR, 0),
	IN(memfd_create, PTR, 0),
	IN(copy_file_range, FD, PTR, FD, 0, 10, 0),
	IN(sendfile, PIPE_W, FD, PTR, 1),

	OUT(poll, PTR, 1, 0), OUT(ppoll, PTR, 1, SOON, 0, 8),
	IN(ppoll, BUF, 0, PTR, 0, 8), IN(ppoll, BUF, 0, SOON, PTR, 8),
	OUT(select, 1, PTR, 0, 0, SOON), OUT(select, 1, 0, PTR, 0, SOON),
	IN(select, 0, 0, 0, 0, PTR), IN(pselect6, 0, 0, 0, 0, PTR, 0),
	IN(pselect6, 0, 0, 0, 0, SOON, PTR),
	IN(epoll_ctl, EP, EPOLL_CTL_ADD, SOCK, PTR),
	OUT(epoll_wait, EP, PTR, 1, 0), OUT(epoll_pwait, EP, PTR, 1, 0, 0, 8),
	IN(epoll_pwait, EP, BUF, 1, 0, PTR, 8),

	IN(sendto, SOCK, PTR, 64, 0, 0, 0), IN(sendto, SOCK, BUF, 1, 0, PTR, 16),
	OUT(recvfrom, SOCK, PTR, 4, MSG_PEEK, 0, 0),
	OUT(recvfrom, SOCK, BUF, 4, MSG_PEEK, BUF, PTR),
	IN(sendmsg, SOCK, PTR, 0), IN(recvmsg, SOCK, PTR, MSG_PEEK),
	IN(sendmmsg, SOCK, PTR, 1, 0), IN(recvmmsg, SOCK, PTR, 1, MSG_PEEK, 0),
	IN(recvmmsg, SOCK, BUF, 1, MSG_PEEK | MSG_DONTWAIT, PTR),
	IN(bind, SOCK, PTR, 16), IN(connect, SOCK, PTR, 16),
	OUT(getsockname, SOCK, PTR, LEN), OUT(getsockname, SOCK, BUF, PTR),
	OUT(getpeername, SOCK, PTR, LEN), OUT(getpeername, SOCK, BUF, PTR),
	OUT(socketpair, AF_UNIX, SOCK_STREAM, 0, PTR),
	IN(setsockopt, SOCK, SOL_SOCKET, SO_REUSEADDR, PTR, 4),
	OUT(getsockopt, SOCK, SOL_SOCKET, SO_TYPE, PTR, LEN),
	OUT(getsockopt, SOCK, SOL_SOCKET, SO_TYPE, BUF, PTR),

	IN(rt_sigaction, SIGUSR1, PTR, 0, 8), OUT(rt_sigaction, SIGUSR1, 0, PTR, 8),
	IN(rt_sigprocmask, SIG_BLOCK, PTR, 0, 8),
	OUT(rt_sigprocmask, SIG_BLOCK, 0, PTR, 8), OUT(rt_sigpending, PTR, 8),
	IN(rt_sigtimedwait, PTR, 0, SOON, 8), IN(rt_sigtimedwait, MASK, 0, PTR, 8),
	IN(rt_sigsuspend, PTR, 8), IN(sigaltstack, PTR, 0),
	OUT(sigaltstack, 0, PTR), IN(signalfd4, -1, PTR, 8, 0),
	IN(rt_sigqueueinfo, 1 << 22, SIGUSR1, PTR),

	IN(nanosleep, PTR, 0), IN(clock_nanosleep, 1, 0, PTR, 0),
	OUT(clock_gettime, 0, PTR), OUT(clock_gettime, 1, PTR),
	OUT(clock_getres, 0, PTR), OUT(gettimeofday, PTR, 0),
	OUT(gettimeofday, 0, PTR), OUT(time, PTR), OUT(times, PTR),
	OUT(getitimer, ITIMER_REAL, PTR), IN(setitimer, ITIMER_VIRTUAL, PTR, 0),
	OUT(setitimer, ITIMER_VIRTUAL, BUF, PTR),
	IN(timer_create, 0, PTR, BUF), OUT(timer_create, 0, 0, PTR),
	IN(timerfd_settime, TIMER, 0, PTR, 0),
	OUT(timerfd_settime, TIMER, 0, BUF, PTR), OUT(timerfd_gettime, TIMER, PTR),

	IN(futex, PTR, 0, 0, SOON), IN(futex, PTR, 1, 1), IN(futex, PTR, 128, 0, SOON),
	IN(futex, PTR, 129, 1), IN(futex, BUF, 0, 0, PTR),
	IN(futex, PTR, 3, 1, 1, BUF), IN(futex, BUF, 3, 1, 1, PTR),
	IN(futex, PTR, 4, 1, 1, BUF, 0), IN(futex, PTR, 5, 1, 1, BUF, 0),
	IN(futex, BUF, 5, 1, 1, PTR, 0), OUT(futex, PTR, 6, 0, 0),
	OUT(futex, PTR, 7), OUT(futex, PTR, 8),
	OUT(get_robust_list, 0, PTR, BUF), OUT(get_robust_list, 0, BUF, PTR),
	OUT(sched_getaffinity, 0, 128, PTR), OUT(sched_getparam, 0, PTR),
	IN(sched_setparam, 0, PTR), IN(sched_setscheduler, 0, 0, PTR),
	IN(sched_setaffinity, 0, 8, PTR), OUT(sched_rr_get_interval, 0, PTR),

	OUT(uname, PTR), OUT(getrlimit, 7, PTR), OUT(prlimit64, 0, 7, 0, PTR),
	OUT(getrusage, 0, PTR), OUT(sysinfo, PTR), OUT(getresuid, PTR, BUF, BUF),
	OUT(getresgid, BUF, BUF, PTR),
	IN(capget, PTR, 0), OUT(prctl, 16, PTR), IN(prctl, 15, PTR),
	OUT(arch_prctl, 0x1003, PTR), OUT(arch_prctl, 0x1004, PTR),
	OUT(getcpu, PTR, 0), OUT(getcpu, 0, PTR), IN(getrandom, PTR, 64, 0),
	OUT(wait4, -1, PTR, 0, 0),
	{"as root: sethostname", SYS_sethostname, 0, {PTR, 5}},
	IN(clone3, PTR, 88),

	IN(munmap, PTR, 4096), IN(mprotect, PTR, 4096, 1), IN(madvise, PTR, 4096, 4),
	IN(mremap, PTR, 4096, 8192, 1), IN(msync, PTR, 4096, 4),
	IN(mlock, PTR, 4096), IN(mincore, PTR, 4096, BUF),
};

static char *buf, *read_only, *unmapped;
static int pipe_fds[2], pair[2], fd, ep, dir, timer;
static int sixteen;
static char name[] = "sweep.file"; /* gone */
static struct timespec soon = {0, 1};
static sigset_t empty;

static unsigned long kernel[] = {
	0xffffffff80100000ul, 0xffff800000100000ul, 0xffffc00000002000ul,
	0xfffffffffffff000ul, 0x7fffffffeff8ul,
	0x800000000000ul, 0xffff7ffffffffff0ul,
};
#define KERNELS (sizeof(kernel) / sizeof(kernel[0]))

static long value(long arg, unsigned long ptr)
{
	switch (arg) {
	case PTR:
		return (long)ptr;
	case BUF:
		return (long)buf;
	case LEN:
		return (long)&sixteen;
	case FD:
		return fd;
	case SOCK:
		return pair[0];
	case PEER:
		return pair[1];
	case EP:
		return ep;
	case DIR_:
		return dir;
	case TIMER:
		return timer;
	case PIPE_R:
		return pipe_fds[0];
	case PIPE_W:
		return pipe_fds[1];
	case ROOT:
		return (long)"/";
	case NAME:
		return (long)name;
	case MASK:
		return (long)&empty;
	case SOON:
		return (long)&soon;
	}
	return arg;
}

static long call6(long nr, const long *a)
{
	register long r10 __asm__("r10") = a[3];
	register long r8 __asm__("r8") = a[4];
	register long r9 __asm__("r9") = a[5];
	long r;

	__asm__ __volatile__("syscall"
			     : "=a"(r)
			     : "0"(nr), "D"(a[0]), "S"(a[1]), "d"(a[2]), "r"(r10),
			       "r"(r8), "r"(r9)
			     : "rcx", "r11", "memory");
	return r;
}

static void print(const char *what, const struct row *row, const char *where,
		  long r)
{
	int which = 0;

	for (int i = 0; i < 6; i++)
		if (row && row->args[i] == PTR)
			which = which * 10 + i + 1;
	if (r < 0 && r > -4096)
		show(what, "argument %d %s: %s", which, where, strerror((int)-r));
	else
		show(what, "argument %d %s: %ld", which, where, r);
}

static void attempt(const struct row *row, const char *where, unsigned long ptr)
{
	long args[6];

	memset(buf, 0, PAGE);
	sixteen = 16;
	for (int i = 0; i < 6; i++)
		args[i] = value(row->args[i], ptr);
	print(row->name, row, where, call6(row->nr, args));
}

static void sweep(void)
{
	char where[40];

	for (size_t n = 0; n < sizeof(rows) / sizeof(rows[0]); n++) {
		for (size_t i = 0; i < KERNELS; i++) {
			snprintf(where, sizeof(where), "%lx", kernel[i]);
			attempt(&rows[n], where, kernel[i]);
		}
		attempt(&rows[n], "unmapped", (unsigned long)unmapped);
		if (rows[n].out) {
			attempt(&rows[n], "read-only", (unsigned long)read_only);
			attempt(&rows[n], "end of a page",
				(unsigned long)unmapped - 4);
		}
	}
}

/* Addresses that are themselves in the program's memory. */
static void indirect(void)
{
	char space[256], control[256];
	struct sockaddr_un sun;

	for (size_t i = 0; i <= KERNELS; i++) {
		unsigned long p = i < KERNELS ? kernel[i] : (unsigned long)unmapped;
		struct iovec v[2] = {{space, 4}, {(void *)p, 64}};
		struct msghdr m = {.msg_iov = v, .msg_iovlen = 1};
		char where[40];

		snprintf(where, sizeof(where), "%lx", i < KERNELS ? p : 0);
		print("readv base", NULL, where, call6(SYS_preadv,
			(long[6]){fd, (long)(v + 1), 1, 0}));
		print("writev base", NULL, where, call6(SYS_pwritev,
			(long[6]){fd, (long)(v + 1), 1, 0}));
		print("readv second", NULL, where, call6(SYS_preadv,
			(long[6]){fd, (long)v, 2, 0}));
		print("sendmsg iovec base", NULL, where, ({
			m.msg_iov = v + 1;
			call6(SYS_sendmsg, (long[6]){pair[0], (long)&m, 0});
		}));
		print("recvmsg iovec base", NULL, where, call6(SYS_recvmsg,
			(long[6]){pair[0], (long)&m, MSG_PEEK}));
		m.msg_iov = v;
		print("sendmsg name", NULL, where, ({
			m.msg_name = (void *)p;
			m.msg_namelen = 16;
			call6(SYS_sendmsg, (long[6]){pair[0], (long)&m, 0});
		}));
		m.msg_name = NULL;
		m.msg_namelen = 0;
		print("sendmsg control", NULL, where, ({
			m.msg_control = (void *)p;
			m.msg_controllen = 64;
			call6(SYS_sendmsg, (long[6]){pair[0], (long)&m, 0});
		}));
		m.msg_control = NULL;
		m.msg_controllen = 0;
		print("sendmsg vector", NULL, where, ({
			m.msg_iov = (void *)p;
			call6(SYS_sendmsg, (long[6]){pair[0], (long)&m, 0});
		}));
		print("robust list", NULL, where, call6(SYS_set_robust_list,
			(long[6]){(long)p, 24}));
	}
	CALL("robust list taken back", syscall(SYS_set_robust_list, 0, 24));
}

/* ---- blind ---- */

static uint64_t seed;

/* xorshift64* */
static uint32_t draw(uint32_t below)
{
	seed ^= seed >> 12;
	seed ^= seed << 25;
	seed ^= seed >> 27;
	return (uint32_t)(seed * 0x2545f4914f6cdd1dull >> 32) % below;
}

/*
 * Calls that would end the program or take away what it stands on, done right:
 * exit, kill, fork, exec, mappings by address, limits, alarms, sigreturn, the
 * thread area, signal actions and masks.
 */
static const short not_these[] = {
	SYS_mmap, SYS_munmap, SYS_mprotect, SYS_brk, SYS_mremap, SYS_madvise,
	SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_rt_sigreturn, SYS_alarm,
	SYS_setitimer, SYS_clone, SYS_fork, SYS_vfork, SYS_execve, SYS_exit,
	SYS_exit_group, SYS_kill, SYS_tkill, SYS_tgkill, SYS_rt_sigqueueinfo,
	SYS_rt_tgsigqueueinfo, SYS_arch_prctl, SYS_setrlimit, SYS_prlimit64,
	SYS_reboot, SYS_clone3, SYS_execveat, SYS_remap_file_pages,
	SYS_pkey_mprotect, SYS_kexec_load, SYS_close_range,
};

static int excluded(int nr)
{
	for (size_t i = 0; i < sizeof(not_these) / sizeof(not_these[0]); i++)
		if (not_these[i] == nr)
			return 1;
	return 0;
}

static void tick(int sig)
{
}

static long argument(void)
{
	switch (draw(4)) {
	case 0:
		return (long)kernel[draw(KERNELS)] - draw(64);
	case 1:
		return draw(8) ? draw(32) : -(long)draw(256);
	case 2:
		return (long)unmapped - draw(128);
	default:
		return draw(2) ? (long)buf + draw(PAGE) : (long)read_only;
	}
}

#define TRIALS_FD 900 /* where no small number reaches */

/* Memory of the kernel that component trials watches, by two addresses. */
static int aim(void)
{
	int t = open("/dev/trials", O_RDWR);
	unsigned long at = 0;

	if (t < 0 || read(t, &at, sizeof(at)) != sizeof(at) ||
	    dup2(t, TRIALS_FD) < 0)
		return -1;
	close(t);
	kernel[0] = at + 64;
	kernel[1] = at - 0xffffffff80000000ul + 0xffff800000000000ul + 64;
	return 0;
}

static int blind(long rounds)
{
	struct sigaction sa = {.sa_handler = tick};
	struct itimerval often = {{0, 2000}, {0, 2000}};
	long done = 0;

	sigaction(SIGALRM, &sa, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	if (aim())
		return 2;
	setitimer(ITIMER_REAL, &often, NULL);
	while (done < rounds) {
		long args[6];
		int nr = (int)draw(470);

		if (excluded(nr))
			continue;
		for (int i = 0; i < 6; i++)
			args[i] = argument();
		call6(nr, args);
		if (!draw(64))
			memset(buf, (int)draw(2) * (int)draw(256), PAGE);
		done++;
	}
	return write(TRIALS_FD, "look", 4) == 4 ? 0 : 3;
}

static void prepare(void)
{
	struct epoll_event ev = {.events = EPOLLOUT};
	char *two;

	buf = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	read_only = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	two = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unmapped = two + PAGE;
	munmap(unmapped, PAGE);
	fd = open(name, O_RDWR | O_CREAT | O_TRUNC, 0600);
	unlink(name);
	chdir("/");
	ftruncate(fd, 2 * PAGE);
	pipe2(pipe_fds, O_NONBLOCK);
	for (int i = 0; i < 16; i++)
		write(pipe_fds[1], "01234567", 8);
	socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, pair);
	send(pair[1], "message", 7, 0);
	ep = epoll_create1(0);
	epoll_ctl(ep, EPOLL_CTL_ADD, pipe_fds[1], &ev);
	dir = open("/", O_RDONLY | O_DIRECTORY);
	timer = timerfd_create(CLOCK_MONOTONIC, 0);
	sigemptyset(&empty);
}

int main(int argc, char **argv)
{
	prepare();
	if (argc > 2 && !strcmp(argv[1], "blind")) {
		seed = strtoul(argv[2], NULL, 0) | 1;
		return blind(argc > 3 ? atol(argv[3]) : 20000);
	}
	sweep();
	indirect();
	return 0;
}
