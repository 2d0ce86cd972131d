/* madvise. */
#include "file.h"
#include "../filemap.h"
#include "process.h"
#include "syscall.h"
#include "thread.h"
#include <linux/falloc.h>

/* Set in Linux' <asm-generic/mman-common.h> since 5.14, 5.18 and 6.1. */
#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22
#define MADV_POPULATE_WRITE 23
#endif
#ifndef MADV_DONTNEED_LOCKED
#define MADV_DONTNEED_LOCKED 24
#endif

struct advice {
	struct vm_space *vm;
	int how;
	/* What is to be done without the lock, for one part. */
	struct file *file;
	struct mapping *mapping;
	u64 offset, len;
};

static bool is_known(int how)
{
	switch (how) {
	case MADV_NORMAL:
	case MADV_RANDOM:
	case MADV_SEQUENTIAL:
	case MADV_WILLNEED:
	case MADV_DONTNEED:
	case MADV_DONTNEED_LOCKED:
	case MADV_FREE:
	case MADV_REMOVE:
	case MADV_DONTFORK:
	case MADV_DOFORK:
	case MADV_MERGEABLE:
	case MADV_UNMERGEABLE:
	case MADV_HUGEPAGE:
	case MADV_NOHUGEPAGE:
	case MADV_DONTDUMP:
	case MADV_DODUMP:
	case MADV_WIPEONFORK:
	case MADV_KEEPONFORK:
	case MADV_COLD:
	case MADV_PAGEOUT:
		return true;
	default:
		return false;
	}
}

static bool is_anonymous(const struct vma *v)
{
	return !v->mapping && !(v->flags & VMA_IMAGE);
}

/* MADV_REMOVE: a hole in the file, made when the lock is gone. */
static int prepare_hole(struct advice *a, struct vma *v, vaddr_t start,
			vaddr_t end)
{
	if (v->flags & VMA_LOCKED || !v->mapping)
		return -EINVAL;
	if ((v->flags & (VMA_SHARED | VMA_WRITE)) != (VMA_SHARED | VMA_WRITE))
		return -EACCES;
	a->offset = v->pgoff * PAGE_SIZE + (start - v->start);
	a->len = end - start;
	if (v->file) {
		file_get(v->file);
		a->file = v->file;
	} else {
		shared_memory_get(v->mapping);
		a->mapping = v->mapping;
	}
	return 0;
}

static int make_hole(struct advice *a)
{
	int err = 0;

	if (a->mapping) {
		mapping_drop(a->mapping, a->offset / PAGE_SIZE,
			     (a->offset + a->len) / PAGE_SIZE - 1);
		shared_memory_put(a->mapping);
	}
	if (a->file) {
		err = a->file->ops->fallocate ?
			      a->file->ops->fallocate(
				      a->file,
				      FALLOC_FL_PUNCH_HOLE |
					      FALLOC_FL_KEEP_SIZE,
				      (loff_t)a->offset, (loff_t)a->len) :
			      -EOPNOTSUPP;
		file_put(a->file);
	}
	a->mapping = NULL;
	a->file = NULL;
	return err;
}

/* MADV_WILLNEED: read the file ahead, without the lock. */
static void prepare_read(struct advice *a, struct vma *v, vaddr_t start,
			 vaddr_t end)
{
	if (!v->file || !v->mapping || !v->mapping->ops->read_page)
		return;
	a->offset = v->pgoff * PAGE_SIZE + (start - v->start);
	a->len = end - start;
	file_get(v->file);
	a->file = v->file;
	a->mapping = v->mapping;
}

static void read_ahead(struct advice *a)
{
	u64 index = a->offset / PAGE_SIZE, end = index + a->len / PAGE_SIZE;

	/* No more than a part of memory: it would only push itself out. */
	end = MIN(end, index + memory_total / 4);
	for (; a->file && index < end; index++) {
		struct page *p = mapping_get_pages(
			a->mapping, index, MAPPING_FAULT,
			(unsigned)MIN(end - index, (u64)UINT16_MAX));

		if (IS_ERR(p))
			break;
		page_put(p);
		cond_resched();
	}
	if (a->file)
		file_put(a->file);
	a->file = NULL;
	a->mapping = NULL;
}

