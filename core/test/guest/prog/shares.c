/* What share of the processors threads get, by their nice values. */
#include "check.h"
#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static volatile int share_stop;

struct share {
	int nice;
	pthread_t thread;
	long ms; /* of CPU time */
};

static void *consume(void *arg)
{
	struct share *s = arg;
	struct timespec ts;

	setpriority(PRIO_PROCESS, (int)syscall(SYS_gettid), s->nice);
	while (!share_stop)
		;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	s->ms = ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
	return NULL;
}

static void consume_all(struct share *s, int n, int ms)
{
	share_stop = 0;
	for (int i = 0; i < n; i++)
		pthread_create(&s[i].thread, NULL, consume, &s[i]);
	usleep(ms * 1000);
	share_stop = 1;
	for (int i = 0; i < n; i++)
		pthread_join(s[i].thread, NULL);
}

static int equal(void)
{
	struct share a[2] = {{0}, {0}};

	consume_all(a, 2, 600);
	return a[0].ms * 10 > a[1].ms * 8 && a[1].ms * 10 > a[0].ms * 8;
}

/* The weights are 335 and 1024. */
static int third(void)
{
	struct share b[2] = {{5}, {0}};

	consume_all(b, 2, 1200);
	return b[0].ms * 22 < b[1].ms * 10 && b[0].ms * 45 > b[1].ms * 10;
}

static int fair(void)
{
	struct share c[3] = {{0}, {0}, {0}};

	consume_all(c, 3, 1500);
	for (int i = 0; i < 3; i++)
		if (c[i].ms * 2 < c[(i + 1) % 3].ms)
			return 0;
	return 1;
}

/* A host that stops the guest at the end of a turn spoils it: best of five. */
static void share(const char *label, int (*fn)(void))
{
	int ok = 0;

	for (int i = 0; i < 5 && !ok; i++)
		ok = fn();
	show(label, "%s", ok ? "yes" : "no");
}

/*
 * What is compared is what threads got at the same time, not with the clock.  Not
 * on Linux, where the tests are not alone.
 */
int main(void)
{
	cpu_set_t set, all;

	sched_getaffinity(0, sizeof(all), &all);
	CPU_ZERO(&set);
	for (int i = 0, n = 0; i < 64 && n < 1; i++)
		if (CPU_ISSET(i, &all) && ++n)
			CPU_SET(i, &set);
	sched_setaffinity(0, sizeof(set), &set);
	share("two threads get equal shares", equal);
	share("nice 5 gets a third", third);
	sched_setaffinity(0, sizeof(all), &all);
	share("three threads on all CPUs get a fair share", fair);
	return 0;
}
