/* Address spaces as a whole, and the pages that are mapped in them. */
#include "vm.h"
#include "log.h"
#include "private.h"
#include "process.h"
#include "random.h"
#include "refs.h"
#include "string.h"

/*
 * Randomisation as on Linux x86-64: stack 22 bits of pages (less what its size
 * needs), mappings 28 bits.
 */
#define STACK_RANDOM_PAGES (1ull << 22)
#define MMAP_RANDOM_PAGES (1ull << 28)
/* Linux: the least that is kept free below the stack's top. */
#define STACK_ROOM_MIN (128ull << 20)

bool vm_refuse_wx __ro_after_init;

struct vm_space *vm_new(void)
{
	struct vm_space *vm = kzalloc(sizeof(*vm), ALLOC_WAIT);

	if (!vm)
		return NULL;
	if (pmap_init(&vm->pmap)) {
		kfree(vm);
		return NULL;
	}
	vm->refs = 1;
	rwlock_init(&vm->lock);
	mutex_init(&vm->tables_lock);
	vma_tree_init(vm);
	list_init(&vm->lazy_link);
	vm->stack_top = platform_program_end() -
			random_below(STACK_RANDOM_PAGES) * PAGE_SIZE;
	vm->stack_room = STACK_ROOM_MIN;
	vm->mmap_top = vm->stack_top - STACK_ROOM_MIN - STACK_GUARD -
		       random_below(MMAP_RANDOM_PAGES) * PAGE_SIZE;
	return vm;
}

void vm_get(struct vm_space *vm)
{
	ref_get(&vm->refs);
}

void vm_put(struct vm_space *vm)
{
	struct list dead = LIST_INIT(dead);

	if (!ref_put(&vm->refs))
		return;
	rwlock_write(&vm->lock);
	if (vm_unmap_locked(vm, 0, platform_program_end(), &dead))
		panic("unmapping everything failed");
	rwlock_write_done(&vm->lock);
	vma_free_list(&dead);
	if (vm_lazy_end)
		vm_lazy_end(vm);
	pmap_destroy(&vm->pmap);
	kfree(vm);
}

void vm_count_frame(struct vm_space *vm, paddr_t pa, s64 n)
{
	struct page *p = phys_to_page(pa);
	u64 now, max;

	if (p == zero_page)
		return;
	now = __atomic_add_fetch(&vm->rss, (u64)n, __ATOMIC_RELAXED);
	if (p && page_test(p, PG_ANON))
		__atomic_fetch_add(&vm->rss_anon, (u64)n, __ATOMIC_RELAXED);
	max = __atomic_load_n(&vm->max_rss, __ATOMIC_RELAXED);
	if (n > 0 && now > max)
		__atomic_store_n(&vm->max_rss, now, __ATOMIC_RELAXED);
}

int vm_enter_frame(struct vm_space *vm, vaddr_t va, paddr_t pa, unsigned bits)
{
	int err = pmap_enter(&vm->pmap, va, pa, bits);

	if (!err)
		vm_count_frame(vm, pa, 1);
	return err;
}

void page_make_anon(struct page *p)
{
	if (!(page_set(p, PG_ANON) & PG_ANON))
		memory_count(MEMORY_ANON, 1);
}

static void drop_frame(void *arg, vaddr_t va, paddr_t pa, bool dirty)
{
	struct page *p = phys_to_page(pa);

	vm_count_frame(arg, pa, -1);
	if (p)
		page_put(p);
}

void vm_zap_locked(struct vm_space *vm, vaddr_t start, vaddr_t end)
{
	pmap_remove(&vm->pmap, start, end, drop_frame, vm);
}

void vm_zap(struct vm_space *vm, vaddr_t start, vaddr_t end)
{
	mutex_lock(&vm->tables_lock);
	vm_zap_locked(vm, start, end);
	mutex_unlock(&vm->tables_lock);
}

void vm_zap_shared_locked(struct vm_space *vm, vaddr_t start, vaddr_t end)
{
	vaddr_t va = start;
	paddr_t pa;

	for (; pmap_next(&vm->pmap, &va, end, &pa, NULL); va += PAGE_SIZE) {
		struct page *p = phys_to_page(pa);

		if (!p || !page_test(p, PG_ANON))
			vm_zap_locked(vm, va, va + PAGE_SIZE);
	}
}

void vm_count_pages(struct vm_space *vm, vaddr_t start, vaddr_t end, u64 *rss,
		    u64 *anon)
{
	vaddr_t va = start;
	paddr_t pa;

	*rss = *anon = 0;
	mutex_lock(&vm->tables_lock);
	for (; pmap_next(&vm->pmap, &va, end, &pa, NULL); va += PAGE_SIZE) {
		struct page *p = phys_to_page(pa);

		if (p == zero_page)
			continue;
		++*rss;
		if (p && page_test(p, PG_ANON))
			++*anon;
	}
	mutex_unlock(&vm->tables_lock);
}

unsigned vma_bits(const struct vma *v)
{
	unsigned bits = MAP_PROGRAM;

	/* What x86 can write or execute it can read, as on Linux. */
	if (v->flags & (VMA_READ | VMA_WRITE | VMA_EXEC))
		bits |= MAP_READ;
	if (v->flags & VMA_WRITE)
		bits |= MAP_WRITE;
	if (v->flags & VMA_EXEC)
		bits |= MAP_EXEC;
	return bits;
}

bool vma_tracks_dirty(const struct vma *v)
{
	return v->flags & VMA_SHARED && v->mapping &&
	       v->mapping->ops->write_page;
}

u64 vm_limit(struct vm_space *vm, int resource)
{
	struct process *p = current_process();

	/* The kernel itself, preparing a program, is not limited. */
	if (!p || p->vm != vm)
		return RLIM64_INFINITY;
	return process_limit(resource);
}

/*
 * RLIMIT_DATA; as on Linux, for the sake of valgrind, 0 means the hard limit.
 */
static u64 data_limit(struct vm_space *vm)
{
	u64 limit = vm_limit(vm, RLIMIT_DATA);
	struct process *p = current_process();

	return limit ? limit : READ_ONCE(p->limits[RLIMIT_DATA].rlim_max);
}

bool vm_may_expand(struct vm_space *vm, u32 flags, u64 pages)
{
	if (vm->total_pages + pages > vm_limit(vm, RLIMIT_AS) / PAGE_SIZE)
		return false;
	if ((flags & (VMA_WRITE | VMA_SHARED | VMA_STACK | VMA_GROWSDOWN)) ==
		    VMA_WRITE &&
	    vm->data_pages + pages > data_limit(vm) / PAGE_SIZE)
		return false;
	return true;
}

