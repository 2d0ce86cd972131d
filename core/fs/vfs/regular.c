/* Regular files in the page cache. */
#include "private.h"
#include "process.h"
#include "signal.h"
#include "vm.h"
#include <linux/capability.h>
#include <linux/fs.h>

ssize_t generic_read(struct file *f, struct iov_iter *it, loff_t *pos)
{
	struct inode *inode = f->inode;
	ssize_t n;

	if (!it->count)
		return 0;
	n = mapping_read(inode->mapping, READ_ONCE(inode->size), it, pos);
	if (n >= 0)
		inode_accessed(f);
	return n;
}

ssize_t write_limit(const struct inode *inode, loff_t pos, size_t n)
{
	u64 limit = process_limit(RLIMIT_FSIZE);
	u64 room;

	if (!n)
		return 0;
	if ((u64)pos >= limit) {
		if (current_process())
			signal_thread(current_thread(), SIGXFSZ, NULL);
		return -EFBIG;
	}
	limit = MIN(limit, (u64)inode->sb->max_size);
	if ((u64)pos >= limit)
		return -EFBIG;
	room = limit - (u64)pos;
	return MIN(room, (u64)n);
}

/* Writing takes set-user-id and set-group-id away. */
static void drop_privileges(struct inode *inode)
{
	u32 kill = 0;

	if (inode->mode & S_ISUID)
		kill |= S_ISUID;
	if ((inode->mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP))
		kill |= S_ISGID;
	if (kill && current_process() && !capable(CAP_FSETID))
		inode->mode &= ~kill;
}

/* Lock held. */
static ssize_t write_locked(struct file *f, struct iov_iter *it, loff_t *pos)
{
	struct inode *inode = f->inode;
	ssize_t n;

	if (f->flags & O_APPEND)
		*pos = inode->size;
	n = write_limit(inode, *pos, it->count);
	if (n <= 0)
		return n;
	if (inode->flags & INODE_NO_WRITE)
		return -EPERM;
	if ((inode->flags & INODE_NO_GROW) && *pos + n > inode->size)
		return -EPERM;
	it->count = (size_t)n;
	drop_privileges(inode);
	if (*pos > inode->size)
		mapping_zero_tail(inode->mapping, (u64)inode->size);
	n = mapping_write(inode->mapping, it, pos);
	if (n <= 0)
		return n;
	if (*pos > inode->size)
		WRITE_ONCE(inode->size, *pos);
	inode_touch(inode, TOUCH_MTIME | TOUCH_CTIME);
	return n;
}

ssize_t generic_write(struct file *f, struct iov_iter *it, loff_t *pos)
{
	struct inode *inode = f->inode;
	ssize_t n;
	int err;

	mutex_lock(&inode->lock);
	n = write_locked(f, it, pos);
	mutex_unlock(&inode->lock);
	if (n > 0 && (f->flags & O_DSYNC)) {
		err = mapping_sync(inode->mapping,
				   (u64)(*pos - n) >> PAGE_SHIFT,
				   (u64)(*pos - 1) >> PAGE_SHIFT);
		if (err)
			return err;
	}
	return n;
}

int generic_mmap(struct file *f, struct vma *vma)
{
	if (!f->inode->mapping)
		return -ENODEV;
	vma->mapping = f->inode->mapping;
	inode_accessed(f);
	return 0;
}

/* Holes exist where absent pages mean zeroes. */
static bool has_holes(const struct mapping *m)
{
	return m && (!m->ops || !m->ops->read_page);
}

static loff_t seek_data(struct inode *inode, loff_t off)
{
	struct mapping *m = inode->mapping;
	u64 index = (u64)off >> PAGE_SHIFT;
	u64 last = (u64)(inode->size - 1) >> PAGE_SHIFT;

	if (!has_holes(m) || READ_ONCE(m->pages.count) == 0) {
		if (has_holes(m))
			return -ENXIO;
		return off;
	}
	if (!mapping_next_page(m, &index, last))
		return -ENXIO;
	return MAX(off, (loff_t)(index << PAGE_SHIFT));
}

