/* The system call itself: waiting, waking, moving those who wait. */
#include "stress.h"
#include <limits.h>
#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

struct words {
	unsigned a, b;       /* a: whoever waits finds it 0; then 1 */
	int op_flags;        /* FUTEX_PRIVATE_FLAG or not */
	unsigned sleeping;   /* about to wait; atomic */
	bool timed;
};

static void *wait_until_set(void *arg)
{
	struct words *x = arg;
	struct timespec ts = {0, 400000};

	__atomic_fetch_add(&x->sleeping, 1, __ATOMIC_SEQ_CST);
	while (!__atomic_load_n(&x->a, __ATOMIC_SEQ_CST)) {
		long r = futex(&x->a, FUTEX_WAIT | x->op_flags, 0,
			       x->timed ? &ts : NULL, NULL, 0);

		must(!r || errno == EAGAIN || errno == EINTR ||
		     (x->timed && errno == ETIMEDOUT));
	}
	return NULL;
}

static unsigned begin(struct worker *w, struct words *x, pthread_t *t,
		      void *(*fn)(void *))
{
	unsigned n = between(w, 1, MAX_HELPERS);

	*x = (struct words){.timed = draw(w, 2),
			    .op_flags = draw(w, 2) ? FUTEX_PRIVATE_FLAG : 0};
	for (unsigned i = 0; i < n; i++)
		t[i] = helper(w, fn, x);
	dawdle(w);
	return n;
}

static void wake(struct worker *w)
{
	pthread_t t[MAX_HELPERS];
	struct words x;
	unsigned n = begin(w, &x, t, wait_until_set);
	long woken;

	__atomic_store_n(&x.a, 1, __ATOMIC_SEQ_CST);
	woken = futex(&x.a, FUTEX_WAKE | x.op_flags, INT_MAX, NULL, NULL, 0);
	must(woken >= 0 && woken <= n);
	for (unsigned i = 0; i < n; i++)
		join(t[i]);
}

/* ---- moved from one word to another, and woken there ---- */

/* Whoever is moved is woken once, by whom it does not know. */
static void *wait_moved(void *arg)
{
	struct words *x = arg;
	long r;

	__atomic_fetch_add(&x->sleeping, 1, __ATOMIC_SEQ_CST);
	do
		r = futex(&x->a, FUTEX_WAIT | x->op_flags, 0, NULL, NULL, 0);
	while (r && errno == EINTR);
	must(!r || errno == EAGAIN);
	return NULL;
}

static void requeue(struct worker *w)
{
	pthread_t t[MAX_HELPERS];
	struct words x;
	unsigned n = begin(w, &x, t, wait_moved), awake = 0;

	while (__atomic_load_n(&x.sleeping, __ATOMIC_SEQ_CST) < n)
		usleep(50);
	/* Those who have not begun to wait yet find the word changed. */
	while (awake < n) {
		long r = futex(&x.a, FUTEX_CMP_REQUEUE | x.op_flags, 1,
			       (void *)(intptr_t)INT_MAX, &x.b, 0);
		long there;

		must(r >= 0 && r <= n);
		there = futex(&x.b, FUTEX_WAKE | x.op_flags, 1, NULL, NULL, 0);
		must(there >= 0 && there <= 1);
		/* "r" counts both; so count only those who were woken. */
		awake += (unsigned)(there + (r > 0));
		if (!r && !there) {
			__atomic_store_n(&x.a, 1, __ATOMIC_SEQ_CST);
			break;
		}
	}
	futex(&x.a, FUTEX_WAKE | x.op_flags, INT_MAX, NULL, NULL, 0);
	futex(&x.b, FUTEX_WAKE | x.op_flags, INT_MAX, NULL, NULL, 0);
	for (unsigned i = 0; i < n; i++)
		join(t[i]);
}

static void timeout(struct worker *w)
{
	unsigned word = 0;
	int64_t ns = between(w, 1, 2000) * 1000, begun = now();
	struct timespec ts = {0, ns}, abs = in_ns(CLOCK_MONOTONIC, ns);
	bool absolute = draw(w, 2);
	long r = absolute ? futex(&word, FUTEX_WAIT_BITSET_PRIVATE, 0, &abs,
				  NULL, FUTEX_BITSET_MATCH_ANY)
			  : futex(&word, FUTEX_WAIT_PRIVATE, 0, &ts, NULL, 0);

	must(r == -1 && (errno == ETIMEDOUT || errno == EINTR));
	if (errno == ETIMEDOUT)
		must(now() - begun >= ns);
}

/* ---- FUTEX_LOCK_PI by hand, with time-outs ---- */

struct owned {
	unsigned word;
	unsigned long a, b;
	unsigned n;
};

static void lock_pi(struct owned *o, bool timed)
{
	for (;;) {
		struct timespec ts = in_ns(CLOCK_REALTIME, 300000);
		unsigned free = 0;

		if (__atomic_compare_exchange_n(&o->word, &free,
				(unsigned)syscall(SYS_gettid), false,
				__ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST) ||
		    !futex(&o->word, FUTEX_LOCK_PI_PRIVATE, 0,
			   timed ? &ts : NULL, NULL, 0))
			return;
		must(errno == EINTR || errno == EAGAIN ||
		     (timed && errno == ETIMEDOUT));
	}
}

static void unlock_pi(struct owned *o)
{
	unsigned me = (unsigned)syscall(SYS_gettid), was = me;

	must((__atomic_load_n(&o->word, __ATOMIC_SEQ_CST) & FUTEX_TID_MASK) ==
	     me);
	if (!__atomic_compare_exchange_n(&o->word, &was, 0, false,
					 __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
		must(!futex(&o->word, FUTEX_UNLOCK_PI_PRIVATE, 0, NULL, NULL,
			    0));
}

static void *own(void *arg)
{
	struct owned *o = arg;

	for (unsigned i = 0; i < o->n; i++) {
		lock_pi(o, i % 2);
		must(o->a == o->b);
		o->a++;
		if (i % 4 == 0)
			syscall(SYS_sched_yield);
		o->b++;
		unlock_pi(o);
	}
	return NULL;
}

static void owners(struct worker *w)
{
	struct owned o = {.n = between(w, 1, 20)};
	unsigned n = between(w, 1, MAX_HELPERS);
	pthread_t t[MAX_HELPERS];

	for (unsigned i = 0; i < n; i++)
		t[i] = helper(w, own, &o);
	own(&o);
	for (unsigned i = 0; i < n; i++)
		join(t[i]);
	must(!o.word && o.a == o.b && o.a == (n + 1ul) * o.n);
}

const struct op futex_ops[] = {
	{"futex-wake", wake}, {"futex-requeue", requeue},
	{"futex-timeout", timeout}, {"futex-pi", owners}, {0},
};
