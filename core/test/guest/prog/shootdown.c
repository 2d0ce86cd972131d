/*
 * What one thread takes away is gone for the threads on all processors when the
 * call returns: protection, pages; and the orders that membarrier forbids do not
 * happen.
 *
 *   shootdown [SECONDS]   each part takes that long; every count is a defect
 */
#define _GNU_SOURCE
#include <linux/membarrier.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define WRITERS 3
#define PAGE 4096
#define PAGES 8

static volatile int stop;
static double seconds = 1;
static char *area;
static long faults;
static __thread sigjmp_buf back;

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static void fault(int sig)
{
	__atomic_add_fetch(&faults, 1, __ATOMIC_RELAXED);
	siglongjmp(back, 1);
}

/* Adds to a word of its own in every page, for as long as it may. */
static void *writer(void *arg)
{
	long me = (long)arg;

	sigsetjmp(back, 1);
	while (!stop)
		for (int i = 0; i < PAGES; i++)
			++*(volatile long *)(area + i * PAGE + me * 8);
	return NULL;
}

static void start(pthread_t *t)
{
	stop = 0;
	for (long i = 0; i < WRITERS; i++)
		if (pthread_create(&t[i], NULL, writer, (void *)i))
			exit(2);
}

static void end(pthread_t *t)
{
	stop = 1;
	for (int i = 0; i < WRITERS; i++)
		pthread_join(t[i], NULL);
}

static long sum(void)
{
	long s = 0;

	for (int i = 0; i < PAGES; i++)
		for (int k = 0; k < WRITERS; k++)
			s += *(volatile long *)(area + i * PAGE + k * 8);
	return s;
}

/* Once mprotect has taken the right to write, nothing changes. */
static long protection(long *rounds)
{
	pthread_t t[WRITERS];
	double until = now() + seconds;
	long bad = 0;

	start(t);
	for (; now() < until; ++*rounds) {
		long before;

		mprotect(area, PAGES * PAGE, PROT_READ);
		before = sum();
		/* Now and then long enough for a writer to be refused. */
		if (*rounds % 16 == 0)
			usleep(500);
		bad += sum() != before;
		mprotect(area, PAGES * PAGE, PROT_READ | PROT_WRITE);
		sched_yield();
	}
	end(t);
	return bad;
}

/*
 * Pages given back and given out again are written by nobody else: their new
 * owner finds in them what it wrote.
 */
static long reuse(long *rounds)
{
	pthread_t t[WRITERS];
	double until = now() + seconds;
	long bad = 0;

	start(t);
	for (; now() < until; ++*rounds) {
		unsigned char *p;

		if (*rounds % 2)
			madvise(area, PAGES * PAGE, MADV_DONTNEED);
		else
			mmap(area, PAGES * PAGE, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
		p = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
		if (p == MAP_FAILED)
			exit(2);
		memset(p, 0xa5, PAGES * PAGE);
		for (int i = 0; i < PAGES * PAGE; i++)
			bad += p[i] != 0xa5;
		munmap(p, PAGES * PAGE);
	}
	end(t);
	return bad;
}

/* ---- membarrier: Dekker's algorithm with a barrier on one side only ---- */

static volatile int x, y, saw;
static int round_nr, done_nr;

static void *quick(void *arg)
{
	int r = 0, next;

	while (!stop) {
		next = __atomic_load_n(&round_nr, __ATOMIC_ACQUIRE);
		if (next == r)
			continue;
		r = next;
		x = 1;
		__asm__ __volatile__("" ::: "memory");
		saw = y;
		__atomic_store_n(&done_nr, r, __ATOMIC_RELEASE);
	}
	return NULL;
}

static long barrier(long *rounds)
{
	double until = now() + seconds;
	pthread_t t;
	long bad = 0;

	if (syscall(SYS_membarrier,
		    MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0))
		return -1;
	stop = 0;
	if (pthread_create(&t, NULL, quick, NULL))
		exit(2);
	while (now() < until) {
		int mine;

		x = y = 0;
		__atomic_store_n(&round_nr, (int)++*rounds, __ATOMIC_RELEASE);
		y = 1;
		syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0);
		mine = x;
		while (__atomic_load_n(&done_nr, __ATOMIC_ACQUIRE) !=
		       (int)*rounds)
			sched_yield();
		/* At least one of the two sees the other. */
		bad += !mine && !saw;
	}
	stop = 1;
	pthread_join(t, NULL);
	return bad;
}

int main(int argc, char **argv)
{
	struct sigaction sa = {.sa_handler = fault, .sa_flags = SA_NODEFER};
	long rounds = 0;

	if (argc > 1)
		seconds = atof(argv[1]);
	sigaction(SIGSEGV, &sa, NULL);
	area = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (area == MAP_FAILED)
		return 2;
	printf("writes after mprotect: %ld\n", protection(&rounds));
	printf("faults seen: %d\n", faults > 0);
	printf("rounds: %d\n", rounds > 0);
	rounds = 0;
	printf("writes into pages given back: %ld\n", reuse(&rounds));
	printf("rounds: %d\n", rounds > 0);
	rounds = 0;
	printf("orders that membarrier forbids: %ld\n", barrier(&rounds));
	printf("rounds: %d\n", rounds > 0);
	return 0;
}
