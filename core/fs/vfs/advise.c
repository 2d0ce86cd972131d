/* fallocate, fadvise64, readahead. */
#include "private.h"
#include "syscall.h"
#include <linux/fadvise.h>
#include <linux/falloc.h>

static long allocate(struct file *f, int mode, loff_t off, loff_t len)
{
	const int known = FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE |
			  FALLOC_FL_COLLAPSE_RANGE | FALLOC_FL_ZERO_RANGE |
			  FALLOC_FL_INSERT_RANGE | FALLOC_FL_UNSHARE_RANGE;
	loff_t end;

	if (off < 0 || len <= 0)
		return -EINVAL;
	if (mode & ~known)
		return -EOPNOTSUPP;
	if ((mode & FALLOC_FL_PUNCH_HOLE) && !(mode & FALLOC_FL_KEEP_SIZE))
		return -EOPNOTSUPP;
	if ((mode & FALLOC_FL_PUNCH_HOLE) && (mode & FALLOC_FL_ZERO_RANGE))
		return -EOPNOTSUPP;
	if (!file_writable(f))
		return -EBADF;
	if (!f->inode)
		return f->ops->seek ? -ENODEV : -ESPIPE;
	if ((f->inode->flags & INODE_APPEND) && (mode & ~FALLOC_FL_KEEP_SIZE))
		return -EPERM;
	if (f->inode->flags & INODE_IMMUTABLE)
		return -EPERM;
	if (S_ISFIFO(f->inode->mode))
		return -ESPIPE;
	if (S_ISDIR(f->inode->mode))
		return -EISDIR;
	if (!S_ISREG(f->inode->mode) && !S_ISBLK(f->inode->mode))
		return -ENODEV;
	if (__builtin_add_overflow(off, len, &end) ||
	    end > f->inode->sb->max_size)
		return -EFBIG;
	if (!f->ops->fallocate)
		return -EOPNOTSUPP;
	return f->ops->fallocate(f, mode, off, len);
}

static long sys_fallocate(int fd, int mode, loff_t off, loff_t len)
{
	struct file *f = fd_get(fd);
	long r;

	if (!f)
		return -EBADF;
	r = allocate(f, mode, off, len);
	file_put(f);
	return r;
}
SYSCALL(__NR_fallocate, sys_fallocate);

#define READ_MAX 128u /* pages that one call brings in */

/* Have pages [first, last] in memory, as far as is sensible. */
static void bring_in(struct mapping *m, u64 first, u64 last)
{
	/* Without a store there is nothing to bring. */
	if (!m->ops || !m->ops->read_page)
		return;
	last = MIN(last, first + READ_MAX - 1);
	for (u64 i = first; i <= last; i++) {
		struct page *p = mapping_get_page(m, i, 0);

		if (IS_ERR(p))
			return;
		page_put(p);
	}
}

static void advise_cached(struct inode *inode, loff_t off, loff_t len,
			  int advice)
{
	u64 size = (u64)READ_ONCE(inode->size), end;
	struct mapping *m = inode->mapping;

	if ((u64)off >= size || !m->ops || !m->ops->read_page)
		return;
	end = len ? MIN(size, (u64)off + (u64)len) : size;
	if (advice == POSIX_FADV_WILLNEED) {
		bring_in(m, (u64)off >> PAGE_SHIFT, (end - 1) >> PAGE_SHIFT);
	} else if (advice == POSIX_FADV_DONTNEED) {
		u64 first = PAGE_UP((u64)off) >> PAGE_SHIFT;
		u64 last = (end == size ? PAGE_UP(end) : PAGE_DOWN(end)) >>
			   PAGE_SHIFT;

		/* Dropped pages are read again; changes must not be lost. */
		if (first < last && !mapping_sync(m, first, last - 1) &&
		    !m->ops->write_page)
			mapping_drop(m, first, last - 1);
	}
}

static long sys_fadvise64(int fd, loff_t off, loff_t len, int advice)
{
	struct file *f = fd_get(fd);
	long r = 0;

	if (!f)
		return -EBADF;
	if (!f->ops->seek && (!f->inode || S_ISFIFO(f->inode->mode)))
		r = -ESPIPE;
	else if (len < 0 || advice < POSIX_FADV_NORMAL ||
		 advice > POSIX_FADV_NOREUSE)
		r = -EINVAL;
	else if (f->inode && f->inode->mapping && off >= 0)
		advise_cached(f->inode, off, len, advice);
	file_put(f);
	return r;
}
SYSCALL(__NR_fadvise64, sys_fadvise64);

static long sys_readahead(int fd, loff_t off, size_t n)
{
	struct file *f = fd_get(fd);
	long r = 0;

	if (!f || !file_readable(f))
		r = -EBADF;
	else if (!f->inode || !f->inode->mapping || !S_ISREG(f->inode->mode))
		r = -EINVAL;
	else if (off >= 0 && n && off < READ_ONCE(f->inode->size))
		advise_cached(f->inode, off,
			      (loff_t)MIN(n, (size_t)READ_MAX * PAGE_SIZE),
			      POSIX_FADV_WILLNEED);
	file_put(f);
	return r;
}
SYSCALL(__NR_readahead, sys_readahead);
