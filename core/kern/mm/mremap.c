/* mremap: mappings that change their size and place. */
#include "file.h"
#include "log.h"
#include "private.h"
#include "process.h"
#include "syscall.h"

/* Pages: a page table serves 512, so this is enough for 128 MiB more. */
#define MOVE_RECLAIM 64

struct remap {
	struct vm_space *vm;
	vaddr_t old, new;
	u64 old_len, new_len;
	int flags;
	struct list dead;
	bool populate;
};

/*
 * Enter at [to ...) the pages that are mapped in [from, from + len), which stay
 * there too.  0 or -ENOMEM (then none are).
 */
static int enter_pages(struct vm_space *vm, vaddr_t from, vaddr_t to, u64 len)
{
	vaddr_t va = from;
	unsigned bits;
	paddr_t pa;

	for (; pmap_next(&vm->pmap, &va, from + len, &pa, &bits);
	     va += PAGE_SIZE) {
		if (!pmap_enter(&vm->pmap, to + (va - from), pa, bits))
			continue;
		pmap_remove(&vm->pmap, to, to + (va - from), NULL, NULL);
		return -ENOMEM;
	}
	return 0;
}

static int move_pages(struct vm_space *vm, vaddr_t from, vaddr_t to, u64 len)
{
	int err;

	do {
		/*
		 * Both places are entered for a moment: nobody may drop one
		 * meanwhile.
		 */
		mutex_lock(&vm->tables_lock);
		err = enter_pages(vm, from, to, len);
		if (!err)
			pmap_remove(&vm->pmap, from, from + len, NULL, NULL);
		mutex_unlock(&vm->tables_lock);
		/* Page tables were wanting: memory is made without the lock. */
	} while (err && page_reclaim(MOVE_RECLAIM));
	return err;
}

/* The mapping at r->old, if it may be resized as asked; ERR_PTR. */
static struct vma *check_resize(struct remap *r)
{
	struct vma *v = vm_find(r->vm, r->old);
	u64 more;

	if (!v || v->start > r->old)
		return ERR_PTR(-EFAULT);
	/* Length 0 makes a second mapping of the same shared pages. */
	if (!r->old_len && !(v->flags & VMA_SHARED))
		return ERR_PTR(-EINVAL);
	if (r->old_len > v->end - r->old)
		return ERR_PTR(-EFAULT);
	if (r->new_len == r->old_len)
		return v;
	more = (r->new_len - r->old_len) / PAGE_SIZE;
	if (v->mapping && v->pgoff + (r->old - v->start) / PAGE_SIZE +
					  r->new_len / PAGE_SIZE >
				  MAPPING_MAX_PAGES)
		return ERR_PTR(-EINVAL);
	if (v->flags & VMA_LOCKED && vm_may_lock(r->vm, more))
		return ERR_PTR(-EAGAIN);
	if (!vm_may_expand(r->vm, v->flags, more))
		return ERR_PTR(-ENOMEM);
	if (v->flags & VMA_WRITE &&
	    !(v->flags & (VMA_SHARED | VMA_NORESERVE)) &&
	    memory_overcommits(more))
		return ERR_PTR(-ENOMEM);
	return v;
}

/* A mapping like v's part from r->old on, of the new length at r->new. */
static struct vma *moved_copy(const struct vma *v, const struct remap *r)
{
	struct vma *n = vma_copy(v);
	u64 skip = r->old - v->start;

	if (!n)
		return NULL;
	n->start = r->new;
	n->end = r->new + r->new_len;
	n->pgoff += skip / PAGE_SIZE;
	if (n->flags & VMA_IMAGE) {
		n->image = (const char *)n->image + skip;
		n->image_size -= MIN(skip, n->image_size);
		/* What is added is zero, whatever the image has there. */
		n->image_size = MIN(n->image_size, r->old_len);
	}
	return n;
}

/* Nothing lies at [r->new, r->new + r->new_len). */
static long move(struct remap *r, struct vma *v)
{
	struct vm_space *vm = r->vm;
	struct vma *n;
	int err;

	if (vm->vma_count + 2 >= VMA_COUNT_MAX)
		return -ENOMEM;
	/* What may fail comes first: only the old range's own mapping goes. */
	err = vma_split_at(vm, r->old);
	if (!err)
		err = vma_split_at(vm, r->old + r->old_len);
	v = vm_find(vm, r->old);
	n = err ? NULL : moved_copy(v, r);
	if (!n) {
		(void)vma_merge(vm, v);
		return -ENOMEM;
	}
	/* The name of the heap or the stack stays behind. */
	if (!n->file && !(n->flags & VMA_IMAGE))
		n->name = NULL;
	n->flags &= ~(VMA_BRK | VMA_STACK);
	vma_insert(vm, n);
	if (r->old_len) {
		err = move_pages(vm, r->old, r->new, r->old_len);
		if (err) {
			vma_remove(vm, n);
			list_append(&r->dead, &n->mapping_link);
			(void)vma_merge(vm, v);
			return err;
		}
	}
	r->populate = n->flags & VMA_LOCKED && !(n->flags & VMA_LOCKONFAULT);
	if (r->old_len && !(r->flags & MREMAP_DONTUNMAP)) {
		if (vm_unmap_locked(vm, r->old, r->old + r->old_len, &r->dead))
			panic("mremap: cannot unmap what was split");
	} else {
		/* Empty now; as Linux, what was locked is locked no more. */
		if (r->old_len)
			vma_set_flags(vm, v, v->flags & ~(VMA_LOCKED |
							  VMA_LOCKONFAULT));
		(void)vma_merge(vm, v);
	}
	/* n may just have become part of v. */
	(void)vma_merge(vm, vm_find(vm, r->new));
	return (long)r->new;
}

