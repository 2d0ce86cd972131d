/* Finding room in an address space. */
#include "private.h"

static struct vma *vma_of(struct avl_node *n)
{
	return n ? container_of(n, struct vma, node) : NULL;
}

/* The highest aligned start for len bytes in [low, high); 0: does not fit. */
static vaddr_t fit(vaddr_t low, vaddr_t high, u64 len, u64 align)
{
	vaddr_t at;

	if (high < len)
		return 0;
	at = ALIGN_DOWN(high - len, align);
	return at >= low && at ? at : 0;
}

/* In the gaps below the mappings of this subtree, from the top. */
static vaddr_t search(struct avl_node *n, u64 len, u64 align, vaddr_t low,
		      vaddr_t high)
{
	/* The tree is at most a few dozen levels high, so this may recurse. */
	for (; n; n = n->child[0]) {
		struct vma *v = vma_of(n);
		vaddr_t top = vma_guard_start(v), at;

		if (v->max_gap < len)
			return 0;
		if (v->start < high) {
			at = search(n->child[1], len, align, low, high);
			if (at)
				return at;
		}
		if (v->gap >= len) {
			at = fit(MAX(low, top - v->gap), MIN(high, top), len,
				 align);
			if (at)
				return at;
		}
		if (v->start <= low)
			return 0;
	}
	return 0;
}

vaddr_t vma_find_gap(struct vm_space *vm, u64 len, u64 align, vaddr_t low,
		     vaddr_t high)
{
	struct vma *last = vma_of(avl_last(&vm->vmas));
	vaddr_t at;

	if (!len || len > high || low >= high)
		return 0;
	/* Above the last one there is no mapping whose gap it would be. */
	at = fit(last ? MAX(low, last->end) : low, high, len, align);
	return at ? at : search(vm->vmas.root, len, align, low, high);
}

vaddr_t vm_find_gap(struct vm_space *vm, u64 len, u64 align)
{
	vaddr_t at = vma_find_gap(vm, len, align, PROGRAM_START, vm->mmap_top);

	/* As Linux, rather above than not at all. */
	return at ? at :
		    vma_find_gap(vm, len, align, PROGRAM_START,
				 platform_program_end());
}
