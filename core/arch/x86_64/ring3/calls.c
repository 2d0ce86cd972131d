/*
 * Calls that ask for ring 0's instructions: refused, as Linux does to those
 * without CAP_SYS_RAWIO.  (In ring 0 they do not exist: a program there has the
 * instructions.)
 */
#include "syscall.h"

static long sys_iopl(unsigned level)
{
	return level > 3 ? -EINVAL : -EPERM;
}
SYSCALL(__NR_iopl, sys_iopl);

/* Linux checks the range first: 65536 ports (arch/x86/kernel/ioport.c). */
static long sys_ioperm(unsigned long from, unsigned long num, int on)
{
	if (from + num <= from || from + num > 65536)
		return -EINVAL;
	return on ? -EPERM : 0;
}
SYSCALL(__NR_ioperm, sys_ioperm);
