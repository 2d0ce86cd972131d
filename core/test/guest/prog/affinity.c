/* Which processors threads run on. */
#include "check.h"
#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

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

int main(void)
{
	affinity();
	move_other();
	return 0;
}
