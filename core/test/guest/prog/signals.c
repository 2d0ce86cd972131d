/* Signals. */
#include "check.h"
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/select.h>
#include <sys/signalfd.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

static volatile int count, last, nested, info_code, info_value;
static volatile double fp_in_handler;
static sigjmp_buf env;

static void handler(int sig) { count++; last = sig; }
static void handler_info(int sig, siginfo_t *si, void *uc)
{
	count++;
	last = sig;
	info_code = si->si_code;
	info_value = si->si_value.sival_int;
}
static void handler_nest(int sig)
{
	count++;
	if (nested++ < 3)
		raise(sig);
}
static void handler_jump(int sig) { siglongjmp(env, sig); }
static void handler_fp(int sig)
{
	double x = 1;

	for (int i = 1; i < 50; i++)
		x *= 1.1 * i;
	fp_in_handler = x;
	count++;
}
static void handler_skip(int sig, siginfo_t *si, void *uc)
{
	((ucontext_t *)uc)->uc_mcontext.gregs[REG_RIP] += 2; /* over ud2 */
	count++;
}

static void set(int sig, void (*fn)(int), int flags)
{
	struct sigaction sa = {.sa_handler = fn, .sa_flags = flags};

	sigaction(sig, &sa, NULL);
}

static void basics(void)
{
	struct sigaction sa, old;
	sigset_t s, o;

	set(SIGUSR1, handler, 0);
	CALL("raise", raise(SIGUSR1));
	show("count", "%d %d", count, last);
	CALL("kill self", kill(getpid(), SIGUSR1));
	show("count", "%d", count);
	CALL("kill 0", kill(getpid(), 0));
	CALL("kill nobody", kill(999999, SIGUSR1));
	CALL("kill bad", kill(getpid(), 99));
	sigemptyset(&s);
	sigaddset(&s, SIGUSR1);
	CALL("block", sigprocmask(SIG_BLOCK, &s, &o));
	raise(SIGUSR1);
	raise(SIGUSR1);
	show("blocked", "%d", count);
	sigpending(&o);
	show("pending", "%d %d", sigismember(&o, SIGUSR1), sigismember(&o, SIGUSR2));
	CALL("unblock", sigprocmask(SIG_UNBLOCK, &s, NULL));
	show("once", "%d", count);
	CALL("how", sigprocmask(99, &s, NULL));
	CALL("sigkill handler", sigaction(SIGKILL, &(struct sigaction){.sa_handler = handler}, NULL));
	CALL("bad signal", sigaction(70, NULL, &old));
	set(SIGUSR1, handler, SA_RESETHAND);
	raise(SIGUSR1);
	sigaction(SIGUSR1, NULL, &sa);
	show("reset", "%d", sa.sa_handler == SIG_DFL);
	set(SIGUSR1, SIG_IGN, 0);
	CALL("ignored", raise(SIGUSR1));
	set(SIGCHLD, SIG_DFL, 0);
	CALL("default ignored", raise(SIGCHLD));
	set(SIGUSR1, handler_nest, SA_NODEFER);
	count = 0;
	raise(SIGUSR1);
	show("nested", "%d", count);
	set(SIGUSR1, handler_nest, 0);
	count = nested = 0;
	raise(SIGUSR1);
	show("deferred", "%d", count);
}

