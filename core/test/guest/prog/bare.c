/*
 * A program of whole-number instructions alone, without a C library: it runs
 * where nothing else does, on a KVM that interprets (guest/kvm.t).
 *
 *   bare           clocks, timers, signals, threads on every processor
 *   bare FILE...   answers on port 80, as program machine does
 *
 * (Nobody relocates it: tables of addresses are filled in by code.)
 */
#include <linux/futex.h>
#include <linux/in.h>
#include <linux/mman.h>
#include <linux/sched.h>
#include <linux/time.h>
#include <asm/signal.h>
#include <asm/unistd.h>

#define AT_FDCWD -100 /* <fcntl.h> has it, with types of the library */
#define AF_INET 2
#define SOCK_STREAM 1
#define PAGE 4096
#define CPUS_MAX 64
#define ROUNDS 50
#define MSEC 1000000L /* in nanoseconds */

static long call6(long nr, long a, long b, long c, long d, long e, long f)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	long r;

	__asm__ volatile("syscall"
			 : "=a"(r)
			 : "a"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8),
			   "r"(r9)
			 : "rcx", "r11", "memory");
	return r;
}

#define call(nr, a, b, c, d) \
	call6(__NR_##nr, (long)(a), (long)(b), (long)(c), (long)(d), 0, 0)

static void say(const char *s)
{
	long n = 0;

	while (s[n])
		n++;
	call(write, 1, s, n, 0);
}

static void check(const char *what, int good)
{
	say(what);
	say(good ? ": yes\n" : ": NO\n");
}

static long now(int clock)
{
	struct timespec t;

	call(clock_gettime, clock, &t, 0, 0);
	return t.tv_sec * 1000 * MSEC + t.tv_nsec;
}

/* ---- clocks and signals ---- */

static int sleeps(void)
{
	struct timespec ts = {0, 10 * MSEC};

	for (int i = 0; i < 3; i++) {
		long before = now(CLOCK_MONOTONIC);

		if (call(nanosleep, &ts, 0, 0, 0) ||
		    now(CLOCK_MONOTONIC) - before < 10 * MSEC)
			return 0;
	}
	return 1;
}

/* Clocks that KVM gives, or the machine: they go on, and know the date. */
static int clocks(void)
{
	long before = now(CLOCK_MONOTONIC);

	for (int i = 0; i < 1000; i++) {
		long t = now(CLOCK_MONOTONIC);

		if (t < before)
			return 0;
		before = t;
	}
	return now(CLOCK_REALTIME) / (1000 * MSEC) > 1704067200; /* 2024 */
}

static volatile int hits;

static void hit(int signal)
{
	hits++;
}

__asm__("back: mov $15, %eax\n" /* rt_sigreturn */
	"syscall");
void back(void);

static void handle(int signal, void (*handler)(int))
{
	/* The kernel's own form (arch/x86/include/uapi/asm/signal.h). */
	struct {
		void (*handler)(int);
		unsigned long flags;
		void (*restorer)(void);
		unsigned long mask;
	} sa = {handler, 0x04000000 /* SA_RESTORER */, back, 0};

	call(rt_sigaction, signal, &sa, 0, 8);
}

static int alarms(void)
{
	static struct itimerval tick = {{0, 2000}, {0, 2000}};
	static struct itimerval stop;

	handle(SIGALRM, hit);
	call(setitimer, ITIMER_REAL, &tick, 0, 0);
	while (hits < 10)
		;
	call(setitimer, ITIMER_REAL, &stop, 0, 0);
	return 1;
}

/* ---- threads ---- */

/* The new thread calls what lies on its stack, with what lies above. */
__asm__("clone_thread:\n"
	"mov %rcx, %r10\n"
	"mov $56, %eax\n" /* clone */
	"syscall\n"
	"test %rax, %rax\n"
	"jnz 1f\n"
	"pop %rax\n"
	"pop %rdi\n"
	"call *%rax\n"
	"mov $60, %eax\n" /* exit */
	"syscall\n"
	"1: ret");
long clone_thread(long flags, void *stack, void *parent_tid, int *child_tid);

static int alive;

static void wait_while(int *word, int value)
{
	while (__atomic_load_n(word, __ATOMIC_SEQ_CST) == value)
		call(futex, word, FUTEX_WAIT, value, 0);
}

static void set(int *word, int value)
{
	__atomic_store_n(word, value, __ATOMIC_SEQ_CST);
	call(futex, word, FUTEX_WAKE, 1, 0);
}

static int start(void (*fn)(long), long arg)
{
	static long stack[2048] __attribute__((aligned(16)));
	long *top = stack + 2046;

	top[0] = (long)fn;
	top[1] = arg;
	alive = 1;
	return clone_thread(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND |
				    CLONE_THREAD | CLONE_SYSVSEM |
				    CLONE_CHILD_CLEARTID,
			    top, 0, &alive) > 0;
}

static unsigned long mask[CPUS_MAX / 8 / sizeof(long)];

static int move_to(long cpu)
{
	unsigned long only = 1UL << cpu;
	unsigned here = ~0u;

	call(sched_setaffinity, 0, sizeof(only), &only, 0);
	call(getcpu, &here, 0, 0, 0);
	return here == cpu;
}

static int turn, elsewhere;

/* It answers each odd turn with an even one, and sees every page that comes. */
static void ping(long cpu)
{
	elsewhere |= !move_to(cpu);
	for (int i = 1; i < 2 * ROUNDS; i += 2) {
		wait_while(&turn, i - 1);
		set(&turn, i + 1);
	}
}

static int pong(long cpu)
{
	turn = 0;
	if (!start(ping, cpu))
		return 0;
	for (int i = 1; i < 2 * ROUNDS; i += 2) {
		set(&turn, i);
		wait_while(&turn, i);
	}
	wait_while(&alive, 1);
	return 1;
}

static volatile int *page;
static int seen;

static void watch(long cpu)
{
	elsewhere |= !move_to(cpu);
	for (int i = 1; i <= ROUNDS; i++) {
		while (*page != i)
			;
		__atomic_store_n(&seen, i, __ATOMIC_SEQ_CST);
	}
}

static int map(int i, long flags)
{
	long r = call6(__NR_mmap, (long)page, PAGE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);

	if (r < 0 && r > -PAGE)
		return 0;
	page = (volatile int *)r;
	*page = i;
	return 1;
}

/* A page in place of another is seen on the other processor. */
static int replace(long cpu)
{
	page = 0;
	seen = 0;
	if (!map(0, 0) || !start(watch, cpu))
		return 0;
	for (int i = 1; i <= ROUNDS; i++) {
		if (!map(i, MAP_FIXED))
			return 0;
		while (__atomic_load_n(&seen, __ATOMIC_SEQ_CST) != i)
			;
	}
	wait_while(&alive, 1);
	return 1;
}

static void threads(void)
{
	int answers = 1, pages = 1;

	call(sched_getaffinity, 0, sizeof(mask), mask, 0);
	for (long cpu = 0; cpu < CPUS_MAX; cpu++)
		if (mask[0] & 1UL << cpu) {
			answers &= pong(cpu);
			pages &= replace(cpu);
		}
	check("a thread on every processor answers", answers);
	check("each sees pages change", pages);
	check("each was where it was told to be", !elsewhere);
}

/* ---- network and disk, as program machine ---- */

static void quit(int signal)
{
	call(exit_group, 7, 0, 0, 0);
}

static void send(long s, const char *p, long n)
{
	while (n > 0) {
		long done = call(write, s, p, n, 0);

		if (done <= 0)
			return;
		p += done;
		n -= done;
	}
}

static void answer(long s, char **files)
{
	static const char head[] = "HTTP/1.0 200 OK\r\n\r\n";
	static char b[16384];
	long n;

	if (call(read, s, b, sizeof(b), 0) >= 10 && b[5] == 'q')
		quit(0);
	send(s, head, sizeof(head) - 1);
	for (; *files; files++) {
		long fd = call(openat, AT_FDCWD, *files, 0, 0);

		while ((n = call(read, fd, b, sizeof(b), 0)) > 0)
			send(s, b, n);
		call(close, fd, 0, 0, 0);
	}
}

static void serve(char **files)
{
	static struct sockaddr_in any = {AF_INET, 80 << 8};
	long c, s = call(socket, AF_INET, SOCK_STREAM, 0, 0);

	handle(SIGTERM, quit);
	if (call(bind, s, &any, sizeof(any), 0) || call(listen, s, 16, 0, 0))
		return;
	say("serving\n");
	while ((c = call(accept, s, 0, 0, 0)) >= 0) {
		answer(c, files);
		call(close, c, 0, 0, 0);
	}
}

/* What the kernel puts on the stack: argc, argv. */
__asm__(".globl _start\n"
	"_start: mov %rsp, %rdi\n"
	"and $-16, %rsp\n"
	"call begin");

__attribute__((used)) void begin(long *stack)
{
	char **argv = (char **)stack + 1;

	if (stack[0] > 1) {
		serve(argv + 1);
		call(exit_group, 1, 0, 0, 0);
	}
	check("a sleep lasts", sleeps());
	check("clocks go on, from today", clocks());
	check("a timer's signals come", alarms());
	threads();
	call(exit_group, 7, 0, 0, 0);
}
