/*
 * What real-time priorities do, on one CPU: who runs first, who is woken first, and
 * who inherits a priority by a mutex.  Whatever runs at one here sleeps soon.
 */
#include "check.h"
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static char order[64];
static int places;

static void place(char c)
{
	order[__atomic_fetch_add(&places, 1, __ATOMIC_SEQ_CST)] = c;
}

static void *arrive(void *arg)
{
	place(*(char *)arg);
	return NULL;
}

static pthread_t start_at(int policy, int prio, void *(*fn)(void *), void *arg)
{
	struct sched_param p = {.sched_priority = prio};
	pthread_attr_t a;
	pthread_t t;

	pthread_attr_init(&a);
	pthread_attr_setinheritsched(&a, PTHREAD_EXPLICIT_SCHED);
	pthread_attr_setschedpolicy(&a, policy);
	pthread_attr_setschedparam(&a, &p);
	if (pthread_create(&t, &a, fn, arg))
		exit(9);
	return t;
}

static void run_in_order(void)
{
	pthread_t t[6];

	t[0] = start_at(SCHED_FIFO, 10, arrive, "a");
	t[1] = start_at(SCHED_FIFO, 20, arrive, "b");
	t[2] = start_at(SCHED_RR, 20, arrive, "c");
	t[3] = start_at(SCHED_FIFO, 51, arrive, "d");
	t[4] = start_at(SCHED_OTHER, 0, arrive, "e");
	t[5] = start_at(SCHED_RR, 30, arrive, "f");
	place('-');
	for (int i = 0; i < 6; i++)
		pthread_join(t[i], NULL);
	show("as root: real-time threads run in order", "%s", order);
}

static int word;

static void *wait_on_word(void *arg)
{
	syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
	place(*(char *)arg);
	return NULL;
}

static void wakes_in_order(void)
{
	pthread_t t[4];

	memset(order, 0, sizeof(order));
	places = 0;
	t[0] = start_at(SCHED_FIFO, 10, wait_on_word, "a");
	t[1] = start_at(SCHED_FIFO, 30, wait_on_word, "b");
	t[2] = start_at(SCHED_OTHER, 0, wait_on_word, "c");
	t[3] = start_at(SCHED_FIFO, 20, wait_on_word, "d");
	usleep(50000);
	for (int i = 0; i < 4; i++) {
		CALL("as root: woken",
		     syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 1));
		usleep(20000);
	}
	for (int i = 0; i < 4; i++)
		pthread_join(t[i], NULL);
	show("as root: a futex wakes by priority", "%s", order);
}

static pthread_mutex_t low_lock, mid_lock;
static volatile int low_ready, mid_ready, go;

/* Holds a lock, and spins below others until it is let go by the boost. */
static void *low(void *arg)
{
	pthread_mutex_lock(&low_lock);
	low_ready = 1;
	while (!go)
		usleep(1000);
	place('l');
	pthread_mutex_unlock(&low_lock);
	place('e');
	return NULL;
}

static void *mid(void *arg)
{
	pthread_mutex_lock(&mid_lock);
	mid_ready = 1;
	pthread_mutex_lock(&low_lock);
	place('m');
	pthread_mutex_unlock(&low_lock);
	pthread_mutex_unlock(&mid_lock);
	return NULL;
}

static void *high(void *arg)
{
	pthread_mutex_lock(&mid_lock);
	place('h');
	pthread_mutex_unlock(&mid_lock);
	return NULL;
}

/* Of a priority between low and high: keeps low from running, but for the boost. */
static void *hog(void *arg)
{
	struct timespec a, b;

	clock_gettime(CLOCK_MONOTONIC, &a);
	do
		clock_gettime(CLOCK_MONOTONIC, &b);
	while ((b.tv_sec - a.tv_sec) * 1000000000 + b.tv_nsec - a.tv_nsec <
	       100000000);
	place('H');
	return NULL;
}

/*
 * low holds what mid waits for, who holds what high waits for: low runs
 * as high, so the hog in between comes last of all but low's end.
 */
static void inherit(void)
{
	pthread_mutexattr_t ma;
	pthread_t t[4];

	memset(order, 0, sizeof(order));
	places = 0;
	pthread_mutexattr_init(&ma);
	pthread_mutexattr_setprotocol(&ma, PTHREAD_PRIO_INHERIT);
	pthread_mutex_init(&low_lock, &ma);
	pthread_mutex_init(&mid_lock, &ma);
	t[0] = start_at(SCHED_FIFO, 1, low, NULL);
	while (!low_ready)
		usleep(1000);
	t[1] = start_at(SCHED_FIFO, 2, mid, NULL);
	while (!mid_ready)
		usleep(1000);
	t[2] = start_at(SCHED_FIFO, 40, high, NULL);
	usleep(20000);
	t[3] = start_at(SCHED_FIFO, 20, hog, NULL);
	go = 1;
	for (int i = 0; i < 4; i++)
		pthread_join(t[i], NULL);
	show("as root: the chain inherits", "%s", order);
}

int main(void)
{
	struct sched_param p = {.sched_priority = 50};
	cpu_set_t all, one;

	sched_getaffinity(0, sizeof(all), &all);
	CPU_ZERO(&one);
	for (int i = 0; i < 64; i++)
		if (CPU_ISSET(i, &all)) {
			CPU_SET(i, &one);
			break;
		}
	sched_setaffinity(0, sizeof(one), &one);
	if (pthread_setschedparam(pthread_self(), SCHED_FIFO, &p))
		return 0; /* not root */
	run_in_order();
	wakes_in_order();
	inherit();
	return 0;
}
