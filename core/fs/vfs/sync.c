/* sync, syncfs, fsync, fdatasync, sync_file_range. */
#include "private.h"
#include "syscall.h"
#include <linux/fs.h>

static long sys_sync(void)
{
	vfs_sync_all();
	return 0;
}
SYSCALL(__NR_sync, sys_sync);

static long sys_syncfs(int fd)
{
	struct file *f = fd_get(fd);
	long err;

	if (!f)
		return -EBADF;
	err = f->inode ? super_sync(f->inode->sb) : 0;
	file_put(f);
	return err;
}
SYSCALL(__NR_syncfs, sys_syncfs);

static long sync_file(int fd, bool data_only)
{
	struct file *f = fd_get(fd);
	long err;

	if (!f)
		return -EBADF;
	err = f->ops->fsync ? f->ops->fsync(f, data_only) : -EINVAL;
	file_put(f);
	return err;
}

static long sys_fsync(int fd)
{
	return sync_file(fd, false);
}
SYSCALL(__NR_fsync, sys_fsync);

static long sys_fdatasync(int fd)
{
	return sync_file(fd, true);
}
SYSCALL(__NR_fdatasync, sys_fdatasync);

static long sync_range(struct file *f, loff_t off, loff_t n, unsigned flags)
{
	loff_t end;

	if (off < 0 || n < 0 || __builtin_add_overflow(off, n, &end))
		return -EINVAL;
	if (flags & ~(unsigned)(SYNC_FILE_RANGE_WAIT_BEFORE |
				SYNC_FILE_RANGE_WRITE |
				SYNC_FILE_RANGE_WAIT_AFTER))
		return -EINVAL;
	if (!f->inode)
		return -ESPIPE;
	if (!f->inode->mapping)
		return S_ISREG(f->inode->mode) || S_ISDIR(f->inode->mode)
			       ? 0 : -ESPIPE;
	if (!(flags & SYNC_FILE_RANGE_WRITE))
		return 0;
	return mapping_sync(f->inode->mapping, (u64)off >> PAGE_SHIFT,
			    n ? (u64)(end - 1) >> PAGE_SHIFT : UINT64_MAX);
}

static long sys_sync_file_range(int fd, loff_t off, loff_t n, unsigned flags)
{
	struct file *f = fd_get(fd);
	long err;

	if (!f)
		return -EBADF;
	err = sync_range(f, off, n, flags);
	file_put(f);
	return err;
}
SYSCALL(__NR_sync_file_range, sys_sync_file_range);
