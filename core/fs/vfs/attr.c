/* Changing mode and owner. */
#include "private.h"
#include "process.h"
#include "syscall.h"
#include <linux/capability.h>

int vfs_setattr(const struct path *p, struct attr *a)
{
	struct inode *inode = p->dentry->inode;
	int err = path_writable(p);

	if (err)
		return err;
	if (inode->flags & (INODE_IMMUTABLE | INODE_APPEND))
		return -EPERM;
	a->valid |= ATTR_CTIME;
	a->ctime = inode_now();
	mutex_lock(&inode->lock);
	if (inode->ops->setattr)
		err = inode->ops->setattr(inode, a);
	else
		inode_setattr(inode, a);
	mutex_unlock(&inode->lock);
	return err;
}

/* ---- mode ---- */

static int change_mode(const struct path *p, u32 mode)
{
	struct inode *inode = p->dentry->inode;
	struct process *cur = current_process();
	struct attr a = {.valid = ATTR_MODE, .mode = mode & 07777};

	/* Links have no mode (EOPNOTSUPP since Linux 6.6, and by glibc). */
	if (S_ISLNK(inode->mode))
		return -EOPNOTSUPP;
	if (!inode_owner_or_capable(inode))
		return -EPERM;
	if (cur && cur->fsgid != inode->gid && !process_in_group(inode->gid) &&
	    !capable(CAP_FSETID))
		a.mode &= ~(u32)S_ISGID;
	return vfs_setattr(p, &a);
}

static long sys_fchmod(int fd, u32 mode)
{
	struct path p;
	int err = path_of_descriptor(fd, false, &p);

	if (err)
		return err;
	err = change_mode(&p, mode);
	path_put(&p);
	return err;
}
SYSCALL(__NR_fchmod, sys_fchmod);

static long sys_fchmodat(int dirfd, const char __user *upath, u32 mode)
{
	struct path p;
	int err = lookup_at(dirfd, upath, 0, &p);

	if (err)
		return err;
	err = change_mode(&p, mode);
	path_put(&p);
	return err;
}
SYSCALL(__NR_fchmodat, sys_fchmodat);

static long sys_chmod(const char __user *upath, u32 mode)
{
	return sys_fchmodat(AT_FDCWD, upath, mode);
}
SYSCALL(__NR_chmod, sys_chmod);

/* ---- owner ---- */

static bool may_change_owner(const struct inode *inode, u32 uid, u32 gid)
{
	const struct process *cur = current_process();

	if (!cur || capable(CAP_CHOWN))
		return true;
	if (uid != (u32)-1 && (cur->fsuid != inode->uid || uid != inode->uid))
		return false;
	if (gid != (u32)-1 && (cur->fsuid != inode->uid ||
			       (gid != inode->gid && gid != cur->fsgid &&
				!process_in_group(gid))))
		return false;
	return true;
}

static int change_owner(const struct path *p, u32 uid, u32 gid)
{
	struct inode *inode = p->dentry->inode;
	struct attr a = {.uid = uid, .gid = gid};
	u32 mode = inode->mode;

	if (!may_change_owner(inode, uid, gid))
		return -EPERM;
	if (uid != (u32)-1)
		a.valid |= ATTR_UID;
	if (gid != (u32)-1)
		a.valid |= ATTR_GID;
	/* Set-user-id and set-group-id do not survive, even root's doing. */
	if (!S_ISDIR(mode) && (mode & (S_ISUID | S_ISGID))) {
		u32 kill = S_ISUID;

		if ((mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP))
			kill |= S_ISGID;
		a.mode = mode & 07777 & ~kill;
		a.valid |= ATTR_MODE;
	}
	return vfs_setattr(p, &a);
}

static long sys_fchownat(int dirfd, const char __user *upath, u32 uid, u32 gid,
			 int flags)
{
	struct path p;
	int err;

	if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	err = lookup_at(dirfd, upath, flags, &p);
	if (err)
		return err;
	err = change_owner(&p, uid, gid);
	path_put(&p);
	return err;
}
SYSCALL(__NR_fchownat, sys_fchownat);

static long sys_chown(const char __user *upath, u32 uid, u32 gid)
{
	return sys_fchownat(AT_FDCWD, upath, uid, gid, 0);
}
SYSCALL(__NR_chown, sys_chown);

static long sys_lchown(const char __user *upath, u32 uid, u32 gid)
{
	return sys_fchownat(AT_FDCWD, upath, uid, gid, AT_SYMLINK_NOFOLLOW);
}
SYSCALL(__NR_lchown, sys_lchown);

static long sys_fchown(int fd, u32 uid, u32 gid)
{
	struct path p;
	int err = path_of_descriptor(fd, false, &p);

	if (err)
		return err;
	err = change_owner(&p, uid, gid);
	path_put(&p);
	return err;
}
SYSCALL(__NR_fchown, sys_fchown);
