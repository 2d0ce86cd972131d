/* Anonymous memory that comes, goes, moves and changes, page by page. */
#include "stress.h"
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define MAX_PAGES 48
#define RW (PROT_READ | PROT_WRITE)

/* What a page holds: nothing, its pattern, or either after MADV_FREE. */
enum state { ZERO, FILLED, EITHER, GONE };

struct region {
	char *at;
	unsigned pages;
	uint64_t key;
	bool torn; /* perhaps no longer one mapping */
	unsigned char state[MAX_PAGES];
};

static _Thread_local sigjmp_buf out;
static _Thread_local volatile sig_atomic_t expected;

static void fault(int sig)
{
	if (!expected)
		broken(__FILE__, __LINE__, sig == SIGBUS ? "no SIGBUS"
							 : "no SIGSEGV");
	siglongjmp(out, sig);
}

__attribute__((constructor)) static void setup(void)
{
	struct sigaction sa = {.sa_handler = fault};

	must(!sigaction(SIGSEGV, &sa, NULL));
	must(!sigaction(SIGBUS, &sa, NULL));
}

/* The signal that touching this byte brings, or 0. */
int touch(volatile char *p, bool write)
{
	int sig = sigsetjmp(out, 1);

	if (!sig) {
		expected = 1;
		if (write)
			*p = *p;
		else
			(void)*p;
	}
	expected = 0;
	return sig;
}

static char *page_at(struct region *r, unsigned i)
{
	return r->at + i * PAGE;
}

static bool is_zero(const char *p)
{
	return !*p && !memcmp(p, p + 1, PAGE - 1);
}

static void check_page(struct region *r, unsigned i)
{
	char *p = page_at(r, i);

	if (r->state[i] == GONE) {
		must(touch(p, draw(self, 2)) == SIGSEGV);
		return;
	}
	must((r->state[i] != FILLED && is_zero(p)) ||
	     (r->state[i] != ZERO && is_pattern(r->key, i * PAGE, p, PAGE)));
}

static void fill_page(struct region *r, unsigned i)
{
	if (r->state[i] == GONE)
		return;
	pattern(r->key, i * PAGE, page_at(r, i), PAGE);
	r->state[i] = FILLED;
}

static void forget(struct region *r, unsigned i, unsigned n, int advice)
{
	unsigned end = i + n;

	for (unsigned k = i; k < end; k++)
		if (r->state[k] == GONE)
			return;
	must(!madvise(page_at(r, i), n * PAGE, advice));
	for (; i < end; i++)
		if (advice == MADV_DONTNEED)
			r->state[i] = ZERO;
		else if (r->state[i] == FILLED)
			r->state[i] = EITHER;
}

static void take_away(struct region *r, unsigned i, unsigned n, bool map)
{
	r->torn |= map;
	if (map) /* instead of munmap: nobody else may be given the place */
		must(mmap(page_at(r, i), n * PAGE, PROT_NONE, MAP_PRIVATE |
			  MAP_ANONYMOUS | MAP_FIXED, -1, 0) == page_at(r, i));
	else
		must(!mprotect(page_at(r, i), n * PAGE, PROT_NONE));
	for (unsigned k = i; k < i + n; k++) {
		must(touch(page_at(r, k), false) == SIGSEGV);
		if (map)
			r->state[k] = GONE;
	}
	if (!map)
		must(!mprotect(page_at(r, i), n * PAGE, RW));
	/* Pages that were taken away before can be touched now, too. */
	for (unsigned k = i; k < i + n; k++)
		if (!map && r->state[k] == GONE)
			r->state[k] = ZERO;
}

static void read_only(struct region *r, unsigned i, unsigned n)
{
	for (unsigned k = i; k < i + n; k++)
		if (r->state[k] == GONE)
			return;
	must(!mprotect(page_at(r, i), n * PAGE, PROT_READ));
	must(touch(page_at(r, i), true) == SIGSEGV);
	must(touch(page_at(r, i), false) == 0);
	must(!mprotect(page_at(r, i), n * PAGE, RW));
	must(touch(page_at(r, i), true) == 0);
}

static void resize(struct region *r, unsigned pages)
{
	char *p;

	if (r->torn)
		return;
	p = mremap(r->at, r->pages * PAGE, pages * PAGE, MREMAP_MAYMOVE);
	must(p != MAP_FAILED);
	r->at = p;
	while (r->pages < pages)
		r->state[r->pages++] = ZERO;
	r->pages = pages;
}

static void memory(struct worker *w)
{
	struct region r = {.key = w->random, .pages = between(w, 1, MAX_PAGES)};

	r.at = mmap(NULL, r.pages * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS |
		    (draw(w, 4) ? 0 : MAP_POPULATE), -1, 0);
	must(r.at != MAP_FAILED);
	for (unsigned step = between(w, 1, 24); step; step--) {
		unsigned i = draw(w, r.pages), n = between(w, 1, r.pages - i);

		switch (draw(w, 8)) {
		case 0: forget(&r, i, n, MADV_DONTNEED); break;
		case 1: forget(&r, i, n, MADV_FREE); break;
		case 2: take_away(&r, i, n, !draw(w, 4)); break;
		case 3: read_only(&r, i, n); break;
		case 4: resize(&r, between(w, 1, MAX_PAGES)); break;
		case 5: check_page(&r, i); break;
		default:
			for (unsigned k = i; k < i + n; k++)
				fill_page(&r, k);
		}
	}
	for (unsigned k = 0; k < r.pages; k++)
		check_page(&r, k);
	must(!munmap(r.at, r.pages * PAGE));
}

/* ---- several threads of one region ---- */

struct shared {
	char *at;
	unsigned over, watchers; /* atomic */
	struct worker w[2]; /* generators of those who look */
};

/* Sees what was there, or zeros: never anything else. */
static void *watch_page(void *arg)
{
	struct shared *s = arg;
	struct worker *w = &s->w[__atomic_fetch_add(&s->watchers, 1,
						    __ATOMIC_SEQ_CST)];

	while (!__atomic_load_n(&s->over, __ATOMIC_SEQ_CST)) {
		for (unsigned i = 0; i < 8; i++) {
			uint64_t v = *(volatile uint64_t *)(s->at + i * PAGE);

			must(!v || v == i + 1);
		}
		dawdle(w);
	}
	return NULL;
}

static void memory_shared(struct worker *w)
{
	struct shared s = {0};
	pthread_t t[2];

	s.at = mmap(NULL, 8 * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	must(s.at != MAP_FAILED);
	for (unsigned i = 0; i < 2; i++) {
		s.w[i].random = next_random(&w->random);
		t[i] = helper(w, watch_page, &s);
	}
	for (unsigned n = between(w, 1, 30); n; n--) {
		unsigned i = draw(w, 8);
		volatile uint64_t *p = (volatile uint64_t *)(s.at + i * PAGE);

		*p = i + 1;
		must(*p == i + 1);
		if (draw(w, 2))
			must(!madvise((char *)p, PAGE, MADV_DONTNEED));
		else
			must(mmap((char *)p, PAGE, RW, MAP_PRIVATE | MAP_FIXED |
				  MAP_ANONYMOUS, -1, 0) == (void *)p);
		must(!*p);
		if (!draw(w, 4))
			dawdle(w);
	}
	__atomic_store_n(&s.over, 1, __ATOMIC_SEQ_CST);
	join(t[0]);
	join(t[1]);
	must(!munmap(s.at, 8 * PAGE));
}

const struct op memory_ops[] = {
	{"memory", memory}, {"memory-shared", memory_shared}, {0},
};
