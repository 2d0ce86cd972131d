/* Page faults in mappings of files and in shared memory (../fault.c). */
#include "../fault.h"
#include "file.h"
#include "thread.h"
#include <asm/siginfo.h>
#include <linux/errno.h>
#include <linux/signal.h>

/* A file page that is missing brings in some that follow. */
#define FILE_WANT 8

static u64 index_at(const struct vma *v, vaddr_t va)
{
	return v->pgoff + (va - v->start) / PAGE_SIZE;
}

void fault_drop_source(struct fault *f)
{
	if (f->source)
		page_put(f->source);
	f->source = NULL;
}

static void set_source(struct fault *f, const struct vma *v, struct page *p)
{
	f->source = p;
	f->source_mapping = v->mapping;
	f->source_index = index_at(v, f->va);
}

enum step fault_upgrade_shared(struct fault *f, const struct vma *v,
			       paddr_t pa)
{
	struct page *p = phys_to_page(pa);
	unsigned bits = vma_bits(v);

	if (f->access & FAULT_WRITE && vma_tracks_dirty(v) &&
	    !page_test(p, PG_DIRTY)) {
		fault_drop_source(f);
		page_get(p);
		set_source(f, v, p);
		return WANT_DIRTY;
	}
	if (!(f->access & FAULT_WRITE) && vma_tracks_dirty(v))
		bits &= ~MAP_WRITE;
	return pmap_enter(&f->vm->pmap, f->va, pa, bits) ? WANT_TABLE : DONE;
}

static bool source_is_right(const struct fault *f, const struct vma *v)
{
	/* mapping: it has not been truncated away (see truncate.c). */
	return f->source && f->source_mapping == v->mapping &&
	       f->source_index == index_at(v, f->va) &&
	       READ_ONCE(f->source->mapping) == v->mapping;
}

enum step fault_enter_mapped(struct fault *f, const struct vma *v)
{
	struct page *p = f->source;
	unsigned bits = vma_bits(v);

	if (!source_is_right(f, v))
		return WANT_SOURCE;
	if (!(v->flags & VMA_SHARED)) {
		if (f->access & FAULT_WRITE)
			return fault_copy(f, v, page_to_phys(p), false);
		bits &= ~MAP_WRITE;
	} else if (vma_tracks_dirty(v)) {
		/*
		 * Looked at under tables_lock: write-back clears the flag first
		 * and then takes the permission away under that lock.
		 */
		if (!(f->access & FAULT_WRITE))
			bits &= ~MAP_WRITE;
		else if (!page_test(p, PG_DIRTY))
			return WANT_DIRTY;
	}
	if (vm_enter_frame(f->vm, f->va, page_to_phys(p), bits))
		return WANT_TABLE;
	f->source = NULL; /* the page table has the reference */
	return DONE;
}

/* The mapping's page if it is in memory; vm->lock held. */
static bool find_source(struct fault *f, const struct vma *v)
{
	fault_drop_source(f);
	if (mapping_is_shared_memory(v->mapping)) {
		/* It has no store to wait for, and may have to be made. */
		return false;
	}
	set_source(f, v, mapping_find_page(v->mapping, index_at(v, f->va)));
	if (!f->source)
		return false;
	if (!page_test(f->source, PG_REFERENCED))
		page_set(f->source, PG_REFERENCED);
	return true;
}

/*
 * Have the mapping's page brought in.  vm->lock is let go for that, and not
 * held on return; a reference keeps the mapping.  0 or -errno.
 */
static int bring_source(struct fault *f, const struct vma *v)
{
	struct mapping *m = v->mapping;
	struct file *file = v->file;
	bool shared = mapping_is_shared_memory(m);
	u64 index = index_at(v, f->va);
	struct page *p;

	if (file)
		file_get(file);
	if (shared)
		shared_memory_get(m);
	rwlock_read_done(&f->vm->lock);
	if (m->ops->read_page)
		f->major = true;
	p = mapping_get_pages(m, index, MAPPING_CREATE | MAPPING_FAULT,
			      FILE_WANT);
	if (shared)
		shared_memory_put(m);
	if (file)
		file_put(file);
	if (IS_ERR(p))
		return (int)PTR_ERR(p);
	f->source = p;
	f->source_mapping = m;
	f->source_index = index;
	return 0;
}

int fault_get_source(struct fault *f, const struct vma *v, enum step want,
		     int *code)
{
	if (want == WANT_DIRTY) {
		page_set_dirty(f->source);
		if (page_test(f->source, PG_DIRTY))
			return 0;
		/* Truncated away, or written already: look again. */
		rwlock_read_done(&f->vm->lock);
		thread_yield();
		return FAULT_RETRY;
	}
	if (find_source(f, v))
		return 0;
	switch (bring_source(f, v)) {
	case 0:
		return FAULT_RETRY;
	case -ENOMEM:
		*code = SI_KERNEL;
		return SIGKILL;
	default: /* beyond the end of the file, -EIO, -ENOSPC */
		*code = BUS_ADRERR;
		return SIGBUS;
	}
}