static loff_t seek_hole(struct inode *inode, loff_t off)
{
	struct mapping *m = inode->mapping;
	u64 index = (u64)off >> PAGE_SHIFT;

	if (!has_holes(m))
		return inode->size;
	while ((loff_t)(index << PAGE_SHIFT) < inode->size) {
		u64 next = index;

		if (!mapping_next_page(m, &next, index))
			return MAX(off, (loff_t)(index << PAGE_SHIFT));
		index++;
	}
	return inode->size;
}

loff_t generic_seek(struct file *f, loff_t off, int whence)
{
	struct inode *inode = f->inode;
	loff_t size = READ_ONCE(inode->size);

	switch (whence) {
	case SEEK_SET:
		break;
	case SEEK_CUR:
		if (__builtin_add_overflow(off, f->pos, &off))
			return -EINVAL;
		break;
	case SEEK_END:
		if (__builtin_add_overflow(off, size, &off))
			return -EINVAL;
		break;
	case SEEK_DATA:
	case SEEK_HOLE:
		if (off < 0 || off >= size)
			return -ENXIO;
		mutex_lock(&inode->lock);
		if (off >= inode->size)
			off = -ENXIO;
		else
			off = whence == SEEK_DATA ? seek_data(inode, off)
						  : seek_hole(inode, off);
		mutex_unlock(&inode->lock);
		if (off < 0)
			return off;
		break;
	default:
		return -EINVAL;
	}
	if (off < 0 || off > inode->sb->max_size)
		return -EINVAL;
	f->pos = off;
	return off;
}

int generic_fsync(struct file *f, bool data_only)
{
	struct inode *inode = f->inode;
	int err = 0;

	if (inode->mapping)
		err = mapping_sync(inode->mapping, 0, UINT64_MAX);
	if (!err && inode->sb->ops->sync &&
	    !(READ_ONCE(inode->sb->flags) & MS_RDONLY))
		err = inode->sb->ops->sync(inode->sb);
	return err;
}

void inode_set_size(struct inode *inode, loff_t size)
{
	bool shrinks = size < inode->size;

	if (size > inode->size && inode->mapping)
		mapping_zero_tail(inode->mapping, (u64)inode->size);
	/* First the size, so that nobody brings pages beyond it back. */
	WRITE_ONCE(inode->size, size);
	if (shrinks && inode->mapping)
		mapping_truncate(inode->mapping, (u64)size);
}

int vfs_truncate(struct inode *inode, loff_t size)
{
	struct attr a = {.valid = ATTR_SIZE | ATTR_MTIME | ATTR_CTIME};
	ssize_t n;
	int err = 0;

	mutex_lock(&inode->lock);
	if (size > inode->size) {
		/* The last byte is what counts. */
		n = write_limit(inode, size - 1, 1);
		err = n < 0 ? (int)n : 0;
	}
	if ((size > inode->size && (inode->flags & INODE_NO_GROW)) ||
	    (size < inode->size && (inode->flags & INODE_NO_SHRINK)))
		err = -EPERM;
	if (!err && size == inode->size)
		a.valid &= ~ATTR_SIZE;
	if (!err) {
		drop_privileges(inode);
		a.size = size;
		a.mtime = a.ctime = inode_now();
		if (inode->ops->setattr) {
			err = inode->ops->setattr(inode, &a);
		} else {
			if (a.valid & ATTR_SIZE)
				inode_set_size(inode, size);
			inode_setattr(inode, &a);
		}
	}
	mutex_unlock(&inode->lock);
	return err;
}

int generic_truncate(struct file *f, loff_t size)
{
	return vfs_truncate(f->inode, size);
}

const struct file_ops regular_file_ops = {
	.read = generic_read,
	.write = generic_write,
	.seek = generic_seek,
	.mmap = generic_mmap,
	.fsync = generic_fsync,
	.truncate = generic_truncate,
};
