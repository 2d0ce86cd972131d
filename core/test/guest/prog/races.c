/*
 * Calls of two threads at the same moment: of what they want only one can be had.
 * Every count is a defect.
 */
#define _GNU_SOURCE
#include "check.h"
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
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

int main(void)
{
	seal_or_map();
	return 0;
}
