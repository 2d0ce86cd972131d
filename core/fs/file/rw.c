/* read, write and their kin; lseek. */
#include "private.h"
#include "syscall.h"
#include "uaccess.h"
#include <linux/fs.h>

static long sys_read(int fd, void __user *buf, size_t n)
{
	struct file *f = fd_get(fd);
	struct iov_iter it;
	struct iovec iov;
	ssize_t r;

	if (!f)
		return -EBADF;
	iov_iter_user(&it, &iov, buf, n);
	r = file_readable(f) && !user_range_ok(buf, n)
		    ? -EFAULT : file_read_iter(f, &it, NULL);
	file_put(f);
	return r;
}
SYSCALL(__NR_read, sys_read);

static long sys_write(int fd, const void __user *buf, size_t n)
{
	struct file *f = fd_get(fd);
	struct iov_iter it;
	struct iovec iov;
	ssize_t r;

	if (!f)
		return -EBADF;
	iov_iter_user(&it, &iov, (void __user *)buf, n);
	r = file_writable(f) && !user_range_ok(buf, n)
		    ? -EFAULT : file_write_iter(f, &it, NULL);
	file_put(f);
	return r;
}
SYSCALL(__NR_write, sys_write);

/* A file that has positions, for the p* calls; ERR_PTR. */
static struct file *get_seekable(int fd, loff_t pos)
{
	struct file *f;

	if (pos < 0)
		return ERR_PTR(-EINVAL);
	f = fd_get(fd);
	if (!f)
		return ERR_PTR(-EBADF);
	if (f->ops->seek)
		return f;
	file_put(f);
	return ERR_PTR(-ESPIPE);
}

static long sys_pread64(int fd, void __user *buf, size_t n, loff_t pos)
{
	struct file *f = get_seekable(fd, pos);
	struct iov_iter it;
	struct iovec iov;
	ssize_t r;

	if (IS_ERR(f))
		return PTR_ERR(f);
	iov_iter_user(&it, &iov, buf, n);
	r = file_readable(f) && !user_range_ok(buf, n)
		    ? -EFAULT : file_read_iter(f, &it, &pos);
	file_put(f);
	return r;
}
SYSCALL(__NR_pread64, sys_pread64);

static long sys_pwrite64(int fd, const void __user *buf, size_t n, loff_t pos)
{
	struct file *f = get_seekable(fd, pos);
	struct iov_iter it;
	struct iovec iov;
	ssize_t r;

	if (IS_ERR(f))
		return PTR_ERR(f);
	iov_iter_user(&it, &iov, (void __user *)buf, n);
	r = file_writable(f) && !user_range_ok(buf, n)
		    ? -EFAULT : file_write_iter(f, &it, &pos);
	file_put(f);
	return r;
}
SYSCALL(__NR_pwrite64, sys_pwrite64);

/* With a vector of the program's; f's reference stays the caller's. */
static ssize_t vector_io(struct file *f, const struct iovec __user *uiov,
			 u64 nr, loff_t *pos, bool write)
{
	struct iov_iter it;
	struct iovec *iov;
	ssize_t r;
	int err;

	if (!(write ? file_writable(f) : file_readable(f)))
		return -EBADF;
	if (!(write ? (void *)f->ops->write : (void *)f->ops->read))
		return -EINVAL;
	err = iov_iter_import(&it, &iov, uiov, nr);
	if (err)
		return err;
	r = write ? file_write_iter(f, &it, pos) : file_read_iter(f, &it, pos);
	kfree(iov);
	return r;
}

static long vector_call(int fd, const struct iovec __user *uiov, u64 nr,
			bool write)
{
	struct file *f = fd_get(fd);
	ssize_t r;

	if (!f)
		return -EBADF;
	r = vector_io(f, uiov, nr, NULL, write);
	file_put(f);
	return r;
}

static long sys_readv(int fd, const struct iovec __user *uiov, u64 nr)
{
	return vector_call(fd, uiov, nr, false);
}
SYSCALL(__NR_readv, sys_readv);

static long sys_writev(int fd, const struct iovec __user *uiov, u64 nr)
{
	return vector_call(fd, uiov, nr, true);
}
SYSCALL(__NR_writev, sys_writev);

static long vector_call_at(int fd, const struct iovec __user *uiov, u64 nr,
			   loff_t pos, bool write)
{
	struct file *f = get_seekable(fd, pos);
	ssize_t r;

	if (IS_ERR(f))
		return PTR_ERR(f);
	r = vector_io(f, uiov, nr, &pos, write);
	file_put(f);
	return r;
}

/* On 64-bit machines the position is all in the first word. */
static long sys_preadv(int fd, const struct iovec __user *uiov, u64 nr,
		       loff_t pos)
{
	return vector_call_at(fd, uiov, nr, pos, false);
}
SYSCALL(__NR_preadv, sys_preadv);

static long sys_pwritev(int fd, const struct iovec __user *uiov, u64 nr,
			loff_t pos)
{
	return vector_call_at(fd, uiov, nr, pos, true);
}
SYSCALL(__NR_pwritev, sys_pwritev);

/*
 * preadv2, pwritev2: position -1 is the file's own.  Of the flags, RWF_HIPRI is
 * a hint, and the RWF_*SYNC are done by fsync's means.
 */
static long vector_call2(int fd, const struct iovec __user *uiov, u64 nr,
			 loff_t pos, u64 high, int flags, bool write)
{
	int known = write ? RWF_HIPRI | RWF_DSYNC | RWF_SYNC : RWF_HIPRI;
	struct file *f;
	long r;

	if (flags & ~known)
		return -EOPNOTSUPP;
	f = pos == -1 ? fd_get(fd) : get_seekable(fd, pos);
	if (!f)
		return -EBADF;
	if (IS_ERR(f))
		return PTR_ERR(f);
	r = vector_io(f, uiov, nr, pos == -1 ? NULL : &pos, write);
	if (r > 0 && flags & (RWF_DSYNC | RWF_SYNC) && f->ops->fsync) {
		int err = f->ops->fsync(f, !(flags & RWF_SYNC));

		if (err)
			r = err;
	}
	file_put(f);
	return r;
}

static long sys_preadv2(int fd, const struct iovec __user *uiov, u64 nr,
			loff_t pos, u64 high, int flags)
{
	return vector_call2(fd, uiov, nr, pos, high, flags, false);
}
SYSCALL(__NR_preadv2, sys_preadv2);

static long sys_pwritev2(int fd, const struct iovec __user *uiov, u64 nr,
			 loff_t pos, u64 high, int flags)
{
	return vector_call2(fd, uiov, nr, pos, high, flags, true);
}
SYSCALL(__NR_pwritev2, sys_pwritev2);

static long sys_lseek(int fd, loff_t off, int whence)
{
	struct file *f = fd_get(fd);
	loff_t r = -EINVAL;

	if (!f)
		return -EBADF;
	if (whence >= 0 && whence <= SEEK_MAX) {
		if (f->ops->seek) {
			mutex_lock(&f->pos_lock);
			r = f->ops->seek(f, off, whence);
			mutex_unlock(&f->pos_lock);
		} else {
			r = -ESPIPE;
		}
	}
	file_put(f);
	return r;
}
SYSCALL(__NR_lseek, sys_lseek);
