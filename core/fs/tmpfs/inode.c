/* Files and directories of tmpfs. */
#include "dentry.h"
#include "fsfile.h"
#include "private.h"
#include <linux/fs.h>

/* ---- pages are counted against the size of the file system ---- */

int tmpfs_charge(struct superblock *sb, s64 n)
{
	struct tmpfs *t = tmpfs_of(sb);
	u64 now = __atomic_add_fetch(&t->pages, (u64)n, __ATOMIC_RELAXED);

	if (n > 0 && now > READ_ONCE(t->max_pages)) {
		__atomic_fetch_sub(&t->pages, (u64)n, __ATOMIC_RELAXED);
		return -ENOSPC;
	}
	return 0;
}

static int charge(struct mapping *m, s64 n)
{
	struct inode *inode = m->owner;

	return tmpfs_charge(inode->sb, n);
}

static u64 file_size(struct mapping *m)
{
	struct inode *inode = m->owner;

	return (u64)READ_ONCE(inode->size);
}

const struct mapping_ops tmpfs_mapping_ops = {
	.size = file_size,
	.charge = charge,
};

static void getattr(struct inode *inode, struct stat *st)
{
	if (inode->mapping)
		st->st_blocks = (s64)(READ_ONCE(inode->mapping->pages.count) *
				      (PAGE_SIZE / 512));
}

const struct inode_ops tmpfs_file_inode_ops = {.getattr = getattr};

/* ---- making ---- */

/* Inodes, and every further name of one: both cost memory. */
static int count_name(struct superblock *sb)
{
	struct tmpfs *t = tmpfs_of(sb);

	if (__atomic_add_fetch(&t->inodes, 1, __ATOMIC_RELAXED) <=
	    READ_ONCE(t->max_inodes))
		return 0;
	tmpfs_uncount_name(sb);
	return -ENOSPC;
}

void tmpfs_uncount_name(struct superblock *sb)
{
	__atomic_fetch_sub(&tmpfs_of(sb)->inodes, 1, __ATOMIC_RELAXED);
}

struct inode *tmpfs_inode_new(struct superblock *sb, const struct inode *dir,
			      u32 mode)
{
	struct inode *i;

	if (count_name(sb))
		return ERR_PTR(-ENOSPC);
	i = inode_new(sb, mode, sizeof(struct tmpfs_inode));
	if (!i) {
		tmpfs_uncount_name(sb);
		return ERR_PTR(-ENOMEM);
	}
	i->ino = inode_new_ino(sb);
	i->ops = &tmpfs_file_inode_ops;
	if (dir)
		inode_init_owner(i, dir);
	if (S_ISDIR(mode)) {
		i->nlink = 2;
		i->size = 2 * TMPFS_ENTRY_SIZE;
		i->ops = &tmpfs_dir_ops;
		i->fops = &tmpfs_dir_file_ops;
		tmpfs_dir_init(&tmpfs_inode(i)->dir);
	} else if (S_ISREG(mode)) {
		i->fops = &tmpfs_file_ops;
		/* Only memfd_create makes files that can be sealed. */
		tmpfs_inode(i)->seals = F_SEAL_SEAL;
		i->mapping = &i->pages;
		mapping_init(i->mapping, &tmpfs_mapping_ops, i);
	}
	return i;
}

static struct tmpfs_dir *dir_of(const struct inode *dir)
{
	return &tmpfs_inode(dir)->dir;
}

static void dir_changed(struct inode *dir, int entries)
{
	dir->size += entries * TMPFS_ENTRY_SIZE;
	inode_touch(dir, TOUCH_MTIME | TOUCH_CTIME);
}

/* Give inode, whose reference is taken over, the name d; if not: put. */
static int add_new(struct inode *dir, struct dentry *d, struct inode *inode)
{
	int err = tmpfs_dir_add(dir_of(dir), d->name, d->len, inode);

	if (err) {
		inode->nlink = 0;
		inode_put(inode);
		return err;
	}
	if (S_ISDIR(inode->mode))
		dir->nlink++;
	dir_changed(dir, 1);
	/* One reference is the entry's, one the dentry's. */
	inode_get(inode);
	dentry_instantiate(d, inode);
	return 0;
}

