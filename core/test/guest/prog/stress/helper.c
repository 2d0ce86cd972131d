/* Small things that many operations need. */
#include "stress.h"
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

_Thread_local struct worker *self;

struct start {
	struct worker *w;
	void *(*fn)(void *);
	void *arg;
};

static void *begin(void *arg)
{
	struct start s = *(struct start *)arg;

	free(arg);
	self = s.w;
	return s.fn(s.arg);
}

pthread_t helper(struct worker *w, void *(*fn)(void *), void *arg)
{
	struct start *s = malloc(sizeof(*s));
	pthread_t t;

	must(s);
	*s = (struct start){w, fn, arg};
	zero(pthread_create(&t, NULL, begin, s));
	return t;
}

void *join(pthread_t t)
{
	void *result;

	zero(pthread_join(t, &result));
	return result;
}

int64_t now(void)
{
	static int64_t latest;
	struct timespec ts;
	int64_t before = __atomic_load_n(&latest, __ATOMIC_SEQ_CST), t;

	must(!clock_gettime(CLOCK_MONOTONIC, &ts));
	t = ts.tv_sec * 1000000000ll + ts.tv_nsec;
	/* What any thread has seen is past for all of them. */
	must(t >= before);
	while (before < t &&
	       !__atomic_compare_exchange_n(&latest, &before, t, false,
					    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
		;
	return t;
}

struct timespec in_ns(clockid_t clock, int64_t ns)
{
	struct timespec ts;

	must(!clock_gettime(clock, &ts));
	ns += ts.tv_nsec;
	ts.tv_sec += ns / 1000000000;
	ts.tv_nsec = ns % 1000000000;
	return ts;
}

void dawdle(struct worker *w)
{
	unsigned kind = draw(w, 4), much = draw(w, 1000);
	struct timespec ts = {0, much * 1000};

	if (kind == 0)
		nanosleep(&ts, NULL);
	else if (kind == 1)
		sched_yield();
	else if (kind == 2)
		for (volatile unsigned i = 0; i < much * 8; i++)
			;
}

long futex(void *word, int op, unsigned val, const void *time, void *word2,
	   unsigned val3)
{
	return syscall(SYS_futex, word, op, val, time, word2, val3);
}

void write_all(int fd, const void *p, size_t n)
{
	while (n) {
		ssize_t r = again(write(fd, p, n));

		must(r > 0 && (size_t)r <= n);
		p = (const char *)p + r;
		n -= (size_t)r;
	}
}

void read_all(int fd, void *p, size_t n)
{
	while (n) {
		ssize_t r = again(read(fd, p, n));

		must(r > 0 && (size_t)r <= n);
		p = (char *)p + r;
		n -= (size_t)r;
	}
}

const char *file_name(struct worker *w, char name[64], const char *what)
{
	snprintf(name, 64, "%u.%lu.%s", w->nr, w->turn, what);
	return name;
}
