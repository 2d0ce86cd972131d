/*
 * Scheduling: affinity, nice values, policies, and what they do to threads.
 * Whatever runs at a real-time priority here sleeps soon.
 */
#include "check.h"
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define RESET 0x40000000 /* SCHED_RESET_ON_FORK */

/* As linux/sched/types.h, which libcs do not like. */
struct sched_attr {
	uint32_t size, sched_policy;
	uint64_t sched_flags;
	int32_t sched_nice;
	uint32_t sched_priority;
	uint64_t runtime, deadline, period;
	uint32_t util_min, util_max;
};

static long setscheduler(int tid, int policy, int prio)
{
	struct sched_param p = {.sched_priority = prio};

	return syscall(SYS_sched_setscheduler, tid, policy, &p);
}

static long setattr(int policy, int nice, int prio, uint64_t flags)
{
	struct sched_attr a = {.size = sizeof(a),
			       .sched_policy = (unsigned)policy,
			       .sched_nice = nice,
			       .sched_priority = (unsigned)prio,
			       .sched_flags = flags};

	return syscall(SYS_sched_setattr, 0, &a, 0);
}

static void show_how(const char *label)
{
	struct sched_attr a;
	struct sched_param p;

	memset(&a, 0, sizeof(a));
	syscall(SYS_sched_getattr, 0, &a, sizeof(a), 0);
	syscall(SYS_sched_getparam, 0, &p);
	show(label, "%ld %d; %u %u %d %d %llu; %ld",
	     syscall(SYS_sched_getscheduler, 0), p.sched_priority, a.size,
	     a.sched_policy, a.sched_nice, a.sched_priority,
	     (unsigned long long)a.sched_flags,
	     syscall(SYS_getpriority, PRIO_PROCESS, 0));
}

static void *same_set(void *arg)
{
	cpu_set_t its;

	sched_getaffinity(0, sizeof(its), &its);
	return CPU_EQUAL((cpu_set_t *)arg, &its) ? arg : NULL;
}

static void affinity(void)
{
	pthread_t t;
	void *same;
	unsigned long mask[16] = {0}, all[16] = {0}, first;
	cpu_set_t set;
	int i = 0;

	CALL("getaffinity of 4 bytes", syscall(SYS_sched_getaffinity, 0, 4, all));
	CALL("getaffinity of 9 bytes", syscall(SYS_sched_getaffinity, 0, 9, all));
	CALL("getaffinity of nobody",
	     syscall(SYS_sched_getaffinity, 0x3fffffff, 128, all));
	CALL("getaffinity below 0", syscall(SYS_sched_getaffinity, -1, 128, all));
	CALL("getaffinity to nowhere",
	     syscall(SYS_sched_getaffinity, 0, 128, 8));
	WORKS("getaffinity", syscall(SYS_sched_getaffinity, 0, 128, all));
	CALL("setaffinity to none",
	     syscall(SYS_sched_setaffinity, 0, sizeof(mask), mask));
	CALL("setaffinity of 0 bytes", syscall(SYS_sched_setaffinity, 0, 0, all));
	CALL("setaffinity from nowhere",
	     syscall(SYS_sched_setaffinity, 0, 8, 8));
	CALL("setaffinity of nobody",
	     syscall(SYS_sched_setaffinity, 0x3fffffff, 128, all));
	mask[15] = 1ul << 63;
	CALL("setaffinity to one that is not there",
	     syscall(SYS_sched_setaffinity, 0, sizeof(mask), mask));
	mask[15] = 0;
	/* Each alone, where we are moved at once. */
	for (i = 0; i < 64; i++) {
		if (!(all[0] & 1ul << i))
			continue;
		mask[0] = 1ul << i;
		if (syscall(SYS_sched_setaffinity, 0, 8, mask) ||
		    sched_getcpu() != i ||
		    sched_getaffinity(0, sizeof(set), &set) ||
		    CPU_COUNT(&set) != 1 || !CPU_ISSET(i, &set))
			break;
	}
	show("on each CPU", "%s", i == 64 ? "yes" : "no");
	first = all[0] & -all[0];
	CALL("one byte of a mask is enough",
	     first & 0xff ? syscall(SYS_sched_setaffinity, 0, 1, &first) : 0);
	sched_getaffinity(0, sizeof(set), &set);
	pthread_create(&t, NULL, same_set, &set);
	pthread_join(t, &same);
	show("inherited by a thread", "%d", same != NULL);
	syscall(SYS_sched_setaffinity, 0, 128, all);
	CALL("yield", sched_yield());
}

