/* What is left over after a round. */
#include "stress.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

/*
 * How many pages more a round may leave: of each of the heap's 16 size classes
 * (core/kern/mm/heap.c) two slabs that are partly used, and as much again for
 * page tables and the libc's heap.  What leaks with every turn is more than
 * this after some rounds.
 */
#define SLACK 48
/* What the network and threads that have just ended hold is given back soon. */
#define SETTLE_S 10

static unsigned count_names(const char *path)
{
	unsigned n = 0;
	DIR *d = opendir(path);

	must(d);
	while (readdir(d))
		n++;
	closedir(d);
	return n;
}

static bool alone(void)
{
	struct utsname u;

	return !uname(&u) && strstr(u.release, "rumprun");
}

/* The number after "name" in a file of /proc. */
static long figure(const char *path, const char *name)
{
	char word[64];
	long n = -1;
	FILE *f = fopen(path, "r");

	must(f);
	while (n < 0 && fscanf(f, "%63s", word) == 1)
		if (!strcmp(word, name))
			must(fscanf(f, "%ld", &n) == 1);
	fclose(f);
	must(n >= 0);
	return n;
}

/* Connections in TIME-WAIT: state 6 in the fourth word of each line. */
static unsigned time_waits(const char *path)
{
	char line[256], state[8];
	unsigned n = 0;
	FILE *f = fopen(path, "r");

	must(f);
	while (fgets(line, sizeof(line), f))
		n += sscanf(line, "%*s %*s %*s %7s", state) == 1 &&
		     !strcmp(state, "06");
	fclose(f);
	return n;
}

/*
 * Pages of files that have a store are there until somebody wants memory; a
 * connection in TIME-WAIT has its pcb for a while, less than 512 bytes.
 */
static long pages_in_use(void)
{
	static const char path[] = "/proc/rumprun/pages";

	return figure(path, "total") - figure(path, "free") -
	       (figure(path, "cached") - figure(path, "shared")) -
	       (time_waits("/proc/net/tcp") + time_waits("/proc/net/tcp6") +
		7) / 8;
}

void footprint(struct footprint *f)
{
	f->fds = count_names("/proc/self/fd");
	f->names = count_names(".");
	f->threads = count_names("/proc/self/task");
	f->pages = alone() ? pages_in_use() : 0;
}

static bool is_as(struct footprint *first, const struct footprint *f,
		  unsigned n)
{
	if (f->fds != first->fds || f->names != first->names ||
	    f->threads != first->threads)
		return false;
	/* Two rounds fill the caches. */
	if (n <= 2)
		first->pages = f->pages;
	return f->pages <= first->pages + SLACK;
}

void footprint_compare(struct footprint *first, unsigned n)
{
	int64_t until = now() + SETTLE_S * 1000000000ll;
	struct footprint f;

	for (footprint(&f); !is_as(first, &f, n); footprint(&f)) {
		if (now() < until) {
			usleep(20000);
			continue;
		}
		fprintf(stderr, "stress: round %u leaves %u descriptors, %u "
			"names, %u threads, %ld pages; before: %u, %u, %u, "
			"%ld\n", n, f.fds, f.names, f.threads, f.pages,
			first->fds, first->names, first->threads, first->pages);
		how_to_repeat();
		exit(1);
	}
}
