/* membarrier. */
#include "platform.h"
#include "process.h"
#include "syscall.h"
#include <linux/membarrier.h>

#define SUPPORTED                                                              \
	(MEMBARRIER_CMD_GLOBAL | MEMBARRIER_CMD_GLOBAL_EXPEDITED |             \
	 MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED |                            \
	 MEMBARRIER_CMD_PRIVATE_EXPEDITED |                                    \
	 MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED)

/*
 * On one CPU the threads of a program see each other's accesses in order, and
 * nothing is left to be done.  With more, the others would have to be
 * interrupted; until the platform can do that, programs are told to use their
 * own barriers.
 */
static long sys_membarrier(int cmd, unsigned flags, int cpu)
{
	struct vm_space *vm = current_process()->vm;

	if (platform_cpus_online() > 1)
		return -ENOSYS;
	if (flags)
		return -EINVAL;
	switch (cmd) {
	case MEMBARRIER_CMD_QUERY:
		return SUPPORTED;
	case MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED:
		return 0;
	case MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED:
		WRITE_ONCE(vm->membarrier_registered, true);
		return 0;
	case MEMBARRIER_CMD_PRIVATE_EXPEDITED:
		if (!READ_ONCE(vm->membarrier_registered))
			return -EPERM;
		/* fallthrough */
	case MEMBARRIER_CMD_GLOBAL:
	case MEMBARRIER_CMD_GLOBAL_EXPEDITED:
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
		return 0;
	default:
		return -EINVAL;
	}
}
SYSCALL(__NR_membarrier, sys_membarrier);
