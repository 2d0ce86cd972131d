/* Directories of ISO 9660: finding names, listing them. */
#include "dentry.h"
#include "fsfile.h"
#include "log.h"
#include "private.h"
#include "string.h"
#include "thread.h"

/*
 * A directory may be reached in one way only: not from below itself, nor
 * from two places.  An image that says otherwise would be a tree without end.
 */
static bool reached_properly(struct dentry *d, struct inode *child)
{
	struct iso_node *n = child->priv;
	u64 parent = d->parent->inode->ino + 1, none = 0; /* 0: unknown */
	bool fine = true;

	spin_lock(&vfs_tree_lock);
	for (struct dentry *p = d->parent;; p = p->parent) {
		if (p->inode == child)
			fine = false;
		if (p == p->parent)
			break;
	}
	spin_unlock(&vfs_tree_lock);
	if (!fine)
		return false;
	return __atomic_compare_exchange_n(&n->parent, &none, parent, false,
					   __ATOMIC_RELAXED,
					   __ATOMIC_RELAXED) ||
	       none == parent;
}

static int attach(struct inode *dir, struct dentry *d,
		  const struct iso_entry *e)
{
	struct inode *inode = iso_inode(dir->sb, e->block, e->offset);

	if (IS_ERR(inode))
		return (int)PTR_ERR(inode);
	if (S_ISDIR(inode->mode) != e->is_dir ||
	    (e->is_dir && !reached_properly(d, inode))) {
		inode_put(inode);
		return iso_damaged(dir->sb, e->block);
	}
	dentry_instantiate(d, inode);
	return 0;
}

static int lookup(struct inode *dir, struct dentry *d)
{
	struct iso_super *s = dir->sb->priv;
	struct iso_node *n = dir->priv;
	struct iso_entry e;
	u32 pos = 0;
	int got;

	while ((got = iso_dir_next(&s->rd, &s->v, n->block, (u32)dir->size,
				   &pos, &e)) > 0) {
		if (e.name_len == d->len && !memcmp(e.name, d->name, d->len))
			return attach(dir, d, &e);
		cond_resched();
	}
	return got == -EIO ? iso_damaged(dir->sb, n->block) : got;
}

/* Position 2 is the directory's first byte; see dir_emit_dots. */
static int iterate(struct file *f, struct dir_emit *de)
{
	struct inode *dir = f->inode;
	struct iso_super *s = dir->sb->priv;
	struct iso_node *n = dir->priv;
	struct iso_entry e;
	u32 pos;
	int got;

	if (!dir_emit_dots(f, de))
		return 0;
	if (de->pos - 2 > (loff_t)UINT32_MAX)
		return 0;
	pos = (u32)(de->pos - 2);
	while ((got = iso_dir_next(&s->rd, &s->v, n->block, (u32)dir->size,
				   &pos, &e)) > 0) {
		if (!dir_emit(de, e.name, e.name_len,
			      iso_ino(e.block, e.offset),
			      dirent_type(e.mode), (loff_t)pos + 2))
			return 0;
		cond_resched();
	}
	return got == -EIO ? iso_damaged(dir->sb, n->block) : got;
}

const struct inode_ops iso_dir_ops = {
	.lookup = lookup,
};

const struct file_ops iso_dir_file_ops = DIRECTORY_FILE_OPS(iterate);
