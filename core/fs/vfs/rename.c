/* rename(2) and its kin. */
#include "private.h"
#include <linux/fs.h>

void lock_two_dirs(struct dentry *a, struct dentry *b)
{
	bool a_first;

	if (a == b) {
		mutex_lock(&a->inode->lock);
		return;
	}
	/* sb->rename_lock is held: who is above whom does not change. */
	spin_lock(&vfs_tree_lock);
	if (dentry_is_ancestor(a, b))
		a_first = true;
	else if (dentry_is_ancestor(b, a))
		a_first = false;
	else
		a_first = a->inode < b->inode;
	spin_unlock(&vfs_tree_lock);
	mutex_lock(a_first ? &a->inode->lock : &b->inode->lock);
	mutex_lock_nested(a_first ? &b->inode->lock : &a->inode->lock,
			  INODE_SECOND_DIR);
}

void unlock_two_dirs(struct dentry *a, struct dentry *b)
{
	mutex_unlock(&a->inode->lock);
	if (a != b)
		mutex_unlock(&b->inode->lock);
}

/* Both ends of a rename. */
struct renaming {
	struct path old_dir, new_dir;
	struct path_last old_last, new_last;
	struct dentry *from, *to;
	unsigned flags;
};

/* Would a directory come to lie in itself? vfs_tree_lock held. */
static int check_loops(const struct renaming *r)
{
	if (dentry_is_ancestor(r->from, r->new_dir.dentry))
		return -EINVAL;
	if (dentry_is_ancestor(r->to, r->old_dir.dentry))
		return r->flags & RENAME_EXCHANGE ? -EINVAL : -ENOTEMPTY;
	return 0;
}

static int check_names(const struct renaming *r)
{
	const struct inode *from = r->from->inode, *to = r->to->inode;
	int err;

	if (!from)
		return -ENOENT;
	if ((r->flags & RENAME_NOREPLACE) && to)
		return -EEXIST;
	if ((r->flags & RENAME_EXCHANGE) && !to)
		return -ENOENT;
	/* Slashes behind a name want a directory. */
	if (!S_ISDIR(from->mode) &&
	    (r->old_last.slash ||
	     (!(r->flags & RENAME_EXCHANGE) && r->new_last.slash)))
		return -ENOTDIR;
	if ((r->flags & RENAME_EXCHANGE) && !S_ISDIR(to->mode) &&
	    r->new_last.slash)
		return -ENOTDIR;
	spin_lock(&vfs_tree_lock);
	err = check_loops(r);
	spin_unlock(&vfs_tree_lock);
	return err;
}

static int check_permission(const struct renaming *r)
{
	bool is_dir = S_ISDIR(r->from->inode->mode);
	bool exchange = r->flags & RENAME_EXCHANGE;
	int err = may_delete(&r->old_dir, r->from, is_dir);

	if (err)
		return err;
	if (!r->to->inode)
		err = may_create(&r->new_dir);
	else
		err = may_delete(&r->new_dir, r->to,
				 exchange ? S_ISDIR(r->to->inode->mode)
					  : is_dir);
	if (err)
		return err;
	/* A directory that gets another parent has its ".." changed. */
	if (r->old_dir.dentry != r->new_dir.dentry) {
		if (is_dir)
			err = inode_permission(r->from->inode, MAY_WRITE);
		if (!err && exchange && S_ISDIR(r->to->inode->mode))
			err = inode_permission(r->to->inode, MAY_WRITE);
	}
	return err;
}

/* Lock what is replaced or exchanged, in a fixed order. */
static void lock_victims(struct inode *a, struct inode *b, bool on)
{
	struct inode *first = a < b ? a : b, *second = a < b ? b : a;

	if (on) {
		if (first)
			mutex_lock_nested(&first->lock, INODE_VICTIM);
		if (second && second != first)
			mutex_lock_nested(&second->lock,
					  INODE_SECOND_VICTIM);
	} else {
		if (second && second != first)
			mutex_unlock(&second->lock);
		if (first)
			mutex_unlock(&first->lock);
	}
}

