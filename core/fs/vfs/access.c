/* access, faccessat. */
#include "private.h"
#include "syscall.h"

static long access_path(const struct path *p, int mode, unsigned flags)
{
	const struct inode *inode = p->dentry->inode;
	int err;

	if ((mode & MAY_EXEC) && S_ISREG(inode->mode) &&
	    (READ_ONCE(p->mount->flags) & MS_NOEXEC))
		return -EACCES;
	err = permission(inode, mode, flags);
	/* Devices, FIFOs and sockets can be written on read-only mounts. */
	if (!err && (mode & MAY_WRITE) &&
	    (S_ISREG(inode->mode) || S_ISDIR(inode->mode) ||
	     S_ISLNK(inode->mode)))
		err = path_writable(p);
	return err;
}

static long sys_faccessat2(int dirfd, const char __user *upath, int mode,
			   int flags)
{
	unsigned walk = walk_flags(flags);
	struct path p;
	char *name;
	long err;

	if ((mode & ~7) ||
	    (flags & ~(AT_EACCESS | AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)))
		return -EINVAL;
	if (!(flags & AT_EACCESS))
		walk |= WALK_REAL_IDS;
	name = path_from_user(upath, walk);
	if (IS_ERR(name))
		return PTR_ERR(name);
	err = path_lookup(dirfd, name, walk, &p);
	kfree(name);
	if (err)
		return err;
	err = access_path(&p, mode, walk);
	path_put(&p);
	return err;
}
SYSCALL(__NR_faccessat2, sys_faccessat2);

static long sys_faccessat(int dirfd, const char __user *upath, int mode)
{
	return sys_faccessat2(dirfd, upath, mode, 0);
}
SYSCALL(__NR_faccessat, sys_faccessat);

static long sys_access(const char __user *upath, int mode)
{
	return sys_faccessat2(AT_FDCWD, upath, mode, 0);
}
SYSCALL(__NR_access, sys_access);
