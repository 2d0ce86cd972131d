/* brk: the heap that grows from the end of the program. */
#include "private.h"
#include "process.h"
#include "string.h"
#include "syscall.h"

/* RLIMIT_DATA also bounds brk's area together with the program's data. */
static bool data_limit_allows(struct vm_space *vm, vaddr_t brk)
{
	u64 limit = vm_limit(vm, RLIMIT_DATA);

	return limit == RLIM64_INFINITY ||
	       brk - vm->brk_start + (vm->data_end - vm->data_start) <= limit;
}

/* Map [from, to) as heap. */
static int grow(struct vm_space *vm, vaddr_t from, vaddr_t to)
{
	u32 flags = VMA_READ | VMA_WRITE | VMA_MAYWRITE | VMA_BRK |
		    vm->lock_flags;
	u64 pages = (to - from) / PAGE_SIZE;
	struct vma *v = vm_find(vm, from);

	/* A page stays free between the heap and what comes next. */
	if (to >= platform_program_end() ||
	    (v && vma_guard_start(v) < to + PAGE_SIZE))
		return -ENOMEM;
	if (!vm_may_expand(vm, flags, pages) || memory_overcommits(pages) ||
	    vm->vma_count >= VMA_COUNT_MAX)
		return -ENOMEM;
	if (flags & VMA_LOCKED && vm_may_lock(vm, pages))
		return -ENOMEM;
	v = kzalloc(sizeof(*v), ALLOC_WAIT);
	if (!v)
		return -ENOMEM;
	list_init(&v->mapping_link);
	v->start = from;
	v->end = to;
	v->flags = flags;
	v->name = "[heap]";
	vma_insert(vm, v);
	(void)vma_merge(vm, v);
	return 0;
}

static vaddr_t change(struct vm_space *vm, vaddr_t brk, struct list *dead,
		      bool *grown)
{
	vaddr_t old = PAGE_UP(vm->brk), new = PAGE_UP(brk);

	*grown = false;
	if (brk < vm->brk_start || !data_limit_allows(vm, brk) || new < brk)
		return vm->brk;
	if (new < old) {
		if (vm_unmap_locked(vm, new, old, dead))
			return vm->brk;
	} else if (new > old) {
		if (grow(vm, old, new))
			return vm->brk;
		*grown = vm->lock_flags & VMA_LOCKED &&
			 !(vm->lock_flags & VMA_LOCKONFAULT);
	}
	vm->brk = brk;
	return brk;
}

static long sys_brk(vaddr_t brk)
{
	struct vm_space *vm = current_process()->vm;
	struct list dead = LIST_INIT(dead);
	vaddr_t old, now;
	bool populate;

	rwlock_write(&vm->lock);
	old = PAGE_UP(vm->brk);
	now = change(vm, brk, &dead, &populate);
	rwlock_write_done(&vm->lock);
	vma_free_list(&dead);
	if (populate)
		(void)vm_populate(vm, old, PAGE_UP(now));
	return (long)now;
}
SYSCALL(__NR_brk, sys_brk);
