/*
 * Page faults: finding the page that belongs at an address, and entering it.
 *
 * vm->lock is held for reading, so that the mappings stay as they are;
 * tables_lock around each look at the page tables.  Whatever may take long or
 * need memory (allocation, reading a file) is done between attempts, and
 * reclaim and files with no lock held at all.
 */
#include "file.h"
#include "log.h"
#include "filemap.h"
#include "process.h"
#include "string.h"
#include "thread.h"
#include <asm/siginfo.h>
#include <linux/errno.h>

/* A file page that is missing brings in some that follow. */
#define FILE_WANT 8

struct fault {
	struct vm_space *vm;
	vaddr_t va; /* page-aligned */
	unsigned access;
	/* A page of ours for a private copy; NULL: none yet. */
	struct page *fresh;
	bool fresh_zero; /* it is zeroed */
	unsigned absent; /* WANT_ZERO: vm_absent_around's answer */
	/* A page of the mapping, with a reference, and what it was found as. */
	struct page *source;
	struct mapping *source_mapping;
	u64 source_index;
	bool major;
};

/* What has to happen before the next attempt. */
enum step {
	DONE,
	WANT_FRESH,  /* a page, contents to be copied */
	WANT_ZERO,   /* a zeroed page */
	WANT_SOURCE, /* the mapping's page */
	WANT_DIRTY,  /* the source marked dirty */
	WANT_TABLE,  /* memory for page tables */
};

static bool allowed(const struct vma *v, unsigned access)
{
	if (access & FAULT_WRITE)
		return v->flags & VMA_WRITE;
	if (access & FAULT_EXEC)
		return v->flags & VMA_EXEC;
	/* As on Linux x86: what can be written or executed can be read. */
	return v->flags & (VMA_READ | VMA_WRITE | VMA_EXEC);
}

static u64 index_at(const struct vma *v, vaddr_t va)
{
	return v->pgoff + (va - v->start) / PAGE_SIZE;
}

/* Do bits allow the access? */
static bool suffices(unsigned bits, unsigned access)
{
	if (access & FAULT_WRITE)
		return bits & MAP_WRITE;
	if (access & FAULT_EXEC)
		return bits & MAP_EXEC;
	return bits & MAP_READ;
}

static void drop_source(struct fault *f)
{
	if (f->source)
		page_put(f->source);
	f->source = NULL;
}

static void drop_fresh(struct fault *f)
{
	if (f->fresh)
		page_put(f->fresh);
	f->fresh = NULL;
}

/* tables_lock held; a frame that comes with a reference, over nothing. */
static enum step enter(struct vm_space *vm, vaddr_t va, paddr_t pa,
		       unsigned bits)
{
	return vm_enter_frame(vm, va, pa, bits) ? WANT_TABLE : DONE;
}

/* Put the fresh page, which is now filled, where old_pa was (0: nothing). */
static enum step enter_fresh(struct fault *f, const struct vma *v,
			     paddr_t old_pa)
{
	paddr_t pa = page_to_phys(f->fresh);
	struct page *old = old_pa ? phys_to_page(old_pa) : NULL;

	if (pmap_enter(&f->vm->pmap, f->va, pa, vma_bits(v)))
		return WANT_TABLE;
	if (old_pa)
		vm_count_frame(f->vm, old_pa, -1);
	page_make_anon(f->fresh);
	vm_count_frame(f->vm, pa, 1);
	f->fresh = NULL;
	if (old)
		page_put(old);
	return DONE;
}

/*
 * A private page is written: it becomes the program's own.  So does one that is
 * packed (from: 0) at once, since nobody else has it.
 */
static enum step copy_frame(struct fault *f, const struct vma *v, paddr_t from,
			    bool mapped)
{
	void *to;

	if (!f->fresh)
		return WANT_FRESH;
	to = page_address(f->fresh);
	if (from)
		memcpy(to, phys_to_virt(from), PAGE_SIZE);
	else
		vm_unpack(v, f->va, to);
	f->fresh_zero = false;
	return enter_fresh(f, v, mapped ? from : 0);
}

/* Something is mapped at va, but not so that it suffices. */
static enum step upgrade(struct fault *f, const struct vma *v, paddr_t pa)
{
	struct page *p = phys_to_page(pa);
	unsigned bits = vma_bits(v);

