/*
 * Path walk.
 *
 * As long as names are in memory the walk goes on under vfs_tree_lock, without
 * taking a reference for each step.  Where it has to sleep (a directory must
 * be read, a symbolic link followed) it pins the place where it is, drops the
 * lock, and takes it again.
 */
#include "private.h"
#include "process.h"

void path_get(const struct path *p)
{
	mount_get(p->mount);
	dentry_get(p->dentry);
}

void path_put(const struct path *p)
{
	dentry_put(p->dentry);
	if (p->mount)
		mount_put(p->mount);
}

void walk_cross_mounts(struct path *p)
{
	while (p->dentry->mounted) {
		p->mount = p->dentry->mounted;
		p->dentry = p->mount->sb->root;
	}
}

/* Where "/" is for this walk; vfs_tree_lock held. */
static struct path walk_root(const struct walk *w)
{
	struct process *p = current_process();
	struct path root;

	if (w->flags & WALK_IN_ROOT)
		return w->base;
	if (p && p->fs)
		return p->fs->root;
	root.mount = root_mount;
	root.dentry = root_mount->sb->root;
	walk_cross_mounts(&root);
	return root;
}

static struct path current_directory(const struct walk *w)
{
	struct process *p = current_process();

	return p && p->fs ? p->fs->cwd : walk_root(w);
}

static bool path_equal(const struct path *a, const struct path *b)
{
	return a->mount == b->mount && a->dentry == b->dentry;
}

/* Drop the lock, and keep cur meanwhile. */
static void unlock_pinned(struct walk *w)
{
	struct path old = w->pin;

	path_get(&w->cur);
	w->pin = w->cur;
	spin_unlock(&vfs_tree_lock);
	path_put(&old);
}

/* Stand at p, whose references are taken over; the lock is not held. */
static void move_to(struct walk *w, struct path p)
{
	path_put(&w->pin);
	w->pin = w->cur = p;
}

static int start_at_descriptor(struct walk *w, int dirfd)
{
	struct file *f = fd_get_raw(dirfd);
	struct path p;

	if (!f)
		return -EBADF;
	if (!f->dentry || (*w->name && !S_ISDIR(f->inode->mode))) {
		file_put(f);
		return -ENOTDIR;
	}
	p.mount = f->mount;
	p.dentry = f->dentry;
	path_get(&p);
	file_put(f);
	move_to(w, p);
	return 0;
}

int walk_start(struct walk *w, int dirfd, const char *name, unsigned flags)
{
	bool confined = flags & (WALK_IN_ROOT | WALK_BENEATH);
	int err = 0;

	memset(w, 0, sizeof(*w));
	w->name = name;
	w->flags = flags;
	if (!*name && !(flags & WALK_EMPTY))
		return -ENOENT;
	if (*name == '/' && (flags & WALK_BENEATH))
		return -EXDEV;
	if (*name == '/' && !confined)
		w->begin = BEGIN_ROOT;
	else if (dirfd == AT_FDCWD)
		w->begin = BEGIN_CWD;
	else
		err = start_at_descriptor(w, dirfd);
	if (err || !confined)
		return err;
	if (w->begin == BEGIN_CWD) {
		w->begin = BEGIN_HERE;
		w->flags &= ~WALK_IN_ROOT;
		spin_lock(&vfs_tree_lock);
		w->cur = current_directory(w);
		unlock_pinned(w);
		w->flags = flags;
	}
	w->base = w->cur;
	path_get(&w->base);
	return 0;
}

void walk_end(struct walk *w)
{
	path_put(&w->pin);
	path_put(&w->base);
	path_put(&w->hold);
	kfree(w->buffer);
}

/* Up one level, not above the root; the lock is held. */
static int walk_up(struct walk *w)
{
	struct path root = walk_root(w), from = w->cur;

	for (;;) {
		if ((w->flags & WALK_BENEATH) && path_equal(&w->cur, &w->base))
			return -EXDEV;
		if (path_equal(&w->cur, &root))
			break;
		if (w->cur.dentry != w->cur.mount->sb->root) {
			w->cur.dentry = w->cur.dentry->parent;
			break;
		}
		if (!w->cur.mount->parent)
			break;
		w->cur.dentry = w->cur.mount->point;
		w->cur.mount = w->cur.mount->parent;
	}
	walk_cross_mounts(&w->cur);
	if ((w->flags & WALK_NO_XDEV) && w->cur.mount != from.mount)
		return -EXDEV;
	return 0;
}

