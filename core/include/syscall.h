/*
 * System calls.  A component states its calls with SYSCALL(number, function);
 * the function takes up to six arguments in the order of the Linux interface and
 * returns a result or a negative errno.  Pointers are the program's: uaccess.h.
 */
#ifndef RR_SYSCALL_H
#define RR_SYSCALL_H

#include "linkset.h"
#include <asm/unistd_64.h>
#include <linux/errno.h>

struct syscall_entry {
	u16 nr;
	void *fn;
	const char *name;
};

/*
 * The section carries the number, since the bake keeps only those calls that the
 * programs of the image can make (PROTOCOL.md, 2).
 */
#define SYSCALL(number, function)                                              \
	static const struct syscall_entry syscall_##function##_##number = {    \
		number, (void *)(function), #function};                        \
	static const void *const syscalls_entry_##function##_##number          \
		__attribute__((section("set_syscalls." SYSCALL_TEXT(number)),  \
			       used)) = &syscall_##function##_##number
#define SYSCALL_TEXT(number) SYSCALL_TEXT_(number)
#define SYSCALL_TEXT_(number) #number

/*
 * Results that never reach the program: the call is restarted after the signal
 * (Linux' include/linux/errno.h has the same numbers).
 */
#define ERESTARTSYS 512           /* restart if SA_RESTART */
#define ERESTARTNOINTR 513        /* restart always */
#define ERESTARTNOHAND 514        /* restart unless a handler runs */
#define ERESTART_RESTARTBLOCK 516 /* restart by thread->restart unless handler */

struct trapframe;
/* From the arch's entry code, interrupts on; stores the result in the frame. */
void syscall_dispatch(struct trapframe *tf);
/* Start-up: collect the calls of all components. */
void syscall_init(void);
/* Log every call (RUMPRUN_STRACE in the environment of the guest). */
void syscall_trace_enable(void);

#endif
