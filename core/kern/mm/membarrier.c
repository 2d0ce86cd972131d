/* membarrier. */
#include "platform.h"
#include "syscall.h"
#include <linux/membarrier.h>

#define SUPPORTED                                                              \
	(MEMBARRIER_CMD_GLOBAL | MEMBARRIER_CMD_GLOBAL_EXPEDITED |             \
	 MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED |                            \
	 MEMBARRIER_CMD_PRIVATE_EXPEDITED |                                    \
	 MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED)

/*
 * On one CPU the threads of a program see each other's accesses in order, and
 * nothing is left to be done.  With more, the others would have to be interrupted;
 * until the platform can do that, programs are told to use their own barriers.
 */
static long sys_membarrier(int cmd, unsigned flags, int cpu)
{
	if (platform_cpus_online() > 1)
		return -ENOSYS;
	if (flags)
		return -EINVAL;
	if (cmd == MEMBARRIER_CMD_QUERY)
		return SUPPORTED;
	/* One command at a time. */
	if (cmd <= 0 || cmd & (cmd - 1) || !(cmd & SUPPORTED))
		return -EINVAL;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return 0;
}
SYSCALL(__NR_membarrier, sys_membarrier);
