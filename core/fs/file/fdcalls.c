/* dup, close, fcntl. */
#include "fs.h"
#include "names.h"
#include "pipe.h"
#include "process.h"
#include "syscall.h"
#include "uaccess.h"
#include <asm/ioctls.h>
#include <linux/close_range.h>

static long dup_from(int fd, int flags, int from)
{
	struct file *f = fd_get_raw(fd);

	return f ? fd_install_from(f, flags, from) : -EBADF;
}

static long sys_dup(int fd)
{
	return dup_from(fd, 0, 0);
}
SYSCALL(__NR_dup, sys_dup);

static long dup_to(int fd, int to, bool cloexec)
{
	struct file *f = fd_get_raw(fd);
	int r;

	if (!f)
		return -EBADF;
	r = fd_replace(to, f, cloexec);
	if (r < 0)
		file_put(f);
	return r;
}

static long sys_dup2(int fd, int to)
{
	struct file *f;

	if (fd != to)
		return dup_to(fd, to, false);
	f = fd_get_raw(fd);
	if (!f)
		return -EBADF;
	file_put(f);
	return to;
}
SYSCALL(__NR_dup2, sys_dup2);

static long sys_dup3(int fd, int to, int flags)
{
	if ((flags & ~O_CLOEXEC) || fd == to)
		return -EINVAL;
	return dup_to(fd, to, flags & O_CLOEXEC);
}
SYSCALL(__NR_dup3, sys_dup3);

static long sys_close(int fd)
{
	return fd_close(fd);
}
SYSCALL(__NR_close, sys_close);

static long sys_close_range(unsigned first, unsigned last, unsigned flags)
{
	struct process *p = current_process();

	if (flags & ~(CLOSE_RANGE_UNSHARE | CLOSE_RANGE_CLOEXEC))
		return -EINVAL;
	if (first > last)
		return -EINVAL;
	/*
	 * A table of the thread's own: it has one if it is the only thread,
	 * since processes never share tables.  Threads of one process always
	 * do.
	 */
	if ((flags & CLOSE_RANGE_UNSHARE) && READ_ONCE(p->thread_count) != 1)
		return -EINVAL;
	fd_close_range(first, last, flags & CLOSE_RANGE_CLOEXEC);
	return 0;
}
SYSCALL(__NR_close_range, sys_close_range);

/* ---- fcntl ---- */

#define SETFL_FLAGS (O_APPEND | O_NONBLOCK | FASYNC | O_DIRECT | O_NOATIME)

static long set_flags(struct file *f, int flags)
{
	if ((f->inode && (f->inode->flags & INODE_APPEND)) &&
	    !(flags & O_APPEND))
		return -EPERM;
	if ((flags & O_NOATIME) && !(f->flags & O_NOATIME) && f->inode &&
	    !inode_owner_or_capable(f->inode))
		return -EPERM;
	if ((flags & O_DIRECT) && f->inode && S_ISREG(f->inode->mode))
		return -EINVAL;
	if (f->ops->set_flags)
		f->ops->set_flags(f, (f->flags & ~SETFL_FLAGS) |
					     (flags & SETFL_FLAGS));
	spin_lock(&f->lock);
	f->flags = (f->flags & ~SETFL_FLAGS) | (flags & SETFL_FLAGS);
	spin_unlock(&f->lock);
	return 0;
}

static long owner_ex(struct file *f, unsigned cmd,
		     struct f_owner_ex __user *u)
{
	struct f_owner_ex o = {.type = F_OWNER_PID, .pid = f->owner};

	if (cmd == F_GETOWN_EX) {
		if (f->owner < 0) {
			o.type = F_OWNER_PGRP;
			o.pid = -f->owner;
		}
		return copy_to_user(u, &o, sizeof(o)) ? -EFAULT : 0;
	}
	if (copy_from_user(&o, u, sizeof(o)))
		return -EFAULT;
	if (o.type != F_OWNER_PID && o.type != F_OWNER_PGRP &&
	    o.type != F_OWNER_TID)
		return -EINVAL;
	f->owner = o.type == F_OWNER_PGRP ? -o.pid : o.pid;
	return 0;
}

static long lock_command(struct file *f, int fd, unsigned cmd,
			 struct flock __user *ul)
{
	struct flock l;
	long err;

	if (copy_from_user(&l, ul, sizeof(l)))
		return -EFAULT;
	if (!fcntl_lock)
		return -ENOLCK;
	err = fcntl_lock(f, fd, cmd, &l);
	if (!err && (cmd == F_GETLK || cmd == F_OFD_GETLK) &&
	    copy_to_user(ul, &l, sizeof(l)))
		return -EFAULT;
	return err;
}

/* The commands that an O_PATH descriptor takes, too. */
static long descriptor_command(int fd, unsigned cmd, u64 arg, bool *done)
{
	*done = true;
	switch (cmd) {
	case F_DUPFD:
	case F_DUPFD_CLOEXEC:
		if (arg >= process_limit(RLIMIT_NOFILE))
			return -EINVAL;
		return dup_from(fd, cmd == F_DUPFD_CLOEXEC ? O_CLOEXEC : 0,
				(int)arg);
	case F_GETFD:
		return fdtable_cloexec(current_files(), fd) ? FD_CLOEXEC : 0;
	case F_SETFD:
		return fd_set_cloexec(fd, arg & FD_CLOEXEC);
	}
	*done = false;
	return 0;
}

static long file_command(struct file *f, int fd, unsigned cmd, u64 arg)
{
	switch (cmd) {
	case F_SETFL:
		return set_flags(f, (int)arg);
	case F_GETLK:
	case F_SETLK:
	case F_SETLKW:
	case F_OFD_GETLK:
	case F_OFD_SETLK:
	case F_OFD_SETLKW:
		return lock_command(f, fd, cmd, (struct flock __user *)arg);
	case F_GETOWN:
		return f->owner;
	case F_SETOWN:
		if ((int)arg == (-2147483647 - 1))
			return -EINVAL;
		f->owner = (int)arg;
		return 0;
	case F_GETOWN_EX:
	case F_SETOWN_EX:
		return owner_ex(f, cmd, (struct f_owner_ex __user *)arg);
	case F_GETSIG:
		return f->signal;
	case F_SETSIG:
		if (arg > 64) /* Linux' _NSIG */
			return -EINVAL;
		f->signal = (int)arg;
		return 0;
	case F_GETPIPE_SZ:
	case F_SETPIPE_SZ:
		return pipe_fcntl ? pipe_fcntl(f, cmd, arg) : -EBADF;
	case F_ADD_SEALS:
	case F_GET_SEALS:
		return f->ops->fcntl ? f->ops->fcntl(f, cmd, arg) : -EINVAL;
	}
	return -EINVAL;
}

static long sys_fcntl(int fd, unsigned cmd, u64 arg)
{
	struct file *f = fd_get_raw(fd);
	bool done;
	long r;

	if (!f)
		return -EBADF;
	r = descriptor_command(fd, cmd, arg, &done);
	if (!done) {
		if (cmd == F_GETFL)
			r = f->flags;
		else if (f->flags & O_PATH)
			r = -EBADF;
		else
			r = file_command(f, fd, cmd, arg);
	}
	file_put(f);
	return r;
}
SYSCALL(__NR_fcntl, sys_fcntl);