	if (v->flags & VMA_SHARED) {
		if (f->access & FAULT_WRITE && vma_tracks_dirty(v) &&
		    !page_test(p, PG_DIRTY)) {
			drop_source(f);
			page_get(p);
			f->source = p;
			f->source_mapping = v->mapping;
			f->source_index = index_at(v, f->va);
			return WANT_DIRTY;
		}
		if (!(f->access & FAULT_WRITE) && vma_tracks_dirty(v))
			bits &= ~MAP_WRITE;
	} else if (f->access & FAULT_WRITE) {
		/* Nobody else can get at a private page that only we have. */
		if (p == zero_page)
			return f->fresh && f->fresh_zero ?
				       enter_fresh(f, v, pa) :
				       WANT_ZERO;
		if (!p || !page_test(p, PG_ANON) ||
		    __atomic_load_n(&p->refs, __ATOMIC_ACQUIRE) != 1)
			return copy_frame(f, v, pa, true);
	} else if (!p || !page_test(p, PG_ANON) || p->refs != 1) {
		bits &= ~MAP_WRITE;
	}
	return pmap_enter(&f->vm->pmap, f->va, pa, bits) ? WANT_TABLE : DONE;
}

/* The page of a mapping is here: enter it, or a copy. */
static enum step enter_source(struct fault *f, const struct vma *v)
{
	struct page *p = f->source;
	unsigned bits = vma_bits(v);
	enum step step;

	if (!(v->flags & VMA_SHARED)) {
		if (f->access & FAULT_WRITE)
			return copy_frame(f, v, page_to_phys(p), false);
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
	step = enter(f->vm, f->va, page_to_phys(p), bits);
	if (step == DONE)
		f->source = NULL; /* the page table has the reference */
	return step;
}

/* Nothing is mapped at va, and the image or nothing stands behind it. */
static enum step enter_image_or_zero(struct fault *f, const struct vma *v)
{
	unsigned bits = vma_bits(v) & ~MAP_WRITE;
	u64 offset = f->va - v->start;

	if (v->flags & VMA_IMAGE && offset < v->image_size) {
		paddr_t pa = v->flags & VMA_PACKED
				     ? 0
				     : image_to_phys((const char *)v->image +
						     offset);

		if (!pa || f->access & FAULT_WRITE)
			return copy_frame(f, v, pa, false);
		return enter(f->vm, f->va, pa, bits);
	}
	if (!(f->access & FAULT_WRITE))
		return enter(f->vm, f->va, page_to_phys(zero_page), bits);
	if (f->fresh && f->fresh_zero)
		return enter_fresh(f, v, 0);
	f->absent = vm_absent_around(f->vm, v, f->va);
	return WANT_ZERO;
}

static bool source_is_right(const struct fault *f, const struct vma *v)
{
	/* mapping: it has not been truncated away (see truncate.c). */
	return f->source && f->source_mapping == v->mapping &&
	       f->source_index == index_at(v, f->va) &&
	       READ_ONCE(f->source->mapping) == v->mapping;
}

static enum step attempt(struct fault *f, const struct vma *v)
{
	unsigned bits;
	paddr_t pa;
	enum step step;

