/* msync and mincore. */
#include "file.h"
#include "filemap.h"
#include "process.h"
#include "syscall.h"
#include "thread.h"
#include "uaccess.h"

/* Write the part of v's file that [start, end) maps. No lock held. */
static int sync_file(struct file *f, struct mapping *m, u64 first, u64 last)
{
	int err = mapping_sync(m, first, last), err2 = 0;

	if (f->ops->fsync)
		err2 = f->ops->fsync(f, true);
	return err ? err : err2;
}

/* One mapping's part from *start on, which moves to its end. */
static int sync_next(struct vm_space *vm, vaddr_t *start, vaddr_t end,
		     int flags, bool *hole)
{
	struct file *f = NULL;
	struct mapping *m = NULL;
	u64 first = 0, last = 0;
	struct vma *v;
	int err = 0;

	rwlock_read(&vm->lock);
	v = vm_find(vm, *start);
	if (!v || v->start > *start)
		*hole = true;
	if (v && v->start < end) {
		vaddr_t from = MAX(*start, v->start);

		*start = MIN(end, v->end);
		if (flags & MS_INVALIDATE && v->flags & VMA_LOCKED) {
			err = -EBUSY;
		} else if (flags & MS_SYNC && v->flags & VMA_SHARED &&
			   v->file && v->mapping) {
			f = v->file;
			file_get(f);
			m = v->mapping;
			first = v->pgoff + (from - v->start) / PAGE_SIZE;
			last = v->pgoff + (*start - v->start) / PAGE_SIZE - 1;
		}
	} else {
		*start = end;
	}
	rwlock_read_done(&vm->lock);
	if (f) {
		err = sync_file(f, m, first, last);
		file_put(f);
	}
	return err;
}

static long sys_msync(vaddr_t start, u64 len, int flags)
{
	struct vm_space *vm = current_process()->vm;
	bool hole = false;
	vaddr_t end;
	int err = 0;

	if (flags & ~(MS_ASYNC | MS_INVALIDATE | MS_SYNC) ||
	    start % PAGE_SIZE || (flags & MS_ASYNC && flags & MS_SYNC))
		return -EINVAL;
	end = start + PAGE_UP(len);
	if (end < start)
		return -ENOMEM;
	while (!err && start < end)
		err = sync_next(vm, &start, end, flags, &hole);
	return err ? err : hole ? -ENOMEM : 0;
}
SYSCALL(__NR_msync, sys_msync);

/* What mincore tells of the page at va, which v maps. */
static u8 is_resident(struct vm_space *vm, const struct vma *v, vaddr_t va)
{
	struct page *p;
	bool there;

	mutex_lock(&vm->tables_lock);
	there = pmap_query(&vm->pmap, va, NULL, NULL);
	mutex_unlock(&vm->tables_lock);
	if (there || !v->mapping)
		return there;
	p = mapping_find_page(v->mapping,
			      v->pgoff + (va - v->start) / PAGE_SIZE);
	if (p)
		page_put(p);
	return p != NULL;
}

static long sys_mincore(vaddr_t start, u64 len, u8 __user *vec)
{
	struct vm_space *vm = current_process()->vm;
	u64 pages = DIV_ROUND_UP(len, PAGE_SIZE);
	u8 part[256];

	if (start % PAGE_SIZE)
		return -EINVAL;
	if (!user_range_ok((void *)start, len))
		return -ENOMEM;
	if (!user_range_ok(vec, pages))
		return -EFAULT;
	while (pages) {
		size_t n = MIN(pages, sizeof(part));
		bool hole = false;

		rwlock_read(&vm->lock);
		for (size_t i = 0; i < n && !hole; i++) {
			vaddr_t va = start + i * PAGE_SIZE;
			struct vma *v = vm_find(vm, va);

			hole = !v || v->start > va;
			if (!hole)
				part[i] = is_resident(vm, v, va);
		}
		rwlock_read_done(&vm->lock);
		if (hole)
			return -ENOMEM;
		if (copy_to_user(vec, part, n))
			return -EFAULT;
		start += n * PAGE_SIZE;
		vec += n;
		pages -= n;
		cond_resched();
	}
	return 0;
}
SYSCALL(__NR_mincore, sys_mincore);
