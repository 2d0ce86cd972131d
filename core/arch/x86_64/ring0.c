/*
 * Programs in ring 0, beside the kernel: what is not in an image with component
 * ring3.
 */
#include <arch/auxv.h>
#include <arch/ring.h>
#include <arch/trap.h>
#include <linux/errno.h>

const bool program_ring3 __weak = false;

void __weak ring_init_cpu(void)
{
}

void __weak ring_switch_gs(struct thread *from, struct thread *to)
{
}

/* GS belongs to the kernel. */
int __weak ring_set_gs_base(u64 base)
{
	return -EPERM;
}

/* Where a program that never set it has it. */
u64 __weak ring_get_gs_base(void)
{
	return 0;
}

/*
 * Linux' bit for FSGSBASE also invites the program to change GS, which would
 * take the ground from under the kernel: it is not set.
 */
u64 __weak arch_hwcap2(void)
{
	return 0;
}

u64 __weak arch_sysinfo(void)
{
	return (u64)(uintptr_t)syscall_call_entry;
}
