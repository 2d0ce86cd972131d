/* Regular files of tmpfs: those of the page cache, and fallocate(2). */
#include "fsfile.h"
#include "private.h"
#include "thread.h"
#include <linux/falloc.h>

/* Could n pages be there, with all that the mapping has among them? */
static bool has_room(const struct inode *inode, u64 n)
{
	const struct tmpfs *t = tmpfs_of(inode->sb);
	u64 have = READ_ONCE(inode->mapping->pages.count);
	u64 used = __atomic_load_n(&t->pages, __ATOMIC_RELAXED);
	u64 max = READ_ONCE(t->max_pages);

	return n <= have || (used <= max && n - have <= max - used);
}

/*
 * Have all pages of [first, last].  On failure those of them beyond the end of the
 * file that were added in the last unbroken run go again; below it somebody may
 * have written to them meanwhile, through a mapping.
 */
static int add_pages(struct inode *inode, u64 first, u64 last)
{
	u64 index, run = DIV_ROUND_UP((u64)inode->size, PAGE_SIZE);
	struct mapping *m = inode->mapping;

	if (!has_room(inode, last - first + 1))
		return -ENOSPC;
	run = MAX(run, first);
	for (index = first; index <= last; index++) {
		struct page *p = mapping_get_page(m, index, 0);

		if (!IS_ERR(p))
			run = MAX(run, index + 1);
		else if (PTR_ERR(p) == -ENOENT)
			p = mapping_get_page(m, index, MAPPING_CREATE);
		if (IS_ERR(p)) {
			if (run < index)
				mapping_drop(m, run, index - 1);
			return PTR_ERR(p);
		}
		page_put(p);
		cond_resched();
	}
	return 0;
}

/* Zero [off, end), which lies within one page, if that is there. */
static void zero_part(struct mapping *m, u64 off, u64 end)
{
	struct page *p = mapping_get_page(m, off >> PAGE_SHIFT, 0);

	if (IS_ERR(p))
		return;
	memset((char *)page_address(p) + (off & (PAGE_SIZE - 1)), 0,
	       end - off);
	page_put(p);
}

static void punch(struct mapping *m, u64 off, u64 end)
{
	u64 first = PAGE_UP(off), last = PAGE_DOWN(end);

	if (first < last)
		mapping_drop(m, first >> PAGE_SHIFT, (last >> PAGE_SHIFT) - 1);
	if (first > last) {
		zero_part(m, off, end);
		return;
	}
	if (off < first)
		zero_part(m, off, first);
	if (last < end)
		zero_part(m, last, end);
}

static int allocate(struct inode *inode, u64 off, u64 end, bool keep_size)
{
	ssize_t n;
	int err;

	if (!keep_size && end > (u64)inode->size) {
		if (inode->flags & INODE_NO_GROW)
			return -EPERM;
		n = write_limit(inode, (loff_t)end - 1, 1);
		if (n < 0)
			return (int)n;
	}
	err = add_pages(inode, off >> PAGE_SHIFT, (end - 1) >> PAGE_SHIFT);
	if (err)
		return err;
	if (!keep_size && end > (u64)inode->size) {
		mapping_zero_tail(inode->mapping, (u64)inode->size);
		WRITE_ONCE(inode->size, (loff_t)end);
	}
	return 0;
}

int tmpfs_fallocate(struct file *f, int mode, loff_t off, loff_t len)
{
	struct inode *inode = f->inode;
	u64 end = (u64)off + (u64)len;
	int err = 0;

	if (mode & ~(FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE))
		return -EOPNOTSUPP;
	mutex_lock(&inode->lock);
	if (mode & FALLOC_FL_PUNCH_HOLE) {
		if (inode->flags & INODE_NO_WRITE)
			err = -EPERM;
		else
			punch(inode->mapping, (u64)off, end);
	} else {
		err = allocate(inode, (u64)off, end,
			       mode & FALLOC_FL_KEEP_SIZE);
	}
	if (!err)
		inode_touch(inode, TOUCH_MTIME | TOUCH_CTIME);
	mutex_unlock(&inode->lock);
	return err;
}

const struct file_ops tmpfs_file_ops = {
	.read = generic_read,
	.write = generic_write,
	.seek = generic_seek,
	.mmap = tmpfs_mmap,
	.fcntl = tmpfs_fcntl,
	.fsync = generic_fsync,
	.truncate = generic_truncate,
	.fallocate = tmpfs_fallocate,
};
