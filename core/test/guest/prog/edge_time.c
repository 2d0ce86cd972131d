/* Corner cases of clocks, timers, signals and futexes. */
#include "check.h"
#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define NOBODY 999999
#define BAD ((void *)8)
#define TRY(expr) CALL(#expr, expr)

static volatile int n;
static unsigned word, word2;

static void count(int sig)
{
	n++;
}

static long futex(void *w, int op, unsigned v, void *ts, void *w2, unsigned v3)
{
	return syscall(SYS_futex, w, op, v, ts, w2, v3);
}

static void clocks(void)
{
	struct timespec ts;
	clockid_t id;

	TRY(clock_gettime(-1, &ts));
	TRY(clock_gettime(0x7fffffff, &ts));
	TRY(clock_getcpuclockid(0, &id));
	TRY(clock_gettime(id, &ts));
	TRY(clock_getcpuclockid(NOBODY, &id));
	TRY(pthread_getcpuclockid(pthread_self(), &id));
	TRY(clock_gettime(id, &ts));
	TRY(clock_nanosleep(CLOCK_THREAD_CPUTIME_ID, 0, &ts, NULL));
	TRY(clock_nanosleep(CLOCK_MONOTONIC_COARSE, 0, &ts, NULL));
	ts = (struct timespec){0, 1000};
	TRY(syscall(SYS_clock_nanosleep, CLOCK_THREAD_CPUTIME_ID, 0, &ts, NULL));
	TRY(syscall(SYS_clock_nanosleep, id, 0, &ts, NULL));
	TRY(syscall(SYS_clock_nanosleep, id, 0, BAD, NULL));
	TRY(clock_settime(CLOCK_PROCESS_CPUTIME_ID, &ts));
	ts.tv_nsec = -1;
	TRY(clock_settime(CLOCK_REALTIME, &ts));
	ts = (struct timespec){8277292036, 0};
	TRY(clock_settime(CLOCK_REALTIME, &ts));
	TRY(syscall(SYS_clock_gettime, 1, BAD));
	TRY(settimeofday(&(struct timeval){0, 1000000}, NULL));
	TRY(syscall(SYS_nanosleep, BAD, NULL));
	TRY(syscall(SYS_nanosleep, &(struct timespec){0, -1}, NULL));
}

static void timers(void)
{
	struct itimerval it = {{0, 0}, {0, 1000000}};
	struct sigevent se = {.sigev_notify = 77};
	timer_t t;

	TRY(getitimer(5, BAD));
	TRY(setitimer(0, &it, NULL));
	it.it_value.tv_usec = 1;
	TRY(setitimer(9, &it, NULL));
	TRY(setitimer(0, BAD, NULL));
	TRY(alarm(0));
	TRY(syscall(SYS_timer_create, CLOCK_MONOTONIC, &se, &t));
	se.sigev_notify = SIGEV_SIGNAL;
	se.sigev_signo = 99;
	TRY(syscall(SYS_timer_create, CLOCK_MONOTONIC, &se, &t));
	se.sigev_notify = SIGEV_THREAD_ID;
	se.sigev_signo = SIGUSR1;
	se.sigev_notify_thread_id = NOBODY;
	TRY(syscall(SYS_timer_create, CLOCK_MONOTONIC, &se, &t));
	TRY(syscall(SYS_timer_create, CLOCK_MONOTONIC_RAW, NULL, &t));
	TRY(syscall(SYS_timer_settime, 77, 0, &it, NULL));
	TRY(syscall(SYS_timer_settime, 77, 0, NULL, NULL));
	TRY(syscall(SYS_timer_getoverrun, 77));
	TRY(syscall(SYS_timer_delete, 77));
}

