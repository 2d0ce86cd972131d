/* Segment lists: where a read puts its bytes and a write takes them from. */
#include "uio.h"
#include "page.h"
#include "string.h"
#include "uaccess.h"
#include <arch/usercopy.h>
#include <linux/errno.h>


/* Step over segments of which nothing is left. */
static void settle(struct iov_iter *it)
{
	while (it->nr && it->offset >= it->iov->iov_len) {
		it->offset -= it->iov->iov_len;
		it->iov++;
		it->nr--;
	}
}

void iov_iter_init(struct iov_iter *it, const struct iovec *iov, size_t nr,
		   size_t count, bool kernel)
{
	it->iov = iov;
	it->nr = nr;
	it->offset = 0;
	it->count = count;
	it->kernel = kernel;
	settle(it);
}

void iov_iter_user(struct iov_iter *it, struct iovec *iov, void __user *p,
		   size_t n)
{
	iov->iov_base = p;
	iov->iov_len = MIN(n, (size_t)RW_MAX);
	iov_iter_init(it, iov, 1, iov->iov_len, false);
}

void iov_iter_kernel(struct iov_iter *it, struct iovec *iov, void *p, size_t n)
{
	iov->iov_base = p;
	iov->iov_len = n;
	iov_iter_init(it, iov, 1, n, true);
}

int iov_iter_import(struct iov_iter *it, struct iovec **iov,
		    const struct iovec __user *uiov, size_t nr)
{
	size_t total = 0;
	struct iovec *v;

	*iov = NULL;
	if (nr > UIO_MAXIOV)
		return -EINVAL;
	if (!nr) {
		iov_iter_init(it, NULL, 0, 0, false);
		return 0;
	}
	v = kmalloc(nr * sizeof(*v), ALLOC_WAIT);
	if (!v)
		return -ENOMEM;
	if (copy_from_user(v, uiov, nr * sizeof(*v)))
		goto fault;
	for (size_t i = 0; i < nr; i++) {
		if ((ssize_t)v[i].iov_len < 0) {
			kfree(v);
			return -EINVAL;
		}
		if (!user_range_ok(v[i].iov_base, v[i].iov_len))
			goto fault;
		v[i].iov_len = MIN(v[i].iov_len, RW_MAX - total);
		total += v[i].iov_len;
	}
	*iov = v;
	iov_iter_init(it, v, nr, total, false);
	return 0;
fault:
	kfree(v);
	return -EFAULT;
}

void iov_advance(struct iov_iter *it, size_t n)
{
	n = MIN(n, it->count);
	it->count -= n;
	it->offset += n;
	settle(it);
}

enum direction { TO, FROM, ZERO };

/* n bytes at p of one segment; returns how many were not moved. */
static size_t move(const struct iov_iter *it, void *p, void *buf, size_t n,
		   enum direction dir)
{
	if (it->kernel) {
		if (dir == TO)
			memcpy(p, buf, n);
		else if (dir == FROM)
			memcpy(buf, p, n);
		else
			memset(p, 0, n);
		return 0;
	}
	if (!user_range_ok(p, n))
		return n;
	if (dir == TO)
		return arch_user_copy(p, buf, n);
	if (dir == FROM)
		return arch_user_copy(buf, p, n);
	return arch_user_zero(p, n);
}

static size_t copy(struct iov_iter *it, char *buf, size_t n, enum direction dir)
{
	size_t done = 0;

	n = MIN(n, it->count);
	while (done < n && it->nr) {
		size_t part = MIN(n - done, it->iov->iov_len - it->offset);
		size_t left = move(it, (char *)it->iov->iov_base + it->offset,
				   buf ? buf + done : NULL, part, dir);

		iov_advance(it, part - left);
		done += part - left;
		if (left)
			break;
	}
	return done;
}

size_t iov_copy_to(struct iov_iter *it, const void *src, size_t n)
{
	return copy(it, (char *)src, n, TO);
}

size_t iov_copy_from(struct iov_iter *it, void *dst, size_t n)
{
	return copy(it, dst, n, FROM);
}

size_t iov_zero(struct iov_iter *it, size_t n)
{
	return copy(it, NULL, n, ZERO);
}
