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

static void fence(void *arg)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

/*
 * Afterwards each of these CPUs has seen what was written here before, and what
 * it wrote before is seen here.  One that is not among them, or switches just
 * now, orders its accesses by switching.
 */
static void fence_all(u64 cpus)
{
	fence(NULL);
	platform_call_others(cpus, fence, NULL);
	fence(NULL);
}

static long sys_membarrier(int cmd, unsigned flags, int cpu)
{
	struct vm_space *vm = current_process()->vm;

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
		fence_all(__atomic_load_n(&vm->pmap.cpus, __ATOMIC_SEQ_CST));
		return 0;
	case MEMBARRIER_CMD_GLOBAL:
	case MEMBARRIER_CMD_GLOBAL_EXPEDITED:
		fence_all(platform_cpus_mask());
		return 0;
	default:
		return -EINVAL;
	}
}
SYSCALL(__NR_membarrier, sys_membarrier);
