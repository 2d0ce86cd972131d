/* open, openat, openat2, creat. */
#include "private.h"
#include "process.h"
#include "syscall.h"
#include "uaccess.h"
#include <linux/openat2.h>

/* What open(2) knows; it ignores the rest. */
#define OPEN_FLAGS                                                             \
	(O_ACCMODE | O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_APPEND |        \
	 O_NONBLOCK | O_SYNC | O_DSYNC | FASYNC | O_DIRECT | O_LARGEFILE |     \
	 O_DIRECTORY | O_NOFOLLOW | O_NOATIME | O_CLOEXEC | O_PATH |           \
	 __O_TMPFILE)
#define PATH_FLAGS (O_DIRECTORY | O_NOFOLLOW | O_PATH | O_CLOEXEC)
#define RESOLVE_FLAGS                                                          \
	(RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS |       \
	 RESOLVE_BENEATH | RESOLVE_IN_ROOT | RESOLVE_CACHED)

static long open_at(int dirfd, const char __user *upath, int flags, u32 mode,
		    unsigned walk_flags)
{
	struct file *f;
	char *name;
	int fd;

	if (flags & O_PATH)
		flags &= PATH_FLAGS;
	if (flags & __O_TMPFILE) {
		if ((flags & O_TMPFILE) != O_TMPFILE || (flags & O_CREAT) ||
		    (flags & O_ACCMODE) == O_RDONLY)
			return -EINVAL;
	} else if ((flags & (O_DIRECTORY | O_CREAT)) ==
		   (O_DIRECTORY | O_CREAT)) {
		return -EINVAL;
	}
	/* O_SYNC contains O_DSYNC. */
	name = path_from_user(upath, 0);
	if (IS_ERR(name))
		return PTR_ERR(name);
	/* Nothing is created or cut off when there is no descriptor for it. */
	fd = fd_reserve(flags);
	if (fd < 0) {
		kfree(name);
		return fd;
	}
	f = vfs_open(dirfd, name, flags, mode & 07777, walk_flags);
	kfree(name);
	if (IS_ERR(f)) {
		fd_unreserve(fd);
		return PTR_ERR(f);
	}
	fd_fill(fd, f);
	return fd;
}

static long sys_openat(int dirfd, const char __user *upath, int flags, u32 mode)
{
	return open_at(dirfd, upath, (flags & OPEN_FLAGS) | O_LARGEFILE, mode,
		       0);
}
SYSCALL(__NR_openat, sys_openat);

static long sys_open(const char __user *upath, int flags, u32 mode)
{
	return sys_openat(AT_FDCWD, upath, flags, mode);
}
SYSCALL(__NR_open, sys_open);

static long sys_creat(const char __user *upath, u32 mode)
{
	return sys_openat(AT_FDCWD, upath, O_CREAT | O_WRONLY | O_TRUNC, mode);
}
SYSCALL(__NR_creat, sys_creat);

/*
 * Are the bytes of a longer structure than ours zero? (copy_struct_from_user)
 */
static int rest_is_zero(const char __user *p, size_t n)
{
	char c;

	for (; n; n--, p++) {
		if (get_user(c, p))
			return -EFAULT;
		if (c)
			return -E2BIG;
	}
	return 0;
}

static long sys_openat2(int dirfd, const char __user *upath,
			const struct open_how __user *uhow, size_t size)
{
	static const struct {
		u64 resolve;
		unsigned walk;
	} map[] = {
		{RESOLVE_NO_XDEV, WALK_NO_XDEV},
		{RESOLVE_NO_MAGICLINKS, WALK_NO_MAGICLINKS},
		{RESOLVE_NO_SYMLINKS, WALK_NO_SYMLINKS | WALK_NO_MAGICLINKS},
		{RESOLVE_BENEATH, WALK_BENEATH},
		{RESOLVE_IN_ROOT, WALK_IN_ROOT},
	};
	struct open_how how;
	unsigned walk = 0;
	int err;

	if (size < sizeof(how))
		return -EINVAL;
	if (size > PAGE_SIZE)
		return -E2BIG;
	err = rest_is_zero((const char __user *)uhow + sizeof(how),
			   size - sizeof(how));
	if (err)
		return err;
	if (copy_from_user(&how, uhow, sizeof(how)))
		return -EFAULT;
	if ((how.flags & ~(u64)OPEN_FLAGS) || (how.resolve & ~RESOLVE_FLAGS))
		return -EINVAL;
	if ((how.resolve & RESOLVE_BENEATH) && (how.resolve & RESOLVE_IN_ROOT))
		return -EINVAL;
	if (how.flags & (O_CREAT | __O_TMPFILE) ? how.mode & ~07777ull
						: how.mode != 0)
		return -EINVAL;
	if ((how.flags & O_PATH) && (how.flags & ~(u64)PATH_FLAGS))
		return -EINVAL;
	/* Names may have to be read: ask again without (as Linux may say). */
	if (how.resolve & RESOLVE_CACHED)
		return how.flags & (O_TRUNC | O_CREAT | __O_TMPFILE) ? -EINVAL
								     : -EAGAIN;
	for (size_t i = 0; i < ARRAY_SIZE(map); i++)
		if (how.resolve & map[i].resolve)
			walk |= map[i].walk;
	return open_at(dirfd, upath, (int)how.flags, (u32)how.mode, walk);
}
SYSCALL(__NR_openat2, sys_openat2);
