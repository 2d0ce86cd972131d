/* arch_prctl(2). */
#include "syscall.h"
#include "thread.h"
#include "uaccess.h"
#include <arch/auxv.h>
#include <arch/features.h>
#include <arch/layout.h>
#include <arch/ring.h>
#include <asm/prctl.h>

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
		return ring_set_gs_base(addr);
	case ARCH_GET_GS:
		return put_user(ring_get_gs_base(), (u64 __user *)addr);
	default:
		return -EINVAL;
	}
}
SYSCALL(__NR_arch_prctl, sys_arch_prctl);

u64 arch_hwcap(void)
{
	return cpu_features.edx1;
}
