/* ioctl(2). */
#include "private.h"
#include "syscall.h"

static long sys_ioctl(int fd, unsigned cmd, u64 arg)
{
	struct file *f = fd_get(fd);
	long r;

	if (!f)
		return -EBADF;
	if (ioctl_command)
		r = ioctl_command(fd, f, cmd, arg);
	else
		r = f->ops->ioctl ? f->ops->ioctl(f, cmd, arg) : -ENOTTY;
	file_put(f);
	return r;
}
SYSCALL(__NR_ioctl, sys_ioctl);
