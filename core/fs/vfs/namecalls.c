/* The system calls on names, in their old and *at forms. */
#include "private.h"
#include "process.h"
#include "syscall.h"
#include "uaccess.h"
#include <linux/capability.h>

/* Run a call with one path of the program. */
#define WITH_PATH(upath, walk, name, call)                                     \
	({                                                                     \
		char *name = path_from_user(upath, walk);                      \
		long r_ = IS_ERR(name) ? PTR_ERR(name) : 0;                    \
		if (!r_) {                                                     \
			r_ = (call);                                           \
			kfree(name);                                           \
		}                                                              \
		r_;                                                            \
	})

/* The same with two. */
#define WITH_PATHS(ua, walk, a, ub, b, call)                                   \
	({                                                                     \
		char *a = path_from_user(ua, walk);                            \
		long ra_ = IS_ERR(a) ? PTR_ERR(a) : 0;                         \
		if (!ra_) {                                                    \
			ra_ = WITH_PATH(ub, 0, b, call);                       \
			kfree(a);                                              \
		}                                                              \
		ra_;                                                           \
	})

static long sys_mkdirat(int dirfd, const char __user *upath, u32 mode)
{
	return WITH_PATH(upath, 0, name, vfs_mkdir(dirfd, name, mode));
}
SYSCALL(__NR_mkdirat, sys_mkdirat);

static long sys_mkdir(const char __user *upath, u32 mode)
{
	return sys_mkdirat(AT_FDCWD, upath, mode);
}
SYSCALL(__NR_mkdir, sys_mkdir);

static long sys_mknodat(int dirfd, const char __user *upath, u32 mode, u32 dev)
{
	switch (mode & S_IFMT) {
	case 0:
		mode |= S_IFREG;
		break;
	case S_IFREG:
	case S_IFIFO:
	case S_IFSOCK:
		dev = 0;
		break;
	case S_IFCHR:
	case S_IFBLK:
		break;
	case S_IFDIR:
		return -EPERM;
	default:
		return -EINVAL;
	}
	mode &= S_IFMT | 07777;
	return WITH_PATH(upath, 0, name,
			 vfs_mknod(dirfd, name, mode, dev, NULL));
}
SYSCALL(__NR_mknodat, sys_mknodat);

static long sys_mknod(const char __user *upath, u32 mode, u32 dev)
{
	return sys_mknodat(AT_FDCWD, upath, mode, dev);
}
SYSCALL(__NR_mknod, sys_mknod);

static long sys_unlinkat(int dirfd, const char __user *upath, int flags)
{
	if (flags & ~AT_REMOVEDIR)
		return -EINVAL;
	return WITH_PATH(upath, 0, name,
			 flags & AT_REMOVEDIR ? vfs_rmdir(dirfd, name)
					      : vfs_unlink(dirfd, name));
}
SYSCALL(__NR_unlinkat, sys_unlinkat);

static long sys_unlink(const char __user *upath)
{
	return sys_unlinkat(AT_FDCWD, upath, 0);
}
SYSCALL(__NR_unlink, sys_unlink);

static long sys_rmdir(const char __user *upath)
{
	return sys_unlinkat(AT_FDCWD, upath, AT_REMOVEDIR);
}
SYSCALL(__NR_rmdir, sys_rmdir);

static long sys_symlinkat(const char __user *utarget, int dirfd,
			  const char __user *upath)
{
	return WITH_PATHS(utarget, 0, target, upath, name,
			  vfs_symlink(target, dirfd, name));
}
SYSCALL(__NR_symlinkat, sys_symlinkat);

static long sys_symlink(const char __user *utarget, const char __user *upath)
{
	return sys_symlinkat(utarget, AT_FDCWD, upath);
}
SYSCALL(__NR_symlink, sys_symlink);

static long sys_linkat(int olddirfd, const char __user *uold, int newdirfd,
		       const char __user *unew, int flags)
{
	unsigned walk = flags & AT_SYMLINK_FOLLOW ? WALK_FOLLOW : 0;

	if (flags & ~(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	if (flags & AT_EMPTY_PATH) {
		if (!capable(CAP_DAC_READ_SEARCH))
			return -ENOENT;
		walk |= WALK_EMPTY;
	}
	return WITH_PATHS(uold, walk, old, unew, new,
			  vfs_link(olddirfd, old, newdirfd, new, walk));
}
SYSCALL(__NR_linkat, sys_linkat);

static long sys_link(const char __user *uold, const char __user *unew)
{
	return sys_linkat(AT_FDCWD, uold, AT_FDCWD, unew, 0);
}
SYSCALL(__NR_link, sys_link);

static long sys_renameat2(int olddirfd, const char __user *uold, int newdirfd,
			  const char __user *unew, unsigned flags)
{
	return WITH_PATHS(uold, 0, old, unew, new,
			  vfs_rename(olddirfd, old, newdirfd, new, flags));
}
SYSCALL(__NR_renameat2, sys_renameat2);

static long sys_renameat(int olddirfd, const char __user *uold, int newdirfd,
			 const char __user *unew)
{
	return sys_renameat2(olddirfd, uold, newdirfd, unew, 0);
}
SYSCALL(__NR_renameat, sys_renameat);

static long sys_rename(const char __user *uold, const char __user *unew)
{
	return sys_renameat2(AT_FDCWD, uold, AT_FDCWD, unew, 0);
}
SYSCALL(__NR_rename, sys_rename);

/* The target of the link p, to the program. */
static long read_link(const struct path *p, char __user *ubuf, size_t size,
		      bool by_descriptor)
{
	struct inode *inode = p->dentry->inode;
	char *buf;
	ssize_t n;

	if (!inode->ops->readlink || !S_ISLNK(inode->mode))
		return by_descriptor ? -ENOENT : -EINVAL;
	buf = kmalloc(PATH_MAX, ALLOC_WAIT);
	if (!buf)
		return -ENOMEM;
	n = inode->ops->readlink(inode, buf);
	if (n > (ssize_t)size)
		n = (ssize_t)size;
	if (n > 0 && copy_to_user(ubuf, buf, (size_t)n))
		n = -EFAULT;
	kfree(buf);
	return n;
}

static long sys_readlinkat(int dirfd, const char __user *upath,
			   char __user *ubuf, int size)
{
	struct path p;
	bool empty;
	char *name;
	long n;

	if (size <= 0)
		return -EINVAL;
	name = path_from_user(upath, WALK_EMPTY);
	if (IS_ERR(name))
		return PTR_ERR(name);
	/* An empty path with an O_PATH descriptor of the link itself. */
	empty = !*name && dirfd != AT_FDCWD;
	n = path_lookup(dirfd, name, empty ? WALK_EMPTY : 0, &p);
	kfree(name);
	if (n)
		return n;
	n = read_link(&p, ubuf, (size_t)size, empty);
	path_put(&p);
	return n;
}
SYSCALL(__NR_readlinkat, sys_readlinkat);

static long sys_readlink(const char __user *upath, char __user *ubuf, int size)
{
	return sys_readlinkat(AT_FDCWD, upath, ubuf, size);
}
SYSCALL(__NR_readlink, sys_readlink);
