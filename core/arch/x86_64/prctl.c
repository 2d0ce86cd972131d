/* arch_prctl(2). */
#include "syscall.h"
#include "thread.h"
#include "uaccess.h"
#include <arch/auxv.h>
#include <arch/features.h>
#include <arch/layout.h>
#include <arch/trap.h>
#include <asm/prctl.h>

/*
 * GS belongs to the kernel as long as programs run in ring 0, so setting it is
 * refused.  Its base is reported as 0, where a program that never set it has
 * it.
 */
static long sys_arch_prctl(int code, u64 addr)
{
	switch (code) {
	case ARCH_SET_FS:
		if (addr >= PROGRAM_END)
			return -EPERM;
		arch_set_fs_base(addr);
		return 0;
	case ARCH_GET_FS:
		return put_user(arch_get_fs_base(), (u64 __user *)addr);
	case ARCH_SET_GS:
		return -EPERM;
	case ARCH_GET_GS:
		return put_user(0, (u64 __user *)addr);
	default:
		return -EINVAL;
	}
}
SYSCALL(__NR_arch_prctl, sys_arch_prctl);

u64 arch_hwcap(void)
{
	return cpu_features.edx1;
}

/*
 * Linux' bit for FSGSBASE also invites the program to change GS, which would
 * take the ground from under the kernel: it is not set in ring 0.
 */
u64 arch_hwcap2(void)
{
	return 0;
}

u64 arch_sysinfo(void)
{
	return (u64)(uintptr_t)syscall_call_entry;
}
