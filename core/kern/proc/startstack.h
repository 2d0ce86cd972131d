/* What a program finds on its stack when it starts. */
#ifndef RR_STARTSTACK_H
#define RR_STARTSTACK_H

#include "types.h"

struct vm_space;

/* AT_* entry; terminated by the caller's count, AT_NULL is added. */
struct auxv_entry {
	u64 type, value;
};

struct start_stack {
	const char *const *argv, *const *envp;
	size_t argc, envc;
	const char *execfn;          /* AT_EXECFN */
	const struct auxv_entry *aux; /* without what points into the stack */
	size_t auxc;
};

/*
 * Write it below vm->stack_top, as the System V ABI for x86-64 (3.4.1) and
 * Linux lay it out, and note in vm where arguments, environment and auxiliary
 * vector lie. limit is RLIMIT_STACK. Returns the stack pointer, -E2BIG or
 * -ENOMEM.
 */
long start_stack_write(struct vm_space *vm, const struct start_stack *s,
		       u64 limit);

#endif
