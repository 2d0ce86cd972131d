/* Opening files. */
#include "private.h"
#include "process.h"
#include <linux/capability.h>

/* What open(2) keeps in the file's flags. */
#define NOT_KEPT (O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_CLOEXEC)

const struct file_ops path_file_ops = {.kind = "path"};

/* MAY_* for the access that flags ask for. */
static int access_mask(int flags)
{
	static const u8 masks[] = {MAY_READ, MAY_WRITE, MAY_READ | MAY_WRITE,
				   MAY_READ | MAY_WRITE};
	int mask = masks[flags & O_ACCMODE];

	return flags & O_TRUNC ? mask | MAY_WRITE : mask;
}

/* May an existing file be opened like that? */
static int may_open(const struct path *p, int flags)
{
	const struct inode *inode = p->dentry->inode;
	int mask = access_mask(flags), err;

	switch (inode->mode & S_IFMT) {
	case S_IFLNK:
		return -ELOOP;
	case S_IFDIR:
		if (mask & MAY_WRITE)
			return -EISDIR;
		break;
	case S_IFBLK:
	case S_IFCHR:
		if (READ_ONCE(p->mount->flags) & MS_NODEV)
			return -EACCES;
		break;
	case S_IFREG:
		if (mask & MAY_WRITE) {
			err = path_writable(p);
			if (err)
				return err;
		}
		break;
	}
	err = inode_permission(inode, mask);
	if (err)
		return err;
	if ((inode->flags & INODE_APPEND) && (mask & MAY_WRITE) &&
	    (!(flags & O_APPEND) || (flags & O_TRUNC)))
		return -EPERM;
	if ((flags & O_NOATIME) && !inode_owner_or_capable(inode))
		return -EPERM;
	return 0;
}

/* Let the file system or the device set f up. */
static int open_inode(struct inode *inode, struct file *f)
{
	int err = 0;

	switch (inode->mode & S_IFMT) {
	case S_IFREG:
		/* No file system here moves data past the page cache. */
		if (f->flags & O_DIRECT)
			return -EINVAL;
		break;
	case S_IFDIR:
		break;
	default:
		return special_open(inode, f);
	}
	if (S_ISREG(inode->mode) && file_writable(f))
		err = inode_get_write(inode);
	if (err)
		return err;
	f->ops = inode->fops;
	if (inode->ops->open)
		err = inode->ops->open(inode, f);
	if (err && S_ISREG(inode->mode) && file_writable(f))
		inode_put_write(inode);
	return err;
}

struct file *open_file(const struct path *p, int flags)
{
	struct inode *inode = p->dentry->inode;
	struct file *f = file_alloc(&path_file_ops, NULL, flags & ~NOT_KEPT);
	int err = 0;

	if (!f)
		return ERR_PTR(-ENOMEM);
	path_get(p);
	f->mount = p->mount;
	f->dentry = p->dentry;
	f->inode = inode;
	if (!(flags & O_PATH))
		err = open_inode(inode, f);
	if (err) {
		path_put(p);
		kfree(f);
		return ERR_PTR(err);
	}
	return f;
}

struct file *vfs_open_path(const struct path *p, int flags)
{
	const u32 mode = p->dentry->inode->mode;
	struct file *f;
	int err;

	/* Only regular files have something to cut off. */
	if (!S_ISREG(mode) && !S_ISDIR(mode))
		flags &= ~O_TRUNC;
	if ((flags & O_DIRECTORY) && !S_ISDIR(mode))
		return ERR_PTR(-ENOTDIR);
	if (flags & O_PATH)
		return open_file(p, flags);
	err = may_open(p, flags);
	if (err)
		return ERR_PTR(err);
	f = open_file(p, flags);
	if (IS_ERR(f) || !(flags & O_TRUNC))
		return f;
	err = vfs_truncate(p->dentry->inode, 0);
	if (err) {
		file_put(f);
		return ERR_PTR(err);
	}
	return f;
}

struct file *vfs_open_inode(struct mount *m, struct inode *inode,
			    const char *name, int flags)
{
	struct dentry *d = dentry_alloc(inode->sb, NULL, name, strlen(name));
	struct path p = {m, d};
	struct file *f;

	if (!d)
		return ERR_PTR(-ENOMEM);
	inode_get(inode);
	dentry_instantiate(d, inode);
	f = open_file(&p, flags);
	dentry_put(d);
	return f;
}

/* O_TMPFILE: a file without a name in the directory p. */
static struct file *open_tmpfile(const struct path *p, int flags, u32 mode)
{
	struct inode *dir = p->dentry->inode, *inode;
	struct path at = {p->mount, NULL};
	struct file *f;
	char name[24];
	int err = may_create(p);

