/* Inodes of ISO 9660: attributes, extents, link targets. */
#include "fsfile.h"
#include "private.h"
#include "string.h"

/* Files of several extents (4 GiB and more): all of them. */
static int load_extents(struct iso_super *s, struct iso_node *n)
{
	size_t bytes = n->extents * sizeof(*n->more);
	struct iso_entry e;
	int err;

	n->more = kmalloc(bytes, 0);
	if (!n->more)
		return -ENOMEM;
	err = iso_inode_read(&s->rd, &s->v, n->block, n->offset, &e, n->more,
			     n->extents, NULL, 0);
	/* The same as a moment ago, unless somebody writes to the device. */
	if (!err && e.extents != n->extents)
		err = -EIO;
	if (err) {
		kfree(n->more);
		n->more = NULL;
	}
	return err;
}

static ssize_t readlink(struct inode *inode, char *buf)
{
	struct iso_super *s = inode->sb->priv;
	struct iso_node *n = inode->priv;
	struct iso_entry e;
	int err = iso_inode_read(&s->rd, &s->v, n->block, n->offset, &e, NULL,
				 0, buf, PATH_MAX);

	if (err == -EIO)
		return iso_damaged(inode->sb, n->block);
	return err ? err : (ssize_t)strlen(buf);
}

/* Its length is what stat tells. */
static int load_link(struct inode *inode)
{
	char *buf = kmalloc(PATH_MAX, 0);
	ssize_t len;

	if (!buf)
		return -ENOMEM;
	len = readlink(inode, buf);
	kfree(buf);
	if (len < 0)
		return (int)len;
	inode->size = len;
	return 0;
}

static void set_attributes(struct inode *inode, const struct iso_entry *e)
{
	inode->mode = e->mode;
	inode->uid = e->uid;
	inode->gid = e->gid;
	inode->nlink = e->nlink;
	inode->size = (loff_t)e->size;
	inode->blocks = DIV_ROUND_UP(e->size, 512);
	inode->atime = (struct timespec64){e->atime, 0};
	inode->mtime = (struct timespec64){e->mtime, 0};
	inode->ctime = (struct timespec64){e->ctime, 0};
	inode->btime = inode->ctime;
	inode->rdev = dev_make(e->major, e->minor);
}

static int set_kind(struct inode *inode)
{
	struct iso_node *n = inode->priv;

	switch (inode->mode & S_IFMT) {
	case S_IFDIR:
		inode->ops = &iso_dir_ops;
		inode->fops = &iso_dir_file_ops;
		return 0;
	case S_IFLNK:
		inode->ops = &iso_link_ops;
		return load_link(inode);
	case S_IFREG:
		inode->ops = &iso_file_ops;
		inode->fops = &regular_file_ops;
		mapping_init(&inode->pages, &iso_mapping_ops, inode);
		inode->mapping = &inode->pages;
		return n->extents > 1 ? load_extents(inode->sb->priv, n) : 0;
	case S_IFCHR:
	case S_IFBLK:
	case S_IFIFO:
	case S_IFSOCK:
		inode->ops = &iso_file_ops;
		return 0;
	default:
		return -EIO;
	}
}

struct record_place {
	u32 block, offset;
};

static int fill(struct inode *inode, void *arg)
{
	struct iso_super *s = inode->sb->priv;
	struct record_place *at = arg;
	struct iso_node *n = inode->priv;
	struct iso_entry e;
	int err = iso_inode_read(&s->rd, &s->v, at->block, at->offset, &e, NULL,
				 0, NULL, 0);

	if (!err) {
		n->block = at->block;
		n->offset = at->offset;
		n->extents = e.extents;
		n->first = e.first;
		set_attributes(inode, &e);
		err = set_kind(inode);
	}
	return err == -EIO ? iso_damaged(inode->sb, at->block) : err;
}

struct inode *iso_inode(struct superblock *sb, u32 block, u32 offset)
{
	struct record_place at = {block, offset};
	struct inode *inode =
	    inode_load(sb, iso_ino(block, offset), sizeof(struct iso_node),
		       fill, &at);
	struct iso_node *n;

	if (IS_ERR(inode))
		return inode;
	/* Records are longer than 32 bytes: no two share a number. */
	n = inode->priv;
	if (n->block == block && n->offset == offset)
		return inode;
	inode_put(inode);
	return ERR_PTR(iso_damaged(sb, block));
}

void iso_evict(struct inode *inode)
{
	struct iso_node *n = inode->priv;

	kfree(n->more);
	n->more = NULL;
}

const struct inode_ops iso_file_ops = {
	.lookup = NULL,
};

const struct inode_ops iso_link_ops = {
	.readlink = readlink,
};
