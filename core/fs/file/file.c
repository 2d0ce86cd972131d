/* Open files: made, counted, read and written. */
#include "fs.h"
#include "names.h"
#include "refs.h"

struct file *file_alloc(const struct file_ops *ops, void *priv, int flags)
{
	struct file *f = kzalloc(sizeof(*f), ALLOC_WAIT);

	if (!f)
		return NULL;
	f->ops = ops;
	f->priv = priv;
	f->flags = flags;
	f->refs = 1;
	mutex_init(&f->pos_lock);
	spin_init(&f->lock);
	list_init(&f->epoll);
	return f;
}

void file_get(struct file *f)
{
	ref_get(&f->refs);
}

/*
 * Under the lock: a set that is closing may just have taken f out, and must
 * have let go of the lock before f is freed.
 */
static bool is_in_epoll_sets(struct file *f)
{
	bool in;

	spin_lock(&f->lock);
	in = !list_empty(&f->epoll);
	spin_unlock(&f->lock);
	return in;
}

void file_put(struct file *f)
{
	if (!f || !ref_put(&f->refs))
		return;
	if (is_in_epoll_sets(f))
		epoll_forget_file(f);
	if (f->inode)
		locks_release(f);
	if (f->ops->release)
		f->ops->release(f);
	if (f->inode && S_ISREG(f->inode->mode) && file_writable(f) &&
	    !(f->flags & O_PATH))
		inode_put_write(f->inode);
	/* The dentry keeps the inode. */
	if (f->dentry)
		dentry_put(f->dentry);
	if (f->mount)
		mount_put(f->mount);
	kfree(f);
}

/*
 * Use the file's own position.  Streams have none, and may sleep for long, so
 * the lock is not for them.
 */
static ssize_t at_own_position(struct file *f, struct iov_iter *it,
			       ssize_t (*op)(struct file *f,
					     struct iov_iter *it, loff_t *pos))
{
	ssize_t n;

	if (!f->ops->seek)
		return op(f, it, &f->pos);
	mutex_lock(&f->pos_lock);
	n = op(f, it, &f->pos);
	mutex_unlock(&f->pos_lock);
	return n;
}

ssize_t file_read_iter(struct file *f, struct iov_iter *it, loff_t *pos)
{
	if (!file_readable(f))
		return -EBADF;
	if (!f->ops->read)
		return -EINVAL;
	return pos ? f->ops->read(f, it, pos)
		   : at_own_position(f, it, f->ops->read);
}

ssize_t file_write_iter(struct file *f, struct iov_iter *it, loff_t *pos)
{
	if (!file_writable(f))
		return -EBADF;
	if (!f->ops->write)
		return -EINVAL;
	return pos ? f->ops->write(f, it, pos)
		   : at_own_position(f, it, f->ops->write);
}

ssize_t file_read_kernel(struct file *f, void *buf, size_t n, loff_t *pos)
{
	struct iov_iter it;
	struct iovec iov;

	iov_iter_kernel(&it, &iov, buf, n);
	return file_read_iter(f, &it, pos);
}

ssize_t file_write_kernel(struct file *f, const void *buf, size_t n,
			  loff_t *pos)
{
	struct iov_iter it;
	struct iovec iov;

	iov_iter_kernel(&it, &iov, (void *)buf, n);
	return file_write_iter(f, &it, pos);
}
