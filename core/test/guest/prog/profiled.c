/*
 * Work of known shares for the profiler: rounds of three parts in spin_a, one in
 * spin_b and some system calls, until so many milliseconds of its own CPU time are
 * used; then it sleeps as long ("profiled MS [STATUS]").
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include <sys/stat.h>

#define PART 20000

static volatile unsigned long sink;

/* Each in its own words, so that the compiler does not make them one. */
__attribute__((noinline)) static void spin_a(int n)
{
	for (int i = 0; i < n; i++)
		sink = sink + 1;
}

__attribute__((noinline)) static void spin_b(int n)
{
	for (int i = 0; i < n; i++)
		sink = sink + 1;
	sink = 0;
}

__attribute__((noinline)) static void ask(int n)
{
	struct stat st;

	for (int i = 0; i < n; i++)
		stat("/dev/null", &st);
}

__attribute__((noinline)) static void work(void)
{
	spin_a(3 * PART);
	spin_b(PART);
	ask(PART / 400);
}

static long cpu_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int main(int argc, char **argv)
{
	long ms = argc > 1 ? atol(argv[1]) : 0;

	puts("begins");
	fflush(stdout);
	while (cpu_ms() < ms)
		work();
	usleep(ms * 1000);
	puts("done");
	return argc > 2 ? atoi(argv[2]) : 0;
}
