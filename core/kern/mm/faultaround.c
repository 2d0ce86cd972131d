/*
 * More than a page fault asks for, so that fewer are taken.  Best effort:
 * whatever stands in the way ends it.
 */
#include "private.h"

/* Read faults bring in what is there anyway, in an aligned block of pages. */
#define AROUND_PAGES 16ul
/*
 * The first write to private memory brings in an aligned block of this many
 * pages (16 KiB), while memory is plentiful: programs that allocate a few
 * pages and give them back for every request would pay with a fault for each.
 */
#define BLOCK_PAGES 4ul

/* An aligned block around va, within v. */
static void block_around(const struct vma *v, vaddr_t va, u64 pages,
			 vaddr_t *start, vaddr_t *end)
{
	u64 size = pages * PAGE_SIZE;

	*start = MAX(ALIGN_DOWN(va, size), v->start);
	*end = MIN(ALIGN_DOWN(va, size) + size, v->end);
}

void vm_read_around(struct vm_space *vm, const struct vma *v, vaddr_t skip)
{
	unsigned bits = vma_bits(v) & ~MAP_WRITE;
	vaddr_t va, end;

	block_around(v, skip, AROUND_PAGES, &va, &end);
	if (v->flags & VMA_IMAGE)
		end = MIN(end, v->start + PAGE_UP(v->image_size));
	else if (!v->mapping)
		return;
	for (; va < end; va += PAGE_SIZE) {
		u64 offset = va - v->start;
		struct page *p = NULL;
		paddr_t pa;

		if (va == skip)
			continue;
		if (v->mapping) {
			p = mapping_find_page(v->mapping,
					      v->pgoff + offset / PAGE_SIZE);
			if (!p)
				continue;
			pa = page_to_phys(p);
		} else {
			pa = image_to_phys((const char *)v->image + offset);
		}
		mutex_lock(&vm->tables_lock);
		/* Not if it has been truncated away meanwhile: truncate.c. */
		if ((!p || READ_ONCE(p->mapping) == v->mapping) &&
		    !pmap_query(&vm->pmap, va, NULL, NULL) &&
		    !vm_enter_frame(vm, va, pa, bits))
			p = NULL;
		mutex_unlock(&vm->tables_lock);
		if (p)
			page_put(p);
	}
}

/* Enter p at va if nothing is there: true if p is used. */
static bool enter_if_absent(struct vm_space *vm, const struct vma *v,
			    vaddr_t va, struct page *p)
{
	bool used;

	mutex_lock(&vm->tables_lock);
	used = !pmap_query(&vm->pmap, va, NULL, NULL) &&
	       !vm_enter_frame(vm, va, page_to_phys(p), vma_bits(v));
	mutex_unlock(&vm->tables_lock);
	return used;
}

void vm_write_around(struct vm_space *vm, const struct vma *v, vaddr_t skip)
{
	struct page *p = NULL;
	vaddr_t va, end;

	if (buddy_free_pages() < 4 * watermark_high)
		return;
	block_around(v, skip, BLOCK_PAGES, &va, &end);
	for (; va < end; va += PAGE_SIZE) {
		if (va == skip)
			continue;
		if (!p) {
			p = page_alloc(0, ALLOC_NORECLAIM | ALLOC_ZERO);
			if (!p)
				return;
			page_make_anon(p);
		}
		if (enter_if_absent(vm, v, va, p))
			p = NULL;
	}
	if (p)
		page_put(p);
}
