/*
 * More than a page fault asks for, so that fewer are taken.  Best effort:
 * whatever stands in the way ends it.
 */
#include "filemap.h"

/* Read faults bring in what is there anyway, in an aligned block of pages. */
#define AROUND_PAGES 16ul
/*
 * The first write to private memory brings in an aligned block of this many
 * pages (16 KiB), while memory is plentiful: programs that allocate a few
 * pages and give them back for every request would pay with a fault for each.
 */
#define BLOCK_PAGES 4ul

void vm_read_around(struct vm_space *vm, const struct vma *v, vaddr_t skip)
{
	unsigned bits = vma_bits(v) & ~MAP_WRITE;
	vaddr_t va = ALIGN_DOWN(skip, AROUND_PAGES * PAGE_SIZE);
	vaddr_t end = MIN(va + AROUND_PAGES * PAGE_SIZE, v->end);

	va = MAX(va, v->start);
	if (v->flags & VMA_PACKED)
		return;
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

unsigned vm_absent_around(struct vm_space *vm, const struct vma *v, vaddr_t va)
{
	vaddr_t at = ALIGN_DOWN(va, BLOCK_PAGES * PAGE_SIZE);
	unsigned absent = 0;

	if (v->image_size || buddy_free_pages() < 4 * watermark_high)
		return 0;
	for (unsigned i = 0; i < BLOCK_PAGES; i++, at += PAGE_SIZE)
		if (at >= v->start && at < v->end &&
		    !pmap_query(&vm->pmap, at, NULL, NULL))
			absent |= 1u << i;
	return absent;
}

bool vm_enter_zeroes(struct vm_space *vm, const struct vma *v, vaddr_t va,
		     unsigned absent)
{
	vaddr_t at = ALIGN_DOWN(va, BLOCK_PAGES * PAGE_SIZE);
	struct page *page[BLOCK_PAGES];
	bool there;

	for (unsigned i = 0; i < BLOCK_PAGES; i++) {
		page[i] = absent >> i & 1 ?
				  page_alloc(0, ALLOC_NORECLAIM | ALLOC_ZERO) :
				  NULL;
		if (page[i])
			page_make_anon(page[i]);
	}
	mutex_lock(&vm->tables_lock);
	for (unsigned i = 0; i < BLOCK_PAGES; i++, at += PAGE_SIZE)
		/* Another thread may have been there meanwhile. */
		if (page[i] && !pmap_query(&vm->pmap, at, NULL, NULL) &&
		    !vm_enter_frame(vm, at, page_to_phys(page[i]),
				    vma_bits(v)))
			page[i] = NULL;
	there = pmap_query(&vm->pmap, va, NULL, NULL);
	mutex_unlock(&vm->tables_lock);
	for (unsigned i = 0; i < BLOCK_PAGES; i++)
		if (page[i])
			page_put(page[i]);
	return there;
}
