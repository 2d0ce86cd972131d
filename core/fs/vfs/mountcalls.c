/* mount(2), umount2(2). */
#include "private.h"
#include "process.h"
#include "syscall.h"
#include "uaccess.h"
#include <linux/capability.h>

#define OPTIONS_MAX PAGE_SIZE /* as Linux */

/* A string of the program, "" for NULL; ERR_PTR. */
static char *text_from_user(const char __user *u, size_t max)
{
	char *s = kmalloc(max, ALLOC_WAIT);
	ssize_t n = 0;

	if (!s)
		return ERR_PTR(-ENOMEM);
	*s = '\0';
	if (u)
		n = strncpy_from_user(s, u, max);
	if (n < 0) {
		kfree(s);
		return ERR_PTR(n == -ENAMETOOLONG ? -EINVAL : n);
	}
	return s;
}

static void set_readonly(struct superblock *sb, bool on)
{
	spin_lock(&vfs_tree_lock);
	__atomic_store_n(&sb->flags,
			 (sb->flags & ~(u64)MS_RDONLY) | (on ? MS_RDONLY : 0),
			 __ATOMIC_SEQ_CST);
	spin_unlock(&vfs_tree_lock);
}

/* No file is open for writing, and none will be; what there is has been written. */
static int stop_writing(struct superblock *sb)
{
	int err = 0;

	if (__atomic_load_n(&sb->writers, __ATOMIC_RELAXED))
		return -EBUSY;
	set_readonly(sb, true);
	if (__atomic_load_n(&sb->writers, __ATOMIC_SEQ_CST))
		err = -EBUSY;
	else
		err = super_sync(sb);
	if (err)
		set_readonly(sb, false);
	return err;
}

static int remount(const struct path *at, u64 flags, const char *options)
{
	struct mount *m = at->mount;
	struct superblock *sb = m->sb;
	const u64 mine = MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOATIME |
			 MS_NODIRATIME | MS_STRICTATIME | MS_RDONLY;
	bool was = sb->flags & MS_RDONLY;
	int err = 0;

	if (at->dentry != sb->root)
		return -EINVAL;
	if ((flags & MS_RDONLY) && !was)
		err = stop_writing(sb);
	if (err)
		return err;
	if (sb->ops->remount)
		err = sb->ops->remount(sb, flags, options);
	if (err) {
		set_readonly(sb, was);
		return err;
	}
	set_readonly(sb, flags & MS_RDONLY);
	spin_lock(&vfs_tree_lock);
	m->flags = (m->flags & ~mine) | (flags & mine);
	spin_unlock(&vfs_tree_lock);
	return 0;
}

static int change(const char *source, const struct path *at, const char *type,
		  u64 flags, const char *options)
{
	if (flags & MS_REMOUNT)
		return remount(at, flags, options);
	/* There is one name space: a mount is private already. */
	if (flags & (MS_PRIVATE | MS_SLAVE | MS_UNBINDABLE))
		return at->dentry == at->mount->sb->root ? 0 : -EINVAL;
	if (flags & (MS_BIND | MS_MOVE | MS_SHARED))
		return -EINVAL;
	if (!*type)
		return -EINVAL;
	return vfs_mount(source, at, type, flags, options);
}

static long sys_mount(const char __user *usource, const char __user *utarget,
		      const char __user *utype, u64 flags,
		      const void __user *uoptions)
{
	char *source, *type, *options, *target;
	struct path at;
	long err;

	/* MS_MGC_VAL: a magic number that old programs put there. */
	if ((flags & MS_MGC_MSK) == MS_MGC_VAL)
		flags &= ~(u64)MS_MGC_MSK;
	source = text_from_user(usource, PATH_MAX);
	type = text_from_user(utype, PATH_MAX);
	options = text_from_user(uoptions, OPTIONS_MAX);
	target = path_from_user(utarget, 0);
	err = IS_ERR(type) ? PTR_ERR(type) : IS_ERR(source) ? PTR_ERR(source) :
	      IS_ERR(options) ? PTR_ERR(options) :
	      IS_ERR(target) ? PTR_ERR(target) : 0;
	if (!err)
		err = path_lookup(AT_FDCWD, target, WALK_FOLLOW, &at);
	if (!err) {
		err = capable(CAP_SYS_ADMIN) ?
			      change(source, &at, type, flags, options) :
			      -EPERM;
		path_put(&at);
	}
	kfree(IS_ERR(source) ? NULL : source);
	kfree(IS_ERR(type) ? NULL : type);
	kfree(IS_ERR(options) ? NULL : options);
	kfree(IS_ERR(target) ? NULL : target);
	return err;
}
SYSCALL(__NR_mount, sys_mount);

static long sys_umount2(const char __user *utarget, int flags)
{
	unsigned walk = flags & UMOUNT_NOFOLLOW ? 0 : WALK_FOLLOW;
	char *target;
	struct path at;
	long err;

	if (flags & ~(UMOUNT_FORCE | UMOUNT_DETACH | UMOUNT_EXPIRE |
		      UMOUNT_NOFOLLOW))
		return -EINVAL;
	target = path_from_user(utarget, 0);
	if (IS_ERR(target))
		return PTR_ERR(target);
	err = path_lookup(AT_FDCWD, target, walk, &at);
	kfree(target);
	if (err)
		return err;
	if (capable(CAP_SYS_ADMIN))
		return vfs_umount(&at, flags);
	path_put(&at);
	return -EPERM;
}
SYSCALL(__NR_umount2, sys_umount2);