static volatile int stop, tid_of_other, cpu_of_other;

static void *spin(void *arg)
{
	tid_of_other = (int)syscall(SYS_gettid);
	while (!stop)
		cpu_of_other = sched_getcpu();
	return NULL;
}

/* A thread that runs is moved before setaffinity returns. */
static void move_other(void)
{
	unsigned long all = 0, one;
	pthread_t t;
	int wrong = 0;

	syscall(SYS_sched_getaffinity, 0, 8, &all);
	pthread_create(&t, NULL, spin, NULL);
	while (!tid_of_other)
		usleep(1000);
	for (int n = 0; n < 100; n++)
		for (int i = 0; i < 64; i++) {
			one = 1ul << i;
			if (!(all & one))
				continue;
			if (sched_setaffinity(tid_of_other, 8, (void *)&one))
				wrong++;
			/* The second value was asked for after the first. */
			cpu_of_other = -1;
			while (cpu_of_other == -1)
				sched_yield();
			cpu_of_other = -1;
			while (cpu_of_other == -1)
				sched_yield();
			wrong += cpu_of_other != i;
		}
	stop = 1;
	pthread_join(t, NULL);
	show("a running thread is moved", "%d wrong", wrong);
}

static void nice_values(void)
{
	CALL("getpriority", syscall(SYS_getpriority, PRIO_PROCESS, 0));
	CALL("setpriority 5", setpriority(PRIO_PROCESS, 0, 5));
	CALL("getpriority", syscall(SYS_getpriority, PRIO_PROCESS, 0));
	CALL("setpriority 99", setpriority(PRIO_PROCESS, 0, 99));
	CALL("getpriority", syscall(SYS_getpriority, PRIO_PROCESS, 0));
	CALL("as root: setpriority -99", setpriority(PRIO_PROCESS, 0, -99));
	CALL("as root: getpriority", syscall(SYS_getpriority, PRIO_PROCESS, 0));
	CALL("as root: setpriority 0", setpriority(PRIO_PROCESS, 0, 0));
	CALL("setpriority of nobody", setpriority(PRIO_PROCESS, 0x3fffffff, 0));
	CALL("setpriority of a negative", setpriority(PRIO_PROCESS, -7, 0));
	CALL("setpriority of which", setpriority(3, 0, 0));
	CALL("setpriority of which", setpriority(-1, 0, 0));
	CALL("getpriority of which", getpriority(3, 0));
	CALL("getpriority of nobody", getpriority(PRIO_PROCESS, 0x3fffffff));
}

