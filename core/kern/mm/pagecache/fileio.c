/* read(2) and write(2) through the page cache. */
#include "../private.h"
#include "thread.h"
#include "uio.h"
#include <linux/errno.h>

/* What one round moves: at most to the end of the page. */
static size_t part_of(loff_t pos, u64 left)
{
	size_t offset = (u64)pos & (PAGE_SIZE - 1);

	return (size_t)MIN((u64)(PAGE_SIZE - offset), left);
}

ssize_t mapping_read(struct mapping *m, u64 size, struct iov_iter *it,
		     loff_t *pos)
{
	ssize_t done = 0;
	int err = 0;

	while (it->count && (u64)*pos < size) {
		u64 index = (u64)*pos / PAGE_SIZE;
		size_t n = part_of(*pos, MIN((u64)it->count, size - *pos));
		size_t offset = (u64)*pos & (PAGE_SIZE - 1), copied;
		u64 want = DIV_ROUND_UP(offset + it->count, PAGE_SIZE);
		struct page *p = mapping_get_pages(
			m, index, 0, (unsigned)MIN(want, (u64)UINT16_MAX));

		if (!IS_ERR(p)) {
			copied = iov_copy_to(
				it, (char *)page_address(p) + offset, n);
			page_put(p);
		} else if (PTR_ERR(p) == -ENOENT) {
			copied = iov_zero(it, n);
		} else {
			err = (int)PTR_ERR(p);
			break;
		}
		*pos += (loff_t)copied;
		done += (ssize_t)copied;
		if (copied < n) {
			err = -EFAULT;
			break;
		}
		cond_resched();
	}
	return done ? done : err;
}

ssize_t mapping_write(struct mapping *m, struct iov_iter *it, loff_t *pos)
{
	u64 first = (u64)*pos / PAGE_SIZE;
	ssize_t done = 0;
	int err = 0;

	while (it->count) {
		u64 index = (u64)*pos / PAGE_SIZE;
		size_t n = part_of(*pos, it->count), copied;
		struct page *p = mapping_get_page(m, index, MAPPING_CREATE);

		if (IS_ERR(p)) {
			err = (int)PTR_ERR(p);
			break;
		}
		copied = iov_copy_from(it,
				       (char *)page_address(p) +
					       ((u64)*pos & (PAGE_SIZE - 1)),
				       n);
		if (copied)
			page_set_dirty(p);
		page_put(p);
		*pos += (loff_t)copied;
		done += (ssize_t)copied;
		if (copied < n) {
			err = -EFAULT;
			break;
		}
		mapping_throttle(m, first, index);
		cond_resched();
	}
	return done ? done : err;
}
