/* Signals to threads and to the process, caught, waited for and read. */
#include "stress.h"
#include <semaphore.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#define COUNTED (SIGRTMIN + 3)  /* to a thread, caught */
#define AWAITED (SIGRTMIN + 4)  /* to the process, blocked everywhere */

struct listener {
	sem_t ready;
	int tid;
	unsigned heard, want, how;
	char stack[4 * PAGE]; /* for the handler */
};

static _Thread_local struct listener *listener;
static _Thread_local volatile unsigned usr1;

static void count(int sig, siginfo_t *si, void *context)
{
	struct listener *l = si->si_value.sival_ptr;
	char *here = (char *)&l;
	int error = errno;

	if (l != listener || si->si_code != SI_QUEUE ||
	    here < l->stack || here >= l->stack + sizeof(l->stack))
		broken(__FILE__, __LINE__, "a signal for this thread");
	l->heard++;
	errno = error;
}

static void count_usr1(int sig)
{
	usr1++;
}

__attribute__((constructor)) static void setup(void)
{
	struct sigaction sa = {.sa_sigaction = count,
			       .sa_flags = SA_SIGINFO | SA_ONSTACK};
	sigset_t set;

	must(!sigaction(COUNTED, &sa, NULL));
	sa = (struct sigaction){.sa_handler = count_usr1};
	must(!sigaction(SIGUSR1, &sa, NULL));
	sigemptyset(&set);
	sigaddset(&set, AWAITED);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

/* Waits by sigsuspend, by sleeping, or not at all. */
static void *listen_all(void *arg)
{
	struct listener *l = listener = arg;
	stack_t on = {.ss_sp = l->stack, .ss_size = sizeof(l->stack)};
	stack_t off = {.ss_flags = SS_DISABLE};
	sigset_t counted, old;

	must(!sigaltstack(&on, NULL));
	sigemptyset(&counted);
	sigaddset(&counted, COUNTED);
	zero(pthread_sigmask(SIG_BLOCK, &counted, &old));
	l->tid = (int)syscall(SYS_gettid);
	must(!sem_post(&l->ready));
	if (l->how != 0)
		zero(pthread_sigmask(SIG_SETMASK, &old, NULL));
	while (*(volatile unsigned *)&l->heard < l->want) {
		if (l->how == 0)
			must(sigsuspend(&old) == -1 && errno == EINTR);
		else if (l->how == 1)
			usleep(100);
	}
	must(!sigaltstack(&off, NULL));
	return NULL;
}

static bool queue(int tid, int sig, void *value)
{
	siginfo_t si = {.si_signo = sig, .si_code = SI_QUEUE,
			.si_value.sival_ptr = value};
	long r = tid ? syscall(SYS_rt_tgsigqueueinfo, getpid(), tid, sig, &si)
		     : sigqueue(getpid(), sig, si.si_value);

	must(!r || errno == EAGAIN);
	return !r;
}

static void to_thread(struct worker *w)
{
	struct listener l = {.how = draw(w, 3), .want = between(w, 1, 40)};
	pthread_t t;

	must(!sem_init(&l.ready, 0, 0));
	t = helper(w, listen_all, &l);
	must(!again(sem_wait(&l.ready)));
	for (unsigned i = 0; i < l.want; i++) {
		while (!queue(l.tid, COUNTED, &l))
			usleep(100);
		if (!draw(w, 8))
			dawdle(w);
	}
	join(t);
	must(l.heard == l.want);
}

/* ---- to the process: whoever takes one tells whose it is ---- */

static void credit(void *sender)
{
	__atomic_fetch_add((unsigned *)sender, 1, __ATOMIC_SEQ_CST);
}

static void take_one(bool by_file, int fd, const sigset_t *set)
{
	struct timespec ts = {0, 300000};
	struct signalfd_siginfo ssi;
	siginfo_t si;

	if (by_file) {
		if (again(read(fd, &ssi, sizeof(ssi))) == sizeof(ssi)) {
			must(ssi.ssi_signo == (unsigned)AWAITED);
			credit((void *)(uintptr_t)ssi.ssi_ptr);
		} else {
			must(errno == EAGAIN);
		}
		return;
	}
	if (sigtimedwait(set, &si, &ts) == AWAITED)
		credit(si.si_value.sival_ptr);
	else
		must(errno == EAGAIN || errno == EINTR);
}

static void to_process(struct worker *w)
{
	unsigned want = between(w, 1, 20), got = 0; /* got: atomic */
	bool by_file = draw(w, 2);
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, AWAITED);
	fd = signalfd(-1, &set, SFD_NONBLOCK);
	must(fd >= 0);
	for (unsigned i = 0; i < want; i++)
		while (!queue(0, AWAITED, &got))
			take_one(by_file, fd, &set);
	while (__atomic_load_n(&got, __ATOMIC_SEQ_CST) < want)
		take_one(by_file, fd, &set);
	must(got == want);
	close(fd);
}

/* ---- a blocked signal comes once, before it can be missed ---- */

static void blocked(struct worker *w)
{
	sigset_t set, old, pending;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	for (unsigned i = between(w, 1, 20); i; i--) {
		unsigned before = usr1;

		zero(pthread_sigmask(SIG_BLOCK, &set, &old));
		for (unsigned k = between(w, 1, 3); k; k--)
			zero(pthread_kill(pthread_self(), SIGUSR1));
		must(!sigpending(&pending) && sigismember(&pending, SIGUSR1));
		must(usr1 == before);
		if (draw(w, 2))
			must(sigsuspend(&old) == -1 && errno == EINTR);
		zero(pthread_sigmask(SIG_SETMASK, &old, NULL));
		/* sigsuspend may have ended for another's signal before. */
		must(usr1 == before + 1);
		must(!sigpending(&pending) && !sigismember(&pending, SIGUSR1));
	}
}

const struct op signal_ops[] = {
	{"signal", to_thread}, {"signal-wait", to_process},
	{"signal-mask", blocked}, {0},
};
