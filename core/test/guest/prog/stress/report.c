/* How the program ends when something is wrong, and who notices a hang. */
#include "stress.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * A turn takes milliseconds.  This long, by the guest's own clock, no busy host
 * and no emulation makes it.
 */
#define TURN_MAX_S 120

static pthread_t watch;
static bool over;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;

static void say(const char *text)
{
	if (write(2, text, strlen(text)) < 0)
		abort();
}

static void tell_worker(const struct worker *w)
{
	const struct op *op = __atomic_load_n(&w->op, __ATOMIC_RELAXED);
	char line[160];

	snprintf(line, sizeof(line), "worker %u (thread %d): turn %lu, %s\n",
		 w->nr, w->tid, __atomic_load_n(&w->turn, __ATOMIC_RELAXED),
		 op ? op->name : "nothing");
	say(line);
}

_Noreturn void broken(const char *file, int line, const char *what)
{
	static bool once;
	int error = errno;
	char text[512];

	/* Others may find something, too; the first report is enough. */
	while (__atomic_exchange_n(&once, true, __ATOMIC_SEQ_CST))
		pause();
	snprintf(text, sizeof(text),
		 "\nstress: %s:%d: not so: %s (errno %d: %s; thread %ld)\n",
		 strrchr(file, '/') + 1, line, what, error, strerror(error),
		 syscall(SYS_gettid));
	say(text);
	if (self)
		tell_worker(self);
	how_to_repeat();
	abort();
}

static void hung(void)
{
	say("\nstress: no progress\n");
	for (unsigned i = 0; i < workers; i++)
		tell_worker(&worker[i]);
	how_to_repeat();
	abort();
}

static void *watching(void *arg)
{
	unsigned long turn[MAX_WORKERS] = {0};
	int64_t since[MAX_WORKERS];
	struct timespec ts;
	sigset_t all;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, NULL);
	for (unsigned i = 0; i < MAX_WORKERS; i++)
		since[i] = now();
	pthread_mutex_lock(&lock);
	while (!over) {
		ts = in_ns(CLOCK_REALTIME, 1000000000);
		pthread_cond_timedwait(&changed, &lock, &ts);
		for (unsigned i = 0; i < workers; i++) {
			unsigned long t = __atomic_load_n(&worker[i].turn,
							  __ATOMIC_RELAXED);

			if (t != turn[i] ||
			    !__atomic_load_n(&worker[i].op, __ATOMIC_RELAXED))
				since[i] = now();
			turn[i] = t;
			if (now() - since[i] > TURN_MAX_S * 1000000000ll)
				hung();
		}
	}
	pthread_mutex_unlock(&lock);
	return NULL;
}

void watch_begin(void)
{
	zero(pthread_create(&watch, NULL, watching, NULL));
}

void watch_end(void)
{
	pthread_mutex_lock(&lock);
	over = true;
	pthread_cond_signal(&changed);
	pthread_mutex_unlock(&lock);
	pthread_join(watch, NULL);
}
