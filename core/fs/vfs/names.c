/* Making and removing names: mkdir, mknod, symlink, link, unlink, rmdir. */
#include "private.h"
#include "process.h"
#include <linux/capability.h>

int check_name(const struct path_last *last)
{
	return last->len > NAME_MAX ? -ENAMETOOLONG : 0;
}

/* ---- making ---- */

/* A name to be made: its directory, locked, and the negative dentry. */
struct making {
	struct path dir;
	struct dentry *d;
};

/* Undone by making_end.  is_dir: slashes may follow the name. */
static int making_begin(struct making *m, int dirfd, const char *name,
			bool is_dir)
{
	struct path_last last;
	int err = path_parent(dirfd, name, 0, &m->dir, &last);

	if (err)
		return err;
	err = is_dots(&last) ? -EEXIST : check_name(&last);
	if (err) {
		path_put(&m->dir);
		return err;
	}
	mutex_lock(&m->dir.dentry->inode->lock);
	m->d = dentry_lookup(m->dir.dentry, last.name, last.len);
	if (IS_ERR(m->d))
		err = PTR_ERR(m->d);
	else if (m->d->inode)
		err = -EEXIST;
	else if (last.slash && !is_dir)
		err = -ENOENT;
	else
		err = may_create(&m->dir);
	if (!err)
		return 0;
	mutex_unlock(&m->dir.dentry->inode->lock);
	if (!IS_ERR(m->d))
		dentry_put(m->d);
	path_put(&m->dir);
	return err;
}

static void making_end(struct making *m)
{
	mutex_unlock(&m->dir.dentry->inode->lock);
	dentry_put(m->d);
	path_put(&m->dir);
}

int vfs_mkdir(int dirfd, const char *name, u32 mode)
{
	struct making m;
	struct inode *dir;
	int err = making_begin(&m, dirfd, name, true);

	if (err)
		return err;
	dir = m.dir.dentry->inode;
	mode &= (0777 | S_ISVTX) & ~fs_current_umask();
	err = dir->ops->mkdir ? dir->ops->mkdir(dir, m.d, S_IFDIR | mode)
			      : -EPERM;
	making_end(&m);
	return err;
}

static int make_node(struct inode *dir, struct dentry *d, u32 mode, u64 rdev)
{
	bool device = S_ISCHR(mode) || S_ISBLK(mode);

	/* 0/0 is the whiteout of overlay file systems: anybody makes those. */
	if (device && !(S_ISCHR(mode) && rdev == 0) && current_process() &&
	    !capable(CAP_MKNOD))
		return -EPERM;
	if (S_ISREG(mode))
		return dir->ops->create ? dir->ops->create(dir, d, mode)
					: -EACCES;
	return dir->ops->mknod ? dir->ops->mknod(dir, d, mode, rdev) : -EPERM;
}

int vfs_mknod(int dirfd, const char *name, u32 mode, u64 rdev,
	      struct path *out)
{
	struct making m;
	int err = making_begin(&m, dirfd, name, false);

	if (err)
		return err;
	mode &= ~fs_current_umask() | S_IFMT;
	err = make_node(m.dir.dentry->inode, m.d, mode, rdev);
	if (!err && out) {
		out->mount = m.dir.mount;
		out->dentry = m.d;
		path_get(out);
	}
	making_end(&m);
	return err;
}

int vfs_symlink(const char *target, int dirfd, const char *name)
{
	struct making m;
	struct inode *dir;
	int err = making_begin(&m, dirfd, name, false);

	if (err)
		return err;
	dir = m.dir.dentry->inode;
	err = dir->ops->symlink ? dir->ops->symlink(dir, m.d, target) : -EPERM;
	making_end(&m);
	return err;
}

