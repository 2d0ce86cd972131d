/*
 * Page faults: finding the page that belongs at an address, and entering it.
 *
 * vm->lock is held for reading, so that the mappings stay as they are;
 * tables_lock around each look at the page tables.  Whatever may take long or
 * need memory (allocation, reading a file) is done between attempts, and
 * reclaim and files with no lock held at all.
 */
#include "fault.h"
#include "log.h"
#include "process.h"
#include "string.h"
#include "thread.h"
#include <asm/siginfo.h>
#include <linux/errno.h>

/* Without component pagecache no vma has a mapping. */
__typeof__(fault_enter_mapped) fault_enter_mapped __weak;
__typeof__(fault_upgrade_shared) fault_upgrade_shared __weak;
__typeof__(fault_get_source) fault_get_source __weak;
__typeof__(fault_drop_source) fault_drop_source __weak;

static bool allowed(const struct vma *v, unsigned access)
{
	if (access & FAULT_WRITE)
		return v->flags & VMA_WRITE;
	if (access & FAULT_EXEC)
		return v->flags & VMA_EXEC;
	/* As on Linux x86: what can be written or executed can be read. */
	return v->flags & (VMA_READ | VMA_WRITE | VMA_EXEC);
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
enum step fault_copy(struct fault *f, const struct vma *v, paddr_t from,
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

	if (v->flags & VMA_SHARED)
		return fault_upgrade_shared(f, v, pa);
	if (f->access & FAULT_WRITE) {
		/* Nobody else can get at a private page that only we have. */
		if (p == zero_page)
			return f->fresh && f->fresh_zero ?
				       enter_fresh(f, v, pa) :
				       WANT_ZERO;
		if (!p || !page_test(p, PG_ANON) ||
		    __atomic_load_n(&p->refs, __ATOMIC_ACQUIRE) != 1)
			return fault_copy(f, v, pa, true);
	} else if (!p || !page_test(p, PG_ANON) || p->refs != 1) {
		bits &= ~MAP_WRITE;
	}
	return pmap_enter(&f->vm->pmap, f->va, pa, bits) ? WANT_TABLE : DONE;
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
			return fault_copy(f, v, pa, false);
		return enter(f->vm, f->va, pa, bits);
	}
	if (!(f->access & FAULT_WRITE))
		return enter(f->vm, f->va, page_to_phys(zero_page), bits);
	if (f->fresh && f->fresh_zero)
		return enter_fresh(f, v, 0);
	f->absent = vm_absent_around(f->vm, v, f->va);
	return WANT_ZERO;
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
	else
		step = fault_enter_mapped(f, v);
	mutex_unlock(&f->vm->tables_lock);
	return step;
}

#define SIG(sig, why)                                                          \
	({                                                                     \
		*code = (why);                                                 \
		(sig);                                                         \
	})

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
 * there; a signal; or FAULT_RETRY.
 */
static int try_fault(struct fault *f, const struct vma *v, int *code)
{
	int r;

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
			return make_room() ? FAULT_RETRY :
					     SIG(SIGKILL, SI_KERNEL);
		case WANT_DIRTY:
		case WANT_SOURCE:
			r = fault_get_source(f, v, step, code);
			if (r)
				return r;
			break;
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
		if (r != FAULT_RETRY)
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
	if (f.source)
		fault_drop_source(&f);
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
