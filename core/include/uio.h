/*
 * Where a read puts its bytes and a write takes them from: a list of segments
 * in the program's or in the kernel's memory, consumed from the front.
 */
#ifndef RR_UIO_H
#define RR_UIO_H

#include "types.h"
#include <linux/uio.h>

/* Linux: MAX_RW_COUNT, what one call moves at most. */
#define RW_MAX (0x7fffffffull & PAGE_MASK)

struct iov_iter {
	const struct iovec *iov; /* current segment */
	size_t nr;               /* segments left, current one included */
	size_t offset;           /* into the current segment */
	size_t count;            /* bytes left in all */
	bool kernel;             /* addresses are the kernel's */
};

/* iov must outlive the iterator. */
void iov_iter_init(struct iov_iter *it, const struct iovec *iov, size_t nr,
		   size_t count, bool kernel);
/*
 * One segment, cut to RW_MAX if it is the program's; iov is the caller's storage for it.
 */
void iov_iter_user(struct iov_iter *it, struct iovec *iov, void __user *p,
		   size_t n);
void iov_iter_kernel(struct iov_iter *it, struct iovec *iov, void *p, size_t n);
/*
 * Take the program's vector in (IOV_MAX 1024 segments, total below 2^31-4096 as
 * on Linux).  *iov is from kmalloc and is freed by the caller.
 */
int iov_iter_import(struct iov_iter *it, struct iovec **iov,
		    const struct iovec __user *uiov, size_t nr);
/*
 * Copy n bytes (at most what is left), advancing.  Return the bytes copied;
 * fewer than asked means a fault (or the end of the iterator).  May sleep.
 */
size_t iov_copy_to(struct iov_iter *it, const void *src, size_t n);
size_t iov_copy_from(struct iov_iter *it, void *dst, size_t n);
size_t iov_zero(struct iov_iter *it, size_t n);
void iov_advance(struct iov_iter *it, size_t n);

#endif
