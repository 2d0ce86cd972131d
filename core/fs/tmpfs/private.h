/* What the files of tmpfs share. */
#ifndef RR_TMPFS_PRIVATE_H
#define RR_TMPFS_PRIVATE_H

#include "dir.h"
#include "file.h"
#include "fs.h"
#include "page.h"
#include "string.h"

struct vma;

/* sb->priv */
struct tmpfs {
	u64 max_pages, max_inodes; /* changed by remount only */
	u64 pages, inodes;         /* in use (a further name counts); atomic */
	u32 mode, uid, gid;        /* of the root directory, as mounted */
};

/* inode->priv */
struct tmpfs_inode {
	union {
		struct tmpfs_dir dir;
		char *target; /* symbolic link */
		u32 seals;    /* memfd: F_SEAL_*; inode->lock */
	};
};

static inline struct tmpfs *tmpfs_of(const struct superblock *sb)
{
	return sb->priv;
}

static inline struct tmpfs_inode *tmpfs_inode(const struct inode *i)
{
	return i->priv;
}

/* What Linux counts for an entry in a directory's size (BOGO_DIRENT_SIZE). */
#define TMPFS_ENTRY_SIZE 20
/* From this length on a symbolic link counts as a page (SHORT_SYMLINK_LEN). */
#define TMPFS_SHORT_LINK 128

/* A new inode, counted; mode with S_IF*; ERR_PTR(-ENOSPC, -ENOMEM). */
struct inode *tmpfs_inode_new(struct superblock *sb, const struct inode *dir,
			      u32 mode);
void tmpfs_uncount_name(struct superblock *sb);
/* Count n pages more (or less) against the size: 0 or -ENOSPC. */
int tmpfs_charge(struct superblock *sb, s64 n);
extern const struct inode_ops tmpfs_dir_ops, tmpfs_file_inode_ops,
	tmpfs_link_ops;
extern const struct file_ops tmpfs_file_ops, tmpfs_dir_file_ops;
extern const struct super_ops tmpfs_super_ops;
extern const struct mapping_ops tmpfs_mapping_ops;
/* fallocate(2) of tmpfs. */
int tmpfs_fallocate(struct file *f, int mode, loff_t off, loff_t len);
/* fcntl's seals, and mmap under them. */
long tmpfs_fcntl(struct file *f, unsigned cmd, unsigned long arg);
int tmpfs_mmap(struct file *f, struct vma *vma);
/* Options of mount into *t: 0 or -EINVAL. */
int tmpfs_parse(struct tmpfs *t, const char *options);

#endif
