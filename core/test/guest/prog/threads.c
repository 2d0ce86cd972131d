/* Threads, thread-local storage, keys. */
#include "check.h"
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

static __thread int tls_set = 42;
static __thread char tls_zero[300];
static pthread_key_t key;
static int destroyed;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static int once_runs;

static void count_once(void) { once_runs++; }
static void destroy(void *p) { __atomic_add_fetch(&destroyed, 1, __ATOMIC_SEQ_CST); }

static void *use_tls(void *arg)
{
	long me = (long)arg;
	long sum = 0;

	pthread_setspecific(key, arg);
	pthread_once(&once, count_once);
	for (int i = 0; i < 100; i++) {
		tls_set += 1;
		tls_zero[i] = (char)me;
		sched_yield();
	}
	for (int i = 0; i < 300; i++)
		sum += tls_zero[i];
	return (void *)(tls_set * 100000l + sum);
}

static void *deep(void *arg)
{
	volatile char big[200000];

	memset((void *)big, 1, sizeof(big));
	return (void *)(long)big[199999];
}

static void *spin(void *arg)
{
	volatile int *stop = arg;

	while (!*stop)
		;
	return (void *)1;
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

/* Who has computed alone for a while does not pay for it when others come. */
static int fair(void)
{
	volatile int stop = 0;
	double start = now();
	pthread_t t;

	while (now() - start < 1.5)
		;
	start = now();
	pthread_create(&t, NULL, spin, (void *)&stop);
	stop = 1;
	pthread_join(t, NULL);
	return now() - start < 0.4;
}

static void *floats(void *arg)
{
	double x = (double)(long)arg, sum = 0;

	for (int i = 1; i < 300000; i++)
		sum += x / i;
	return (void *)(long)(sum * 1000);
}

static void *quick(void *arg) { return arg; }

int main(void)
{
	pthread_t t[20];
	pthread_attr_t attr;
	void *r;
	long total = 0;
	volatile int stop = 0;
	int made = 0;

	pthread_key_create(&key, destroy);
	for (long i = 0; i < 10; i++)
		show("create", "%d", pthread_create(&t[i], NULL, use_tls, (void *)(i + 1)));
	for (int i = 0; i < 10; i++) {
		pthread_join(t[i], &r);
		show("tls", "%ld", (long)r);
	}
	show("key destructors", "%d", destroyed);
	show("once", "%d", once_runs);
	show("main tls", "%d", tls_set);

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 512 << 10);
	show("big stack", "%d", pthread_create(&t[0], &attr, deep, NULL));
	pthread_join(t[0], &r);
	show("deep", "%ld", (long)r);

	/* Preemption: a thread that never gives way does not stop the others. */
	pthread_create(&t[0], NULL, spin, (void *)&stop);
	usleep(20000);
	stop = 1;
	pthread_join(t[0], &r);
	show("preempted", "%ld", (long)r);

	show("fair", "%d", fair());

	/* Vector registers belong to their thread. */
	for (long i = 0; i < 8; i++)
		pthread_create(&t[i], NULL, floats, (void *)(i + 1));
	for (int i = 0; i < 8; i++) {
		pthread_join(t[i], &r);
		show("floats", "%ld", (long)r);
	}

	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attr, 64 << 10);
	for (int i = 0; i < 2000; i++) {
		if (pthread_create(&t[0], &attr, quick, NULL))
			usleep(1000), i--;
		else
			made++;
		if (i % 16 == 0)
			sched_yield();
	}
	show("detached", "%d", made);
	for (int i = 0; i < 500; i++) {
		pthread_create(&t[0], NULL, quick, (void *)(long)i);
		pthread_join(t[0], &r);
		total += (long)r;
	}
	show("joined", "%ld", total);
	show("equal", "%d", pthread_equal(pthread_self(), pthread_self()) != 0);
	show("setname", "%d", pthread_setname_np(pthread_self(), "renamed"));
	char name[16];
	show("getname", "%d %s", pthread_getname_np(pthread_self(), name, 16), name);
	show("getname long", "%d", pthread_setname_np(pthread_self(), "a name too long for it") != 0);
	cpu_set_t set;
	show("affinity", "%d", !sched_getaffinity(0, sizeof(set), &set) && CPU_COUNT(&set) >= 1);
	return 0;
}
