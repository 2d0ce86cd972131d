/* mprotect. */
#include "private.h"
#include "process.h"
#include "syscall.h"

#define ACCESS_FLAGS (VMA_READ | VMA_WRITE | VMA_EXEC)

/* Give the pages of [start, end), all of v, what v now allows. */
static void protect_pages(struct vm_space *vm, const struct vma *v)
{
	unsigned bits = vma_bits(v);

	/*
	 * Pages that are shared copy-on-write, or whose changes have to be
	 * noticed, become writable one by one, when they are written.
	 */
	if (!(v->flags & VMA_SHARED) || vma_tracks_dirty(v))
		bits &= ~MAP_WRITE;
	mutex_lock(&vm->tables_lock);
	pmap_protect(&vm->pmap, v->start, v->end, bits);
	mutex_unlock(&vm->tables_lock);
}

/* v lies within the range and has no other pages. */
static int protect_vma(struct vm_space *vm, struct vma *v, u32 access)
{
	u32 flags = (v->flags & ~ACCESS_FLAGS) | access;

	/* New private memory that may be written may be needed. */
	if (access & VMA_WRITE && !(v->flags & (VMA_WRITE | VMA_SHARED))) {
		u64 pages = vma_pages(v);

		if (!(v->flags & VMA_NORESERVE) && memory_overcommits(pages))
			return -ENOMEM;
		/* As Linux asks it: the address space is in use already. */
		if (!vm_may_expand(vm, flags, pages) &&
		    vm_may_expand(vm, v->flags, pages))
			return -ENOMEM;
	}
	vma_set_flags(vm, v, flags);
	protect_pages(vm, v);
	return 0;
}

/* One mapping's part of [start, end); *next is where it ends. */
static int protect_part(struct vm_space *vm, struct vma *v, vaddr_t start,
			vaddr_t end, u32 access, vaddr_t *next)
{
	int err;

	end = MIN(end, v->end);
	*next = end;
	if ((v->flags & ACCESS_FLAGS) == access)
		return 0;
	if (access & VMA_WRITE && !(v->flags & VMA_MAYWRITE))
		return -EACCES;
	err = vma_split_at(vm, start);
	if (!err)
		err = vma_split_at(vm, end);
	v = vm_find(vm, start);
	if (!err)
		err = protect_vma(vm, v, access);
	/* Also undoes the splits, if it failed. */
	(void)vma_merge(vm, v);
	return err;
}

static int protect(struct vm_space *vm, vaddr_t start, vaddr_t end, int prot)
{
	u32 access = (prot & PROT_READ ? VMA_READ : 0) |
		     (prot & PROT_WRITE ? VMA_WRITE : 0) |
		     (prot & PROT_EXEC ? VMA_EXEC : 0);
	struct vma *v = vm_find(vm, start);
	int err;

	if (!v)
		return -ENOMEM;
	if (prot & PROT_GROWSDOWN) {
		if (v->start >= end)
			return -ENOMEM;
		if (!(v->flags & VMA_GROWSDOWN))
			return -EINVAL;
		start = v->start;
	} else if (v->start > start) {
		return -ENOMEM;
	}
	/* As Linux: what comes before a hole is changed, and then it fails. */
	while (start < end) {
		v = vm_find(vm, start);
		if (!v || v->start > start)
			return -ENOMEM;
		err = protect_part(vm, v, start, end, access, &start);
		if (err)
			return err;
	}
	return 0;
}

int vm_protect(struct vm_space *vm, vaddr_t addr, u64 len, int prot)
{
	const int grows = PROT_GROWSDOWN | PROT_GROWSUP;
	int err;

	if ((prot & grows) == grows || addr % PAGE_SIZE)
		return -EINVAL;
	if (!len)
		return 0;
	len = PAGE_UP(len);
	if (addr + len <= addr)
		return -ENOMEM;
	/* Nothing grows upwards on x86. */
	if (prot & ~(PROT_READ | PROT_WRITE | PROT_EXEC | PROT_SEM |
		     PROT_GROWSDOWN | PROT_GROWSUP) ||
	    prot & PROT_GROWSUP)
		return -EINVAL;
	if (vm_refuse_wx && prot & PROT_WRITE && prot & PROT_EXEC)
		return -EACCES;
	rwlock_write(&vm->lock);
	err = protect(vm, addr, addr + len, prot);
	rwlock_write_done(&vm->lock);
	return err;
}

static long sys_mprotect(vaddr_t addr, u64 len, int prot)
{
	return vm_protect(current_process()->vm, addr, len, prot);
}
SYSCALL(__NR_mprotect, sys_mprotect);
