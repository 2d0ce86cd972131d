/* Mutexes of all kinds, reader-writer locks, condition variables, barriers. */
#include "stress.h"
#include <limits.h>
#include <sched.h>
#include <semaphore.h>
#include <stdlib.h>

#define KINDS 4

/* Two numbers that are the same whenever somebody else may look. */
struct guarded {
	pthread_mutex_t mutex;
	unsigned long a, b;
	unsigned long sum; /* what both must come to; atomic */
};

static struct guarded guarded[KINDS], guarded_rw;
static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;

__attribute__((constructor)) static void setup(void)
{
	static const int type[KINDS] = {
		PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_RECURSIVE,
		PTHREAD_MUTEX_ERRORCHECK, PTHREAD_MUTEX_NORMAL,
	};
	pthread_mutexattr_t attr;

	for (unsigned i = 0; i < KINDS; i++) {
		pthread_mutexattr_init(&attr);
		pthread_mutexattr_settype(&attr, type[i]);
		if (i == KINDS - 1)
			pthread_mutexattr_setprotocol(&attr,
						      PTHREAD_PRIO_INHERIT);
		pthread_mutex_init(&guarded[i].mutex, &attr);
	}
}

void sync_round_end(void)
{
	for (unsigned i = 0; i < KINDS; i++)
		must(guarded[i].a == guarded[i].sum &&
		     guarded[i].b == guarded[i].sum);
	must(guarded_rw.a == guarded_rw.sum && guarded_rw.b == guarded_rw.sum);
}

static void change(struct worker *w, struct guarded *g)
{
	must(g->a == g->b);
	g->a++;
	if (!draw(w, 8))
		dawdle(w);
	g->b++;
	__atomic_fetch_add(&g->sum, 1, __ATOMIC_RELAXED);
}

static void lock_somehow(struct worker *w, pthread_mutex_t *m)
{
	struct timespec ts = in_ns(CLOCK_REALTIME, between(w, 1, 500) * 1000);
	unsigned how = draw(w, 3);
	int error = EBUSY;

	if (how == 0)
		error = pthread_mutex_trylock(m);
	else if (how == 1)
		error = pthread_mutex_timedlock(m, &ts);
	must(!error || error == EBUSY || error == ETIMEDOUT);
	if (error)
		zero(pthread_mutex_lock(m));
}

static void mutex(struct worker *w)
{
	for (unsigned i = between(w, 1, 20); i; i--) {
		unsigned kind = draw(w, KINDS);
		struct guarded *g = &guarded[kind];

		lock_somehow(w, &g->mutex);
		if (kind == 1) {
			zero(pthread_mutex_lock(&g->mutex));
			zero(pthread_mutex_unlock(&g->mutex));
		} else if (kind == 2) {
			must(pthread_mutex_lock(&g->mutex) == EDEADLK);
		}
		change(w, g);
		zero(pthread_mutex_unlock(&g->mutex));
	}
}

static void rw(struct worker *w)
{
	for (unsigned i = between(w, 1, 20); i; i--) {
		if (draw(w, 4)) {
			zero(pthread_rwlock_rdlock(&rwlock));
			must(guarded_rw.a == guarded_rw.b);
		} else {
			zero(pthread_rwlock_wrlock(&rwlock));
			change(w, &guarded_rw);
		}
		zero(pthread_rwlock_unlock(&rwlock));
	}
}

/* ---- a short queue between two threads ---- */

#define QUEUE 4

struct queue {
	pthread_mutex_t mutex;
	pthread_cond_t more, less;
	unsigned long item[QUEUE];
	unsigned put, got, end;
	bool timed;
};

static void wait_for(struct queue *q, pthread_cond_t *c)
{
	struct timespec ts = in_ns(CLOCK_REALTIME, 300000);
	int error;

	if (!q->timed) {
		zero(pthread_cond_wait(c, &q->mutex));
		return;
	}
	error = pthread_cond_timedwait(c, &q->mutex, &ts);
	must(!error || error == ETIMEDOUT);
}

static void *consume(void *arg)
{
	struct queue *q = arg;

	for (unsigned i = 0; i < q->end; i++) {
		zero(pthread_mutex_lock(&q->mutex));
		while (q->put == q->got)
			wait_for(q, &q->more);
		must(q->got == i && q->item[i % QUEUE] == i * 3);
		q->got++;
		zero(pthread_cond_signal(&q->less));
		zero(pthread_mutex_unlock(&q->mutex));
	}
	return NULL;
}

static void cond(struct worker *w)
{
	struct queue q = {.mutex = PTHREAD_MUTEX_INITIALIZER,
			  .more = PTHREAD_COND_INITIALIZER,
			  .less = PTHREAD_COND_INITIALIZER,
			  .end = between(w, 1, 60), .timed = draw(w, 2)};
	pthread_t t = helper(w, consume, &q);

	for (unsigned i = 0; i < q.end; i++) {
		zero(pthread_mutex_lock(&q.mutex));
		while (q.put - q.got == QUEUE)
			wait_for(&q, &q.less);
		q.item[i % QUEUE] = i * 3;
		q.put++;
		zero(pthread_cond_broadcast(&q.more));
		zero(pthread_mutex_unlock(&q.mutex));
	}
	join(t);
	must(q.got == q.end);
}

