/* munmap. */
#include "log.h"
#include "private.h"
#include "process.h"
#include "syscall.h"

bool vm_overlaps(struct vm_space *vm, vaddr_t start, vaddr_t end)
{
	struct vma *v = vm_find(vm, start);

	return v && v->start < end;
}

/* [start, end) was split where it begins, and the other end had no room. */
static void merge_back(struct vm_space *vm, vaddr_t addr)
{
	struct vma *v = vm_find(vm, addr);

	if (v && v->start == addr)
		(void)vma_merge(vm, v);
}

int vm_unmap_locked(struct vm_space *vm, vaddr_t start, vaddr_t end,
		    struct list *dead)
{
	struct vma *v, *next;
	int err;

	if (!vm_overlaps(vm, start, end))
		return 0;
	err = vma_split_at(vm, start);
	if (err)
		return err;
	err = vma_split_at(vm, end);
	if (err) {
		merge_back(vm, start);
		return err;
	}
	/*
	 * First the pages: who writes a file's pages back finds them by the
	 * mappings, and has to find all that can still be written to.
	 */
	if (vm_lazy_forget)
		vm_lazy_forget(vm, start, end);
	vm_zap(vm, start, end);
	for (v = vm_find(vm, start); v && v->start < end; v = next) {
		next = vma_next(v);
		vma_remove(vm, v);
		list_append(dead, &v->mapping_link);
	}
	return 0;
}

int vm_unmap(struct vm_space *vm, vaddr_t addr, u64 len)
{
	struct list dead = LIST_INIT(dead);
	u64 limit = platform_program_end();
	int err;

	if (addr % PAGE_SIZE || !len || addr > limit || len > limit - addr)
		return -EINVAL;
	rwlock_write(&vm->lock);
	err = vm_unmap_locked(vm, addr, addr + PAGE_UP(len), &dead);
	rwlock_write_done(&vm->lock);
	vma_free_list(&dead);
	return err;
}

static long sys_munmap(vaddr_t addr, u64 len)
{
	return vm_unmap(current_process()->vm, addr, len);
}
SYSCALL(__NR_munmap, sys_munmap);
