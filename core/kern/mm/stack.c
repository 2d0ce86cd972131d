/* Mappings that grow downwards: the program's stack, and MAP_GROWSDOWN. */
#include "private.h"
#include "process.h"
#include "string.h"
#include <linux/errno.h>

/* What a new stack has mapped: enough for arguments and start-up. */
#define STACK_START (132ul << 10)

/*
 * How much a stack may take: what the owner may, or what was kept free for it.
 */
static u64 stack_limit(struct vm_space *vm)
{
	u64 limit = vm_limit(vm, RLIMIT_STACK);

	return limit == RLIM64_INFINITY && !current_process() ?
		       vm->stack_room :
		       limit;
}

int vm_grow_stack(struct vm_space *vm, vaddr_t addr)
{
	vaddr_t start = PAGE_DOWN(addr), floor;
	struct vma *v = vm_find(vm, addr), *prev;
	u64 pages;

	if (!v || v->start <= addr || !(v->flags & VMA_GROWSDOWN))
		return v && v->start <= addr ? 0 : -ENOMEM;
	if (start < PROGRAM_START || v->end - start > stack_limit(vm))
		return -ENOMEM;
	/* The gap stays between it and whatever accessible lies below. */
	prev = vma_prev(v);
	floor = prev ? prev->end : 0;
	if (prev && !(prev->flags & VMA_GROWSDOWN) &&
	    prev->flags & (VMA_READ | VMA_WRITE | VMA_EXEC))
		floor += STACK_GUARD;
	if (start < floor)
		return -ENOMEM;
	pages = (v->start - start) / PAGE_SIZE;
	if (!vm_may_expand(vm, v->flags, pages) || memory_overcommits(pages))
		return -ENOMEM;
	if (v->flags & VMA_LOCKED && vm_may_lock(vm, pages))
		return -ENOMEM;
	vma_resize(vm, v, start, v->end);
	return 0;
}

int vm_map_stack(struct vm_space *vm, vaddr_t top, u64 size)
{
	struct vma *v = kzalloc(sizeof(*v), ALLOC_WAIT);
	int err = 0;

	if (!v)
		return -ENOMEM;
	list_init(&v->mapping_link);
	size = MAX(PAGE_UP(size), PAGE_UP(STACK_START));
	v->start = top - PAGE_UP(STACK_START);
	v->end = top;
	v->flags = VMA_READ | VMA_WRITE | VMA_MAYWRITE | VMA_GROWSDOWN |
		   VMA_STACK;
	v->name = "[stack]";
	rwlock_write(&vm->lock);
	if (vm_overlaps(vm, v->start, v->end)) {
		err = -ENOMEM;
	} else {
		vma_insert(vm, v);
		vm->stack_top = top;
		vm->stack_room = MAX(vm->stack_room, size);
		vm->mmap_top = MIN(vm->mmap_top,
				   top - vm->stack_room - STACK_GUARD);
	}
	rwlock_write_done(&vm->lock);
	if (err)
		kfree(v);
	return err;
}