static int make_node(struct inode *dir, struct dentry *d, u32 mode, u64 rdev)
{
	struct inode *inode = tmpfs_inode_new(dir->sb, dir, mode);

	if (IS_ERR(inode))
		return PTR_ERR(inode);
	inode->rdev = rdev;
	return add_new(dir, d, inode);
}

static int create(struct inode *dir, struct dentry *d, u32 mode)
{
	return make_node(dir, d, mode, 0);
}

/* What it takes, evict gives back, after an error too. */
static int set_target(struct inode *inode, const char *target)
{
	size_t len = strlen(target);

	if (len >= TMPFS_SHORT_LINK && tmpfs_charge(inode->sb, 1))
		return -ENOSPC;
	inode->size = (loff_t)len;
	tmpfs_inode(inode)->target = kstrdup(target);
	return tmpfs_inode(inode)->target ? 0 : -ENOMEM;
}

static int make_symlink(struct inode *dir, struct dentry *d, const char *target)
{
	struct inode *inode = tmpfs_inode_new(dir->sb, dir, S_IFLNK | 0777);
	int err;

	if (IS_ERR(inode))
		return PTR_ERR(inode);
	inode->ops = &tmpfs_link_ops;
	err = set_target(inode, target);
	if (err) {
		inode->nlink = 0;
		inode_put(inode);
		return err;
	}
	return add_new(dir, d, inode);
}

static struct inode *make_tmpfile(struct inode *dir, u32 mode)
{
	struct inode *inode = tmpfs_inode_new(dir->sb, dir, mode);

	if (!IS_ERR(inode))
		inode->nlink = 0;
	return inode;
}

static int add_link(struct inode *dir, struct dentry *d, struct inode *inode)
{
	/* The first name is counted with the inode. */
	bool further = inode->nlink;
	int err = further ? count_name(dir->sb) : 0;

	if (err)
		return err;
	err = tmpfs_dir_add(dir_of(dir), d->name, d->len, inode);
	if (err) {
		if (further)
			tmpfs_uncount_name(dir->sb);
		return err;
	}
	inode->nlink++;
	inode_touch(inode, TOUCH_CTIME);
	dir_changed(dir, 1);
	inode_get(inode);
	inode_get(inode);
	dentry_instantiate(d, inode);
	return 0;
}

/* ---- finding and removing ---- */

static int lookup(struct inode *dir, struct dentry *d)
{
	struct tmpfs_entry *e = tmpfs_dir_find(dir_of(dir), d->name, d->len);

	if (e) {
		inode_get(e->inode);
		dentry_instantiate(d, e->inode);
	}
	return 0;
}

static void remove_entry(struct inode *dir, struct dentry *d)
{
	struct tmpfs_entry *e = tmpfs_dir_find(dir_of(dir), d->name, d->len);

	tmpfs_dir_remove(dir_of(dir), e);
	dir_changed(dir, -1);
	inode_touch(d->inode, TOUCH_CTIME);
	inode_put(d->inode); /* the dentry has another */
}

/* One name of a file less. */
static void drop_link(struct inode *inode)
{
	if (--inode->nlink)
		tmpfs_uncount_name(inode->sb);
}

static int remove_file(struct inode *dir, struct dentry *d)
{
	drop_link(d->inode);
	remove_entry(dir, d);
	return 0;
}

static int remove_dir(struct inode *dir, struct dentry *d)
{
	if (dir_of(d->inode)->count)
		return -ENOTEMPTY;
	d->inode->nlink = 0;
	dir->nlink--;
	remove_entry(dir, d);
	return 0;
}

/* ---- renaming ---- */

