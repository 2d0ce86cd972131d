/* Threads that come, go, are let go, and are cancelled wherever they wait. */
#include "stress.h"
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <semaphore.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static void *answer(void *arg)
{
	return (void *)mix((uintptr_t)arg);
}

static void thread(struct worker *w)
{
	for (unsigned round = between(w, 1, 4); round; round--) {
		unsigned n = between(w, 1, MAX_HELPERS);
		pthread_t t[MAX_HELPERS];

		for (uintptr_t i = 0; i < n; i++)
			t[i] = helper(w, answer, (void *)(i + w->turn));
		for (uintptr_t i = 0; i < n; i++)
			must(join(t[i]) == (void *)mix(i + w->turn));
	}
}

/* ---- detached, with stacks of all sizes, and values of their own ---- */

static pthread_key_t key;

struct group {
	sem_t ended;
	unsigned values; /* destructors that ran; atomic */
};

static void value_ends(void *value)
{
	struct group *g = value;

	__atomic_fetch_add(&g->values, 1, __ATOMIC_SEQ_CST);
	must(!sem_post(&g->ended));
}

static void *alone(void *arg)
{
	volatile char deep[8192];

	deep[0] = 1;
	zero(pthread_setspecific(key, arg));
	return (void *)(uintptr_t)deep[0];
}

__attribute__((constructor)) static void setup(void)
{
	zero(pthread_key_create(&key, value_ends));
}

static void detached(struct worker *w)
{
	unsigned n = between(w, 1, MAX_HELPERS);
	/* On the heap: the last destructor still has it when we go on. */
	struct group *g = calloc(1, sizeof(*g));
	pthread_attr_t attr;
	pthread_t t;

	must(g && !sem_init(&g->ended, 0, 0));
	for (unsigned i = 0; i < n; i++) {
		pthread_attr_init(&attr);
		zero(pthread_attr_setstacksize(&attr,
					       between(w, 4, 64) * PAGE));
		pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
		zero(pthread_create(&t, &attr, alone, g));
		pthread_attr_destroy(&attr);
	}
	for (unsigned i = 0; i < n; i++)
		must(!again(sem_wait(&g->ended)));
	must(g->values == n);
	free(g);
}

/* ---- cancelled ---- */

struct victim {
	unsigned how;
	int fd[2];
	sem_t ready;
	unsigned cleaned;
	pthread_mutex_t mutex;
	pthread_cond_t cond;
};

static void clean(void *arg)
{
	struct victim *v = arg;

	v->cleaned++;
	if (v->how == 5)
		zero(pthread_mutex_unlock(&v->mutex));
}

static void wait_for_ever(struct victim *v)
{
	struct pollfd p = {v->fd[0], POLLIN, 0};
	struct timespec hour = {3600, 0};
	fd_set set;
	char c;

	switch (v->how) {
	case 0: must(read(v->fd[0], &c, 1) == -1); break;
	case 1: poll(&p, 1, -1); break;
	case 2: nanosleep(&hour, NULL); break;
	case 3: must(recv(v->fd[0], &c, 1, 0) == -1); break;
	case 4:
		FD_ZERO(&set);
		FD_SET(v->fd[0], &set);
		select(v->fd[0] + 1, &set, NULL, NULL, NULL);
		break;
	case 5: pthread_cond_wait(&v->cond, &v->mutex); break;
	case 6: pause(); break;
	default:
		pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
		for (;;)
			;
	}
}

static void *victim(void *arg)
{
	struct victim *v = arg;

	pthread_cleanup_push(clean, v);
	if (v->how == 5)
		zero(pthread_mutex_lock(&v->mutex));
	must(!sem_post(&v->ready));
	for (;;)
		wait_for_ever(v);
	pthread_cleanup_pop(0);
	return NULL;
}

static void cancel(struct worker *w)
{
	struct victim v = {.how = draw(w, 8),
			   .mutex = PTHREAD_MUTEX_INITIALIZER,
			   .cond = PTHREAD_COND_INITIALIZER};
	pthread_t t;

	must(!socketpair(AF_UNIX, SOCK_STREAM, 0, v.fd));
	must(!sem_init(&v.ready, 0, 0));
	t = helper(w, victim, &v);
	if (draw(w, 2)) {
		must(!again(sem_wait(&v.ready)));
		dawdle(w);
	}
	zero(pthread_cancel(t));
	must(join(t) == PTHREAD_CANCELED);
	must(v.cleaned == 1 || (!v.cleaned && v.how != 7));
	if (v.how == 5 && v.cleaned)
		zero(pthread_mutex_lock(&v.mutex));
	close(v.fd[0]);
	close(v.fd[1]);
}

const struct op thread_ops[] = {
	{"thread", thread}, {"detached", detached}, {"cancel", cancel}, {0},
};
