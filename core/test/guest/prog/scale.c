/*
 * How work scales: each kind is done by N workers one after the other, and then by
 * all of them at the same time.  Prints, per kind, milliseconds of both and their
 * ratio, best of five: 1/N would be perfect, 1.00 is no gain at all.
 *
 *   scale [-n WORKERS] [KIND ...]
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS 5
#define WORKERS_MAX 64

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

/* ---- the kinds of work: one worker's ---- */

static void compute(void)
{
	volatile uint64_t x = 1;

	for (int i = 0; i < 30000000; i++)
		x = x * 6364136223846793005u + 1;
}

static void system_calls(void)
{
	for (int i = 0; i < 300000; i++)
		syscall(SYS_getppid);
}

static void *echo(void *arg)
{
	int *fd = arg;
	char c;

	while (read(fd[0], &c, 1) == 1)
		if (write(fd[3], &c, 1) != 1)
			break;
	return NULL;
}

/* A byte to and fro between two threads. */
static void pipes(void)
{
	int fd[4];
	pthread_t t;
	char c = 0;

	if (pipe(fd) || pipe(fd + 2))
		fail("pipe");
	if (pthread_create(&t, NULL, echo, fd))
		fail("thread");
	for (int i = 0; i < 10000; i++)
		if (write(fd[1], &c, 1) != 1 || read(fd[2], &c, 1) != 1)
			fail("pipe");
	close(fd[1]);
	pthread_join(t, NULL);
	close(fd[0]);
	close(fd[2]);
	close(fd[3]);
}

static void futexes(void)
{
	int word = 0;

	for (int i = 0; i < 200000; i++) {
		syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 1);
		syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 1, NULL);
	}
}

static void epolls(void)
{
	struct epoll_event ev = {.events = EPOLLIN}, got;
	int ep = epoll_create1(0), fd = eventfd(0, 0);
	uint64_t v = 1;

	if (ep < 0 || fd < 0 || epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev))
		fail("epoll");
	for (int i = 0; i < 60000; i++)
		if (write(fd, &v, 8) != 8 || epoll_wait(ep, &got, 1, -1) != 1 ||
		    read(fd, &v, 8) != 8)
			fail("epoll");
	close(ep);
	close(fd);
}

static void faults(void)
{
	size_t n = 256 * 4096;

	for (int i = 0; i < 60; i++) {
		char *p = mmap(NULL, n, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (p == MAP_FAILED)
			fail("mmap");
		for (size_t o = 0; o < n; o += 4096)
			p[o] = 1;
		munmap(p, n);
	}
}

static void reads(void)
{
	static _Thread_local char buf[4096];
	char name[] = "/tmp/scaleXXXXXX";
	int fd = mkstemp(name);

	if (fd < 0 || write(fd, buf, sizeof(buf)) != sizeof(buf))
		fail(name);
	for (int i = 0; i < 100000; i++)
		if (pread(fd, buf, sizeof(buf), 0) != sizeof(buf))
			fail(name);
	close(fd);
	unlink(name);
}

static void opens(void)
{
	for (int i = 0; i < 30000; i++) {
		int fd = open("/dev/null", O_RDONLY);

		if (fd < 0)
			fail("/dev/null");
		close(fd);
	}
}

/* A mutex of the program that all workers want. */
static void mutexes(void)
{
	static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
	static volatile uint64_t x;

	for (int i = 0; i < 100000; i++) {
		pthread_mutex_lock(&m);
		x = x + 1;
		pthread_mutex_unlock(&m);
	}
}

static const struct kind {
	const char *name;
	void (*fn)(void);
} kinds[] = {
	{"compute", compute}, {"syscalls", system_calls}, {"pipe", pipes},
	{"futex", futexes},   {"epoll", epolls},	  {"fault", faults},
	{"read", reads},      {"open", opens},		  {"mutex", mutexes},
};

/* ---- measuring ---- */

static int workers = 2;
static pthread_barrier_t barrier;

static void *worker(void *arg)
{
	const struct kind *k = arg;

	pthread_barrier_wait(&barrier);
	k->fn();
	return NULL;
}

static double now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

static double in_turn(const struct kind *k)
{
	double start = now_ms();

	for (int i = 0; i < workers; i++)
		k->fn();
	return now_ms() - start;
}

static double together(const struct kind *k)
{
	pthread_t t[WORKERS_MAX];
	double start;

	pthread_barrier_init(&barrier, NULL, (unsigned)workers + 1);
	for (int i = 0; i < workers; i++)
		if (pthread_create(&t[i], NULL, worker, (void *)k))
			fail("thread");
	start = now_ms();
	pthread_barrier_wait(&barrier);
	for (int i = 0; i < workers; i++)
		pthread_join(t[i], NULL);
	pthread_barrier_destroy(&barrier);
	return now_ms() - start;
}

static void measure(const struct kind *k)
{
	double best_turn = 0, best_together = 0, best = 0;

	for (int i = 0; i < ROUNDS; i++) {
		double a = in_turn(k), b = together(k);

		if (i && b / a >= best)
			continue;
		best = b / a;
		best_turn = a;
		best_together = b;
	}
	printf("%-10s %8.1f ms %8.1f ms %6.2f\n", k->name, best_turn,
	       best_together, best);
	fflush(stdout);
}

static int wanted(int argc, char **argv, const char *name)
{
	for (int i = optind; i < argc; i++)
		if (!strcmp(argv[i], name))
			return 1;
	return optind == argc;
}

int main(int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "n:")) != -1) {
		if (c == 'n')
			workers = atoi(optarg);
		if (c != 'n' || workers < 1 || workers > WORKERS_MAX) {
			fprintf(stderr, "usage: scale [-n WORKERS] [KIND ...]\n");
			return 2;
		}
	}
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (wanted(argc, argv, kinds[i].name))
			measure(&kinds[i]);
	return 0;
}
