/*
 * Call stacks of a stopped guest, from the kernel through system calls,
 * interrupts and faults into the program.
 *
 * libdwfl follows the call frame information of DWARF (.debug_frame and
 * .eh_frame), and frame pointers where code has none.
 */
#ifndef RUMPRUN_UNWIND_H
#define RUMPRUN_UNWIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gdbremote.h"
#include "rrimage.h"

struct unwinder;

/* What code a frame is in. */
enum code { CODE_KERNEL, CODE_PROGRAM, CODE_UNKNOWN };

/* A function; there is one of these for each, so pointers can be compared. */
struct function {
	const char *name;
	enum code code;
};

/* Deeper ones lose their outermost frames. */
#define UNWIND_MAX 192

/* What a processor was doing. */
struct sample {
	bool absent;  /* it has not been started (yet) */
	bool idle;    /* halted, until an interrupt comes */
	char who[17]; /* process or kernel thread, "boot", "firmware" */
	size_t n;
	/* In the instructions that run, or call; the innermost first. */
	uint64_t pc[UNWIND_MAX];
	struct space *space;
};

/*
 * For an image that stays open as long as the result; NULL with *why, if it has
 * been stripped.
 */
struct unwinder *unwind_new(const struct rrimage *image, char **why);
void unwind_free(struct unwinder *u);

/*
 * What processor cpu of the stopped guest is doing; false if there is no such
 * processor, or no guest any more.
 */
bool unwind_sample(struct unwinder *u, struct gdb *g, unsigned cpu,
		   struct sample *s);

/* Frame i of a sample.  The guest may run again. */
const struct function *unwind_function(struct unwinder *u,
				       const struct sample *s, size_t i);

#endif
