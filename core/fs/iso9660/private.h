/* ISO 9660 as a file system: what the files of this folder share. */
#ifndef RR_ISO_PRIVATE_H
#define RR_ISO_PRIVATE_H

#include "blkdev.h"
#include "fs.h"
#include "iso.h"
#include <linux/errno.h>

/* superblock->priv */
struct iso_super {
	struct iso_reader rd; /* blocks, from the device's page cache */
	struct blkdev *dev;
	struct iso_volume v;
	bool reported; /* damage, once */
};

/* inode->priv */
struct iso_node {
	u32 block, offset;       /* its record */
	unsigned extents;
	struct iso_extent first;
	struct iso_extent *more; /* all, if there are several; kmalloc */
	u64 parent;              /* of a directory: its parent's ino + 1; atomic */
};

/* The number that Linux gives it, too. */
static inline u64 iso_ino(u32 block, u32 offset)
{
	return ((u64)block * ISO_BLOCK + offset) / 32;
}

/* Say (once) that the image is damaged; returns -EIO. */
int iso_damaged(struct superblock *sb, u32 block);

/* The inode whose record is there; ERR_PTR. inode.c */
struct inode *iso_inode(struct superblock *sb, u32 block, u32 offset);
void iso_evict(struct inode *inode);

extern const struct inode_ops iso_dir_ops;
extern const struct file_ops iso_dir_file_ops;
extern const struct inode_ops iso_file_ops, iso_link_ops;
extern const struct mapping_ops iso_mapping_ops;

#endif
