/*
 * splice: between a pipe and any file, within the kernel.
 *
 * The file is read and written without the pipe's lock, which comes after the
 * locks of files.  So that nothing is lost meanwhile, slots are promised: room
 * for what is being read, or for what could not be written and goes back.
 * Linux keeps the pipe locked instead: there another reader waits that here
 * finds the pipe empty while its content is being written elsewhere.
 */
#include "fs.h"
#include "private.h"
#include "process.h"
#include "signal.h"
#include "syscall.h"
#include "uaccess.h"
#include <linux/stat.h>

/* linux/splice.h, which is not among the user-space headers. */
#define SPLICE_F_MOVE     1u
#define SPLICE_F_NONBLOCK 2u
#define SPLICE_F_MORE     4u
#define SPLICE_F_GIFT     8u
#define SPLICE_F_ALL                                                           \
	(SPLICE_F_MOVE | SPLICE_F_NONBLOCK | SPLICE_F_MORE | SPLICE_F_GIFT)

/* Pages that one call moves at most: what a pipe holds by default. */
#define BATCH PIPE_SLOTS

static struct pipe *as_pipe(const struct file *f)
{
	return f->ops == &pipe_file_ops ? f->priv : NULL;
}

/* Return with p->lock held.  1: there is data; 0: end of file; -errno. */
static int lock_with_data(struct pipe *p, bool nonblock)
{
	mutex_lock(&p->lock);
	while (pipe_is_empty(p)) {
		int err;

		if (!p->writers)
			return 0;
		if (nonblock)
			return -EAGAIN;
		mutex_unlock(&p->lock);
		err = pipe_await_data(p);
		mutex_lock(&p->lock);
		if (err && pipe_is_empty(p))
			return err;
	}
	return 1;
}

/* Return with p->lock held.  0: there is a reader, and room; -errno. */
static int lock_with_room(struct pipe *p, bool nonblock)
{
	mutex_lock(&p->lock);
	while (p->readers && pipe_is_full(p)) {
		int err;

		if (nonblock)
			return -EAGAIN;
		mutex_unlock(&p->lock);
		err = pipe_await_room(p);
		mutex_lock(&p->lock);
		if (err && pipe_is_full(p))
			return err;
	}
	return p->readers ? 0 : -EPIPE;
}

/* What may be waited for without being told is told to the next in line. */
static void wake_both(struct pipe *p)
{
	if (!pipe_is_empty(p))
		waitq_wake(&p->read_wait, 1, PIPE_READABLE);
	if (!pipe_is_full(p))
		waitq_wake(&p->write_wait, 1, PIPE_WRITABLE);
}

/*
 * Read once into up to nr new pages.  Bytes or -errno; pages that hold none are
 * given back.
 */
static ssize_t read_pages(struct file *in, loff_t *pos, size_t count,
			  struct page **pages, u32 nr)
{
	struct iovec iov[BATCH];
	struct iov_iter it;
	ssize_t r = -ENOMEM;
	u32 n = 0, used;

	for (; n < nr && (pages[n] = page_alloc(0, ALLOC_WAIT)); n++)
		iov[n] = (struct iovec){page_address(pages[n]), PAGE_SIZE};
	if (n) {
		iov_iter_init(&it, iov, n, MIN(count, n * PAGE_SIZE), true);
		r = file_read_iter(in, &it, pos);
	}
	used = r > 0 ? (u32)(((size_t)r + PAGE_SIZE - 1) / PAGE_SIZE) : 0;
	while (n > used)
		page_put(pages[--n]);
	return r;
}

/* From a file to a pipe.  Bytes or -errno. */
static ssize_t splice_in(struct file *in, loff_t *pos, struct pipe *p,
			 size_t count, bool nonblock, bool packet)
{
	struct page *pages[BATCH];
	ssize_t r = lock_with_room(p, nonblock);
	u32 nr = 0;

	if (!r) {
		nr = MIN(BATCH, p->size - p->promised - (p->head - p->tail));
		WRITE_ONCE(p->promised, p->promised + nr);
	}
	mutex_unlock(&p->lock);
	if (!r)
		r = read_pages(in, pos, count, pages, nr);
	mutex_lock(&p->lock);
	WRITE_ONCE(p->promised, p->promised - nr);
	for (ssize_t at = 0; at < r; at += (ssize_t)PAGE_SIZE) {
		*pipe_slot(p, p->head) = (struct pipe_slot){
			pages[at / (ssize_t)PAGE_SIZE], 0,
			(u32)MIN((size_t)(r - at), PAGE_SIZE), packet};
		WRITE_ONCE(p->head, p->head + 1);
	}
	mutex_unlock(&p->lock);
	wake_both(p);
	if (r == -EPIPE && !nr)
		pipe_send_sigpipe();
	return r;
}

