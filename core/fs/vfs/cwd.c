/* getcwd, chdir, fchdir, chroot, umask. */
#include "private.h"
#include "process.h"
#include "syscall.h"
#include "uaccess.h"
#include <linux/capability.h>

/* One of the current process's places becomes *p, reference included. */
static void set_place(struct path *place, const struct path *p)
{
	struct path old;

	spin_lock(&vfs_tree_lock);
	old = *place;
	*place = *p;
	spin_unlock(&vfs_tree_lock);
	path_put(&old);
}

static int lookup_directory(const char __user *upath, struct path *p)
{
	char *name = path_from_user(upath, 0);
	int err;

	if (IS_ERR(name))
		return PTR_ERR(name);
	err = path_lookup(AT_FDCWD, name, WALK_FOLLOW | WALK_DIRECTORY, p);
	kfree(name);
	if (err)
		return err;
	err = inode_permission(p->dentry->inode, MAY_EXEC);
	if (err)
		path_put(p);
	return err;
}

static long sys_chdir(const char __user *upath)
{
	struct path p;
	int err = lookup_directory(upath, &p);

	if (!err)
		set_place(&current_process()->fs->cwd, &p);
	return err;
}
SYSCALL(__NR_chdir, sys_chdir);

static long sys_fchdir(int fd)
{
	struct file *f = fd_get_raw(fd);
	struct path p;
	int err = 0;

	if (!f)
		return -EBADF;
	if (!f->dentry || !S_ISDIR(f->inode->mode))
		err = -ENOTDIR;
	if (!err)
		err = inode_permission(f->inode, MAY_EXEC);
	if (!err) {
		p.mount = f->mount;
		p.dentry = f->dentry;
		path_get(&p);
		set_place(&current_process()->fs->cwd, &p);
	}
	file_put(f);
	return err;
}
SYSCALL(__NR_fchdir, sys_fchdir);

static long sys_chroot(const char __user *upath)
{
	struct path p;
	int err = lookup_directory(upath, &p);

	if (err)
		return err;
	if (!capable(CAP_SYS_CHROOT)) {
		path_put(&p);
		return -EPERM;
	}
	set_place(&current_process()->fs->root, &p);
	return 0;
}
SYSCALL(__NR_chroot, sys_chroot);

static long sys_getcwd(char __user *ubuf, size_t size)
{
	char *buf = kmalloc(PATH_MAX, ALLOC_WAIT), *s;
	struct path p;
	long n;

	if (!buf)
		return -ENOMEM;
	fs_current_cwd(&p);
	s = path_to_string(&p, buf, PATH_MAX);
	if (IS_ERR(s)) {
		n = PTR_ERR(s);
	} else {
		n = buf + PATH_MAX - s;
		spin_lock(&vfs_tree_lock);
		if (p.dentry->parent != p.dentry &&
		    !(p.dentry->flags & DENTRY_HASHED))
			n = -ENOENT;
		spin_unlock(&vfs_tree_lock);
		if (n > 0 && (size_t)n > size)
			n = -ERANGE;
		if (n > 0 && copy_to_user(ubuf, s, n))
			n = -EFAULT;
	}
	path_put(&p);
	kfree(buf);
	return n;
}
SYSCALL(__NR_getcwd, sys_getcwd);

static long sys_umask(u32 mask)
{
	return __atomic_exchange_n(&current_process()->fs->umask, mask & 0777,
				   __ATOMIC_RELAXED);
}
SYSCALL(__NR_umask, sys_umask);
