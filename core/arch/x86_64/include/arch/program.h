/* How a program is entered, and how its state is looked at. */
#ifndef RR_ARCH_PROGRAM_H
#define RR_ARCH_PROGRAM_H

#include "types.h"

struct thread;
struct trapframe;

/* *tf enters a new program at entry with stack pointer sp, all else zero. */
void arch_program_frame(struct trapframe *tf, vaddr_t entry, vaddr_t sp);
/*
 * *tf, a copy of the caller's system call frame, becomes that of a thread in
 * which clone returns 0; stack 0: the caller's.
 */
void arch_clone_frame(struct trapframe *tf, u64 stack);
/* The thread area of new thread t: tls, or (set false) the current thread's. */
void arch_clone_tls(struct thread *t, bool set, u64 tls);

/* Log tf's registers, for a crash report. */
void arch_log_registers(const struct trapframe *tf);
/* Where a backtrace begins. */
u64 arch_program_counter(const struct trapframe *tf);
u64 arch_frame_pointer(const struct trapframe *tf);
u64 arch_stack_pointer(const struct trapframe *tf);
/* Do the ARCH_CALL_MAX bytes before a return address end in a call? */
#define ARCH_CALL_MAX 7
bool arch_ends_in_call(const u8 *bytes);

#endif
