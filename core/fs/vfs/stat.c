/* stat(2) and its kin. */
#include "private.h"
#include "syscall.h"
#include "uaccess.h"

void inode_stat(struct inode *i, struct stat *st)
{
	memset(st, 0, sizeof(*st));
	st->st_dev = i->sb->dev;
	st->st_ino = i->ino;
	st->st_nlink = READ_ONCE(i->nlink);
	st->st_mode = READ_ONCE(i->mode);
	st->st_uid = i->uid;
	st->st_gid = i->gid;
	st->st_rdev = i->rdev;
	st->st_size = READ_ONCE(i->size);
	st->st_blksize = i->sb->block_size;
	st->st_blocks = (s64)i->blocks;
	st->st_atime = (u64)i->atime.sec;
	st->st_atime_nsec = (u64)i->atime.nsec;
	st->st_mtime = (u64)i->mtime.sec;
	st->st_mtime_nsec = (u64)i->mtime.nsec;
	st->st_ctime = (u64)i->ctime.sec;
	st->st_ctime_nsec = (u64)i->ctime.nsec;
	if (i->ops->getattr)
		i->ops->getattr(i, st);
}

int file_stat(struct file *f, struct stat *st)
{
	if (f->inode) {
		inode_stat(f->inode, st);
		return 0;
	}
	if (!f->ops->stat)
		return -EBADF;
	memset(st, 0, sizeof(*st));
	return f->ops->stat(f, st);
}

static int stat_descriptor(int fd, struct stat *st)
{
	struct file *f = fd_get_raw(fd);
	int err;

	if (!f)
		return -EBADF;
	err = file_stat(f, st);
	file_put(f);
	return err;
}

#define STAT_FLAGS (AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH)

static int stat_at(int dirfd, const char __user *upath, int flags,
		   struct stat *st)
{
	unsigned walk = walk_flags(flags);
	char *name = path_from_user(upath, walk);
	struct path p;
	int err;

	if (IS_ERR(name))
		return PTR_ERR(name);
	if (!*name && dirfd != AT_FDCWD) {
		/* Works for descriptors without a path, too. */
		kfree(name);
		return stat_descriptor(dirfd, st);
	}
	err = path_lookup(dirfd, name, walk, &p);
	kfree(name);
	if (err)
		return err;
	inode_stat(p.dentry->inode, st);
	path_put(&p);
	return 0;
}

static long give(const struct stat *st, struct stat __user *ust, int err)
{
	if (err)
		return err;
	return copy_to_user(ust, st, sizeof(*st)) ? -EFAULT : 0;
}

static long sys_stat(const char __user *upath, struct stat __user *ust)
{
	struct stat st;

	return give(&st, ust, stat_at(AT_FDCWD, upath, 0, &st));
}
SYSCALL(__NR_stat, sys_stat);

static long sys_lstat(const char __user *upath, struct stat __user *ust)
{
	struct stat st;

	return give(&st, ust,
		    stat_at(AT_FDCWD, upath, AT_SYMLINK_NOFOLLOW, &st));
}
SYSCALL(__NR_lstat, sys_lstat);

static long sys_fstat(int fd, struct stat __user *ust)
{
	struct stat st;

	return give(&st, ust, stat_descriptor(fd, &st));
}
SYSCALL(__NR_fstat, sys_fstat);

static long sys_newfstatat(int dirfd, const char __user *upath,
			   struct stat __user *ust, int flags)
{
	struct stat st;

	if (flags & ~STAT_FLAGS)
		return -EINVAL;
	return give(&st, ust, stat_at(dirfd, upath, flags, &st));
}
SYSCALL(__NR_newfstatat, sys_newfstatat);

static struct statx_timestamp timestamp(u64 sec, u64 nsec)
{
	struct statx_timestamp t = {.tv_sec = (s64)sec, .tv_nsec = (u32)nsec};

	return t;
}

static void to_statx(const struct stat *st, struct statx *x)
{
	memset(x, 0, sizeof(*x));
	x->stx_mask = STATX_BASIC_STATS;
	x->stx_blksize = (u32)st->st_blksize;
	x->stx_nlink = (u32)st->st_nlink;
	x->stx_uid = st->st_uid;
	x->stx_gid = st->st_gid;
	x->stx_mode = (u16)st->st_mode;
	x->stx_ino = st->st_ino;
	x->stx_size = (u64)st->st_size;
	x->stx_blocks = (u64)st->st_blocks;
	x->stx_atime = timestamp(st->st_atime, st->st_atime_nsec);
	x->stx_mtime = timestamp(st->st_mtime, st->st_mtime_nsec);
	x->stx_ctime = timestamp(st->st_ctime, st->st_ctime_nsec);
	x->stx_rdev_major = dev_major(st->st_rdev);
	x->stx_rdev_minor = dev_minor(st->st_rdev);
	x->stx_dev_major = dev_major(st->st_dev);
	x->stx_dev_minor = dev_minor(st->st_dev);
}

static long sys_statx(int dirfd, const char __user *upath, unsigned flags,
		      unsigned mask, struct statx __user *ux)
{
	struct stat st;
	struct statx x;
	int err;

	if (mask & STATX__RESERVED)
		return -EINVAL;
	if ((flags & AT_STATX_SYNC_TYPE) == AT_STATX_SYNC_TYPE)
		return -EINVAL;
	if (flags & ~(unsigned)(STAT_FLAGS | AT_STATX_SYNC_TYPE))
		return -EINVAL;
	err = stat_at(dirfd, upath, (int)flags, &st);
	if (err)
		return err;
	to_statx(&st, &x);
	return copy_to_user(ux, &x, sizeof(x)) ? -EFAULT : 0;
}
SYSCALL(__NR_statx, sys_statx);
