/*
 * How many processors there are, by every way in which programs ask, and that
 * threads run on all of them at the same time.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX 64

static int seen[MAX];
static volatile int stop;

static void *spin(void *arg)
{
	while (!stop) {
		int c = sched_getcpu();

		if (c >= 0 && c < MAX)
			__atomic_store_n(&seen[c], 1, __ATOMIC_RELAXED);
		else
			exit(3);
	}
	return NULL;
}

static int count_seen(void)
{
	int n = 0;

	for (int i = 0; i < MAX; i++)
		n += __atomic_load_n(&seen[i], __ATOMIC_RELAXED);
	return n;
}

/* Lines of a file that begin with the word. */
static int count_lines(const char *path, const char *word)
{
	FILE *f = fopen(path, "r");
	char line[4096];
	int n = 0;

	while (f && fgets(line, sizeof(line), f))
		n += !strncmp(line, word, strlen(word));
	if (f)
		fclose(f);
	return n;
}

static void show_file(const char *label, const char *path)
{
	FILE *f = fopen(path, "r");
	char line[100] = "none\n";

	if (f) {
		fgets(line, sizeof(line), f);
		fclose(f);
	}
	printf("%s: %s", label, line);
}

int main(int argc, char **argv)
{
	int n = (int)sysconf(_SC_NPROCESSORS_ONLN);
	pthread_t t[MAX];
	cpu_set_t set;

	printf("online: %d\n", n);
	printf("configured: %ld\n", sysconf(_SC_NPROCESSORS_CONF));
	sched_getaffinity(0, sizeof(set), &set);
	printf("affinity: %d\n", CPU_COUNT(&set));
	show_file("sysfs", "/sys/devices/system/cpu/online");
	printf("cpuinfo: %d\n", count_lines("/proc/cpuinfo", "processor\t"));
	printf("stat: %d\n", count_lines("/proc/stat", "cpu") - 1);
	fflush(stdout);
	if (argc > 1)
		return 0; /* many processors on few take their time to spin */
	for (int i = 0; i < n; i++)
		if (pthread_create(&t[i], NULL, spin, NULL))
			return 2;
	/* A test that hangs here has a processor which runs no threads. */
	while (count_seen() < n)
		usleep(1000);
	stop = 1;
	for (int i = 0; i < n; i++)
		pthread_join(t[i], NULL);
	printf("ran on: %d\n", count_seen());
	return 0;
}
