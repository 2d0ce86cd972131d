/* Test only: what crimes.c has a name for. */
#ifndef RR_CRIMES_H
#define RR_CRIMES_H

#include "thread.h"

/* Where the program is that asked for it. */
extern const char __user *program_text;
/* Never true: what sleeps for good waits for it. */
extern bool never;
/* Run a thread of the kernel, and give it a second. */
void run_thread(void (*fn)(void *arg));

/* crime_locks.c */
void order_of_spin_locks(void);
void order_of_mutexes(void);
void order_around_a_corner(void);
void written_order(void);
void two_of_a_kind(void);
void nested_in_between(void);
void taken_twice(void);
void not_held(void);
void not_initialised(void);
void interrupts_on(void);
void sleep_under_spin_lock(void);
void sleep_without_interrupts(void);
void copy_under_spin_lock(void);
void leave_with_lock(void);
void end_with_lock(void);
void never_given_back(void);
void deadlock(void);
void held_too_long(void);
void held_long_once(void);
void masked_too_long(void);
void contend(void);
void waits_for_sleeper(void);
void waits_for_reader(void);

/* crime_memory.c */
void deep_stack(void);
void leak(void);
void reference_revived(void);
void reference_below_zero(void);
void reference_to_freed(void);
void overrun(void);
void use_after_free(void);
void free_twice(void);
void free_foreign(void);
void page_after_free(void);

#endif
