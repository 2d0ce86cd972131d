/* mmap of files and of shared memory (../mmap.c). */
#include "../private.h"
#include "file.h"
#include <linux/errno.h>

/*
 * Flags that old programs may set without meaning; only MAP_SHARED_VALIDATE
 * asks.
 */
#define KNOWN_FLAGS                                                            \
	(MAP_SHARED | MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS | MAP_32BIT |    \
	 MAP_GROWSDOWN | MAP_DENYWRITE | MAP_EXECUTABLE | MAP_LOCKED |         \
	 MAP_NORESERVE | MAP_POPULATE | MAP_NONBLOCK | MAP_STACK |             \
	 MAP_HUGETLB | (MAP_HUGE_MASK << MAP_HUGE_SHIFT))

int filemap_check(struct file *f, int prot, int flags, u32 *vf)
{
	int type = flags & MAP_TYPE;

	if (type != MAP_SHARED && type != MAP_SHARED_VALIDATE &&
	    type != MAP_PRIVATE)
		return -EINVAL;
	if (type == MAP_SHARED_VALIDATE && flags & ~(KNOWN_FLAGS | MAP_TYPE))
		return -EOPNOTSUPP;
	if (type == MAP_PRIVATE) {
		*vf |= VMA_MAYWRITE;
	} else {
		if (prot & PROT_WRITE && !file_writable(f))
			return -EACCES;
		*vf |= VMA_SHARED | (file_writable(f) ? VMA_MAYWRITE : 0);
	}
	if (!file_readable(f))
		return -EACCES;
	if (!f->ops->mmap)
		return -ENODEV;
	if (flags & MAP_GROWSDOWN)
		return -EINVAL;
	return 0;
}

int filemap_attach(struct vma *v, struct file *f, u64 pgoff)
{
	int err;

	if (f) {
		file_get(f);
		v->file = f;
		v->pgoff = pgoff;
		err = f->ops->mmap(f, v);
		if (err) {
			/* It has not been counted as one that writes. */
			v->flags &= ~VMA_MAYWRITE;
			return err;
		}
		if (!vma_begin_writing(v))
			return -EPERM;
	}
	if (v->flags & VMA_SHARED && !v->mapping) {
		v->pgoff = 0;
		v->mapping = shared_memory_new(v->end);
		if (!v->mapping)
			return -ENOMEM;
	}
	return 0;
}
