/* epoll sets that change while events come in. */
#include "stress.h"
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define MEMBERS 6

struct watched {
	int epoll, event[MEMBERS];
	unsigned long sent[MEMBERS], got[MEMBERS];
	unsigned over;        /* atomic */
	struct worker w;      /* a generator for the sender */
	unsigned n;
};

static void *send_events(void *arg)
{
	struct watched *x = arg;
	uint64_t one = 1;

	for (unsigned i = 0; i < x->n; i++) {
		unsigned k = draw(&x->w, MEMBERS);

		must(again(write(x->event[k], &one, 8)) == 8);
		x->sent[k]++;
		if (!draw(&x->w, 8))
			dawdle(&x->w);
	}
	__atomic_store_n(&x->over, 1, __ATOMIC_SEQ_CST);
	return NULL;
}

static void empty(struct watched *x, unsigned k)
{
	uint64_t v = 0;
	ssize_t r = again(read(x->event[k], &v, 8));

	must(r == 8 || (r == -1 && errno == EAGAIN));
	x->got[k] += v;
}

static void change(struct worker *w, struct watched *x)
{
	unsigned k = draw(w, MEMBERS);
	struct epoll_event e = {EPOLLIN | (draw(w, 2) ? EPOLLET : 0u) |
				(draw(w, 2) ? EPOLLONESHOT : 0u), {.u32 = k}};

	if (draw(w, 2)) {
		must(!epoll_ctl(x->epoll, EPOLL_CTL_MOD, x->event[k], &e));
	} else {
		must(!epoll_ctl(x->epoll, EPOLL_CTL_DEL, x->event[k], NULL));
		must(!epoll_ctl(x->epoll, EPOLL_CTL_ADD, x->event[k], &e));
	}
}

static void look(struct worker *w, struct watched *x)
{
	struct epoll_event e[MEMBERS];
	int n = again(epoll_wait(x->epoll, e, (int)between(w, 1, MEMBERS),
				 (int)draw(w, 3)));

	must(n >= 0 && n <= MEMBERS);
	for (int i = 0; i < n; i++) {
		must(e[i].data.u32 < MEMBERS && e[i].events == EPOLLIN);
		empty(x, e[i].data.u32);
	}
}

/* Once nothing changes any more, the set has exactly what is ready. */
static void check_ready(struct watched *x)
{
	struct epoll_event e[MEMBERS];
	int ready = 0, n;

	for (unsigned k = 0; k < MEMBERS; k++) {
		struct epoll_event want = {EPOLLIN, {.u32 = k}};

		must(!epoll_ctl(x->epoll, EPOLL_CTL_MOD, x->event[k], &want));
		ready += x->sent[k] != x->got[k];
	}
	n = again(epoll_wait(x->epoll, e, MEMBERS, 0));
	must(n == ready);
	for (int i = 0; i < n; i++)
		must(x->sent[e[i].data.u32] != x->got[e[i].data.u32]);
}

static void epoll_change(struct worker *w)
{
	struct watched x = {.epoll = epoll_create1(EPOLL_CLOEXEC),
			    .w.random = next_random(&w->random),
			    .n = between(w, 1, 60)};
	pthread_t t;

	must(x.epoll >= 0);
	for (unsigned k = 0; k < MEMBERS; k++) {
		struct epoll_event e = {EPOLLIN, {.u32 = k}};

		x.event[k] = eventfd(0, EFD_NONBLOCK);
		must(x.event[k] >= 0);
		must(!epoll_ctl(x.epoll, EPOLL_CTL_ADD, x.event[k], &e));
	}
	t = helper(w, send_events, &x);
	for (unsigned i = between(w, 1, 20); i; i--) {
		change(w, &x);
		look(w, &x);
	}
	join(t);
	check_ready(&x);
	for (unsigned k = 0; k < MEMBERS; k++) {
		empty(&x, k);
		must(x.sent[k] == x.got[k]);
		close(x.event[k]); /* leaves the set with it */
	}
	must(epoll_wait(x.epoll, &(struct epoll_event){0}, 1, 0) == 0);
	close(x.epoll);
}

/* ---- several who wait for one: each event goes to somebody ---- */

struct crowd {
	int epoll, event;
	unsigned got;  /* atomic */
	unsigned want;
};

static void *serve(void *arg)
{
	struct crowd *c = arg;
	struct epoll_event e;
	uint64_t v;

	while (__atomic_load_n(&c->got, __ATOMIC_SEQ_CST) < c->want) {
		int n = again(epoll_wait(c->epoll, &e, 1, 2));

		must(n == 0 || n == 1);
		if (n == 1 && again(read(c->event, &v, 8)) == 8)
			__atomic_fetch_add(&c->got, (unsigned)v,
					   __ATOMIC_SEQ_CST);
	}
	return NULL;
}

static void epoll_crowd(struct worker *w)
{
	struct crowd c = {.epoll = epoll_create1(0), .want = between(w, 1, 40),
			  .event = eventfd(0, EFD_NONBLOCK | EFD_SEMAPHORE)};
	struct epoll_event e = {EPOLLIN | (draw(w, 2) ? EPOLLEXCLUSIVE : 0u),
				{0}};
	unsigned n = between(w, 1, 4);
	uint64_t one = 1;
	pthread_t t[4];

	must(c.epoll >= 0 && c.event >= 0);
	must(!epoll_ctl(c.epoll, EPOLL_CTL_ADD, c.event, &e));
	for (unsigned i = 0; i < n; i++)
		t[i] = helper(w, serve, &c);
	for (unsigned i = 0; i < c.want; i++) {
		must(again(write(c.event, &one, 8)) == 8);
		if (!draw(w, 8))
			dawdle(w);
	}
	for (unsigned i = 0; i < n; i++)
		join(t[i]);
	must(c.got == c.want);
	close(c.event);
	close(c.epoll);
}

/* ---- a set, and what is in it, closed while others wait ---- */

static void *wait_a_little(void *arg)
{
	struct crowd *c = arg;
	struct epoll_event e;
	int n = again(epoll_wait(c->epoll, &e, 1, 3));

	must(n == 0 || n == 1 || (n == -1 && errno == EBADF));
	return NULL;
}

static void epoll_closed(struct worker *w)
{
	struct crowd c = {.epoll = epoll_create1(0)};
	struct epoll_event e = {EPOLLIN, {0}};
	unsigned set_first = draw(w, 2), outer_first = draw(w, 2);
	int outer = epoll_create1(0), fd[2];
	pthread_t t[2];

	must(c.epoll >= 0 && outer >= 0 && !pipe(fd));
	must(!epoll_ctl(c.epoll, EPOLL_CTL_ADD, fd[0], &e));
	must(!epoll_ctl(outer, EPOLL_CTL_ADD, c.epoll, &e));
	for (unsigned i = 0; i < 2; i++)
		t[i] = helper(w, wait_a_little, &c);
	dawdle(w);
	if (outer_first)
		close(outer);
	if (draw(w, 2))
		must(again(write(fd[1], "x", 1)) == 1);
	if (set_first) {
		/* Its number must not be somebody else's set meanwhile. */
		join(t[0]);
		join(t[1]);
		close(c.epoll);
	}
	close(fd[0]);
	dawdle(w);
	close(fd[1]);
	if (!set_first) {
		join(t[0]);
		join(t[1]);
		close(c.epoll);
	}
	if (!outer_first)
		close(outer);
}

const struct op epoll_ops[] = {
	{"epoll", epoll_change}, {"epoll-crowd", epoll_crowd},
	{"epoll-closed", epoll_closed}, {0},
};
