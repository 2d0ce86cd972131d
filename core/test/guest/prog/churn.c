/* Threads, timers and signals by the thousand leave nothing behind. */
#include "check.h"
#include <pthread.h>
#include <signal.h>
#include <sys/sysinfo.h>
#include <sys/time.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

static volatile int hits;

static void count(int sig)
{
	hits++;
}

static void *nothing(void *arg)
{
	return arg;
}

static void *until(void *arg)
{
	while (!*(volatile int *)arg)
		;
	return NULL;
}

static void threads(void)
{
	pthread_t t[8];

	for (int i = 0; i < 200; i++) {
		for (int k = 0; k < 8; k++)
			if (pthread_create(&t[k], NULL, nothing, NULL))
				show("pthread_create", "failed");
		for (int k = 0; k < 8; k++)
			pthread_join(t[k], NULL);
	}
}

static void timers(void)
{
	struct sigevent se = {.sigev_notify = SIGEV_SIGNAL,
			      .sigev_signo = SIGRTMIN + 1};
	struct itimerspec it = {{0, 1000000}, {0, 1000000}};
	timer_t t[50];

	hits = 0;
	for (int i = 0; i < 50; i++) {
		timer_create(CLOCK_MONOTONIC, &se, &t[i]);
		timer_settime(t[i], 0, &it, NULL);
	}
	while (hits < 200)
		pause();
	for (int i = 0; i < 50; i++)
		timer_delete(t[i]);
}

static void storm(void)
{
	volatile int stop = 0;
	pthread_t t[4];

	hits = 0;
	for (int i = 0; i < 4; i++)
		pthread_create(&t[i], NULL, until, (void *)&stop);
	for (int i = 0; i < 400; i++)
		pthread_kill(t[i % 4], SIGRTMIN + 1);
	stop = 1;
	for (int i = 0; i < 4; i++)
		pthread_join(t[i], NULL);
}

static void profile(void)
{
	struct itimerval it = {{0, 1000}, {0, 1000}};

	hits = 0;
	setitimer(ITIMER_PROF, &it, NULL);
	while (hits < 10)
		;
	setitimer(ITIMER_PROF, &(struct itimerval){0}, NULL);
}

static long free_kib(void)
{
	struct sysinfo si;

	usleep(20000); /* stacks of threads that just ended are freed soon */
	sysinfo(&si);
	return (long)(si.freeram / 1024 * si.mem_unit);
}

int main(void)
{
	struct utsname u;
	long before = 0, after = 0;

	signal(SIGRTMIN + 1, count);
	signal(SIGPROF, count);
	for (int round = 0; round < 4; round++) {
		threads();
		timers();
		storm();
		profile();
		after = free_kib();
		if (!round)
			before = after;
		show("round", "%d", round);
	}
	/* On Linux other programs use memory, too. */
	uname(&u);
	if (!strstr(u.release, "rumprun"))
		after = before;
	if (after < before - 64 || after > before + 64)
		show("free memory", "%ld KiB, then %ld", before, after);
	else
		show("free memory", "as before");
	return 0;
}
