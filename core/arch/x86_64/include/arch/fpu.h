/*
 * Vector and floating-point registers.
 *
 * The kernel itself uses none of them.  A thread of a program has an area where
 * they are kept while it does not run; between two switches they are live in
 * the processor, also during system calls.
 */
#ifndef RR_ARCH_FPU_H
#define RR_ARCH_FPU_H

#include "types.h"

struct cpu;
struct thread;

/* Make the processor's units usable; on each CPU. */
void fpu_init_cpu(void);

/* For arch_switch, interrupts off: put away from's, have to's loaded. */
void fpu_switch(struct cpu *c, struct thread *from, struct thread *to);

/* The registers as a new program finds them, for the current thread (exec). */
void arch_fpu_reset(void);

/*
 * Signal frames: Linux's struct _fpstate, extended (asm/sigcontext.h).  The
 * frame needs arch_fpu_frame_size() bytes at an address aligned to 64.
 */
size_t arch_fpu_frame_size(void);
/* Does the frame have the XSAVE part?  (uc_flags UC_FP_XSTATE) */
bool arch_fpu_frame_extended(void);
/*
 * Write the current thread's registers to the program's memory. 0 or -EFAULT.
 */
int __must_check arch_fpu_frame_save(void __user *frame);
/*
 * Load them from there; NULL: as a new program finds them.  Every byte is the
 * program's: what the processor would refuse is -EFAULT, and the registers are
 * untouched.
 */
int __must_check arch_fpu_frame_restore(const void __user *frame);

#endif
