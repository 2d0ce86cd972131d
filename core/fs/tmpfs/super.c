/* tmpfs: files in memory. */
#include "log.h"
#include "private.h"
#include "process.h"
#include <asm/statfs.h>
#include <linux/magic.h>

static int statfs(struct superblock *sb, struct statfs *s)
{
	struct tmpfs *t = tmpfs_of(sb);
	u64 pages = __atomic_load_n(&t->pages, __ATOMIC_RELAXED);
	u64 inodes = __atomic_load_n(&t->inodes, __ATOMIC_RELAXED);

	if (t->max_pages != UINT64_MAX) {
		s->f_blocks = (long)t->max_pages;
		s->f_bfree = s->f_bavail =
			(long)(pages < t->max_pages ? t->max_pages - pages : 0);
	}
	if (t->max_inodes != UINT64_MAX) {
		s->f_files = (long)t->max_inodes;
		s->f_ffree = (long)(inodes < t->max_inodes
					    ? t->max_inodes - inodes : 0);
	}
	return 0;
}

/* Drop all entries of a directory. */
static void drop_entries(struct inode *top)
{
	struct tmpfs_dir *d = &tmpfs_inode(top)->dir;
	struct tmpfs_entry *e;

	/*
	 * The file system goes: entries of directories below are moved up here
	 * first, so that a deep tree does not make a deep recursion.
	 */
	while ((e = tmpfs_dir_next(d, 0)) != NULL) {
		struct inode *i = e->inode;
		struct tmpfs_entry *below;

		if (S_ISDIR(i->mode)) {
			struct tmpfs_dir *sub = &tmpfs_inode(i)->dir;

			below = tmpfs_dir_next(sub, 0);
			if (below && !tmpfs_dir_add(d, "", 0, below->inode)) {
				tmpfs_dir_remove(sub, below);
				continue;
			}
		}
		tmpfs_dir_remove(d, e);
		inode_put(i);
	}
}

static void evict(struct inode *inode)
{
	struct tmpfs_inode *t = tmpfs_inode(inode);

	if (S_ISDIR(inode->mode)) {
		drop_entries(inode);
		tmpfs_dir_destroy(&t->dir);
	} else if (S_ISLNK(inode->mode)) {
		kfree(t->target);
		if (inode->size >= TMPFS_SHORT_LINK)
			tmpfs_charge(inode->sb, -1);
	}
	tmpfs_uncount_name(inode->sb);
}

static void unmount(struct superblock *sb)
{
	kfree(sb->priv);
}

static int remount(struct superblock *sb, u64 flags, const char *options)
{
	struct tmpfs *t = tmpfs_of(sb), fresh = *t;
	int err = tmpfs_parse(&fresh, options);

	if (err)
		return err;
	if (fresh.max_pages < t->pages || fresh.max_inodes < t->inodes)
		return -EINVAL;
	WRITE_ONCE(t->max_pages, fresh.max_pages);
	WRITE_ONCE(t->max_inodes, fresh.max_inodes);
	return 0;
}

static void show_options(struct superblock *sb, char *buf, size_t size)
{
	struct tmpfs *t = tmpfs_of(sb);
	int n = 0;

	*buf = '\0';
	if (t->max_pages != UINT64_MAX)
		n = ksnprintf(buf, size, ",size=%luk",
			      t->max_pages * (PAGE_SIZE / 1024));
	if ((size_t)n < size && t->mode != (0777 | S_ISVTX))
		ksnprintf(buf + n, size - (size_t)n, ",mode=%o", t->mode);
}

const struct super_ops tmpfs_super_ops = {
	.statfs = statfs,
	.evict = evict,
	.unmount = unmount,
	.remount = remount,
	.show_options = show_options,
};

static int tmpfs_mount(struct superblock *sb, struct blkdev *dev,
		       const char *options)
{
	struct tmpfs *t = kzalloc(sizeof(*t), ALLOC_WAIT);
	struct memory_stats m;
	struct inode *root;
	int err;

	if (!t)
		return -ENOMEM;
	/* As Linux: half of memory, and a file for every second page. */
	memory_stats(&m);
	t->max_pages = t->max_inodes = m.total / 2;
	t->mode = 0777 | S_ISVTX;
	err = tmpfs_parse(t, options);
	if (err) {
		kfree(t);
		return err;
	}
	sb->priv = t;
	sb->ops = &tmpfs_super_ops;
	sb->magic = TMPFS_MAGIC;
	sb->max_size = (loff_t)(MAPPING_MAX_PAGES * PAGE_SIZE - 1);
	root = tmpfs_inode_new(sb, NULL, S_IFDIR | t->mode);
	if (IS_ERR(root)) {
		err = PTR_ERR(root);
	} else {
		root->uid = t->uid;
		root->gid = t->gid;
		err = root_make(sb, root);
	}
	if (err)
		kfree(t);
	return err;
}

static const struct fs_type tmpfs_type = {
	.name = "tmpfs",
	.mount = tmpfs_mount,
};
LINKSET(fstypes, tmpfs_type);
