/* fork: a second address space with the same contents, copied when written. */
#include "private.h"
#include "process.h"
#include "string.h"
#include <linux/errno.h>

/* Pages to make room for when page tables cannot be had. */
#define COPY_RECLAIM 64

/*
 * Private pages of [*at, v->end) are entered in both, read-only.  Everything
 * else is found again by a page fault.  Both tables locks held.  -ENOMEM: it
 * can be gone on with from *at.
 */
static int share_pages(struct vm_space *from, struct vm_space *to,
		       const struct vma *v, vaddr_t *at)
{
	unsigned bits;
	paddr_t pa;

	for (; pmap_next(&from->pmap, at, v->end, &pa, &bits);
	     *at += PAGE_SIZE) {
		vaddr_t va = *at;
		struct page *p = phys_to_page(pa);

		if (!p || !page_test(p, PG_ANON))
			continue;
		if (bits & MAP_WRITE) {
			bits &= ~MAP_WRITE;
			if (pmap_enter(&from->pmap, va, pa, bits))
				return -ENOMEM;
		}
		if (pmap_enter(&to->pmap, va, pa, bits))
			return -ENOMEM;
		page_get(p);
		vm_count_frame(to, pa, 1);
	}
	return 0;
}

/* The copy has tables of its own, so only from's owner waits. */
static int copy_one(struct vm_space *from, struct vm_space *to, struct vma *v)
{
	struct vma *n = vma_copy(v);
	vaddr_t at = v->start;
	int err = 0;

	if (!n)
		return -ENOMEM;
	/* Locks on memory are not inherited (mlock(2)). */
	n->flags &= ~(VMA_LOCKED | VMA_LOCKONFAULT);
	vma_insert(to, n);
	if (v->flags & (VMA_SHARED | VMA_WIPEONFORK))
		return 0;
	do {
		mutex_lock(&from->tables_lock);
		mutex_lock(&to->tables_lock);
		err = share_pages(from, to, v, &at);
		mutex_unlock(&to->tables_lock);
		mutex_unlock(&from->tables_lock);
	} while (err && page_reclaim(COPY_RECLAIM));
	return err;
}

static void copy_layout(struct vm_space *to, const struct vm_space *from)
{
	to->brk_start = from->brk_start;
	to->brk = from->brk;
	to->mmap_top = from->mmap_top;
	to->stack_top = from->stack_top;
	to->stack_room = from->stack_room;
	to->arg_start = from->arg_start;
	to->arg_end = from->arg_end;
	to->env_start = from->env_start;
	to->env_end = from->env_end;
	to->auxv = from->auxv;
	to->auxv_end = from->auxv_end;
	to->code_start = from->code_start;
	to->code_end = from->code_end;
	to->data_start = from->data_start;
	to->data_end = from->data_end;
}

struct vm_space *vm_copy(struct vm_space *from)
{
	struct vm_space *to = vm_new();
	int err = 0;

	if (!to)
		return ERR_PTR(-ENOMEM);
	rwlock_write(&from->lock);
	copy_layout(to, from);
	if (vm_lazy_forget)
		vm_lazy_forget(from, 0, platform_program_end());
	for (struct vma *v = vma_first(from); v && !err; v = vma_next(v))
		if (!(v->flags & VMA_DONTFORK))
			err = copy_one(from, to, v);
	rwlock_write_done(&from->lock);
	if (!err)
		return to;
	vm_put(to);
	return ERR_PTR(err);
}
