/* truncate, ftruncate. */
#include "private.h"
#include "syscall.h"

static long truncate_path(const struct path *p, loff_t size)
{
	struct inode *inode = p->dentry->inode;
	int err;

	if (S_ISDIR(inode->mode))
		return -EISDIR;
	if (!S_ISREG(inode->mode))
		return -EINVAL;
	err = path_writable(p);
	if (!err)
		err = inode_permission(inode, MAY_WRITE);
	if (!err && (inode->flags & INODE_APPEND))
		err = -EPERM;
	return err ? err : vfs_truncate(inode, size);
}

static long sys_truncate(const char __user *upath, loff_t size)
{
	struct path p;
	long err;

	if (size < 0)
		return -EINVAL;
	err = lookup_at(AT_FDCWD, upath, 0, &p);
	if (err)
		return err;
	err = truncate_path(&p, size);
	path_put(&p);
	return err;
}
SYSCALL(__NR_truncate, sys_truncate);

static long sys_ftruncate(int fd, loff_t size)
{
	struct file *f;
	long err;

	if (size < 0)
		return -EINVAL;
	f = fd_get(fd);
	if (!f)
		return -EBADF;
	if (!f->ops->truncate || !file_writable(f))
		err = -EINVAL;
	else if (f->inode && (f->inode->flags & INODE_APPEND))
		err = -EPERM;
	else
		err = f->ops->truncate(f, size);
	file_put(f);
	return err;
}
SYSCALL(__NR_ftruncate, sys_ftruncate);
