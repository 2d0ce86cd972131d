/*
 * Test only (ring3.t): the kernel reaches for the program's memory without the
 * functions for that, and memory of the kernel that programs aim at.
 */
#include "trials.h"
#include "string.h"
#include "syscall.h"
#include "thread.h"
#include <arch/program.h>

#define PATTERN 0x6b65726e656c2121ull

static u64 target[PAGE_SIZE / sizeof(u64)] __aligned(PAGE_SIZE);

/* The program's top of stack: present, and certainly not the kernel's. */
static volatile u64 *program_word(void)
{
	u64 sp = arch_stack_pointer(current_thread()->tf);

	return (volatile u64 *)(uintptr_t)ALIGN_UP(sp, 8);
}

void reach_read(void)
{
	(void)*program_word();
}

void reach_write(void)
{
	volatile u64 *w = program_word();

	*w = *w;
}

/* Where the program goes on after this call. */
void reach_call(void)
{
	u64 pc = arch_program_counter(current_thread()->tf);

	((void (*)(void))(uintptr_t)pc)();
}

u64 reach_target(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(target); i++)
		target[i] = PATTERN ^ i;
	return (u64)(uintptr_t)target;
}

int reach_look(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(target); i++)
		if (target[i] != (PATTERN ^ i))
			return -EIO;
	return 0;
}