/* Advice for v's part [start, end), the lock held. */
static int advise_part(struct advice *a, struct vma *v, vaddr_t start,
		       vaddr_t end)
{
	switch (a->how) {
	case MADV_DONTNEED:
	case MADV_FREE:
		if (v->flags & VMA_LOCKED)
			return -EINVAL;
		/* fallthrough */
	case MADV_DONTNEED_LOCKED:
		if (a->how != MADV_FREE)
			vm_zap(a->vm, start, end);
		else if (is_anonymous(v))
			vm_free_lazily(a->vm, start, end);
		else
			return -EINVAL;
		return 0;
	case MADV_REMOVE:
		return prepare_hole(a, v, start, end);
	case MADV_WILLNEED:
		prepare_read(a, v, start, end);
		return 0;
	case MADV_COLD:
	case MADV_PAGEOUT:
		return v->flags & VMA_LOCKED ? -EINVAL : 0;
	case MADV_DONTFORK:
		return vma_change_flags(a->vm, v, start, end, v->flags | VMA_DONTFORK);
	case MADV_DOFORK:
		return vma_change_flags(a->vm, v, start, end,
				 v->flags & ~VMA_DONTFORK);
	case MADV_WIPEONFORK:
		if (!is_anonymous(v) || v->flags & VMA_SHARED)
			return -EINVAL;
		return vma_change_flags(a->vm, v, start, end,
				 v->flags | VMA_WIPEONFORK);
	case MADV_KEEPONFORK:
		return vma_change_flags(a->vm, v, start, end,
				 v->flags & ~VMA_WIPEONFORK);
	case MADV_DONTDUMP:
		return vma_change_flags(a->vm, v, start, end, v->flags | VMA_DONTDUMP);
	case MADV_DODUMP:
		return vma_change_flags(a->vm, v, start, end,
				 v->flags & ~VMA_DONTDUMP);
	default:
		return 0; /* hints about what this kernel does not do */
	}
}

/* Does it change the tree? */
static bool needs_write_lock(int how)
{
	switch (how) {
	case MADV_DONTFORK:
	case MADV_DOFORK:
	case MADV_WIPEONFORK:
	case MADV_KEEPONFORK:
	case MADV_DONTDUMP:
	case MADV_DODUMP:
		return true;
	default:
		return false;
	}
}

/* One mapping's part from *start on, which moves to its end. */
static int advise_next(struct advice *a, vaddr_t *start, vaddr_t end,
		       bool *hole)
{
	bool write = needs_write_lock(a->how);
	struct vma *v;
	int err = 0;

	if (write)
		rwlock_write(&a->vm->lock);
	else
		rwlock_read(&a->vm->lock);
	v = vm_find(a->vm, *start);
	if (!v || v->start > *start)
		*hole = true;
	if (v && v->start < end) {
		vaddr_t from = MAX(*start, v->start);

		*start = MIN(end, v->end);
		err = advise_part(a, v, from, *start);
	} else {
		*start = end;
	}
	if (write)
		rwlock_write_done(&a->vm->lock);
	else
		rwlock_read_done(&a->vm->lock);
	return err;
}

static int advise(struct vm_space *vm, vaddr_t start, vaddr_t end, int how)
{
	struct advice a = {.vm = vm, .how = how};
	bool hole = false;
	int err = 0;

	/* As Linux: holes are stepped over, and told of in the end. */
	while (!err && start < end) {
		err = advise_next(&a, &start, end, &hole);
		if (how == MADV_REMOVE && !err)
			err = make_hole(&a);
		else if (how == MADV_WILLNEED)
			read_ahead(&a);
		cond_resched();
	}
	return err ? err : hole ? -ENOMEM : 0;
}

/* MADV_POPULATE_READ and _WRITE. */
static int populate(struct vm_space *vm, vaddr_t start, vaddr_t end, bool write)
{
	for (vaddr_t va = start; va < end; va += PAGE_SIZE) {
		int code, sig;
		struct vma *v;
		bool hole;

		rwlock_read(&vm->lock);
		v = vm_find(vm, va);
		hole = !v || v->start > va;
		rwlock_read_done(&vm->lock);
		if (hole)
			return -ENOMEM;
		sig = vm_fault_in(vm, va, write ? FAULT_WRITE : 0, &code);
		if (sig)
			/* Linux: EINVAL for want of permission. */
			return sig == SIGSEGV ? -EINVAL :
			       sig == SIGBUS  ? -EFAULT :
						-ENOMEM;
		cond_resched();
	}
	return 0;
}

static long sys_madvise(vaddr_t start, u64 len, int how)
{
	struct vm_space *vm = current_process()->vm;
	bool populates = how == MADV_POPULATE_READ ||
			 how == MADV_POPULATE_WRITE;
	vaddr_t end;

	if (!populates && !is_known(how))
		return -EINVAL;
	if (start % PAGE_SIZE || (len && !PAGE_UP(len)))
		return -EINVAL;
	end = start + PAGE_UP(len);
	if (end < start)
		return -EINVAL;
	if (end == start)
		return 0;
	if (populates)
		return populate(vm, start, end, how == MADV_POPULATE_WRITE);
	return advise(vm, start, end, how);
}
SYSCALL(__NR_madvise, sys_madvise);
