/* Private to the component debug. */
#ifndef RR_DEBUG_PRIVATE_H
#define RR_DEBUG_PRIVATE_H

#include <selfcheck.h>
#include "types.h"

/* ---- report.c ---- */

#define TRACE_DEPTH 8

/* Return addresses, the innermost first; 0 behind the last. */
struct trace {
	u64 ip[TRACE_DEPTH];
};

/* Those of the caller's callers. */
void trace_take(struct trace *t);
/* The sentence, then the frames; the launcher adds names to them. */
void trace_print(const struct trace *t, const char *fmt, ...) __printf(2, 3);

/*
 * A check failed: print the sentence, end with a panic.  With RUMPRUN_DEBUG_KEEP
 * in the environment the guest goes on, and says so much only once.
 */
void report(const char *fmt, ...) __printf(1, 2);
/*
 * Reports begin when the kernel has threads and clocks, and end with the first
 * one, which takes locks itself.  What is held is kept track of from the start.
 */
bool checking(void);

/* ---- classes.c: kinds of locks, and the order in which they were taken ---- */

#define CLASSES_MAX 512

struct lock_class {
	const char *place; /* of the locks' initialisation */
	u16 index, level;
	u16 rank;          /* in the written order; 0: not in it */
	bool in_irq;       /* an interrupt handler takes it */
	bool irqs_on;      /* it was taken with interrupts on */
	/* Statistics; atomic. */
	u64 taken, waited;
	u64 longest;       /* held, ns */
	u64 longest_ip;    /* by whom */
};

/* What a place in the source is called: without the path of the tree. */
const char *class_name(const struct lock_class *c);
/* The class of a lock, made at first use. */
struct lock_class *class_of(struct lock_check *c, unsigned level);
/*
 * to is taken while from is held (at held_ip): remember it; report a cycle or a
 * step against the written order.
 */
void order_add(struct lock_class *from, u64 held_ip, struct lock_class *to);
/* The nth class, NULL behind the last. */
struct lock_class *class_nth(unsigned n);

/* order.c: the rank of a place in the written order, 0: none. */
u16 order_rank(const char *place);

#endif