/*
 * Keep the name d in cur's mount, whose reference is taken over, until the next
 * one or the end: together with the mount, since what is met next may lead out of
 * it, and it may be unmounted lazily.  The lock is not held.
 */
static void hold(struct walk *w, struct dentry *d)
{
	struct path old = w->hold;

	w->hold.mount = w->cur.mount;
	w->hold.dentry = d;
	mount_get(w->hold.mount);
	path_put(&old);
}

/*
 * Have the file system look the name up in cur, which stays where it is.  Lock
 * held on entry and on return.  *d is referenced by w->hold.
 */
static int look_up(struct walk *w, const char *name, size_t len,
		   struct dentry **d)
{
	struct inode *dir;

	unlock_pinned(w);
	dir = w->cur.dentry->inode;
	mutex_lock(&dir->lock);
	*d = dentry_lookup(w->cur.dentry, name, len);
	mutex_unlock(&dir->lock);
	if (!IS_ERR(*d))
		hold(w, *d);
	spin_lock(&vfs_tree_lock);
	return IS_ERR(*d) ? PTR_ERR(*d) : 0;
}

/* What is left to walk: target, then the rest of the name. */
static int splice_name(struct walk *w, const char *target, size_t n)
{
	size_t rest = strlen(w->name);
	char *buffer = kmalloc(n + rest + 1, ALLOC_WAIT);

	if (!buffer)
		return -ENOMEM;
	memcpy(buffer, target, n);
	memcpy(buffer + n, w->name, rest + 1);
	kfree(w->buffer);
	w->name = w->buffer = buffer;
	return 0;
}

/* A link that leads to an object. */
static int follow_object(struct walk *w, struct inode *link)
{
	struct path p;
	int err;

	if (w->flags & WALK_NO_MAGICLINKS)
		return -ELOOP;
	if (w->flags & (WALK_BENEATH | WALK_IN_ROOT))
		return -EXDEV;
	err = link->ops->follow(link, &p);
	if (err)
		return err;
	if ((w->flags & WALK_NO_XDEV) && p.mount != w->cur.mount) {
		path_put(&p);
		return -EXDEV;
	}
	move_to(w, p);
	return 0;
}

static int follow_target(struct walk *w, struct inode *link, char *target)
{
	ssize_t n = link->ops->readlink(link, target);
	int err;

	if (n < 0)
		return n;
	if (n == 0)
		return -ENOENT;
	if (*target == '/' && (w->flags & WALK_BENEATH))
		return -EXDEV;
	err = splice_name(w, target, n);
	if (!err && *target == '/') {
		struct path from = w->cur;

		spin_lock(&vfs_tree_lock);
		w->cur = walk_root(w);
		if ((w->flags & WALK_NO_XDEV) && w->cur.mount != from.mount)
			err = -EXDEV;
		unlock_pinned(w);
	}
	return err;
}

/*
 * Follow the link, which lies in the directory cur; both are referenced and the
 * lock is not held.
 */
static int follow(struct walk *w, struct inode *link)
{
	char *target;
	int err;

	if (++w->links > WALK_MAX_LINKS || (w->flags & WALK_NO_SYMLINKS))
		return -ELOOP;
	if (link->ops->follow)
		return follow_object(w, link);
	if (!link->ops->readlink)
		return -EINVAL;
	target = kmalloc(PATH_MAX, ALLOC_WAIT);
	if (!target)
		return -ENOMEM;
	err = follow_target(w, link, target);
	kfree(target);
	return err;
}

int walk_follow(struct walk *w, struct dentry *link)
{
	/* Only the slashes that came after it are left. */
	w->name = w->last.name + w->last.len;
	return follow(w, link->inode);
}