static void arguments(void)
{
	stack_t ss = {.ss_flags = 4};
	siginfo_t si = {0};
	long old[4], s = 0;

	TRY(syscall(SYS_rt_sigaction, 9, BAD, NULL, 8));
	TRY(syscall(SYS_rt_sigaction, 9, NULL, old, 8));
	TRY(syscall(SYS_rt_sigaction, 10, NULL, NULL, 4));
	TRY(syscall(SYS_rt_sigaction, 0, NULL, NULL, 8));
	TRY(syscall(SYS_rt_sigaction, 65, NULL, NULL, 8));
	TRY(syscall(SYS_rt_sigaction, 10, BAD, NULL, 8));
	TRY(syscall(SYS_rt_sigprocmask, 5, NULL, NULL, 8));
	TRY(syscall(SYS_rt_sigprocmask, 5, &s, NULL, 8));
	TRY(syscall(SYS_rt_sigpending, &s, 9));
	TRY(syscall(SYS_rt_sigpending, BAD, 8));
	TRY(syscall(SYS_rt_sigsuspend, &s, 4));
	TRY(syscall(SYS_rt_sigtimedwait, &s, NULL, &(struct timespec){0, -1}, 8));
	TRY(syscall(SYS_rt_sigtimedwait, &s, NULL, NULL, 1));
	TRY(syscall(SYS_rt_sigtimedwait, &s, NULL, &(struct timespec){0, 0}, 8));
	si.si_code = SI_USER;
	TRY(syscall(SYS_rt_sigqueueinfo, 1, 0, &si));
	si.si_code = SI_QUEUE;
	TRY(syscall(SYS_rt_sigqueueinfo, getpid(), 0, &si));
	TRY(syscall(SYS_rt_sigqueueinfo, getpid(), 77, &si));
	TRY(syscall(SYS_rt_sigqueueinfo, NOBODY, 0, &si));
	TRY(syscall(SYS_rt_tgsigqueueinfo, getpid(), gettid(), 0, &si));
	TRY(syscall(SYS_sigaltstack, &ss, NULL));
	TRY(syscall(SYS_sigaltstack, NULL, &ss));
	TRY(ss.ss_flags);
	TRY(syscall(SYS_sigaltstack, BAD, NULL));
}

static int pending(int sig)
{
	sigset_t s;

	sigpending(&s);
	return sigismember(&s, sig);
}

/* What a pending signal survives. */
static void keeping(void)
{
	sigset_t s;

	sigemptyset(&s);
	sigaddset(&s, SIGUSR2);
	sigaddset(&s, SIGTSTP);
	sigaddset(&s, SIGCONT);
	sigprocmask(SIG_BLOCK, &s, NULL);
	signal(SIGUSR2, SIG_IGN);
	raise(SIGUSR2);
	TRY(pending(SIGUSR2));
	signal(SIGUSR2, count);
	raise(SIGUSR2);
	TRY(pending(SIGUSR2));
	signal(SIGUSR2, SIG_IGN);
	TRY(pending(SIGUSR2));
	raise(SIGTSTP);
	raise(SIGCONT);
	TRY(pending(SIGTSTP));
	TRY(pending(SIGCONT));
	signal(SIGCONT, count);
	raise(SIGCONT);
	raise(SIGTSTP);
	TRY(pending(SIGTSTP));
	TRY(pending(SIGCONT));
	signal(SIGTSTP, SIG_IGN);
	n = 0;
	sigprocmask(SIG_UNBLOCK, &s, NULL);
	TRY(n);
}

static void *lock_unlock(void *arg)
{
	long r = futex(&word, FUTEX_LOCK_PI, 0, NULL, NULL, 0);

	n = r == 0;
	return (void *)(r ? -1l : futex(&word, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0));
}

static void owned(void)
{
	pthread_t t;
	void *r;

	word = 0;
	TRY(futex(&word, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0));
	TRY(futex(&word, FUTEX_LOCK_PI, 0, NULL, NULL, 0));
	TRY(word == (unsigned)gettid());
	TRY(futex(&word, FUTEX_LOCK_PI, 0, NULL, NULL, 0));
	TRY(futex(&word, FUTEX_TRYLOCK_PI, 0, NULL, NULL, 0));
	n = 0;
	pthread_create(&t, NULL, lock_unlock, NULL);
	while (word == (unsigned)gettid())
		usleep(1000);
	TRY(word == (gettid() | FUTEX_WAITERS));
	TRY(futex(&word, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0));
	pthread_join(t, &r);
	TRY((long)r);
	TRY(n);
	TRY(word);
	word = NOBODY;
	TRY(futex(&word, FUTEX_LOCK_PI, 0, NULL, NULL, 0));
}

