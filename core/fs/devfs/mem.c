/* null, zero, full, random, urandom. */
#include "devfs.h"
#include "fsfile.h"
#include "random.h"
#include "signal.h"
#include "thread.h"
#include "uaccess.h"
#include "vm.h"
#include <linux/fs.h>
#include <linux/random.h>

static ssize_t null_read(struct file *f, struct iov_iter *it, loff_t *pos)
{
	return 0;
}

static ssize_t null_write(struct file *f, struct iov_iter *it, loff_t *pos)
{
	size_t n = it->count;

	iov_advance(it, n);
	return (ssize_t)n;
}

static ssize_t zero_read(struct file *f, struct iov_iter *it, loff_t *pos)
{
	size_t want = it->count, done = 0;

	while (done < want) {
		size_t piece = MIN(want - done, 16 * PAGE_SIZE);
		size_t n = iov_zero(it, piece);

		done += n;
		if (n < piece || signal_pending())
			break;
		cond_resched();
	}
	return done || !want ? (ssize_t)done : -EFAULT;
}

static ssize_t full_write(struct file *f, struct iov_iter *it, loff_t *pos)
{
	return it->count ? -ENOSPC : 0;
}

/* Memory that is zero: as good as none of a file. */
static int zero_mmap(struct file *f, struct vma *vma)
{
	file_put(vma->file);
	vma->file = NULL;
	vma->pgoff = 0;
	return 0;
}

/* As null_lseek in Linux: there is only one place. */
static loff_t null_seek(struct file *f, loff_t off, int whence)
{
	f->pos = 0;
	return 0;
}

static ssize_t random_read(struct file *f, struct iov_iter *it, loff_t *pos)
{
	u8 buf[256];
	ssize_t done = 0;

	while (it->count) {
		size_t piece = MIN(it->count, sizeof(buf)), n;

		random_bytes(buf, piece);
		n = iov_copy_to(it, buf, piece);
		done += (ssize_t)n;
		if (n < piece) {
			if (!done)
				done = -EFAULT;
			break;
		}
		if (signal_pending())
			break;
		cond_resched();
	}
	memset(buf, 0, sizeof(buf));
	return done;
}

/* What is written is mixed in, and counts for nothing (random(4)). */
static ssize_t random_write(struct file *f, struct iov_iter *it, loff_t *pos)
{
	u8 buf[64];
	ssize_t done = 0;

	while (it->count) {
		size_t n = iov_copy_from(it, buf, MIN(it->count, sizeof(buf)));

		if (!n)
			return done ? done : -EFAULT;
		random_add(buf, n, 0);
		done += (ssize_t)n;
		cond_resched();
	}
	return done;
}

static long random_ioctl(struct file *f, unsigned cmd, unsigned long arg)
{
	/* The size of Linux' pool since 5.18; full, once there was enough. */
	int bits = random_ready() ? 256 : 0;

	if (cmd == RNDGETENTCNT)
		return put_user(bits, (int __user *)arg);
	return -EINVAL;
}

static loff_t random_seek(struct file *f, loff_t off, int whence)
{
	return f->pos;
}

static const struct file_ops null_ops = {
	.read = null_read, .write = null_write, .seek = null_seek,
};
static const struct file_ops zero_ops = {
	.read = zero_read, .write = null_write, .seek = null_seek,
	.mmap = zero_mmap,
};
static const struct file_ops full_ops = {
	.read = zero_read, .write = full_write, .seek = null_seek,
};
static const struct file_ops random_ops = {
	.read = random_read, .write = random_write, .seek = random_seek,
	.ioctl = random_ioctl,
};

static const struct chrdev dev_null = {"null", MEM_MAJOR, 3, 0666, &null_ops,
				       NULL};
static const struct chrdev dev_zero = {"zero", MEM_MAJOR, 5, 0666, &zero_ops,
				       NULL};
static const struct chrdev dev_full = {"full", MEM_MAJOR, 7, 0666, &full_ops,
				       NULL};
static const struct chrdev dev_random = {"random", MEM_MAJOR, 8, 0666,
					 &random_ops, NULL};
static const struct chrdev dev_urandom = {"urandom", MEM_MAJOR, 9, 0666,
					  &random_ops, NULL};
LINKSET(chrdevs, dev_null);
LINKSET(chrdevs, dev_zero);
LINKSET(chrdevs, dev_full);
LINKSET(chrdevs, dev_random);
LINKSET(chrdevs, dev_urandom);