static void queued(void)
{
	struct sigaction sa = {.sa_sigaction = handler_info, .sa_flags = SA_SIGINFO};
	struct timespec ts = {0, 10000000};
	siginfo_t si;
	sigset_t s;
	int fd, sig;

	sigaction(SIGRTMIN, &sa, NULL);
	count = 0;
	CALL("sigqueue", sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = 42}));
	show("value", "%d %d", info_value, info_code == SI_QUEUE);
	sigemptyset(&s);
	sigaddset(&s, SIGRTMIN);
	sigaddset(&s, SIGUSR2);
	sigprocmask(SIG_BLOCK, &s, NULL);
	for (int i = 0; i < 5; i++)
		sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = i});
	CALL("sigwaitinfo", sigwaitinfo(&s, &si) == SIGRTMIN ? si.si_value.sival_int : -1);
	CALL("sigtimedwait", sigtimedwait(&s, &si, &ts) == SIGRTMIN ? si.si_value.sival_int : -1);
	kill(getpid(), SIGUSR2);
	{
		int r_ = sigwait(&s, &sig);

		show("sigwait", "%d %d", r_, sig == SIGUSR2);
	}
	fd = signalfd(-1, &s, SFD_NONBLOCK);
	WORKS("signalfd", fd);
	struct signalfd_siginfo ssi;
	CALL("read", read(fd, &ssi, sizeof(ssi)));
	show("from fd", "%d %d", ssi.ssi_signo == (unsigned)SIGRTMIN, ssi.ssi_int);
	count = 0;
	sigprocmask(SIG_UNBLOCK, &s, NULL);
	show("rest", "%d", count);
	CALL("time-out", sigtimedwait(&s, &si, &ts));
	CALL("empty fd", read(fd, &ssi, sizeof(ssi)));
}

static void restart(void)
{
	struct itimerval it = {{0, 0}, {0, 20000}};
	int p[2];
	char c;
	fd_set r;
	struct timeval tv = {1, 0};
	sigset_t none;

	pipe(p);
	set(SIGALRM, handler, 0);
	setitimer(ITIMER_REAL, &it, NULL);
	CALL("interrupted read", read(p[0], &c, 1));
	set(SIGALRM, handler, SA_RESTART);
	setitimer(ITIMER_REAL, &it, NULL);
	FD_ZERO(&r);
	FD_SET(p[0], &r);
	CALL("select never restarts", select(p[0] + 1, &r, NULL, NULL, &tv));
	sigemptyset(&none);
	setitimer(ITIMER_REAL, &it, NULL);
	CALL("sigsuspend", sigsuspend(&none));
	setitimer(ITIMER_REAL, &it, NULL);
	CALL("pause", pause());
	close(p[1]);
	CALL("read eof", read(p[0], &c, 1));
}

static void *write_after_signal(void *arg)
{
	int *p = arg;

	usleep(60000);
	write(p[1], "r", 1);
	return NULL;
}

static void restarted(void)
{
	struct itimerval it = {{0, 0}, {0, 20000}};
	pthread_t t;
	sigset_t s;
	int p[2];
	char c = 0;

	pipe(p);
	set(SIGALRM, handler, SA_RESTART);
	count = 0;
	/* The other thread must not take the signal. */
	sigfillset(&s);
	pthread_sigmask(SIG_SETMASK, &s, &s);
	pthread_create(&t, NULL, write_after_signal, p);
	pthread_sigmask(SIG_SETMASK, &s, NULL);
	setitimer(ITIMER_REAL, &it, NULL);
	CALL("restarted read", read(p[0], &c, 1));
	show("byte", "%c, signals %d", c, count);
	pthread_join(t, NULL);
}

static void faults(void)
{
	struct sigaction sa = {.sa_sigaction = handler_skip, .sa_flags = SA_SIGINFO};
	volatile int zero = 0;
	int sig;

	set(SIGFPE, handler_jump, 0);
	if (!(sig = sigsetjmp(env, 1)))
		zero = 1 / zero;
	show("division", "%d", sig == SIGFPE);
	sigaction(SIGILL, &sa, NULL);
	count = 0;
	__asm__ __volatile__("ud2");
	show("context changed", "%d", count);
	set(SIGTRAP, handler, 0);
	__asm__ __volatile__("int3");
	show("breakpoint", "%d", last == SIGTRAP);
	set(SIGSEGV, handler_jump, 0);
	for (volatile int i = 0; i < 100; i++)
		if (!sigsetjmp(env, 1))
			*(volatile char *)8 = 1;
	show("hundred faults", "ok");
	if (!(sig = sigsetjmp(env, 1)))
		*(volatile char *)0x8000000000000000ul = 1;
	show("non-canonical", "%d", sig == SIGSEGV);
	set(SIGSEGV, SIG_DFL, 0);
}

