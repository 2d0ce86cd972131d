/* Threads that move between CPUs, change their weight, look at themselves. */
#include "stress.h"
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

static void affinity(struct worker *w)
{
	cpu_set_t all, one, now_is;
	int cpu[CPU_SETSIZE], n = 0;

	must(!sched_getaffinity(0, sizeof(all), &all));
	for (int i = 0; i < CPU_SETSIZE; i++)
		if (CPU_ISSET(i, &all))
			cpu[n++] = i;
	for (unsigned i = between(w, 1, 10); i; i--) {
		int to = cpu[draw(w, (unsigned)n)];

		CPU_ZERO(&one);
		CPU_SET(to, &one);
		must(!sched_setaffinity(0, sizeof(one), &one));
		must(sched_getcpu() == to);
		dawdle(w);
		must(sched_getcpu() == to);
		must(!sched_getaffinity(0, sizeof(now_is), &now_is));
		must(CPU_EQUAL(&now_is, &one));
	}
	must(!sched_setaffinity(0, sizeof(all), &all));
}

/* What a thread without rights may not take back it does not change. */
static void *weights(void *arg)
{
	struct worker *w = arg;
	int tid = (int)syscall(SYS_gettid);

	for (int nice = 1; nice < 20; nice += (int)between(w, 1, 8)) {
		must(!setpriority(PRIO_PROCESS, (id_t)tid, nice));
		must(getpriority(PRIO_PROCESS, (id_t)tid) == nice);
		for (volatile unsigned i = draw(w, 2000); i; i--)
			;
		sched_yield();
	}
	return NULL;
}

static void nice_values(struct worker *w)
{
	struct worker generator = {.random = next_random(&w->random)};

	join(helper(w, weights, &generator));
}

/* As real-time threads run: for a short while, where that is allowed. */
static void *urgent(void *arg)
{
	struct worker *w = arg;
	int policy = draw(w, 2) ? SCHED_FIFO : SCHED_RR;
	struct sched_param p = {.sched_priority = (int)between(w, 1, 20)};
	int now_is, error = pthread_setschedparam(pthread_self(), policy, &p);

	must(!error || error == EPERM);
	for (unsigned i = between(w, 1, 4); i; i--)
		dawdle(w);
	zero(pthread_getschedparam(pthread_self(), &now_is, &p));
	must(error || now_is == policy);
	return NULL;
}

static void realtime(struct worker *w)
{
	struct worker generator[3];
	unsigned n = between(w, 1, 3);
	pthread_t t[3];

	for (unsigned i = 0; i < n; i++) {
		generator[i] = (struct worker){
			.random = next_random(&w->random)};
		t[i] = helper(w, urgent, &generator[i]);
	}
	for (unsigned i = 0; i < n; i++)
		join(t[i]);
}

/* ---- what /proc says while everything changes ---- */

static void proc(struct worker *w)
{
	static const char *const path[] = {
		"/proc/self/maps", "/proc/self/status", "/proc/self/stat",
		"/proc/self/smaps", "/proc/self/statm", "/proc/meminfo",
		"/proc/stat", "/proc/net/tcp", "/proc/net/unix",
		"/proc/thread-self/stat",
	};
	int fd = open(path[draw(w, sizeof(path) / sizeof(path[0]))], O_RDONLY);
	char buf[3000];
	ssize_t r, n = 0;

	must(fd >= 0);
	while ((r = again(read(fd, buf, between(w, 1, sizeof(buf))))) > 0) {
		must(!memchr(buf, 0, (size_t)r));
		n += r;
	}
	must(!r && n);
	close(fd);
}

static void randomness(struct worker *w)
{
	char a[64] = "", b[64] = "";
	unsigned n = between(w, 16, 64);

	must(again(getrandom(a, n, 0)) == (ssize_t)n);
	must(again(getrandom(b, n, 0)) == (ssize_t)n);
	must(memcmp(a, b, n));
}

const struct op sched_ops[] = {
	{"affinity", affinity}, {"nice", nice_values}, {"real-time", realtime},
	{"proc", proc}, {"random", randomness}, {0},
};
