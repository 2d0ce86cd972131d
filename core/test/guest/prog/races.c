/*
 * Calls of two threads at the same moment: of what they want only one can be had.
 * Every count is a defect.
 */
#define _GNU_SOURCE
#include "check.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <unistd.h>

#define ROUNDS 2000

/* The two start together: who comes spins until the other is there too. */
static int arrived;

static void meet(int round)
{
	__atomic_add_fetch(&arrived, 1, __ATOMIC_SEQ_CST);
	for (long n = 0; __atomic_load_n(&arrived, __ATOMIC_SEQ_CST) < 2 * round;)
		/* On one CPU the other needs it. */
		if (++n % 1000 == 0)
			sched_yield();
}

/* ---- a file is sealed against writing, or mapped for it: never both ---- */

static int fd;
static char *mapped;

static void *map(void *arg)
{
	for (int i = 1; i <= ROUNDS; i++) {
		meet(2 * i - 1);
		mapped = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED,
			      fd, 0);
		meet(2 * i);
	}
	return NULL;
}

static void seal_or_map(void)
{
	int both = 0, neither = 0;
	pthread_t t;

	fd = memfd_create("race", MFD_ALLOW_SEALING);
	if (pthread_create(&t, NULL, map, NULL))
		exit(2);
	for (int i = 1; i <= ROUNDS; i++) {
		int sealed;

		meet(2 * i - 1);
		sealed = !fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE);
		meet(2 * i);
		both += sealed && mapped != MAP_FAILED;
		neither += !sealed && mapped == MAP_FAILED;
		if (mapped != MAP_FAILED)
			munmap(mapped, 4096);
		close(fd);
		fd = memfd_create("race", MFD_ALLOW_SEALING);
	}
	pthread_join(t, NULL);
	close(fd);
	show("sealed and mapped", "%d", both);
	show("neither", "%d", neither);
}

/* ---- a FIFO's writer meets a reader, or that one is interrupted ---- */

static void nothing(int sig)
{
}

static void *read_fifo(void *arg)
{
	for (int i = 1; i <= ROUNDS; i++) {
		char c;
		int in;

		meet(2 * i - 1);
		while ((in = open(arg, O_RDONLY)) == -1 && errno == EINTR)
			;
		while (read(in, &c, 1) == -1 && errno == EINTR)
			;
		meet(2 * i);
		close(in);
	}
	return NULL;
}

static void open_fifo(void)
{
	char dir[] = "/tmp/races.XXXXXX", name[64];
	int alone = 0;
	pthread_t t;

	if (!mkdtemp(dir))
		exit(2);
	snprintf(name, sizeof(name), "%s/fifo", dir);
	sigaction(SIGUSR1, &(struct sigaction){.sa_handler = nothing}, NULL);
	signal(SIGPIPE, SIG_IGN);
	arrived = 0;
	if (mkfifo(name, 0600) || pthread_create(&t, NULL, read_fifo, name))
		exit(2);
	for (int i = 1; i <= ROUNDS; i++) {
		int out;

		meet(2 * i - 1);
		for (volatile int n = 0; n < i % 512 * 16; n++)
			;
		pthread_kill(t, SIGUSR1);
		for (volatile int n = 0; n < i % 64 * 16; n++)
			;
		/* Both ends are open now, or both calls wait. */
		out = open(name, O_WRONLY);
		while (write(out, "", 1) == -1) {
			alone++;
			sched_yield();
		}
		meet(2 * i);
		close(out);
	}
	pthread_join(t, NULL);
	unlink(name);
	rmdir(dir);
	show("alone in a FIFO", "%d", alone);
}

/* ---- a signal comes when its thread goes to sleep: it does not sleep ---- */

static pthread_t sleeper;
static int taken;

static void take(int sig)
{
	taken++;
}

/* To the thread or to the process, sooner or later after they have met. */
static void *send_signals(void *arg)
{
	for (int i = 1; i <= ROUNDS; i++) {
		meet(i);
		for (volatile int n = i * 37 % 512; n > 0; n--)
			;
		if (i % 2)
			pthread_kill(sleeper, SIGUSR1);
		else
			kill(getpid(), SIGUSR1);
	}
	return NULL;
}

static int sleep_for_signal(int how, int epoll, const sigset_t *mask)
{
	struct epoll_event event;

	switch (how) {
	case 0:
		return epoll_pwait(epoll, &event, 1, -1, mask);
	case 1:
		return ppoll(NULL, 0, NULL, mask);
	case 2:
		return pselect(0, NULL, NULL, NULL, NULL, mask);
	default:
		return sigsuspend(mask);
	}
}

/* A test that hangs here has slept in spite of it. */
static void signal_or_sleep(void)
{
	struct sigaction sa = {.sa_handler = take};
	int epoll = epoll_create1(0), wrong = 0;
	sigset_t none, blocked;
	pthread_t t;

	sigaction(SIGUSR1, &sa, NULL);
	sigemptyset(&none);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &blocked, NULL);
	sleeper = pthread_self();
	arrived = 0;
	if (pthread_create(&t, NULL, send_signals, NULL))
		exit(2);
	for (int i = 1; i <= ROUNDS; i++) {
		int r;

		meet(i);
		r = sleep_for_signal(i / 2 % 4, epoll, &none);
		wrong += r != -1 || errno != EINTR || taken != i;
	}
	pthread_join(t, NULL);
	close(epoll);
	show("not woken by its signal", "%d", wrong);
}

int main(void)
{
	seal_or_map();
	open_fifo();
	signal_or_sleep();
	return 0;
}