static int make_link(struct making *m, const struct path *old)
{
	struct inode *dir = m->dir.dentry->inode;
	struct inode *inode = old->dentry->inode;
	int err;

	if (m->dir.mount != old->mount)
		return -EXDEV;
	if (inode->flags & (INODE_APPEND | INODE_IMMUTABLE))
		return -EPERM;
	if (S_ISDIR(inode->mode) || !dir->ops->link)
		return -EPERM;
	mutex_lock_nested(&inode->lock, INODE_VICTIM);
	/* A file that has no name gets one only if it was made for that. */
	if (!inode->nlink && !(inode->state & INODE_LINKABLE))
		err = -ENOENT;
	else if (inode->nlink == UINT32_MAX)
		err = -EMLINK;
	else
		err = dir->ops->link(dir, m->d, inode);
	mutex_unlock(&inode->lock);
	return err;
}

int vfs_link(int olddirfd, const char *oldname, int newdirfd,
	     const char *newname, unsigned walk_flags)
{
	struct path old;
	struct making m;
	int err = path_lookup(olddirfd, oldname, walk_flags, &old);

	if (err)
		return err;
	err = making_begin(&m, newdirfd, newname, false);
	if (!err) {
		err = make_link(&m, &old);
		making_end(&m);
	}
	path_put(&old);
	return err;
}

/* ---- removing ---- */

/* The name d in dir goes; both are locked.  Nobody has it mounted upon. */
static int remove_dir(struct inode *dir, struct dentry *d)
{
	struct inode *inode = d->inode;
	int err;

	if (!dir->ops->rmdir)
		return -EPERM;
	mutex_lock_nested(&inode->lock, INODE_VICTIM);
	err = READ_ONCE(d->mounted) ? -EBUSY : dir->ops->rmdir(dir, d);
	if (!err)
		inode_mark(inode, INODE_DEAD);
	mutex_unlock(&inode->lock);
	return err;
}

static int remove_file(struct inode *dir, struct dentry *d)
{
	struct inode *inode = d->inode;
	int err;

	if (!dir->ops->unlink)
		return -EPERM;
	mutex_lock_nested(&inode->lock, INODE_VICTIM);
	err = READ_ONCE(d->mounted) ? -EBUSY : dir->ops->unlink(dir, d);
	mutex_unlock(&inode->lock);
	return err;
}

static int remove_name(const struct path *dir, const struct path_last *last,
		       bool is_dir)
{
	struct inode *inode = dir->dentry->inode;
	struct dentry *d;
	int err;

	mutex_lock(&inode->lock);
	d = dentry_lookup(dir->dentry, last->name, last->len);
	if (IS_ERR(d)) {
		mutex_unlock(&inode->lock);
		return PTR_ERR(d);
	}
	if (!d->inode)
		err = -ENOENT;
	else if (last->slash && !is_dir)
		err = S_ISDIR(d->inode->mode) ? -EISDIR : -ENOTDIR;
	else
		err = may_delete(dir, d, is_dir);
	if (!err)
		err = is_dir ? remove_dir(inode, d) : remove_file(inode, d);
	if (!err)
		dentry_drop(d);
	mutex_unlock(&inode->lock);
	/* Outside the lock: the data may go with it. */
	dentry_put(d);
	return err;
}

int vfs_unlink(int dirfd, const char *name)
{
	struct path dir;
	struct path_last last;
	int err = path_parent(dirfd, name, 0, &dir, &last);

	if (err)
		return err;
	err = is_dots(&last) ? -EISDIR : check_name(&last);
	if (!err)
		err = remove_name(&dir, &last, false);
	path_put(&dir);
	return err;
}

int vfs_rmdir(int dirfd, const char *name)
{
	struct path dir;
	struct path_last last;
	int err = path_parent(dirfd, name, 0, &dir, &last);

	if (err)
		return err;
	if (last.len == 0)
		err = -EBUSY;
	else if (is_dots(&last))
		err = last.len == 1 ? -EINVAL : -ENOTEMPTY;
	else
		err = check_name(&last);
	if (!err)
		err = remove_name(&dir, &last, true);
	path_put(&dir);
	return err;
}
