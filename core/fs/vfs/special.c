/* Devices, FIFOs and sockets in the tree. */
#include "private.h"

LINKSET_DECLARE(chrdevs);

static int character_open(struct inode *inode, struct file *f)
{
	const struct chrdev *c;

	LINKSET_FOREACH(chrdevs, c) {
		if (dev_make(c->major, c->minor) != inode->rdev)
			continue;
		f->ops = c->ops;
		return c->open ? c->open(inode, f) : 0;
	}
	return -ENXIO;
}

int special_open(struct inode *inode, struct file *f)
{
	switch (inode->mode & S_IFMT) {
	case S_IFCHR:
		return character_open(inode, f);
	case S_IFBLK:
		return block_open ? block_open(inode, f) : -ENXIO;
	case S_IFIFO:
		return fifo_open ? fifo_open(inode, f) : -ENXIO;
	default:
		return -ENXIO;
	}
}
