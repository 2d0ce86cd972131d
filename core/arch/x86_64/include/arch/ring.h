/*
 * The ring that programs run in.  Ring 0, beside the kernel, is the default
 * (entry.S, ring0.c); component ring3 (ring3/) takes the place of all that is
 * declared here and of the entries.
 */
#ifndef RR_ARCH_RING_H
#define RR_ARCH_RING_H

#include "types.h"
#include <arch/layout.h>

struct thread;

/*
 * Programs run in ring 3.  Known at link time, not at compile time: pages of the
 * program get PTE_U, and only the selectors in a frame say whose it is.
 */
extern const bool program_ring3;

/* The program's segments, as its frames have them. */
static inline u64 program_cs(void)
{
	return program_ring3 ? SEL_UCODE | 3 : SEL_KCODE;
}

static inline u64 program_ss(void)
{
	return program_ring3 ? SEL_UDATA | 3 : SEL_KDATA;
}

/*
 * On each CPU, after its descriptor tables and control registers: what else the
 * ring wants.
 */
void ring_init_cpu(void);

/*
 * GS in ring 3 is the program's while it runs, and its base one of the thread's
 * registers (arch_thread.gs_base).  In ring 0 it is the kernel's: there is no
 * base of the program, nothing is switched, setting it is refused.
 */

/* For arch_switch, interrupts off, ring 3 only. */
void ring_switch_gs(struct thread *from, struct thread *to);
/* Of the current thread, the program's half only. 0 or -EPERM. */
int __must_check ring_set_gs_base(u64 base);
u64 ring_get_gs_base(void);

#endif