static int exchange(struct inode *old_dir, struct dentry *from,
		    struct inode *new_dir, struct dentry *to)
{
	struct tmpfs_entry *a =
		tmpfs_dir_find(dir_of(old_dir), from->name, from->len);
	struct tmpfs_entry *b =
		tmpfs_dir_find(dir_of(new_dir), to->name, to->len);
	struct inode *t = a->inode;
	bool a_dir = S_ISDIR(a->inode->mode), b_dir = S_ISDIR(b->inode->mode);

	a->inode = b->inode;
	b->inode = t;
	if (old_dir != new_dir && a_dir != b_dir) {
		old_dir->nlink += b_dir ? 1u : -1u;
		new_dir->nlink += a_dir ? 1u : -1u;
	}
	return 0;
}

/* The entry of to becomes one of from's inode. */
static int replace(struct inode *new_dir, struct dentry *from,
		   struct dentry *to)
{
	struct tmpfs_entry *e =
		tmpfs_dir_find(dir_of(new_dir), to->name, to->len);
	struct inode *old = to->inode;

	if (S_ISDIR(old->mode)) {
		if (dir_of(old)->count)
			return -ENOTEMPTY;
		old->nlink = 0;
		new_dir->nlink--;
	} else {
		drop_link(old);
	}
	e->inode = from->inode;
	inode_touch(old, TOUCH_CTIME);
	inode_put(old);
	return 0;
}

static int rename_entry(struct inode *old_dir, struct dentry *from,
			struct inode *new_dir, struct dentry *to,
			unsigned flags)
{
	struct inode *inode = from->inode;
	int err;

	if (flags & RENAME_EXCHANGE) {
		err = exchange(old_dir, from, new_dir, to);
	} else if (to->inode) {
		err = replace(new_dir, from, to);
	} else {
		err = tmpfs_dir_add(dir_of(new_dir), to->name, to->len, inode);
		if (!err)
			new_dir->size += TMPFS_ENTRY_SIZE;
	}
	if (err)
		return err;
	if (!(flags & RENAME_EXCHANGE)) {
		/* The entry's reference moves to the new one. */
		tmpfs_dir_remove(dir_of(old_dir),
				 tmpfs_dir_find(dir_of(old_dir), from->name,
						from->len));
		old_dir->size -= TMPFS_ENTRY_SIZE;
		if (S_ISDIR(inode->mode)) {
			old_dir->nlink--;
			new_dir->nlink++;
		}
	} else {
		inode_touch(to->inode, TOUCH_CTIME);
	}
	inode_touch(old_dir, TOUCH_MTIME | TOUCH_CTIME);
	inode_touch(new_dir, TOUCH_MTIME | TOUCH_CTIME);
	inode_touch(inode, TOUCH_CTIME);
	return 0;
}

/* ---- reading ---- */

static int iterate(struct file *f, struct dir_emit *de)
{
	struct tmpfs_dir *d = dir_of(f->inode);
	struct tmpfs_entry *e;

	if (!dir_emit_dots(f, de))
		return 0;
	while ((e = tmpfs_dir_next(d, (u64)de->pos)) != NULL)
		if (!dir_emit(de, e->name, e->len, e->inode->ino,
			      dirent_type(e->inode->mode),
			      (loff_t)e->cookie + 1))
			break;
	return 0;
}

static ssize_t read_link(struct inode *inode, char *buf)
{
	return (ssize_t)strlcpy(buf, tmpfs_inode(inode)->target, PATH_MAX);
}

static void link_getattr(struct inode *inode, struct stat *st)
{
	if (inode->size >= TMPFS_SHORT_LINK)
		st->st_blocks = PAGE_SIZE / 512;
}

const struct inode_ops tmpfs_link_ops = {.readlink = read_link,
					 .getattr = link_getattr};

const struct inode_ops tmpfs_dir_ops = {
	.lookup = lookup,
	.create = create,
	.mkdir = create,
	.mknod = make_node,
	.symlink = make_symlink,
	.link = add_link,
	.unlink = remove_file,
	.rmdir = remove_dir,
	.rename = rename_entry,
	.tmpfile = make_tmpfile,
};

const struct file_ops tmpfs_dir_file_ops = DIRECTORY_FILE_OPS(iterate);
