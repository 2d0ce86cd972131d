/*
 * Signals that workers send each other at any time, so that whatever sleeps is
 * interrupted now and then.  Real-time signals are queued: none may be lost.
 */
#include "stress.h"
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

static void tickled(int sig, siginfo_t *si, void *context)
{
	struct worker *w = si->si_value.sival_ptr;
	int error = errno;

	if (sig < SIGRTMIN || si->si_code != SI_QUEUE || w != self)
		broken(__FILE__, __LINE__, "a signal for this worker");
	__atomic_fetch_add(&w->tickled, 1, __ATOMIC_SEQ_CST);
	errno = error;
}

void tickle_setup(void)
{
	struct sigaction sa = {.sa_sigaction = tickled,
			       .sa_flags = SA_SIGINFO | SA_RESTART};

	must(!sigaction(SIGRTMIN, &sa, NULL));
	sa.sa_flags = SA_SIGINFO;
	must(!sigaction(SIGRTMIN + 1, &sa, NULL));
}

void tickle(struct worker *w)
{
	struct worker *to = &worker[draw(w, workers)];
	siginfo_t si = {.si_code = SI_QUEUE,
			.si_signo = SIGRTMIN + (int)draw(w, 2),
			.si_value.sival_ptr = to};
	int tid = __atomic_load_n(&to->tid, __ATOMIC_SEQ_CST);

	/* Counted before: who ends waits for those that are under way. */
	__atomic_fetch_add(&to->tickles, 1, __ATOMIC_SEQ_CST);
	if (!tid || syscall(SYS_rt_tgsigqueueinfo, getpid(), tid, si.si_signo,
			    &si)) {
		must(!tid || errno == EAGAIN); /* too many are pending */
		__atomic_fetch_sub(&to->tickles, 1, __ATOMIC_SEQ_CST);
	}
}

void tickle_settle(struct worker *w)
{
	while (__atomic_load_n(&w->tickled, __ATOMIC_SEQ_CST) !=
	       __atomic_load_n(&w->tickles, __ATOMIC_SEQ_CST))
		usleep(100);
}
