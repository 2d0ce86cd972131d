/*
 * What the parts of the stress program share.
 *
 * Workers run operations, chosen at random, side by side.  Each operation
 * checks what it gets; one that finds something wrong, or that never comes to
 * an end, ends the program with a report that says how to do it again.
 *
 * Which operations a worker runs, and what they draw, depends on the seed, the
 * number of the worker and of its turn alone: never on time or other threads.
 */
#ifndef STRESS_H
#define STRESS_H

#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#define MAX_WORKERS 32
/* Helpers that one operation may have at a time. */
#define MAX_HELPERS 8
#define PAGE 4096ul

struct worker;

struct op {
	const char *name;
	void (*run)(struct worker *w);
};

struct worker {
	unsigned nr;
	pthread_t thread;
	int tid;
	uint64_t random;          /* state of this turn's generator */
	const struct op *op;      /* what it is doing; atomic */
	unsigned long turn;       /* how many it has begun; atomic */
	unsigned long tickled;    /* signals of others that came; atomic */
	unsigned long tickles;    /* that others sent; atomic */
	unsigned long done[64];   /* by operation, in all rounds */
};

/* The operations, by subject; each list ends with one that has no name. */
extern const struct op sync_ops[], futex_ops[], thread_ops[], pipe_ops[],
	event_ops[], epoll_ops[], time_ops[], memory_ops[], mapping_ops[],
	file_ops[], signal_ops[], tcp_ops[], socket_ops[], fd_ops[],
	sched_ops[];

/* Whose turn this is: the worker, in its helpers as well. */
extern _Thread_local struct worker *self;

extern uint64_t seed;
extern unsigned workers;
extern struct worker worker[MAX_WORKERS];
/* A file whose every page is filled with its own number, or NULL. */
extern const char *disk_file;

/* ---- random.c: the generator ---- */

uint64_t mix(uint64_t x);
uint64_t next_random(uint64_t *state);
/* One of 0 to n - 1, and one of a to b. */
unsigned draw(struct worker *w, unsigned n);
unsigned between(struct worker *w, unsigned a, unsigned b);
/* The bytes that "key" stands for from "at" on, and whether these are they. */
void pattern(uint64_t key, uint64_t at, void *p, size_t n);
bool is_pattern(uint64_t key, uint64_t at, const void *p, size_t n);

/* ---- report.c: what is wrong, and the end of the program ---- */

#define must(cond)                                                             \
	do {                                                                   \
		if (!(cond))                                                   \
			broken(__FILE__, __LINE__, #cond);                     \
	} while (0)
/* For what returns an error number. */
#define zero(expr)                                                             \
	do {                                                                   \
		errno = (expr);                                                \
		if (errno)                                                     \
			broken(__FILE__, __LINE__, #expr);                     \
	} while (0)
_Noreturn void broken(const char *file, int line, const char *what);
/* Every other thread has to keep a worker's turn from lasting too long. */
void watch_begin(void);
void watch_end(void);
void how_to_repeat(void);

/* A call that a signal interrupted is made again. */
#define again(expr)                                                            \
	__extension__({                                                        \
		__typeof__(expr) r_;                                           \
		do                                                             \
			r_ = (expr);                                           \
		while (r_ == -1 && errno == EINTR);                            \
		r_;                                                            \
	})

/* ---- helper.c ---- */

/* A thread of this turn's; what it returns is for join(). */
pthread_t helper(struct worker *w, void *(*fn)(void *), void *arg);
void *join(pthread_t t);
/* Let others run, or wait, for a random while: a millisecond at most. */
void dawdle(struct worker *w);
int64_t now(void); /* CLOCK_MONOTONIC, ns */
struct timespec in_ns(clockid_t clock, int64_t ns);
long futex(void *word, int op, unsigned val, const void *time, void *word2,
	   unsigned val3);
/* All of it; writers and readers whose other end is not going away early. */
void write_all(int fd, const void *p, size_t n);
void read_all(int fd, void *p, size_t n);
/* A name in the current directory that nobody else uses in this turn. */
const char *file_name(struct worker *w, char name[64], const char *what);

/* ---- pipes.c: a stream of bytes, by whatever descriptor ---- */

#define CHUNK 9000 /* at most so much by one call */

struct flow {
	struct worker w;      /* a generator for the writing end */
	int fd;               /* its */
	uint64_t key;         /* of what it writes */
	size_t n;
	bool nonblocking;
	void (*end)(int fd);  /* called after the last byte */
};
void *pour(void *flow);
/* All of it is there, and then the end. */
void drain(struct worker *w, struct flow *f, int fd);

/* ---- tickle.c: signals that anybody may send to any worker ---- */

void tickle_setup(void);
void tickle(struct worker *w);
/* Waits until nothing is missing that was sent to this worker. */
void tickle_settle(struct worker *w);

/* ---- leak.c ---- */

struct footprint {
	unsigned fds, names, threads;
	long pages; /* that the system has in use; 0 where others use it, too */
};
void footprint(struct footprint *f);
/* Ends the program if round "n" left more than was there first. */
void footprint_compare(struct footprint *first, unsigned n);

/* ---- what must hold after every round ---- */

void sync_round_end(void);
void file_begin(void); /* before the first round, after the last */
void file_end(void);
void fd_round_begin(void);
void fd_round_end(void);

#endif