/*
 * Give back what r->old_len has beyond r->new_len.  The old length is the
 * program's word: it may reach across holes, but not out of its half.
 */
static int cut(struct remap *r)
{
	if (r->old_len > platform_program_end() - r->old)
		return -EINVAL;
	return vm_unmap_locked(r->vm, r->old + r->new_len,
			       r->old + r->old_len, &r->dead);
}

/* MREMAP_FIXED, or the old mapping stays: to a place of its own. */
static long move_to(struct remap *r)
{
	u64 limit = platform_program_end();
	struct vma *v;
	long at;
	int err;

	if (r->new % PAGE_SIZE || r->new_len > limit ||
	    r->new > limit - r->new_len)
		return -EINVAL;
	if (r->old + r->old_len > r->new && r->new + r->new_len > r->old)
		return -EINVAL;
	if (r->flags & MREMAP_FIXED) {
		if (r->new < PROGRAM_START)
			return -EPERM;
		err = vm_unmap_locked(r->vm, r->new, r->new + r->new_len,
				      &r->dead);
		if (err)
			return err;
	}
	if (r->old_len > r->new_len) {
		err = cut(r);
		if (err)
			return err;
		r->old_len = r->new_len;
	}
	v = check_resize(r);
	if (IS_ERR(v))
		return PTR_ERR(v);
	if (r->flags & MREMAP_DONTUNMAP &&
	    !vm_may_expand(r->vm, v->flags, r->old_len / PAGE_SIZE))
		return -ENOMEM;
	at = vm_choose_address(r->vm, r->new, r->new_len,
			       r->flags & MREMAP_FIXED ? MAP_FIXED : 0);
	if (at < 0)
		return at;
	r->new = (vaddr_t)at;
	return move(r, v);
}

/* Room right behind v for its end to move to? */
static bool can_grow(struct vma *v, vaddr_t end)
{
	struct vma *next = vma_next(v);

	return end > v->end && end <= platform_program_end() &&
	       (!next || end <= vma_guard_start(next));
}

static long remap(struct remap *r)
{
	struct vma *v = vm_find(r->vm, r->old);
	u64 old_len = r->old_len;
	long at;

	if (!v || v->start > r->old)
		return -EFAULT;
	if (r->flags & (MREMAP_FIXED | MREMAP_DONTUNMAP))
		return move_to(r);
	if (old_len >= r->new_len) {
		int err = 0;

		if (old_len > r->new_len)
			err = cut(r);
		return err ? err : (long)r->old;
	}
	v = check_resize(r);
	if (IS_ERR(v))
		return PTR_ERR(v);
	if (old_len == v->end - r->old && can_grow(v, r->old + r->new_len)) {
		r->populate = v->flags & VMA_LOCKED &&
			      !(v->flags & VMA_LOCKONFAULT);
		r->new = r->old;
		vma_resize(r->vm, v, v->start, r->old + r->new_len);
		(void)vma_merge(r->vm, v);
		return (long)r->old;
	}
	if (!(r->flags & MREMAP_MAYMOVE))
		return -ENOMEM;
	at = vm_choose_address(r->vm, 0, r->new_len, 0);
	if (at < 0)
		return at;
	r->new = (vaddr_t)at;
	return move(r, v);
}

long vm_remap(struct vm_space *vm, vaddr_t old, u64 old_len, u64 new_len,
	      unsigned long flags, vaddr_t new)
{
	struct remap r = {
		.vm = vm,
		.old = old,
		.new = flags & (MREMAP_FIXED | MREMAP_DONTUNMAP) ? new : 0,
		.old_len = PAGE_UP(old_len),
		.new_len = PAGE_UP(new_len),
		.flags = (int)flags,
	};
	u64 populate_from;
	long ret;

	if (flags & ~(unsigned long)(MREMAP_FIXED | MREMAP_MAYMOVE |
				     MREMAP_DONTUNMAP))
		return -EINVAL;
	if (flags & MREMAP_FIXED && !(flags & MREMAP_MAYMOVE))
		return -EINVAL;
	if (flags & MREMAP_DONTUNMAP &&
	    (!(flags & MREMAP_MAYMOVE) || r.old_len != r.new_len))
		return -EINVAL;
	if (old % PAGE_SIZE || !r.new_len || r.new_len > platform_program_end())
		return -EINVAL;
	list_init(&r.dead);
	populate_from = r.old_len;
	rwlock_write(&r.vm->lock);
	ret = remap(&r);
	rwlock_write_done(&r.vm->lock);
	vma_free_list(&r.dead);
	if (ret >= 0 && r.populate && r.new_len > populate_from)
		(void)vm_populate(r.vm, (vaddr_t)ret + populate_from,
				  (vaddr_t)ret + r.new_len);
	return ret;
}

static long sys_mremap(vaddr_t old, u64 old_len, u64 new_len,
		       unsigned long flags, vaddr_t new)
{
	return vm_remap(current_process()->vm, old, old_len, new_len, flags,
			new);
}
SYSCALL(__NR_mremap, sys_mremap);
