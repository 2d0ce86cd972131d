/* Private to the component smp. */
#ifndef RR_PLATFORM_HW_SMP_H
#define RR_PLATFORM_HW_SMP_H

#include "../hw.h"

/* bringup.c */
void bringup_prepare(void);
/* VECTOR_CALL while processors start: one has come. */
void bringup_interrupt(void);

/* mptable.c: report the processors of the MP table. */
void mptable_read(void);

/* call.c */
void call_others(u64 mask, void (*fn)(void *arg), void *arg);
void call_interrupt(void);

/* tsc_sync.c: are the other CPUs' counters as ours?  Interrupts on. */
void tsc_sync(void);

/* stop.c */
void stop_others(void);
void stop_nmi(const struct trapframe *tf);

#endif
