/*
 * Where the pages of a mapping are mapped: every vma of it, by vmas_lock.  A
 * vma on the list does not change its place or go away under that lock, so its
 * page tables are reached without its space's vm->lock.
 */
#include "../private.h"

/* The addresses at which v maps [first, last]: false if it does not. */
static bool range_in(const struct vma *v, u64 first, u64 last, vaddr_t *start,
		     vaddr_t *end)
{
	u64 from = MAX(first, v->pgoff);
	u64 to = MIN(last, v->pgoff + vma_pages(v) - 1);

	if (from > to)
		return false;
	*start = v->start + (from - v->pgoff) * PAGE_SIZE;
	*end = v->start + (to - v->pgoff + 1) * PAGE_SIZE;
	return true;
}

void mapping_unmap(struct mapping *m, u64 first, u64 last, bool even_private)
{
	vaddr_t start, end;
	struct vma *v;

	mutex_lock(&m->vmas_lock);
	list_for_each(v, &m->vmas, mapping_link) {
		if (!range_in(v, first, last, &start, &end))
			continue;
		mutex_lock(&v->vm->tables_lock);
		if (even_private)
			vm_zap_locked(v->vm, start, end);
		else
			vm_zap_shared_locked(v->vm, start, end);
		mutex_unlock(&v->vm->tables_lock);
	}
	mutex_unlock(&m->vmas_lock);
}

void mapping_write_protect(struct mapping *m, u64 index)
{
	vaddr_t va, end;
	struct vma *v;

	mutex_lock(&m->vmas_lock);
	list_for_each(v, &m->vmas, mapping_link) {
		if (!(v->flags & VMA_SHARED) ||
		    !range_in(v, index, index, &va, &end))
			continue;
		mutex_lock(&v->vm->tables_lock);
		pmap_protect(&v->vm->pmap, va, end,
			     vma_bits(v) & ~MAP_WRITE);
		mutex_unlock(&v->vm->tables_lock);
	}
	mutex_unlock(&m->vmas_lock);
}

enum use { UNUSED, USED, UNKNOWN };

/* Is p mapped by v at all, and has it been used there lately? */
static enum use unmap_if_unused(struct vma *v, struct page *p)
{
	struct pmap *pm = &v->vm->pmap;
	vaddr_t va, end;
	paddr_t pa;
	enum use use = UNUSED;

	if (!range_in(v, p->index, p->index, &va, &end))
		return UNUSED;
	if (!mutex_trylock(&v->vm->tables_lock))
		return UNKNOWN;
	if (pmap_query(pm, va, &pa, NULL) && pa == page_to_phys(p)) {
		if (v->flags & VMA_LOCKED || pmap_clear_accessed(pm, va))
			use = USED;
		else
			vm_zap_locked(v->vm, va, end);
	}
	mutex_unlock(&v->vm->tables_lock);
	return use;
}

bool mapping_try_unmap(struct mapping *m, struct page *p)
{
	bool unused = true;
	struct vma *v;

	if (!mutex_trylock(&m->vmas_lock))
		return false;
	list_for_each(v, &m->vmas, mapping_link)
		if (unmap_if_unused(v, p) != UNUSED)
			unused = false;
	mutex_unlock(&m->vmas_lock);
	return unused;
}
