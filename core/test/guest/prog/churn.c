/* Threads, timers and signals by the thousand leave nothing behind. */
#include "check.h"
#include <pthread.h>
#include <signal.h>
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

/* A line of /proc/meminfo, in KiB. */
static long meminfo(const char *name)
{
	char line[128];
	long kib = -1;
	FILE *f = fopen("/proc/meminfo", "r");

	while (f && kib < 0 && fgets(line, sizeof(line), f))
		if (!strncmp(line, name, strlen(name)))
			kib = atol(line + strlen(name));
	if (f)
		fclose(f);
	return kib;
}

static int mappings(void)
{
	FILE *f = fopen("/proc/self/maps", "r");
	int n = 0;

	for (int c; f && (c = getc(f)) != EOF;)
		n += c == '\n';
	if (f)
		fclose(f);
	return n;
}

struct held {
	long stacks, available; /* KiB */
	int mappings;
};

static struct held look(void)
{
	struct held h = {meminfo("KernelStack:"), meminfo("MemAvailable:"),
			 mappings()};

	return h;
}

/*
 * Threads are joined a moment before they have ended altogether.  Ten seconds: the
 * host may be busy.
 */
static void wait_for_stacks(long kib)
{
	for (int i = 0; i < 1000 && meminfo("KernelStack:") != kib; i++)
		usleep(10000);
}

int main(void)
{
	struct held start, first = {0}, now;
	struct utsname u;
	int guest;

	/* On Linux others have threads and use memory, too. */
	uname(&u);
	guest = strstr(u.release, "rumprun") != NULL;
	signal(SIGRTMIN + 1, count);
	signal(SIGPROF, count);
	start = look();
	for (int round = 0; round < 4; round++) {
		threads();
		timers();
		storm();
		profile();
		if (guest)
			wait_for_stacks(start.stacks);
		now = look();
		/* The first time round what is kept for the next is made. */
		if (!round)
			first = now;
		if (guest && now.stacks != start.stacks)
			show("kernel stacks", "%ld KiB, then %ld",
			     start.stacks, now.stacks);
		if (now.mappings != first.mappings)
			show("mappings", "%d, then %d", first.mappings,
			     now.mappings);
		show("round", "%d", round);
	}
	if (guest && labs(now.available - first.available) > 32)
		show("available memory", "%ld KiB, then %ld", first.available,
		     now.available);
	else
		show("available memory", "as before");
	return 0;
}
