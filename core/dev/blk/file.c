/*
 * Block devices as files: /dev/ld0 and so on, through the device's page cache.
 */
#include "blkdev.h"
#include "fs.h"
#include "fsfile.h"
#include "log.h"
#include "path.h"
#include "uaccess.h"
#include "vm.h"
#include <linux/fs.h>

#define BLOCK_MAJOR 254 /* what Linux gives virtio disks, as it happens */
#define BLOCK_MINORS 16 /* of a disk: itself and 15 partitions */

static u64 size_of(const struct blkdev *d)
{
	return READ_ONCE(d->sectors) * SECTOR_SIZE;
}

static ssize_t block_read(struct file *f, struct iov_iter *it, loff_t *pos)
{
	struct blkdev *d = f->priv;

	return mapping_read(d->cache, size_of(d), it, pos);
}

static ssize_t block_write(struct file *f, struct iov_iter *it, loff_t *pos)
{
	struct blkdev *d = f->priv;
	u64 size = size_of(d);
	ssize_t n;

	if (!it->count)
		return 0;
	if ((u64)*pos >= size)
		return -ENOSPC;
	it->count = MIN(it->count, size - (u64)*pos);
	n = mapping_write(d->cache, it, pos);
	if (n > 0 && (f->flags & O_DSYNC)) {
		int err = f->ops->fsync(f, true);

		if (err)
			return err;
	}
	return n;
}

static loff_t block_seek(struct file *f, loff_t off, int whence)
{
	loff_t size = (loff_t)size_of(f->priv);

	if (whence == SEEK_CUR)
		off += f->pos;
	else if (whence == SEEK_END)
		off += size;
	else if (whence != SEEK_SET)
		return -EINVAL;
	if (off < 0 || off > size)
		return -EINVAL;
	f->pos = off;
	return off;
}

static int block_mmap(struct file *f, struct vma *vma)
{
	struct blkdev *d = f->priv;

	vma->mapping = d->cache;
	return 0;
}

static int block_fsync(struct file *f, bool data_only)
{
	struct blkdev *d = f->priv;
	int err;

	if (d->read_only)
		return 0;
	err = mapping_sync(d->cache, 0, UINT64_MAX);
	return err ? err : blkdev_flush(d);
}

static long block_ioctl(struct file *f, unsigned cmd, unsigned long arg)
{
	struct blkdev *d = f->priv;

	switch (cmd) {
	case BLKGETSIZE64:
		return put_user(size_of(d), (u64 __user *)arg);
	case BLKGETSIZE:
		return put_user(READ_ONCE(d->sectors),
				(unsigned long __user *)arg);
	case BLKSSZGET:
	case BLKPBSZGET:
		return put_user((int)d->block_size, (int __user *)arg);
	case BLKBSZGET:
		return put_user((int)PAGE_SIZE, (int __user *)arg);
	case BLKROGET:
		return put_user((int)d->read_only, (int __user *)arg);
	case BLKFLSBUF:
		return block_fsync(f, false);
	default:
		return -ENOTTY;
	}
}

static const struct file_ops block_ops = {
	.read = block_read,
	.write = block_write,
	.seek = block_seek,
	.mmap = block_mmap,
	.fsync = block_fsync,
	.ioctl = block_ioctl,
};

/* Number i in the order of registration. */
static struct blkdev *nth(unsigned i)
{
	struct blkdev *d = NULL;

	do
		d = blkdev_next(d);
	while (d && i--);
	return d;
}

int block_open(struct inode *inode, struct file *f)
{
	u32 minor = dev_minor(inode->rdev);
	struct blkdev *d;

	if (dev_major(inode->rdev) != BLOCK_MAJOR || minor % BLOCK_MINORS)
		return -ENXIO;
	d = nth(minor / BLOCK_MINORS);
	if (!d)
		return -ENXIO;
	if (d->read_only && file_writable(f))
		return -EROFS;
	f->ops = &block_ops;
	f->priv = d;
	return 0;
}

void block_add_nodes(void)
{
	struct blkdev *d = NULL;
	char path[40];
	u32 minor = 0;

	while ((d = blkdev_next(d)) != NULL) {
		ksnprintf(path, sizeof(path), "/dev/%s", d->name);
		if (vfs_mknod(AT_FDCWD, path, S_IFBLK | 0660,
			      dev_make(BLOCK_MAJOR, minor), NULL))
			kmsg("cannot make %s", path);
		minor += BLOCK_MINORS;
	}
}
