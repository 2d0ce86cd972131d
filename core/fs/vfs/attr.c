/* Changing attributes: mode, owner, times, size; access(2). */
#include "private.h"
#include "process.h"
#include "syscall.h"
#include "uaccess.h"
#include <linux/capability.h>
#include <linux/time_types.h>

/* utimensat(2); the C library has them in <sys/stat.h>. */
#define UTIME_NOW ((1l << 30) - 1)
#define UTIME_OMIT ((1l << 30) - 2)

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

/* The place that (dirfd, upath, AT_* flags) names. */
static int lookup_at(int dirfd, const char __user *upath, int flags,
		     struct path *p)
{
	unsigned walk = flags & AT_SYMLINK_NOFOLLOW ? 0 : WALK_FOLLOW;
	char *name;
	int err;

	if (flags & AT_EMPTY_PATH)
		walk |= WALK_EMPTY;
	name = path_from_user(upath, walk);
	if (IS_ERR(name))
		return PTR_ERR(name);
	err = path_lookup(dirfd, name, walk, p);
	kfree(name);
	return err;
}

/* The place of an open file, O_PATH only if raw; its path is referenced. */
static int path_of_descriptor(int fd, bool raw, struct path *p)
{
	struct file *f = raw ? fd_get_raw(fd) : fd_get(fd);

	if (!f)
		return -EBADF;
	if (!f->dentry) {
		file_put(f);
		return -EINVAL;
	}
	p->mount = f->mount;
	p->dentry = f->dentry;
	path_get(p);
	file_put(f);
	return 0;
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

/* ---- size ---- */

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

/* ---- times ---- */

static int change_times(const struct path *p, const struct timespec64 *t)
{
	struct inode *inode = p->dentry->inode;
	struct attr a = {.valid = ATTR_ATIME | ATTR_MTIME};
	bool now = !t || (t[0].nsec == UTIME_NOW && t[1].nsec == UTIME_NOW);
	int err = path_writable(p);

	if (err)
		return err;
	/* "Now" is for whoever may write; anything else for the owner. */
	if (!inode_owner_or_capable(inode)) {
		if (!now)
			return -EPERM;
		err = inode_permission(inode, MAY_WRITE);
		if (err)
			return err;
	}
	a.atime = a.mtime = inode_now();
	if (t && t[0].nsec == UTIME_OMIT)
		a.valid &= ~ATTR_ATIME;
	else if (t && t[0].nsec != UTIME_NOW)
		a.atime = t[0];
	if (t && t[1].nsec == UTIME_OMIT)
		a.valid &= ~ATTR_MTIME;
	else if (t && t[1].nsec != UTIME_NOW)
		a.mtime = t[1];
	return vfs_setattr(p, &a);
}

static bool nsec_valid(s64 nsec)
{
	return nsec == UTIME_NOW || nsec == UTIME_OMIT ||
	       (u64)nsec < NSEC_PER_SEC;
}

static long set_times(int dirfd, const char __user *upath,
		      const struct timespec64 *t, int flags)
{
	struct path p;
	long err;

	if (t && t[0].nsec == UTIME_OMIT && t[1].nsec == UTIME_OMIT)
		return 0;
	/* futimens(3): a descriptor and no path. */
	if (!upath && dirfd != AT_FDCWD)
		err = flags ? -EINVAL : path_of_descriptor(dirfd, false, &p);
	else
		err = lookup_at(dirfd, upath, flags, &p);
	if (err)
		return err;
	err = change_times(&p, t);
	path_put(&p);
	return err;
}

static long sys_utimensat(int dirfd, const char __user *upath,
			  const struct __kernel_timespec __user *ut, int flags)
{
	struct __kernel_timespec kt[2];
	struct timespec64 t[2];

	if (ut) {
		if (copy_from_user(kt, ut, sizeof(kt)))
			return -EFAULT;
		for (int i = 0; i < 2; i++) {
			if (!nsec_valid(kt[i].tv_nsec))
				return -EINVAL;
			t[i].sec = kt[i].tv_sec;
			t[i].nsec = kt[i].tv_nsec;
		}
	}
	if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	return set_times(dirfd, upath, ut ? t : NULL, flags);
}
SYSCALL(__NR_utimensat, sys_utimensat);

static long sys_futimesat(int dirfd, const char __user *upath,
			  const struct __kernel_old_timeval __user *ut)
{
	struct __kernel_old_timeval kt[2];
	struct timespec64 t[2];

	if (ut) {
		if (copy_from_user(kt, ut, sizeof(kt)))
			return -EFAULT;
		for (int i = 0; i < 2; i++) {
			if ((u64)kt[i].tv_usec >= 1000000)
				return -EINVAL;
			t[i].sec = kt[i].tv_sec;
			t[i].nsec = kt[i].tv_usec * 1000;
		}
	}
	return set_times(dirfd, upath, ut ? t : NULL, 0);
}
SYSCALL(__NR_futimesat, sys_futimesat);

static long sys_utimes(const char __user *upath,
		       const struct __kernel_old_timeval __user *ut)
{
	return sys_futimesat(AT_FDCWD, upath, ut);
}
SYSCALL(__NR_utimes, sys_utimes);

static long sys_utime(const char __user *upath, const s64 __user *ut)
{
	struct timespec64 t[2] = {{0, 0}, {0, 0}};
	s64 secs[2]; /* struct utimbuf: actime, modtime */

	if (ut) {
		if (copy_from_user(secs, ut, sizeof(secs)))
			return -EFAULT;
		t[0].sec = secs[0];
		t[1].sec = secs[1];
	}
	return set_times(AT_FDCWD, upath, ut ? t : NULL, 0);
}
SYSCALL(__NR_utime, sys_utime);

/* ---- access ---- */

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
	unsigned walk = flags & AT_SYMLINK_NOFOLLOW ? 0 : WALK_FOLLOW;
	struct path p;
	char *name;
	long err;

	if ((mode & ~7) ||
	    (flags & ~(AT_EACCESS | AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)))
		return -EINVAL;
	if (!(flags & AT_EACCESS))
		walk |= WALK_REAL_IDS;
	if (flags & AT_EMPTY_PATH)
		walk |= WALK_EMPTY;
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
