/* What every file answers: a part of the kernel (PROTOCOL.md, 2). */
#include "../private.h"
#include "fs.h"
#include "uaccess.h"
#include <asm/ioctls.h>
#include <linux/fs.h>

/* Switch a file flag; 0 or -EFAULT. */
static long flag_command(struct file *f, int flag, const int __user *uon)
{
	int on;

	if (get_user(on, uon))
		return -EFAULT;
	spin_lock(&f->lock);
	f->flags = on ? f->flags | flag : f->flags & ~flag;
	spin_unlock(&f->lock);
	if (f->ops->set_flags)
		f->ops->set_flags(f, f->flags);
	return 0;
}

/* Bytes between the position and the end of a regular file. */
static long bytes_left(struct file *f, int __user *un)
{
	loff_t left = READ_ONCE(f->inode->size) - READ_ONCE(f->pos);

	return put_user((int)left, un);
}

long ioctl_command(int fd, struct file *f, unsigned cmd, u64 arg)
{
	switch (cmd) {
	case FIOCLEX:
		return fd_set_cloexec(fd, true);
	case FIONCLEX:
		return fd_set_cloexec(fd, false);
	case FIONBIO:
		return flag_command(f, O_NONBLOCK, (const int __user *)arg);
	case FIOASYNC:
		return flag_command(f, FASYNC, (const int __user *)arg);
	case FIONREAD:
		if (f->inode && S_ISREG(f->inode->mode))
			return bytes_left(f, (int __user *)arg);
		break;
	case FIGETBSZ:
		if (f->inode && f->inode->sb)
			return put_user((int)f->inode->sb->block_size,
					(int __user *)arg);
		break;
	}
	return f->ops->ioctl ? f->ops->ioctl(f, cmd, arg) : -ENOTTY;
}
