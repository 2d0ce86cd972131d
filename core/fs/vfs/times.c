/* utimensat and its kin. */
#include "private.h"
#include "syscall.h"
#include "uaccess.h"
#include <linux/time_types.h>

/* utimensat(2); the C library has them in <sys/stat.h>. */
#define UTIME_NOW ((1l << 30) - 1)
#define UTIME_OMIT ((1l << 30) - 2)

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