/* ---- barriers, semaphores ---- */

struct meeting {
	pthread_barrier_t barrier;
	unsigned rounds, serial, arrived, members; /* first three: atomic */
};

static void *meet(void *arg)
{
	struct meeting *m = arg;
	int r;

	for (unsigned i = 1; i <= m->rounds; i++) {
		__atomic_fetch_add(&m->arrived, 1, __ATOMIC_SEQ_CST);
		r = pthread_barrier_wait(&m->barrier);
		must(!r || r == PTHREAD_BARRIER_SERIAL_THREAD);
		must(__atomic_load_n(&m->arrived, __ATOMIC_SEQ_CST) >=
		     i * m->members);
		if (r)
			__atomic_fetch_add(&m->serial, 1, __ATOMIC_SEQ_CST);
	}
	return NULL;
}

static void barrier(struct worker *w)
{
	struct meeting m = {.rounds = between(w, 1, 10),
			    .members = between(w, 1, MAX_HELPERS) + 1};
	pthread_t t[MAX_HELPERS];

	zero(pthread_barrier_init(&m.barrier, NULL, m.members));
	for (unsigned i = 0; i < m.members - 1; i++)
		t[i] = helper(w, meet, &m);
	meet(&m);
	for (unsigned i = 0; i < m.members - 1; i++)
		join(t[i]);
	zero(pthread_barrier_destroy(&m.barrier));
	must(m.serial == m.rounds);
}

struct posts {
	sem_t sem;
	unsigned n;
};

static void *post(void *arg)
{
	struct posts *p = arg;

	for (unsigned i = 0; i < p->n; i++)
		must(!sem_post(&p->sem));
	return NULL;
}

static void semaphore(struct worker *w)
{
	unsigned helpers = between(w, 1, 3), timed = draw(w, 2);
	struct posts p = {.n = between(w, 1, 50)};
	pthread_t t[3];
	int value;

	must(!sem_init(&p.sem, 0, 0));
	for (unsigned i = 0; i < helpers; i++)
		t[i] = helper(w, post, &p);
	for (unsigned i = 0; i < helpers * p.n;) {
		struct timespec ts = in_ns(CLOCK_REALTIME, 200000);

		if (!(timed ? sem_timedwait(&p.sem, &ts) : sem_wait(&p.sem)))
			i++;
		else
			must(errno == EINTR || (timed && errno == ETIMEDOUT));
	}
	for (unsigned i = 0; i < helpers; i++)
		join(t[i]);
	must(!sem_getvalue(&p.sem, &value) && !value);
	must(!sem_destroy(&p.sem));
}

/* ---- an owner that ends ---- */

struct bequest {
	pthread_mutex_t mutex;
	bool release;
};

static void *lock_and_end(void *arg)
{
	struct bequest *b = arg;
	int error = pthread_mutex_lock(&b->mutex);

	if (error == EOWNERDEAD)
		zero(pthread_mutex_consistent(&b->mutex));
	else
		zero(error);
	if (b->release)
		zero(pthread_mutex_unlock(&b->mutex));
	return NULL;
}

/*
 * Without priority inheritance: musl's pthread_exit gives a mutex up by itself, and
 * where it inherits, somebody may take it before the kernel, which goes by its own
 * list, gives it to one that waits.  Both then have it, on Linux, too.
 */
static void robust(struct worker *w)
{
	struct bequest b = {.release = draw(w, 2)};
	unsigned heirs = between(w, 1, 4);
	pthread_t t[4];
	pthread_mutexattr_t attr;
	int error;

	pthread_mutexattr_init(&attr);
	zero(pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST));
	zero(pthread_mutex_init(&b.mutex, &attr));
	zero(pthread_mutex_lock(&b.mutex));
	for (unsigned i = 0; i < heirs; i++)
		t[i] = helper(w, lock_and_end, &b);
	dawdle(w);
	zero(pthread_mutex_unlock(&b.mutex));
	for (unsigned i = 0; i < heirs; i++)
		join(t[i]);
	error = pthread_mutex_lock(&b.mutex);
	must(error == (b.release ? 0 : EOWNERDEAD));
	if (error)
		zero(pthread_mutex_consistent(&b.mutex));
	zero(pthread_mutex_unlock(&b.mutex));
	zero(pthread_mutex_destroy(&b.mutex));
}

const struct op sync_ops[] = {
	{"mutex", mutex}, {"rwlock", rw}, {"cond", cond}, {"barrier", barrier},
	{"semaphore", semaphore}, {"robust", robust}, {0},
};