	if (err)
		return ERR_PTR(err);
	if (!dir->ops->tmpfile)
		return ERR_PTR(-EOPNOTSUPP);
	mutex_lock(&dir->lock);
	inode = dir->ops->tmpfile(dir, S_IFREG | (mode & 07777));
	mutex_unlock(&dir->lock);
	if (IS_ERR(inode))
		return (void *)inode;
	if (!(flags & O_EXCL))
		inode_mark(inode, INODE_LINKABLE);
	ksnprintf(name, sizeof(name), "#%lu", inode->ino);
	/* A child that no lookup finds: it shows as deleted. */
	at.dentry = dentry_alloc(dir->sb, p->dentry, name, strlen(name));
	if (!at.dentry) {
		inode_put(inode);
		return ERR_PTR(-ENOMEM);
	}
	dentry_instantiate(at.dentry, inode);
	f = open_file(&at, flags);
	dentry_put(at.dentry);
	return f;
}

/*
 * Make the file that the walk has ended before, or find what is there.  *p is
 * referenced.  1: made, 0: found, or -errno.
 */
static int create_or_find(struct walk *w, int flags, u32 mode, struct path *p)
{
	struct dentry *dir = w->cur.dentry, *d;
	struct inode *inode = dir->inode;
	int err = 0;

	mutex_lock(&inode->lock);
	d = dentry_lookup(dir, w->last.name, w->last.len);
	if (IS_ERR(d)) {
		mutex_unlock(&inode->lock);
		return PTR_ERR(d);
	}
	if (!d->inode) {
		err = may_create(&w->cur);
		if (!err && !inode->ops->create)
			err = -EACCES;
		if (!err)
			err = inode->ops->create(inode, d,
						 S_IFREG | (mode & 07777));
		if (!err)
			err = 1;
	} else if (flags & O_EXCL) {
		err = -EEXIST;
	}
	mutex_unlock(&inode->lock);
	if (err < 0) {
		dentry_put(d);
		return err;
	}
	p->mount = w->cur.mount;
	p->dentry = d;
	mount_get(p->mount);
	return err;
}

/* Go to the top of what is mounted on p. */
static void cross_mounts(struct path *p)
{
	struct path old = *p;

	spin_lock(&vfs_tree_lock);
	walk_cross_mounts(p);
	if (p->dentry == old.dentry) {
		spin_unlock(&vfs_tree_lock);
		return;
	}
	path_get(p);
	spin_unlock(&vfs_tree_lock);
	path_put(&old);
}

/* One round: 0 and *f set, or *f NULL and a link has been followed. */
static int create_round(struct walk *w, int flags, u32 mode, struct file **f)
{
	struct path p;
	int err = walk_run(w), made;

	*f = NULL;
	if (err)
		return err;
	if (is_dots(&w->last)) {
		/* A link to an object ends here, and so does "/". */
		if (w->last.len || S_ISDIR(w->cur.dentry->inode->mode))
			return -EISDIR;
		*f = vfs_open_path(&w->cur, flags);
		return IS_ERR(*f) ? PTR_ERR(*f) : 0;
	}
	if (w->last.slash)
		return -EISDIR;
	err = check_name(&w->last);
	if (err)
		return err;
	made = create_or_find(w, flags, mode, &p);
	if (made < 0)
		return made;
	if (made) {
		*f = open_file(&p, flags);
	} else {
		cross_mounts(&p);
		if (S_ISLNK(p.dentry->inode->mode) && !(flags & O_NOFOLLOW)) {
			err = walk_follow(w, p.dentry);
			path_put(&p);
			return err;
		}
		*f = S_ISDIR(p.dentry->inode->mode) ?
			     ERR_PTR(-EISDIR) :
			     vfs_open_path(&p, flags);
	}
	path_put(&p);
	return IS_ERR(*f) ? PTR_ERR(*f) : 0;
}

static struct file *open_create(int dirfd, const char *name, int flags,
				u32 mode, unsigned walk_flags)
{
	struct walk w;
	struct file *f = NULL;
	int err = walk_start(&w, dirfd, name, walk_flags | WALK_PARENT);

	while (!err && !f)
		err = create_round(&w, flags, mode, &f);
	walk_end(&w);
	return err ? ERR_PTR(err) : f;
}

struct file *vfs_open(int dirfd, const char *name, int flags, u32 mode,
		      unsigned walk_flags)
{
	/* O_TMPFILE contains O_DIRECTORY. */
	bool tmpfile = (flags & __O_TMPFILE) && !(flags & O_PATH);
	struct path p;
	struct file *f;
	int err;

	mode &= ~fs_current_umask();
	if ((flags & O_CREAT) && !tmpfile && !(flags & O_PATH))
		return open_create(dirfd, name, flags, mode, walk_flags);
	if (!(flags & O_NOFOLLOW))
		walk_flags |= WALK_FOLLOW;
	if (flags & O_DIRECTORY)
		walk_flags |= WALK_DIRECTORY;
	err = path_lookup(dirfd, name, walk_flags, &p);
	if (err)
		return ERR_PTR(err);
	f = tmpfile ? open_tmpfile(&p, flags, mode) : vfs_open_path(&p, flags);
	path_put(&p);
	return f;
}