static void policies(void)
{
	struct sched_param p = {0};
	struct sched_attr a;
	struct timespec ts;

	for (int i = -1; i < 7; i++) {
		char label[40];

		snprintf(label, sizeof(label), "policy %d: min", i);
		CALL(label, sched_get_priority_min(i));
		snprintf(label, sizeof(label), "policy %d: max", i);
		CALL(label, sched_get_priority_max(i));
		for (int prio = -1; prio <= 100; prio += prio == 1 ? 98 : 1) {
			snprintf(label, sizeof(label),
				 "as root: policy %d priority %d", i, prio);
			CALL(label, setscheduler(0, i, prio));
			if (i != 4)
				show_how(label);
		}
	}
	setscheduler(0, SCHED_OTHER, 0);
	CALL("setscheduler of nobody", setscheduler(0x3fffffff, 0, 0));
	CALL("setscheduler of a negative", setscheduler(-1, 0, 0));
	CALL("setscheduler without", syscall(SYS_sched_setscheduler, 0, 0, 0));
	CALL("setscheduler from nowhere",
	     syscall(SYS_sched_setscheduler, 0, 0, 8));
	CALL("getscheduler of nobody",
	     syscall(SYS_sched_getscheduler, 0x3fffffff));
	CALL("getscheduler of a negative", syscall(SYS_sched_getscheduler, -1));
	CALL("getparam without", syscall(SYS_sched_getparam, 0, 0));
	CALL("getparam to nowhere", syscall(SYS_sched_getparam, 0, 8));
	CALL("setparam", syscall(SYS_sched_setparam, 0, &p));
	p.sched_priority = 1;
	CALL("setparam 1", syscall(SYS_sched_setparam, 0, &p));
	CALL("as root: fifo", setscheduler(0, SCHED_FIFO, 5));
	CALL("as root: setparam 1", syscall(SYS_sched_setparam, 0, &p));
	show_how("as root: so");
	CALL("as root: fifo interval",
	     syscall(SYS_sched_rr_get_interval, 0, &ts));
	show("as root: it is", "%ld.%09ld", (long)ts.tv_sec, ts.tv_nsec);
	CALL("as root: rr", setscheduler(0, SCHED_RR, 5));
	CALL("as root: rr interval", syscall(SYS_sched_rr_get_interval, 0, &ts));
	show("as root: it is", "%ld.%09ld", (long)ts.tv_sec, ts.tv_nsec);
	CALL("as root: back", setscheduler(0, SCHED_OTHER, 0));
	CALL("rr interval of a negative",
	     syscall(SYS_sched_rr_get_interval, -1, &ts));
	CALL("rr interval to nowhere",
	     syscall(SYS_sched_rr_get_interval, 0, 8));
	CALL("batch", setscheduler(0, SCHED_BATCH, 0));
	show_how("batch");
	CALL("normal", setscheduler(0, SCHED_OTHER, 0));

	CALL("setattr with flags", syscall(SYS_sched_setattr, 0, &a, 1));
	CALL("setattr without", syscall(SYS_sched_setattr, 0, 0, 0));
	memset(&a, 0, sizeof(a));
	a.size = 47;
	CALL("setattr of 47 bytes", syscall(SYS_sched_setattr, 0, &a, 0));
	show("it is told", "%u", a.size);
	a.size = 5000;
	CALL("setattr of 5000 bytes", syscall(SYS_sched_setattr, 0, &a, 0));
	show("it is told", "%u", a.size);
	a.size = 0;
	CALL("setattr of 0 bytes", syscall(SYS_sched_setattr, 0, &a, 0));
	CALL("setattr nice 3", setattr(SCHED_OTHER, 3, 0, 0));
	show_how("so");
	CALL("setattr nice 99", setattr(SCHED_OTHER, 99, 0, 0));
	show_how("so");
	CALL("as root: setattr nice -3", setattr(SCHED_BATCH, -3, 0, 0));
	show_how("as root: so");
	CALL("as root: setattr fifo", setattr(SCHED_FIFO, 4, 7, 0));
	show_how("as root: so");
	CALL("as root: setattr keep policy", setattr(SCHED_RR, 4, 8, 8));
	show_how("as root: so");
	CALL("as root: setattr keep both", setattr(SCHED_RR, 4, 9, 0x18));
	show_how("as root: so");
	CALL("as root: setattr other", setattr(SCHED_OTHER, 0, 0, 0));
	CALL("setattr priority", setattr(SCHED_OTHER, 0, 1, 0));
	CALL("setattr unknown flag", setattr(SCHED_OTHER, 0, 0, 0x8000));
	CALL("setattr of a bad policy", setattr(77, 0, 0, 0));
	CALL("setattr of a bad policy", setattr(-2, 0, 0, 0));
	CALL("setattr deadline of nothing", setattr(6, 0, 0, 0));
	CALL("getattr of 47 bytes", syscall(SYS_sched_getattr, 0, &a, 47, 0));
	CALL("getattr of 48 bytes", syscall(SYS_sched_getattr, 0, &a, 48, 0));
	show("size", "%u", a.size);
	CALL("getattr of 4097 bytes", syscall(SYS_sched_getattr, 0, &a, 4097, 0));
	CALL("getattr with flags", syscall(SYS_sched_getattr, 0, &a, 56, 1));
	CALL("getattr to nowhere", syscall(SYS_sched_getattr, 0, 8, 56, 0));
	CALL("getattr of a negative", syscall(SYS_sched_getattr, -1, &a, 56, 0));
}

