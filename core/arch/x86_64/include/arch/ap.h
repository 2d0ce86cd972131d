/*
 * Starting another processor ("application processor"): the way from its first
 * instruction, in real mode, to C in the kernel's half.  For core/platform.
 */
#ifndef RR_ARCH_AP_H
#define RR_ARCH_AP_H

#include "types.h"

/*
 * Put the first instructions into the frame at pa, below 1 MiB, which all
 * processors then start at, and map it for them.  false: no memory.
 */
bool ap_trampoline_open(paddr_t pa);
/* Take the mapping away again; no processor is in there any more. */
void ap_trampoline_close(void);

/*
 * Each processor that comes takes one of these, n from the start: where its
 * stack ends.  One that finds none left stops.
 */
void ap_add_stack(u64 top);

/*
 * The trampoline calls this on such a stack, of which top is the end, with
 * interrupts off, and no CPU is known yet.
 */
void ap_main(u64 top) __noreturn;

/*
 * First thing in ap_main: this processor is c, with the tables, control
 * registers and MSRs that the one has which called ap_trampoline_open.
 */
void ap_become(struct cpu *c);
/* On the processor itself, once c->id is final. */
void ap_numbered(const struct cpu *c);

#endif