/* One component, the lock held on entry and on return. */
static int walk_step(struct walk *w, const char *name, size_t len,
		     bool follow_link)
{
	struct path next;
	struct inode *inode;
	int err;

	next.mount = w->cur.mount;
	next.dentry = dcache_find(w->cur.dentry, name, len);
	if (!next.dentry || !dentry_valid(next.dentry)) {
		err = look_up(w, name, len, &next.dentry);
		if (err)
			return err;
	}
	if (!next.dentry->inode)
		return -ENOENT;
	walk_cross_mounts(&next);
	if ((w->flags & WALK_NO_XDEV) && next.mount != w->cur.mount)
		return -EXDEV;
	inode = next.dentry->inode;
	if (!S_ISLNK(inode->mode) || !follow_link) {
		w->cur = next;
		return 0;
	}
	dentry_get(next.dentry);
	unlock_pinned(w);
	hold(w, next.dentry);
	err = follow(w, inode);
	spin_lock(&vfs_tree_lock);
	return err;
}

/* Search permission in the directory where we stand; lock held. */
static int may_search(const struct walk *w)
{
	const struct inode *dir = w->cur.dentry->inode;

	if (!S_ISDIR(dir->mode))
		return -ENOTDIR;
	return permission(dir, MAY_EXEC, w->flags);
}

static int walk_component(struct walk *w, bool *done)
{
	const char *name = w->name, *rest;
	size_t len = 0;
	bool slash, last;
	int err = may_search(w);

	if (err)
		return err;
	while (name[len] && name[len] != '/')
		len++;
	slash = name[len] == '/';
	for (rest = name + len; *rest == '/'; rest++)
		;
	last = !*rest;
	if (last && (w->flags & WALK_PARENT)) {
		w->last.name = name;
		w->last.len = len;
		w->last.slash = slash;
		*done = true;
		return 0;
	}
	/* Slashes stay: they ask for a directory. */
	w->name = name + len;
	if (len == 1 && name[0] == '.')
		return 0;
	if (len == 2 && name[0] == '.' && name[1] == '.')
		return walk_up(w);
	if (len > NAME_MAX)
		return -ENAMETOOLONG;
	return walk_step(w, name, len,
			 !last || slash || (w->flags & WALK_FOLLOW));
}

static int walk_names(struct walk *w)
{
	bool directory = w->flags & WALK_DIRECTORY, done = false;
	int err = 0;

	w->last.name = w->name;
	w->last.len = 0;
	w->last.slash = false;
	while (!err && !done) {
		if (*w->name == '/') {
			while (*w->name == '/')
				w->name++;
			if (!*w->name)
				directory = true;
		}
		if (!*w->name)
			break;
		err = walk_component(w, &done);
	}
	if (!err && !done && directory && !S_ISDIR(w->cur.dentry->inode->mode))
		err = -ENOTDIR;
	return err;
}

int walk_run(struct walk *w)
{
	int err;

	spin_lock(&vfs_tree_lock);
	if (w->begin == BEGIN_ROOT)
		w->cur = walk_root(w);
	else if (w->begin == BEGIN_CWD)
		w->cur = current_directory(w);
	w->begin = BEGIN_HERE;
	err = walk_names(w);
	if (err)
		spin_unlock(&vfs_tree_lock);
	else
		unlock_pinned(w);
	return err;
}

int path_lookup(int dirfd, const char *name, unsigned flags, struct path *p)
{
	struct walk w;
	int err = walk_start(&w, dirfd, name, flags);

	if (!err)
		err = walk_run(&w);
	if (!err) {
		*p = w.pin;
		memset(&w.pin, 0, sizeof(w.pin));
	}
	walk_end(&w);
	return err;
}

int path_parent(int dirfd, const char *name, unsigned flags, struct path *p,
		struct path_last *last)
{
	struct walk w;
	size_t offset;
	int err = walk_start(&w, dirfd, name, flags | WALK_PARENT);

	if (!err)
		err = walk_run(&w);
	if (!err) {
		*p = w.pin;
		memset(&w.pin, 0, sizeof(w.pin));
		*last = w.last;
		/*
		 * If links were followed on the way the name is in memory that
		 * goes now; it ends like the caller's.
		 */
		offset = strlen(w.last.name);
		last->name = name + strlen(name) - offset;
	}
	walk_end(&w);
	return err;
}
