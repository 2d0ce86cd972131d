/*
 * What the kernel's services cost, one by one.  A line on standard input names a
 * test; it runs for SPAN seconds, and a line tells how often and for how long:
 *
 *     end NAME COUNT NANOSECONDS
 *
 * While nothing is asked for the program sleeps, so that whoever measures from
 * outside sees the test and nothing else.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define SPAN 0.3
#define NS 1000000000L
#define PAGE 4096
#define MAPPED 256            /* pages at a time */
#define CHUNK 65536           /* bytes of one read or write of a file */
#define FILE_SIZE (4L << 20)  /* of the file in memory */

static void check(int ok, const char *what)
{
	if (ok)
		return;
	printf("micro: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * NS + t.tv_nsec;
}

/* ---- one thread ---- */

static void getppid_(long n)
{
	while (n--)
		getppid();
}

static int ends[2], back[2];

static void pipe_(long n)
{
	char c = 'x';

	while (n--)
		check(write(ends[1], &c, 1) == 1 && read(ends[0], &c, 1) == 1,
		      "pipe");
}

static void mmap_(long n)
{
	for (; n > 0; n -= MAPPED) {
		char *p = mmap(NULL, MAPPED * PAGE, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		check(p != MAP_FAILED, "mmap");
		for (long i = 0; i < MAPPED; i++)
			((volatile char *)p)[i * PAGE] = 1;
		check(!munmap(p, MAPPED * PAGE), "munmap");
	}
}

static volatile sig_atomic_t caught;

static void handler(int sig)
{
	(void)sig;
	caught++;
}

static void signal_(long n)
{
	signal(SIGUSR1, handler);
	while (n--) {
		sig_atomic_t before = caught;

		check(!kill(getpid(), SIGUSR1) && caught != before, "signal");
	}
}

static void epoll_(long n)
{
	int set = epoll_create1(0), fd = eventfd(0, EFD_NONBLOCK);
	struct epoll_event e = {EPOLLIN, {.fd = fd}};
	uint64_t v = 1;

	check(set >= 0 && fd >= 0 &&
	      !epoll_ctl(set, EPOLL_CTL_ADD, fd, &e), "epoll");
	while (n--)
		check(write(fd, &v, sizeof(v)) == sizeof(v) &&
		      epoll_wait(set, &e, 1, -1) == 1 &&
		      read(fd, &v, sizeof(v)) == sizeof(v), "epoll");
	close(fd);
	close(set);
}

/* ---- two threads ---- */

static void *echo(void *arg)
{
	char c;

	(void)arg;
	while (read(ends[0], &c, 1) == 1 && c != 'q')
		check(write(back[1], &c, 1) == 1, "echo");
	return NULL;
}

/* There and back. */
static void switch_(long n)
{
	pthread_t t;
	char c = 'x';

	check(!pthread_create(&t, NULL, echo, NULL), "thread");
	while (n--)
		check(write(ends[1], &c, 1) == 1 && read(back[0], &c, 1) == 1,
		      "switch");
	c = 'q';
	check(write(ends[1], &c, 1) == 1, "switch");
	pthread_join(t, NULL);
}

static sem_t ping, pong;
static long rounds;

static void *post(void *arg)
{
	(void)arg;
	for (long n = rounds; n--; ) {
		sem_wait(&ping);
		sem_post(&pong);
	}
	return NULL;
}

/* There and back; musl's semaphores sleep on a futex. */
static void futex_(long n)
{
	pthread_t t;

	rounds = n;
	sem_init(&ping, 0, 0);
	sem_init(&pong, 0, 0);
	check(!pthread_create(&t, NULL, post, NULL), "thread");
	while (n--) {
		sem_post(&ping);
		sem_wait(&pong);
	}
	pthread_join(t, NULL);
}

static void *nothing(void *arg)
{
	return arg;
}

static void thread_(long n)
{
	pthread_t t;

	while (n--)
		check(!pthread_create(&t, NULL, nothing, NULL) &&
		      !pthread_join(t, NULL), "thread");
}

/* Both threads compute at once: on two processors in the time of one. */
static void *compute(void *arg)
{
	volatile uint32_t x = 1;

	for (long n = *(long *)arg * 1000; n--; )
		x = x * 1664525 + 1013904223; /* a step of a random sequence */
	return NULL;
}

static void compute_(long n)
{
	pthread_t t;

	check(!pthread_create(&t, NULL, compute, &n), "thread");
	compute(&n);
	pthread_join(t, NULL);
}

/* ---- files: the count is in MiB ---- */

static char chunk[CHUNK];

static int memory_file(void)
{
	static int fd = -1;

	if (fd >= 0)
		return fd;
	fd = open("/tmp/micro", O_RDWR | O_CREAT | O_TRUNC, 0600);
	check(fd >= 0, "/tmp/micro");
	for (long at = 0; at < FILE_SIZE; at += CHUNK)
		check(pwrite(fd, chunk, CHUNK, at) == CHUNK, "write");
	return fd;
}

static void file_read(long n)
{
	int fd = memory_file();

	for (long i = 0; i < n * (1L << 20) / CHUNK; i++)
		check(pread(fd, chunk, CHUNK, i * CHUNK % FILE_SIZE) == CHUNK,
		      "read");
}

static void file_write(long n)
{
	int fd = memory_file();

	for (long i = 0; i < n * (1L << 20) / CHUNK; i++)
		check(pwrite(fd, chunk, CHUNK, i * CHUNK % FILE_SIZE) == CHUNK,
		      "write");
}

/* The file on the disk, once and whole: what is not in memory yet is read. */
static long disk(void)
{
	int fd = open("/mnt/data", O_RDONLY);
	long bytes = 0;
	ssize_t n;

	check(fd >= 0, "/mnt/data");
	while ((n = read(fd, chunk, CHUNK)) > 0)
		bytes += n;
	check(n == 0, "/mnt/data");
	close(fd);
	return bytes >> 20;
}

static const struct {
	const char *name;
	void (*run)(long n);
	long first;             /* as many to begin with */
} tests[] = {
	{"getppid", getppid_, 1000},   {"pipe", pipe_, 100},
	{"mmap", mmap_, MAPPED},       {"signal", signal_, 100},
	{"epoll", epoll_, 100},        {"switch", switch_, 100},
	{"futex", futex_, 100},        {"thread", thread_, 10},
	{"compute", compute_, 100},
	{"file-read", file_read, 4},   {"file-write", file_write, 4},
};

static int run(const char *name, long *count, int64_t *took)
{
	int64_t begin = now();

	*count = *took = 0;
	if (!strcmp(name, "disk")) {
		*count = disk();
		*took = now() - begin;
		return 1;
	}
	for (size_t i = 0; i < sizeof(tests) / sizeof(*tests); i++) {
		if (strcmp(name, tests[i].name))
			continue;
		for (long n = tests[i].first; *took < SPAN * NS; n *= 2) {
			tests[i].run(n);
			*count += n;
			*took = now() - begin;
		}
		return 1;
	}
	return 0;
}

int main(void)
{
	char name[64];
	int64_t took;
	long count;

	check(!pipe(ends) && !pipe(back), "pipe");
	puts("ready");
	fflush(stdout);
	while (fgets(name, sizeof(name), stdin)) {
		name[strcspn(name, "\r\n")] = 0;
		if (run(name, &count, &took))
			printf("end %s %ld %lld\n", name, count,
			       (long long)took);
		else
			printf("micro: no test '%s'\n", name);
		fflush(stdout);
	}
	return 0;
}
