/* statfs, fstatfs. */
#include "private.h"
#include "syscall.h"
#include "uaccess.h"
#include <asm/statfs.h>

/* f_flags as <sys/statvfs.h> has them (include/linux/statfs.h in Linux). */
#define ST_VALID 0x20
#define ST_NOATIME 0x400
#define ST_NODIRATIME 0x800
#define ST_RELATIME 0x1000

static long statfs_flags(const struct mount *m)
{
	u64 flags = m->flags | (m->sb->flags & MS_RDONLY);
	/* The first four are the same in both sets. */
	long st = (long)(flags & (MS_RDONLY | MS_NOSUID | MS_NODEV |
				  MS_NOEXEC));

	st |= ST_VALID;
	if (flags & MS_NOATIME)
		st |= ST_NOATIME;
	else if (!(flags & MS_STRICTATIME))
		st |= ST_RELATIME;
	if (flags & MS_NODIRATIME)
		st |= ST_NODIRATIME;
	return st;
}

static long statfs_mount(const struct mount *m, struct statfs __user *us)
{
	struct superblock *sb = m->sb;
	struct statfs s;
	int err = 0;

	memset(&s, 0, sizeof(s));
	s.f_type = (long)sb->magic;
	s.f_bsize = sb->block_size;
	s.f_frsize = sb->block_size;
	s.f_fsid.val[0] = (int)sb->dev;
	s.f_namelen = NAME_MAX;
	s.f_flags = statfs_flags(m);
	if (sb->ops->statfs)
		err = sb->ops->statfs(sb, &s);
	if (err)
		return err;
	return copy_to_user(us, &s, sizeof(s)) ? -EFAULT : 0;
}

static long sys_statfs(const char __user *upath, struct statfs __user *us)
{
	char *name = path_from_user(upath, 0);
	struct path p;
	long err;

	if (IS_ERR(name))
		return PTR_ERR(name);
	err = path_lookup(AT_FDCWD, name, WALK_FOLLOW, &p);
	kfree(name);
	if (err)
		return err;
	err = statfs_mount(p.mount, us);
	path_put(&p);
	return err;
}
SYSCALL(__NR_statfs, sys_statfs);

static long sys_fstatfs(int fd, struct statfs __user *us)
{
	struct file *f = fd_get_raw(fd);
	long err;

	if (!f)
		return -EBADF;
	/* Sockets and pipes have file systems of their own on Linux. */
	err = f->mount ? statfs_mount(f->mount, us) : -ENOSYS;
	file_put(f);
	return err;
}
SYSCALL(__NR_fstatfs, sys_fstatfs);