/* Take up to count bytes; the slots stay promised.  Slots; lock held. */
static u32 borrow(struct pipe *p, struct pipe_slot *slots, struct iovec *iov,
		  size_t count, size_t *bytes)
{
	u32 nr = 0;

	for (*bytes = 0; nr < BATCH && *bytes < count && !pipe_is_empty(p);
	     nr++) {
		struct pipe_slot *s = &slots[nr];

		*s = *pipe_slot(p, p->tail);
		iov[nr].iov_base = (char *)page_address(s->page) + s->offset;
		iov[nr].iov_len = MIN((size_t)s->len, count - *bytes);
		*bytes += iov[nr].iov_len;
		WRITE_ONCE(p->promised, p->promised + 1);
		WRITE_ONCE(p->tail, p->tail + 1);
	}
	return nr;
}

/* All but the first done bytes go back to the front.  lock held. */
static void give_back(struct pipe *p, struct pipe_slot *slots, u32 nr,
		      size_t done)
{
	u32 first = 0;

	while (first < nr && slots[first].len <= done) {
		done -= slots[first].len;
		page_put(slots[first++].page);
	}
	if (first < nr) {
		slots[first].offset += (u32)done;
		slots[first].len -= (u32)done;
	}
	WRITE_ONCE(p->promised, p->promised - nr);
	while (nr > first) {
		*pipe_slot(p, p->tail - 1) = slots[--nr];
		WRITE_ONCE(p->tail, p->tail - 1);
	}
}

/* From a pipe to a file that is none.  Bytes or -errno. */
static ssize_t splice_out(struct pipe *p, struct file *out, loff_t *pos,
			  size_t count, bool nonblock)
{
	struct pipe_slot slots[BATCH];
	struct iovec iov[BATCH];
	struct iov_iter it;
	ssize_t r = lock_with_data(p, nonblock);
	size_t bytes;
	u32 nr;

	if (r <= 0) {
		mutex_unlock(&p->lock);
		return r;
	}
	nr = borrow(p, slots, iov, count, &bytes);
	mutex_unlock(&p->lock);
	iov_iter_init(&it, iov, nr, bytes, true);
	r = file_write_iter(out, &it, pos);
	mutex_lock(&p->lock);
	give_back(p, slots, nr, r > 0 ? (size_t)r : 0);
	mutex_unlock(&p->lock);
	wake_both(p);
	return r;
}

static ssize_t pipe_to_pipe(struct file *in, struct file *out, size_t count,
			    bool nonblock)
{
	struct pipe *from = as_pipe(in);
	int r;

	nonblock |= (in->flags | out->flags) & O_NONBLOCK;
	r = lock_with_data(from, nonblock);
	mutex_unlock(&from->lock);
	if (r <= 0)
		return r;
	return splice_in(in, NULL, as_pipe(out), count, nonblock,
			 out->flags & O_DIRECT);
}

/* May the end that is no pipe be used so, at the position *uoff (or its own)? */
static int check_file(const struct file *f, const loff_t __user *uoff,
		      loff_t *pos)
{
	if (f->inode && S_ISDIR(f->inode->mode))
		return -EINVAL;
	if (!uoff)
		return 0;
	if (!f->ops->seek)
		return -EINVAL;
	if (get_user(*pos, uoff))
		return -EFAULT;
	return *pos < 0 ? -EINVAL : 0;
}

static long splice(struct file *in, loff_t __user *uin, struct file *out,
		   loff_t __user *uout, size_t count, unsigned flags)
{
	struct pipe *from, *to;
	bool nonblock = flags & SPLICE_F_NONBLOCK;
	loff_t __user *uoff = uin ? uin : uout;
	loff_t pos;
	long r;

	if (!file_readable(in) || !file_writable(out))
		return -EBADF;
	from = as_pipe(in);
	to = as_pipe(out);
	if ((from && uin) || (to && uout))
		return -ESPIPE;
	if (from == to)
		return -EINVAL; /* the same, or none */
	if (from && to)
		return pipe_to_pipe(in, out, count, nonblock);
	r = check_file(from ? out : in, uoff, &pos);
	if (!r && from && out->flags & O_APPEND)
		r = -EINVAL;
	if (r)
		return r;
	if (from)
		r = splice_out(from, out, uoff ? &pos : NULL, count,
			       nonblock || in->flags & O_NONBLOCK);
	else
		r = splice_in(in, uoff ? &pos : NULL, to, count,
			      nonblock || out->flags & O_NONBLOCK,
			      out->flags & O_DIRECT);
	if (r > 0 && uoff && put_user(pos, uoff))
		return -EFAULT;
	return r;
}

static long sys_splice(int in_fd, loff_t __user *uin, int out_fd,
		       loff_t __user *uout, size_t count, unsigned flags)
{
	struct file *in, *out;
	long r;

	if (!count)
		return 0;
	if (flags & ~SPLICE_F_ALL)
		return -EINVAL;
	in = fd_get(in_fd);
	out = fd_get(out_fd);
	r = in && out ? splice(in, uin, out, uout, count, flags) : -EBADF;
	file_put(in);
	file_put(out);
	return r;
}
SYSCALL(__NR_splice, sys_splice);
