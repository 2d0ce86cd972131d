/* mlock and its family: memory that stays in memory. */
#include "private.h"
#include "process.h"
#include "syscall.h"
#include <linux/capability.h>

#define LOCK_FLAGS (VMA_LOCKED | VMA_LOCKONFAULT)

static bool may_lock_at_all(void)
{
	return capable(CAP_IPC_LOCK) || process_limit(RLIMIT_MEMLOCK);
}

static int set_lock(struct vm_space *vm, struct vma *v, vaddr_t start,
		    vaddr_t end, u32 lock, vaddr_t *next)
{
	*next = MIN(end, v->end);
	return vma_change_flags(vm, v, start, *next,
				(v->flags & ~LOCK_FLAGS) | lock);
}

/* As mprotect: what comes before a hole is changed, and then it fails. */
static int set_lock_range(struct vm_space *vm, vaddr_t start, vaddr_t end,
			  u32 lock)
{
	while (start < end) {
		struct vma *v = vm_find(vm, start);
		int err;

		if (!v || v->start > start)
			return -ENOMEM;
		err = set_lock(vm, v, start, end, lock, &start);
		if (err)
			return err;
	}
	return 0;
}

/* Pages of [start, end) that are not locked yet. */
static u64 unlocked_pages(struct vm_space *vm, vaddr_t start, vaddr_t end)
{
	u64 n = (end - start) / PAGE_SIZE;

	for (struct vma *v = vm_find(vm, start); v && v->start < end;
	     v = vma_next(v))
		if (v->flags & VMA_LOCKED)
			n -= (MIN(v->end, end) - MAX(v->start, start)) /
			     PAGE_SIZE;
	return n;
}

/* What mlock says about pages that could not be brought in. */
static int populate_error(int err)
{
	if (err == -EFAULT)
		return -ENOMEM;
	return err == -ENOMEM ? -EAGAIN : err;
}

static int lock_range(vaddr_t start, u64 len, u32 lock)
{
	struct vm_space *vm = current_process()->vm;
	vaddr_t end;
	int err;

	if (!may_lock_at_all())
		return -EPERM;
	len = PAGE_UP(len + start % PAGE_SIZE);
	start = PAGE_DOWN(start);
	end = start + len;
	if (end < start)
		return -EINVAL;
	if (end == start)
		return 0;
	rwlock_write(&vm->lock);
	if (vm_may_lock(vm, unlocked_pages(vm, start, end)))
		err = -ENOMEM;
	else
		err = set_lock_range(vm, start, end, lock);
	rwlock_write_done(&vm->lock);
	if (err || lock & VMA_LOCKONFAULT)
		return err;
	return populate_error(vm_populate(vm, start, end));
}

static long sys_mlock(vaddr_t start, u64 len)
{
	return lock_range(start, len, VMA_LOCKED);
}
SYSCALL(__NR_mlock, sys_mlock);

static long sys_mlock2(vaddr_t start, u64 len, int flags)
{
	if (flags & ~MLOCK_ONFAULT)
		return -EINVAL;
	return lock_range(start, len, flags ? LOCK_FLAGS : VMA_LOCKED);
}
SYSCALL(__NR_mlock2, sys_mlock2);

static long sys_munlock(vaddr_t start, u64 len)
{
	struct vm_space *vm = current_process()->vm;
	vaddr_t end;
	int err;

	len = PAGE_UP(len + start % PAGE_SIZE);
	start = PAGE_DOWN(start);
	end = start + len;
	if (end < start)
		return -EINVAL;
	rwlock_write(&vm->lock);
	err = set_lock_range(vm, start, end, 0);
	rwlock_write_done(&vm->lock);
	return err;
}
SYSCALL(__NR_munlock, sys_munlock);

/* Every mapping there is; the lock held. */
static void set_lock_all(struct vm_space *vm, u32 lock)
{
	struct vma *v = vma_first(vm);

	while (v) {
		vma_set_flags(vm, v, (v->flags & ~LOCK_FLAGS) | lock);
		v = vma_next(vma_merge(vm, v));
	}
}

/* Bring in what is mapped now; as Linux, errors do not matter. */
static void populate_all(struct vm_space *vm)
{
	vaddr_t start = 0, end = 0;

	for (;;) {
		struct vma *v;

		rwlock_read(&vm->lock);
		v = vm_find(vm, end);
		if (v) {
			start = v->start;
			end = v->end;
		}
		rwlock_read_done(&vm->lock);
		if (!v)
			return;
		(void)vm_populate(vm, start, end);
	}
}

static long sys_mlockall(int flags)
{
	struct vm_space *vm = current_process()->vm;
	u32 lock = VMA_LOCKED | (flags & MCL_ONFAULT ? VMA_LOCKONFAULT : 0);
	int err = 0;

	if (!flags || flags & ~(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) ||
	    flags == MCL_ONFAULT)
		return -EINVAL;
	if (!may_lock_at_all())
		return -EPERM;
	rwlock_write(&vm->lock);
	if (flags & MCL_CURRENT &&
	    vm_may_lock(vm, vm->total_pages - vm->locked_pages)) {
		err = -ENOMEM;
	} else {
		vm->lock_flags = flags & MCL_FUTURE ? lock : 0;
		if (flags & MCL_CURRENT)
			set_lock_all(vm, lock);
	}
	rwlock_write_done(&vm->lock);
	if (!err && flags & MCL_CURRENT && !(flags & MCL_ONFAULT))
		populate_all(vm);
	return err;
}
SYSCALL(__NR_mlockall, sys_mlockall);

static long sys_munlockall(void)
{
	struct vm_space *vm = current_process()->vm;

	rwlock_write(&vm->lock);
	vm->lock_flags = 0;
	set_lock_all(vm, 0);
	rwlock_write_done(&vm->lock);
	return 0;
}
SYSCALL(__NR_munlockall, sys_munlockall);
