/*
 * Samples counted: a tree in which each call path is a path from the root.
 */
#ifndef RUMPRUN_STACKS_H
#define RUMPRUN_STACKS_H

#include <stdbool.h>
#include <stdio.h>

#include "unwind.h"

struct stack {
	char *name;
	enum code code;
	bool whose;	       /* no function but who ran: below the root */
	unsigned long total;   /* samples in it, or in what it called */
	unsigned long self;    /* in it */
	struct stack *callees; /* by name */
	struct stack *next;
};

/* Processors that a launch may have: -C. */
#define STACKS_CPUS 64

struct profile {
	char *image; /* its path */
	unsigned hz;
	double seconds; /* from the first to the last sample */
	unsigned cpus;
	struct {
		unsigned long samples, idle;
	} cpu[STACKS_CPUS];
	struct stack root; /* all that were not idle */
};

/* Add what processor cpu was doing. */
void stacks_add(struct profile *p, unsigned cpu, const struct sample *s,
		struct unwinder *u);
void stacks_free(struct profile *p);

/* Samples of all processors, and those of them that were idle. */
unsigned long stacks_samples(const struct profile *p);
unsigned long stacks_idle(const struct profile *p);

/*
 * Folded: a line for each path, frames from the outermost to the innermost with
 * semicolons between them, a blank and how often.  Functions of the kernel end
 * in _[k].
 */
void stacks_fold(const struct profile *p, FILE *f);

/* flamegraph.c: as a picture, SVG 1.1. */
void stacks_draw(const struct profile *p, FILE *f);

#endif
