/* The pages of a space, for the kernel: looked at, copied, faulted in. */
#include "private.h"
#include "string.h"
#include "thread.h"
#include <linux/errno.h>

/* tables_lock held: is the page at va there, for reading or writing? */
static bool is_there(struct vm_space *vm, vaddr_t va, bool write, paddr_t *pa)
{
	unsigned bits;

	return pmap_query(&vm->pmap, va, pa, &bits) &&
	       bits & (write ? MAP_WRITE : MAP_READ);
}

size_t vm_access(struct vm_space *vm, vaddr_t addr, void *buf, size_t n,
		 bool write)
{
	size_t done = 0;
	int code;

	while (done < n) {
		vaddr_t at = addr + done, va = PAGE_DOWN(at);
		size_t part = MIN(n - done, (size_t)(va + PAGE_SIZE - at));
		bool there;
		paddr_t pa;

		/* The lock keeps the frame from being replaced meanwhile. */
		mutex_lock(&vm->tables_lock);
		there = is_there(vm, va, write, &pa);
		if (there) {
			void *p = (char *)phys_to_virt(pa) + (at - va);

			if (write)
				memcpy(p, (char *)buf + done, part);
			else
				memcpy((char *)buf + done, p, part);
			done += part;
		}
		mutex_unlock(&vm->tables_lock);
		if (!there &&
		    vm_fault_in(vm, at, write ? FAULT_WRITE : 0, &code))
			break;
	}
	return done;
}

/*
 * How to touch a page of v so that it is there for good: private memory that
 * may be written gets its own copy at once.
 */
static unsigned touch_access(const struct vma *v)
{
	if ((v->flags & (VMA_WRITE | VMA_SHARED)) == VMA_WRITE)
		return FAULT_WRITE;
	return v->flags & VMA_EXEC && !(v->flags & VMA_READ) ? FAULT_EXEC : 0;
}

/*
 * The next address in [*va, end) where something is missing, and how to touch
 * it.
 */
static int next_missing(struct vm_space *vm, vaddr_t *va, vaddr_t end,
			unsigned *access)
{
	struct vma *v = vm_find(vm, *va);
	bool missing = false;

	if (!v || v->start > *va)
		return -ENOMEM;
	if (!(v->flags & (VMA_READ | VMA_WRITE | VMA_EXEC)))
		return -EFAULT;
	*access = touch_access(v);
	end = MIN(end, v->end);
	mutex_lock(&vm->tables_lock);
	for (; *va < end && !missing; *va += missing ? 0 : PAGE_SIZE)
		missing = !is_there(vm, *va, *access & FAULT_WRITE, NULL);
	mutex_unlock(&vm->tables_lock);
	return missing;
}

int vm_populate(struct vm_space *vm, vaddr_t start, vaddr_t end)
{
	vaddr_t va = start;

	while (va < end) {
		unsigned access;
		int r, code;

		rwlock_read(&vm->lock);
		r = next_missing(vm, &va, end, &access);
		rwlock_read_done(&vm->lock);
		if (r < 0)
			return r;
		if (!r)
			continue;
		r = vm_fault_in(vm, va, access, &code);
		if (r)
			return r == SIGKILL ? -ENOMEM : -EFAULT;
		va += PAGE_SIZE;
		cond_resched();
	}
	return 0;
}