	mutex_lock(&f->vm->tables_lock);
	if (pmap_query(&f->vm->pmap, f->va, &pa, &bits))
		step = suffices(bits, f->access) ? DONE : upgrade(f, v, pa);
	else if (!v->mapping)
		step = enter_image_or_zero(f, v);
	else if (!source_is_right(f, v))
		step = WANT_SOURCE;
	else
		step = enter_source(f, v);
	mutex_unlock(&f->vm->tables_lock);
	return step;
}

/* The mapping's page if it is in memory; vm->lock held. */
static bool find_source(struct fault *f, const struct vma *v)
{
	drop_source(f);
	if (mapping_is_shared_memory(v->mapping)) {
		/* It has no store to wait for, and may have to be made. */
		return false;
	}
	f->source_mapping = v->mapping;
	f->source_index = index_at(v, f->va);
	f->source = mapping_find_page(v->mapping, f->source_index);
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

#define SIG(sig, why)                                                          \
	({                                                                     \
		*code = (why);                                                 \
		(sig);                                                         \
	})
#define RETRY (-1)

static int signal_of_error(int err, int *code)
{
	switch (err) {
	case -ENOMEM:
		return SIG(SIGKILL, SI_KERNEL);
	default: /* beyond the end of the file, -EIO, -ENOSPC */
		return SIG(SIGBUS, BUS_ADRERR);
	}
}

/* Memory for one more page, with no lock held; false: there is none left. */
static bool make_room(void)
{
	for (unsigned i = 0; i < 12; i++) {
		if (page_reclaim(32))
			return true;
		thread_yield();
	}
	/* Perhaps somebody has ended meanwhile. */
	return buddy_free_pages() > watermark_min;
}

/*
 * One attempt with vm->lock held for reading; it is released.  0: the page is
 * there; a signal; or RETRY.
 */
static int try_fault(struct fault *f, const struct vma *v, int *code)
{
	int err;

	for (;;) {
		enum step step = attempt(f, v);

		switch (step) {
		case DONE:
			if (!(f->access & FAULT_WRITE))
				vm_read_around(f->vm, v, f->va);
			rwlock_read_done(&f->vm->lock);
			return 0;
		case WANT_FRESH:
		case WANT_ZERO:
			drop_fresh(f);
			f->fresh_zero = step == WANT_ZERO;
			if (f->absent && vm_enter_zeroes(f->vm, v, f->va,
							 f->absent)) {
				rwlock_read_done(&f->vm->lock);
				return 0;
			}
			f->absent = 0;
			f->fresh = page_alloc(0, f->fresh_zero ?
					      ALLOC_NORECLAIM | ALLOC_ZERO :
					      ALLOC_NORECLAIM);
			if (f->fresh)
				break;
			/* fallthrough */
		case WANT_TABLE:
			rwlock_read_done(&f->vm->lock);
			return make_room() ? RETRY : SIG(SIGKILL, SI_KERNEL);
		case WANT_DIRTY:
			page_set_dirty(f->source);
			if (page_test(f->source, PG_DIRTY))
				break;
			/* Truncated away, or written already: look again. */
			rwlock_read_done(&f->vm->lock);
			thread_yield();
			return RETRY;
		case WANT_SOURCE:
			if (find_source(f, v))
				break;
			err = bring_source(f, v);
			return err ? signal_of_error(err, code) : RETRY;
		}
	}
}

static int fault_loop(struct fault *f, vaddr_t addr, int *code)
{
	struct vm_space *vm = f->vm;

	for (;;) {
		struct vma *v;
		int r;

		rwlock_read(&vm->lock);
		v = vm_find(vm, addr);
		if (!v || (addr < v->start && !(v->flags & VMA_GROWSDOWN))) {
			rwlock_read_done(&vm->lock);
			return SIG(SIGSEGV, SEGV_MAPERR);
		}
		if (addr < v->start) {
			rwlock_read_done(&vm->lock);
			rwlock_write(&vm->lock);
			r = vm_grow_stack(vm, addr);
			rwlock_write_done(&vm->lock);
			if (r)
				return SIG(SIGSEGV, SEGV_MAPERR);
			continue;
		}
		if (!allowed(v, f->access)) {
			rwlock_read_done(&vm->lock);
			return SIG(SIGSEGV, SEGV_ACCERR);
		}
		r = try_fault(f, v, code);
		if (r != RETRY)
			return r;
	}
}

int vm_fault_in(struct vm_space *vm, vaddr_t addr, unsigned access, int *code)
{
	struct fault f = {.vm = vm, .va = PAGE_DOWN(addr), .access = access};
	struct process *p = current_process();
	int r;

	if (addr >= platform_program_end())
		return SIG(SIGSEGV, SEGV_MAPERR);
	r = fault_loop(&f, addr, code);
	drop_source(&f);
	drop_fresh(&f);
	if (!r && p)
		__atomic_fetch_add(f.major ? &p->major_faults :
					     &p->minor_faults,
				   1, __ATOMIC_RELAXED);
	return r;
}

int vm_fault(vaddr_t addr, unsigned access, int *code)
{
	struct process *p = current_process();
	int r;

	if (!p || !p->vm)
		return SIG(SIGSEGV, SEGV_MAPERR);
	r = vm_fault_in(p->vm, addr, access, code);
	/* Once: on its way out it may touch more. */
	if (r == SIGKILL && !READ_ONCE(p->exiting))
		kmsg("out of memory: %s needs more than this guest's %lu MiB",
		     p->name,
		     (unsigned long)DIV_ROUND_UP(memory_total * PAGE_SIZE,
						 1 << 20));
	return r;
}
