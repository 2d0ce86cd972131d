/* sendfile, copy_file_range: from file to file within the kernel. */
#include "private.h"
#include "signal.h"
#include "syscall.h"
#include "thread.h"
#include "uaccess.h"

/* Write n bytes of the kernel's to out, at *pos or its own position. */
static ssize_t write_bytes(struct file *out, const void *p, size_t n,
			   loff_t *pos)
{
	return file_write_kernel(out, p, n, pos);
}

/* Pass [off, off+n) of one page of in on. */
static ssize_t move_page(struct file *in, loff_t from, size_t n, bool more,
			 struct file *out, loff_t *out_pos)
{
	static const u8 zeroes[1024];
	size_t off = (size_t)from & (PAGE_SIZE - 1);
	struct page *p = mapping_get_page(in->inode->mapping,
					  (u64)from >> PAGE_SHIFT, 0);
	ssize_t r;

	if (IS_ERR(p)) {
		if (PTR_ERR(p) != -ENOENT)
			return PTR_ERR(p);
		/* A hole. */
		return write_bytes(out, zeroes, MIN(n, sizeof(zeroes)),
				   out_pos);
	}
	if (out->ops->send_page && !out_pos)
		r = out->ops->send_page(out, p, off, n, more);
	else
		r = write_bytes(out, (char *)page_address(p) + off, n,
				out_pos);
	page_put(p);
	return r;
}

/* From the page cache of in at *from. */
static ssize_t move_cached(struct file *in, loff_t *from, u64 count,
			   struct file *out, loff_t *out_pos)
{
	ssize_t done = 0, r = 0;

	while (count) {
		loff_t size = READ_ONCE(in->inode->size);
		size_t n = PAGE_SIZE - ((size_t)*from & (PAGE_SIZE - 1));
		u64 left;

		if (*from >= size)
			break;
		left = MIN(count, (u64)(size - *from));
		n = MIN((u64)n, left);
		r = move_page(in, *from, n, left > n, out, out_pos);
		if (r <= 0)
			break;
		*from += r;
		done += r;
		count -= (u64)r;
		if (signal_pending())
			break;
		cond_resched();
	}
	return done ? done : r;
}

/* From what has no page cache, through a buffer. */
static ssize_t move_buffered(struct file *in, loff_t *from, u64 count,
			     struct file *out, loff_t *out_pos)
{
	char *buf = kmalloc(PAGE_SIZE, ALLOC_WAIT);
	ssize_t done = 0, r = 0;

	if (!buf)
		return -ENOMEM;
	while (count) {
		loff_t at = *from;
		ssize_t n = file_read_kernel(in, buf, MIN(count, PAGE_SIZE),
					     &at);

		r = n > 0 ? write_bytes(out, buf, (size_t)n, out_pos) : n;
		if (r <= 0)
			break;
		*from += r;
		done += r;
		count -= (u64)r;
		if (r < n || signal_pending())
			break;
		cond_resched();
	}
	kfree(buf);
	return done ? done : r;
}

static ssize_t move(struct file *in, loff_t *from, u64 count, struct file *out,
		    loff_t *out_pos)
{
	count = MIN(count, RW_MAX);
	if (in->inode && S_ISREG(in->inode->mode) && in->inode->mapping) {
		ssize_t r = move_cached(in, from, count, out, out_pos);

		if (r > 0)
			inode_accessed(in);
		return r;
	}
	return move_buffered(in, from, count, out, out_pos);
}

static long check_sendfile(struct file *in, struct file *out, bool has_offset)
{
	if (!file_readable(in) || !file_writable(out))
		return -EBADF;
	if (!in->ops->seek)
		return has_offset ? -ESPIPE : -EINVAL;
	if (!in->ops->read || !out->ops->write)
		return -EINVAL;
	if (out->flags & O_APPEND)
		return -EINVAL;
	return 0;
}

static long send_file(struct file *out, struct file *in,
		      loff_t __user *uoffset, u64 count)
{
	loff_t pos;
	long r = check_sendfile(in, out, uoffset != NULL);

	if (r)
		return r;
	if (uoffset) {
		if (get_user(pos, uoffset))
			return -EFAULT;
	} else {
		pos = READ_ONCE(in->pos);
	}
	if (pos < 0)
		return -EINVAL;
	if (!count)
		return 0;
	r = move(in, &pos, count, out, NULL);
	if (r <= 0)
		return r;
	if (!uoffset) {
		mutex_lock(&in->pos_lock);
		in->pos = pos;
		mutex_unlock(&in->pos_lock);
	} else if (put_user(pos, uoffset)) {
		return -EFAULT;
	}
	return r;
}

static long sys_sendfile(int out_fd, int in_fd, loff_t __user *uoffset,
			 size_t count)
{
	struct file *in = fd_get(in_fd), *out = fd_get(out_fd);
	long r = in && out ? send_file(out, in, uoffset, count) : -EBADF;

	file_put(in);
	file_put(out);
	return r;
}
SYSCALL(__NR_sendfile, sys_sendfile);

static long check_copy(struct file *in, struct file *out)
{
	if (!in->inode || !out->inode)
		return -EINVAL;
	if (S_ISDIR(in->inode->mode) || S_ISDIR(out->inode->mode))
		return -EISDIR;
	if (!S_ISREG(in->inode->mode) || !S_ISREG(out->inode->mode))
		return -EINVAL;
	if (!file_readable(in) || !file_writable(out) ||
	    (out->flags & O_APPEND))
		return -EBADF;
	if (!out->ops->write || !in->ops->read)
		return -EINVAL;
	return 0;
}

/* A position of the program's, or the file's own. */
static int take_position(struct file *f, const loff_t __user *u, loff_t *pos)
{
	if (u && get_user(*pos, u))
		return -EFAULT;
	if (!u)
		*pos = READ_ONCE(f->pos);
	return *pos < 0 ? -EINVAL : 0;
}

static int give_position(struct file *f, loff_t __user *u, loff_t pos)
{
	if (u)
		return put_user(pos, u);
	mutex_lock(&f->pos_lock);
	f->pos = pos;
	mutex_unlock(&f->pos_lock);
	return 0;
}

static long copy_range(struct file *in, loff_t __user *uin, struct file *out,
		       loff_t __user *uout, u64 count)
{
	loff_t from, to;
	long r = check_copy(in, out);

	if (!r)
		r = take_position(in, uin, &from);
	if (!r)
		r = take_position(out, uout, &to);
	if (r)
		return r;
	if (count > (u64)INT64_MAX - (u64)MAX(from, to))
		return -EOVERFLOW;
	if (in->inode == out->inode && (u64)from < (u64)to + count &&
	    (u64)to < (u64)from + count && count)
		return -EINVAL;
	if (!count)
		return 0;
	r = move(in, &from, count, out, &to);
	if (r > 0 && (give_position(in, uin, from) ||
		      give_position(out, uout, to)))
		return -EFAULT;
	return r;
}

static long sys_copy_file_range(int in_fd, loff_t __user *uin, int out_fd,
				loff_t __user *uout, size_t count,
				unsigned flags)
{
	struct file *in, *out;
	long r;

	if (flags)
		return -EINVAL;
	in = fd_get(in_fd);
	out = fd_get(out_fd);
	r = in && out ? copy_range(in, uin, out, uout, count) : -EBADF;
	file_put(in);
	file_put(out);
	return r;
}
SYSCALL(__NR_copy_file_range, sys_copy_file_range);
