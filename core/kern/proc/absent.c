/*
 * Calls that libraries try at every start and are prepared to do without.  They
 * answer what an unknown call does, only without the message.
 */
#include "process.h"
#include "syscall.h"
#include <linux/personality.h>

/* glibc: restartable sequences save it a call of getcpu. */
static long sys_rseq(void)
{
	return -ENOSYS;
}
SYSCALL(__NR_rseq, sys_rseq);

/* The flags are kept; other systems' ways (the low byte) are not offered. */
static long sys_personality(unsigned persona)
{
	struct process *p = current_process();
	unsigned old = p->personality;

	if (persona == 0xffffffff)
		return old;
	if (persona & PER_MASK)
		return -EINVAL;
	p->personality = persona;
	return old;
}
SYSCALL(__NR_personality, sys_personality);