static void floating(void)
{
	struct itimerval it = {{0, 1000}, {0, 1000}};
	double sum = 0, again = 0;

	set(SIGALRM, handler_fp, SA_RESTART);
	for (int i = 1; i < 2000000; i++)
		sum += 1.0 / i;
	count = 0;
	setitimer(ITIMER_REAL, &it, NULL);
	while (count < 20) {
		again = 0;
		for (int i = 1; i < 2000000; i++)
			again += 1.0 / i;
	}
	setitimer(ITIMER_REAL, &(struct itimerval){0}, NULL);
	show("vector registers kept", "%d", sum == again);
}

/* Uses the red zone below the stack pointer while signals arrive. */
static long red_zone(long n)
{
	long bad = 0;

	__asm__ __volatile__(
		"1: mov %1, -8(%%rsp)\n mov %1, -64(%%rsp)\n mov %1, -128(%%rsp)\n"
		"cmp %1, -128(%%rsp)\n jne 2f\n cmp %1, -64(%%rsp)\n jne 2f\n"
		"cmp %1, -8(%%rsp)\n jne 2f\n dec %1\n jnz 1b\n jmp 3f\n"
		"2: inc %0\n 3:"
		: "+r"(bad), "+r"(n)::"memory", "cc");
	return bad;
}

static void zones(void)
{
	struct itimerval it = {{0, 1000}, {0, 1000}};
	long bad = 0;

	set(SIGALRM, handler, SA_RESTART);
	count = 0;
	setitimer(ITIMER_REAL, &it, NULL);
	while (count < 20)
		bad += red_zone(1000000);
	setitimer(ITIMER_REAL, &(struct itimerval){0}, NULL);
	show("red zone kept", "%ld", bad);
}

static volatile int on_alt;
static char alt[32768];
static void handler_where(int sig)
{
	char c;

	on_alt = &c >= alt && &c < alt + sizeof(alt);
}

static void stacks(void)
{
	stack_t ss = {.ss_sp = alt, .ss_size = sizeof(alt)}, old;

	CALL("sigaltstack", sigaltstack(&ss, NULL));
	set(SIGUSR1, handler_where, SA_ONSTACK);
	raise(SIGUSR1);
	show("on alternate stack", "%d", on_alt);
	set(SIGUSR1, handler_where, 0);
	raise(SIGUSR1);
	show("not on it", "%d", on_alt);
	ss.ss_size = 100;
	CALL("too small", sigaltstack(&ss, NULL));
	ss = (stack_t){.ss_flags = SS_DISABLE};
	CALL("disable", sigaltstack(&ss, &old));
	show("old", "%d", old.ss_sp == alt);
}

static volatile pthread_t handled_by;
static void handler_who(int sig) { handled_by = pthread_self(); count++; }
static void *sleeper(void *arg)
{
	while (count < 1)
		usleep(1000);
	return NULL;
}

static void threads(void)
{
	sigset_t s, old;
	pthread_t t;

	set(SIGUSR1, handler_who, 0);
	count = 0;
	pthread_create(&t, NULL, sleeper, NULL);
	show("pthread_kill", "%d", pthread_kill(t, SIGUSR1));
	pthread_join(t, NULL);
	show("by that thread", "%d", pthread_equal(handled_by, t));
	count = 0;
	pthread_create(&t, NULL, sleeper, NULL);
	sigfillset(&s);
	pthread_sigmask(SIG_BLOCK, &s, &old);
	kill(getpid(), SIGUSR1);
	pthread_join(t, NULL);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	show("by the one that can", "%d", pthread_equal(handled_by, t));
	CALL("no children", wait(NULL));
	CALL("no such child", waitpid(12345, NULL, WNOHANG));
}

int main(void)
{
	basics();
	queued();
	restart();
	restarted();
	faults();
	floating();
	zones();
	stacks();
	threads();
	return 0;
}