static void *show_child(void *arg)
{
	show_how(arg);
	return NULL;
}

static void in_child(const char *label)
{
	pthread_t t;

	pthread_create(&t, NULL, show_child, (void *)label);
	pthread_join(t, NULL);
}

static void inheritance(void)
{
	CALL("as root: fifo", setscheduler(0, SCHED_FIFO, 2));
	in_child("as root: a child of it");
	CALL("as root: reset", setscheduler(0, SCHED_FIFO | RESET, 2));
	show_how("as root: so");
	in_child("as root: a child of that");
	CALL("as root: nice", setattr(SCHED_OTHER, -5, 0, 1));
	show_how("as root: so");
	in_child("as root: a child of that");
	CALL("as root: batch", setattr(SCHED_BATCH, 4, 0, 0));
	in_child("as root: a child of batch");
	CALL("as root: idle", setscheduler(0, SCHED_IDLE, 0));
	in_child("as root: a child of idle");
	CALL("as root: normal", setattr(SCHED_OTHER, 0, 0, 0));
}

/* What somebody without privilege may do. */
static void unprivileged(void)
{
	struct rlimit none = {0, 0};

	setrlimit(RLIMIT_RTPRIO, &none);
	setrlimit(RLIMIT_NICE, &none);
	if (setuid(12345))
		exit(1);
	CALL("as root: user: nice 4", setpriority(PRIO_PROCESS, 0, 4));
	CALL("as root: user: nice 3", setpriority(PRIO_PROCESS, 0, 3));
	CALL("as root: user: nice 2", setpriority(PRIO_PROCESS, 0, 2));
	CALL("as root: user: attr nice 2", setattr(SCHED_OTHER, 2, 0, 0));
	CALL("as root: user: fifo 3", setscheduler(0, SCHED_FIFO, 3));
	CALL("as root: user: fifo 4", setscheduler(0, SCHED_FIFO, 4));
	CALL("as root: user: rr 2", setscheduler(0, SCHED_RR, 2));
	CALL("as root: user: other", setscheduler(0, SCHED_OTHER, 0));
	CALL("as root: user: idle", setscheduler(0, SCHED_IDLE, 0));
	CALL("as root: user: back", setscheduler(0, SCHED_OTHER, 0));
	CALL("as root: user: nice 10", setpriority(PRIO_PROCESS, 0, 10));
	CALL("as root: user: reset", setattr(SCHED_OTHER, 10, 0, 1));
	CALL("as root: user: no reset", setattr(SCHED_OTHER, 10, 0, 0));
}

/* ---- what priorities do, on one CPU ---- */

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

static int word;

static void *wait_on_word(void *arg)
{
	syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
	place(*(char *)arg);
	return NULL;
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

static void on_one_cpu(void)
{
	pthread_mutexattr_t ma;
	pthread_t t[6];
	cpu_set_t one, all;

	sched_getaffinity(0, sizeof(all), &all);
	CPU_ZERO(&one);
	for (int i = 0; i < 64; i++)
		if (CPU_ISSET(i, &all)) {
			CPU_SET(i, &one);
			break;
		}
	sched_setaffinity(0, sizeof(one), &one);
	if (setscheduler(0, SCHED_FIFO, 50))
		return;

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

	/*
	 * low holds what mid waits for, who holds what high waits for: low runs
	 * as high, so the hog in between comes last of all but low's end.
	 */
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
	setscheduler(0, SCHED_OTHER, 0);
	sched_setaffinity(0, sizeof(all), &all);
}

/* ---- shares ---- */

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
static void shares(void)
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
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc > 1 && !strcmp(argv[1], "shares")) {
		shares();
		return 0;
	}
	affinity();
	move_other();
	nice_values();
	policies();
	inheritance();
	on_one_cpu();
	unprivileged();
	return 0;
}