static void futexes(void)
{
	unsigned *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
				MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct timespec ts = {0, 1000000};

	word = 0;
	TRY(futex(&word, FUTEX_REQUEUE, -1, (void *)1, &word2, 0));
	TRY(futex(&word, FUTEX_WAKE | FUTEX_CLOCK_REALTIME, 1, NULL, NULL, 0));
	TRY(futex(shared, FUTEX_WAIT, 0, &ts, NULL, 0));
	TRY(futex(shared, FUTEX_WAKE, 1, NULL, NULL, 0));
	TRY(futex(BAD, FUTEX_WAKE, 1, NULL, NULL, 0));
	TRY(futex(BAD, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0));
	TRY(futex(&word, FUTEX_WAIT, 0, BAD, NULL, 0));
	TRY(futex(&word, FUTEX_WAIT_BITSET, 0, NULL, NULL, 0));
	TRY(futex(&word, FUTEX_WAKE_BITSET, 1, NULL, NULL, 0));
	TRY(futex(&word, FUTEX_WAKE_OP, 1, (void *)1, &word2,
		  FUTEX_OP(7, 0, 0, 0)));
	word2 = 5;
	TRY(futex(&word, FUTEX_WAKE_OP, 1, (void *)1, &word2,
		  FUTEX_OP(FUTEX_OP_ADD, 2, FUTEX_OP_CMP_EQ, 5)));
	TRY(word2);
}

static void *wait_for_word(void *arg)
{
	long r = futex(&word, FUTEX_WAIT, 0, NULL, NULL, 0);

	return (void *)(r ? (long)errno : 0);
}

/* A handler interrupts a futex wait, with and without SA_RESTART. */
static void interrupted(void)
{
	struct sigaction sa = {.sa_handler = count, .sa_flags = SA_RESTART};
	pthread_t t;
	void *r;

	word = 0;
	n = 0;
	sigaction(SIGUSR1, &sa, NULL);
	pthread_create(&t, NULL, wait_for_word, NULL);
	usleep(20000);
	pthread_kill(t, SIGUSR1);
	while (!n)
		usleep(1000);
	/* It is on its way back into the wait, for the same value. */
	while (!futex(&word, FUTEX_WAKE, 1, NULL, NULL, 0))
		usleep(1000);
	pthread_join(t, &r);
	show("with SA_RESTART", "%ld", (long)r);
	word = 0;
	sa.sa_flags = 0;
	sigaction(SIGUSR1, &sa, NULL);
	pthread_create(&t, NULL, wait_for_word, NULL);
	/* One that comes before the wait does not end it. */
	while (pthread_tryjoin_np(t, &r)) {
		pthread_kill(t, SIGUSR1);
		usleep(1000);
	}
	show("without", "%s", strerror((int)(long)r));
}

static volatile pthread_t sleeper_id;
static volatile int awake;

/* Again and again: a signal that comes before the sleep does not end it. */
static void *poke(void *arg)
{
	while (!awake) {
		usleep(20000);
		pthread_kill(sleeper_id, SIGUSR1);
	}
	return NULL;
}

static pthread_t poked(void)
{
	pthread_t p;

	awake = 0;
	pthread_create(&p, NULL, poke, NULL);
	return p;
}

static void up(pthread_t p)
{
	awake = 1;
	pthread_join(p, NULL);
}

/* An ignored signal does not wake; a handled one always ends a sleep. */
static void sleeps(void)
{
	struct timespec t = {0, 200000000}, rest, t0, t1;
	pthread_t p;

	sleeper_id = pthread_self();
	signal(SIGUSR1, SIG_IGN);
	clock_gettime(CLOCK_MONOTONIC, &t0);
	p = poked();
	TRY(nanosleep(&t, NULL));
	clock_gettime(CLOCK_MONOTONIC, &t1);
	up(p);
	show("whole", "%d", (t1.tv_sec - t0.tv_sec) * 1000000000l +
				t1.tv_nsec - t0.tv_nsec >= 200000000);
	sigaction(SIGUSR1, &(struct sigaction){.sa_handler = count,
					       .sa_flags = SA_RESTART},
		  NULL);
	t = (struct timespec){3600, 0};
	p = poked();
	TRY(nanosleep(&t, &rest));
	up(p);
	show("rest", "%d", rest.tv_sec >= 0 && rest.tv_sec < 3600);
	/* The last microsecond that 64 bits of nanoseconds can say. */
	t = (struct timespec){18446744073, 709551000};
	p = poked();
	TRY(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL));
	up(p);
}

int main(void)
{
	clocks();
	timers();
	arguments();
	keeping();
	owned();
	futexes();
	interrupted();
	sleeps();
	return 0;
}