static int do_rename(struct renaming *r)
{
	struct inode *old_dir = r->old_dir.dentry->inode;
	struct inode *new_dir = r->new_dir.dentry->inode;
	struct inode *from = r->from->inode, *to = r->to->inode;
	bool exchange = r->flags & RENAME_EXCHANGE;
	int err;

	/* Two names of one file: nothing to do (POSIX). */
	if (from == to)
		return 0;
	if (!old_dir->ops->rename)
		return -EPERM;
	lock_victims(from, to, true);
	if (READ_ONCE(r->from->mounted) || READ_ONCE(r->to->mounted))
		err = -EBUSY;
	else
		err = old_dir->ops->rename(old_dir, r->from, new_dir, r->to,
					   r->flags);
	if (!err && to && !exchange && S_ISDIR(to->mode))
		inode_mark(to, INODE_DEAD);
	lock_victims(from, to, false);
	if (err)
		return err;
	if (exchange)
		dentry_exchange(r->from, r->to);
	else
		dentry_move(r->from, r->to);
	return 0;
}

/* With both directories locked. */
static int rename_locked(struct renaming *r)
{
	int err;

	r->from = dentry_lookup(r->old_dir.dentry, r->old_last.name,
				r->old_last.len);
	if (IS_ERR(r->from)) {
		err = PTR_ERR(r->from);
		r->from = NULL;
		return err;
	}
	r->to = dentry_lookup(r->new_dir.dentry, r->new_last.name,
			      r->new_last.len);
	if (IS_ERR(r->to)) {
		err = PTR_ERR(r->to);
		r->to = NULL;
		return err;
	}
	err = check_names(r);
	if (!err)
		err = check_permission(r);
	return err ? err : do_rename(r);
}

static int rename_between(struct renaming *r)
{
	struct superblock *sb = r->old_dir.dentry->sb;
	bool two = r->old_dir.dentry != r->new_dir.dentry;
	int err;

	if (r->old_dir.mount != r->new_dir.mount)
		return -EXDEV;
	if (is_dots(&r->old_last))
		return -EBUSY;
	if (is_dots(&r->new_last))
		return r->flags & RENAME_NOREPLACE ? -EEXIST : -EBUSY;
	err = check_name(&r->old_last);
	if (!err)
		err = check_name(&r->new_last);
	if (err)
		return err;
	if (two)
		mutex_lock(&sb->rename_lock);
	lock_two_dirs(r->old_dir.dentry, r->new_dir.dentry);
	err = rename_locked(r);
	unlock_two_dirs(r->old_dir.dentry, r->new_dir.dentry);
	if (two)
		mutex_unlock(&sb->rename_lock);
	dentry_put(r->from);
	dentry_put(r->to);
	return err;
}

int vfs_rename(int olddirfd, const char *oldname, int newdirfd,
	       const char *newname, unsigned flags)
{
	struct renaming r = {.flags = flags};
	int err;

	if (flags & ~(RENAME_NOREPLACE | RENAME_EXCHANGE | RENAME_WHITEOUT))
		return -EINVAL;
	if ((flags & RENAME_EXCHANGE) &&
	    (flags & (RENAME_NOREPLACE | RENAME_WHITEOUT)))
		return -EINVAL;
	/* No file system here has whiteouts. */
	if (flags & RENAME_WHITEOUT)
		return -EINVAL;
	err = path_parent(olddirfd, oldname, 0, &r.old_dir, &r.old_last);
	if (err)
		return err;
	err = path_parent(newdirfd, newname, 0, &r.new_dir, &r.new_last);
	if (!err) {
		err = rename_between(&r);
		path_put(&r.new_dir);
	}
	path_put(&r.old_dir);
	return err;
}
