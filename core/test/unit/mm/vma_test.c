/* sources: core/kern/lib/avl.c core/kern/mm/vma.c core/kern/mm/gap.c core/kern/mm/unmap.c core/kern/mm/protect.c core/kern/mm/mmap.c core/kern/mm/mremap.c */
/*
 * Address spaces against a model: an array that says for each page what is mapped
 * there and which page of memory it is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "../chance.h"
#include "file.h"
#include "process.h"
#include "../../../kern/mm/private.h"
#include <linux/errno.h>

bool vm_refuse_wx;

#define PAGES 300
#define END (PROGRAM_START + PAGES * PAGE_SIZE)
#define KEPT_FLAGS (VMA_READ | VMA_WRITE | VMA_EXEC | VMA_NORESERVE)

struct model_page {
	bool mapped;
	u32 flags;
	u64 content; /* 0: untouched */
};
static struct model_page model[PAGES];
static u64 tables[PAGES]; /* what the page tables hold: content */
static unsigned bits_of[PAGES];
static struct vm_space vm;
static struct process process;
static struct thread thread = {.process = &process};

/* ---- the rest of the kernel ---- */

u64 memory_total = 1 << 20;

vaddr_t platform_program_end(void) { return END; }
void mutex_lock(struct mutex *m) {}
void mutex_unlock(struct mutex *m) {}
void rwlock_write(struct rwlock *l) {}
void rwlock_write_done(struct rwlock *l) {}
void file_get(struct file *f) {}
void file_put(struct file *f) {}
struct file *fd_get(int fd) { return NULL; }
bool capable(int cap) { return true; }
size_t page_reclaim(size_t n) { return 0; }
u64 process_limit(int resource) { return RLIM64_INFINITY; }
bool mapping_is_shared_memory(const struct mapping *m) { return false; }
void shared_memory_get(struct mapping *m) {}
void shared_memory_put(struct mapping *m) {}
struct mapping *shared_memory_new(u64 size) { return NULL; }
int vm_populate(struct vm_space *v, vaddr_t start, vaddr_t end) { return 0; }
u64 vm_limit(struct vm_space *v, int resource) { return RLIM64_INFINITY; }
bool vm_may_expand(struct vm_space *v, u32 f, u64 n) { return true; }
void vm_lazy_forget(struct vm_space *v, vaddr_t start, vaddr_t end) {}
bool vma_tracks_dirty(const struct vma *v) { return false; }

static u64 nr(vaddr_t va) { return (va - PROGRAM_START) / PAGE_SIZE; }

unsigned vma_bits(const struct vma *v)
{
	return MAP_PROGRAM | (v->flags & (VMA_READ | VMA_WRITE | VMA_EXEC));
}

int pmap_enter(struct pmap *pm, vaddr_t va, paddr_t pa, unsigned bits)
{
	tables[nr(va)] = pa;
	bits_of[nr(va)] = bits;
	return 0;
}

void pmap_remove(struct pmap *pm, vaddr_t start, vaddr_t end,
		 void (*fn)(void *arg, vaddr_t va, paddr_t pa, bool dirty),
		 void *arg)
{
	for (vaddr_t va = MAX(start, PROGRAM_START); va < end; va += PAGE_SIZE)
		tables[nr(va)] = 0;
}

void pmap_protect(struct pmap *pm, vaddr_t start, vaddr_t end, unsigned bits)
{
	for (vaddr_t va = start; va < end; va += PAGE_SIZE)
		bits_of[nr(va)] = bits;
}

bool pmap_next(struct pmap *pm, vaddr_t *va, vaddr_t end, paddr_t *pa,
	       unsigned *bits)
{
	for (; *va < end; *va += PAGE_SIZE)
		if (tables[nr(*va)]) {
			*pa = tables[nr(*va)];
			*bits = bits_of[nr(*va)];
			return true;
		}
	return false;
}

void vm_zap(struct vm_space *v, vaddr_t start, vaddr_t end)
{
	pmap_remove(NULL, start, end, NULL, NULL);
}

/* ---- the model ---- */

static u32 prot_flags(int prot)
{
	return (prot & PROT_READ ? VMA_READ : 0) |
	       (prot & PROT_WRITE ? VMA_WRITE : 0) |
	       (prot & PROT_EXEC ? VMA_EXEC : 0);
}

static void check(void)
{
	vaddr_t at = PROGRAM_START, prev_end = 0;
	u64 total = 0, data = 0;
	struct vma *v, *last = NULL;
	unsigned count = 0;

	for (v = vma_first(&vm); v; v = vma_next(v)) {
		assert_true(v->start < v->end && v->start >= prev_end);
		assert_int_equal(v->gap, v->start - prev_end);
		assert_true(v->max_gap >= v->gap);
		/* Neighbours that are alike have been merged. */
		if (last && last->end == v->start)
			assert_true(last->flags != v->flags ||
				    last->mapping != v->mapping ||
				    last->name != v->name);
		for (; at < v->start; at += PAGE_SIZE)
			assert_false(model[nr(at)].mapped);
		for (; at < v->end; at += PAGE_SIZE) {
			struct model_page *m = &model[nr(at)];

			assert_true(m->mapped);
			assert_int_equal(m->flags, v->flags & KEPT_FLAGS);
			assert_int_equal(m->content, tables[nr(at)]);
			total++;
			data += (v->flags & VMA_WRITE) != 0;
		}
		prev_end = v->end;
		last = v;
		count++;
	}
	for (; at < END; at += PAGE_SIZE) {
		assert_false(model[nr(at)].mapped);
		assert_int_equal(tables[nr(at)], 0);
	}
	assert_int_equal(vm.total_pages, total);
	assert_int_equal(vm.data_pages, data);
	assert_int_equal(vm.vma_count, count);
}

static void model_map(u64 first, u64 n, u32 flags)
{
	for (u64 i = first; i < first + n; i++)
		model[i] = (struct model_page){true, flags, 0};
}

static bool model_free(u64 first, u64 n)
{
	for (u64 i = first; i < first + n; i++)
		if (model[i].mapped)
			return false;
	return true;
}

/* The highest free place for n pages below limit, or -1. */
static long model_gap(u64 n, u64 limit)
{
	for (long i = (long)limit - (long)n; i >= 0; i--)
		if (model_free((u64)i, n))
			return i;
	return -1;
}

static vaddr_t va_of(u64 i) { return PROGRAM_START + i * PAGE_SIZE; }

static void do_map(u64 i, u64 n, int prot, int extra)
{
	u32 flags = prot_flags(prot) |
		    (extra & MAP_NORESERVE ? VMA_NORESERVE : 0);
	bool was_free = model_free(i, n);
	long r = vm_map(&vm, va_of(i), n * PAGE_SIZE, prot,
			MAP_PRIVATE | MAP_ANONYMOUS | extra, NULL, 0);

	if (extra & MAP_FIXED_NOREPLACE && !was_free) {
		assert_int_equal(r, -EEXIST);
		return;
	}
	if (!(extra & (MAP_FIXED | MAP_FIXED_NOREPLACE)) && !was_free) {
		long gap = model_gap(n, nr(vm.mmap_top));

		if (gap < 0)
			gap = model_gap(n, PAGES);
		if (gap < 0) {
			assert_int_equal(r, -ENOMEM);
			return;
		}
		i = (u64)gap;
	}
	assert_int_equal(r, va_of(i));
	model_map(i, n, flags);
}

static void do_unmap(u64 i, u64 n)
{
	assert_int_equal(vm_unmap(&vm, va_of(i), n * PAGE_SIZE), 0);
	memset(&model[i], 0, n * sizeof(model[0]));
}

static void do_protect(u64 i, u64 n, int prot)
{
	int r = vm_protect(&vm, va_of(i), n * PAGE_SIZE, prot), expect = 0;

	for (u64 k = i; k < i + n; k++) {
		if (!model[k].mapped) {
			expect = -ENOMEM;
			break;
		}
		model[k].flags = (model[k].flags & VMA_NORESERVE) |
				 prot_flags(prot);
	}
	assert_int_equal(r, expect);
}

/* The program touches pages. */
static void do_touch(u64 i, u64 n)
{
	static u64 next = 1;

	for (u64 k = i; k < i + n; k++)
		if (model[k].mapped && !model[k].content) {
			model[k].content = next << PAGE_SHIFT;
			tables[k] = model[k].content;
			next++;
		}
}

/* All of [i, i + n) in one mapping? */
static bool one_vma(u64 i, u64 n)
{
	struct vma *v = vm_find(&vm, va_of(i));

	return v && v->start <= va_of(i) && va_of(i + n) <= v->end;
}

static void do_remap(u64 i, u64 n, u64 m, u64 to, unsigned long flags)
{
	struct model_page moved[PAGES], *first = &model[i];
	long r;
	u64 at;

	if (flags & MREMAP_DONTUNMAP)
		m = n;
	r = vm_remap(&vm, va_of(i), n * PAGE_SIZE, m * PAGE_SIZE, flags,
			va_of(to));
	if (!first->mapped) {
		assert_int_equal(r, -EFAULT);
		return;
	}
	if (!(flags & (MREMAP_FIXED | MREMAP_DONTUNMAP)) && m <= n) {
		assert_int_equal(r, va_of(i));
		memset(&model[i + m], 0, (n - m) * sizeof(model[0]));
		return;
	}
	if (flags & (MREMAP_FIXED | MREMAP_DONTUNMAP) &&
	    ((i + n > to && to + m > i) || to + m > PAGES)) {
		assert_int_equal(r, -EINVAL);
		return;
	}
	if (flags & MREMAP_FIXED) {
		memset(&model[to], 0, m * sizeof(model[0]));
		if (n > m) {
			memset(&model[i + m], 0, (n - m) * sizeof(model[0]));
			n = m;
		}
	}
	if (r < 0) {
		/* More than one mapping, or no room. */
		assert_true(r == -EFAULT || r == -ENOMEM);
		if (r == -EFAULT)
			assert_false(one_vma(i, n));
		return;
	}
	at = nr((vaddr_t)r);
	if (flags & MREMAP_FIXED)
		assert_int_equal(at, to);
	memcpy(moved, first, n * sizeof(model[0]));
	for (u64 k = n; k < m; k++)
		moved[k] = (struct model_page){true, first->flags, 0};
	if (flags & MREMAP_DONTUNMAP) {
		assert_true(model_free(at, m));
		for (u64 k = i; k < i + n; k++)
			model[k].content = 0;
	} else {
		memset(first, 0, n * sizeof(model[0]));
		assert_true(model_free(at, m));
	}
	memcpy(&model[at], moved, m * sizeof(model[0]));
}

static int random_prot(void) { return (int)(chance() % 8); }

static void against_model(void **state)
{
	memset(&vm, 0, sizeof(vm));
	vma_tree_init(&vm);
	vm.mmap_top = END - 20 * PAGE_SIZE;
	for (int step = 0; step < 60000; step++) {
		u64 n = 1 + chance() % 30;
		u64 i = chance() % (PAGES - n);
		u64 m = 1 + chance() % 30;
		u64 to = chance() % (PAGES - m);

		switch (chance() % 12) {
		case 0:
		case 1:
			do_map(i, n, random_prot(), MAP_FIXED);
			break;
		case 2:
			do_map(i, n, random_prot(), MAP_FIXED_NOREPLACE);
			break;
		case 3:
			do_map(i, n, PROT_READ, MAP_NORESERVE);
			break;
		case 4:
		case 5:
		case 6:
			do_unmap(i, n);
			break;
		case 7:
		case 8:
			do_protect(i, n, random_prot());
			break;
		case 9:
			do_touch(i, n);
			break;
		case 10:
			do_remap(i, n, m, to, MREMAP_MAYMOVE |
					      (chance() % 2 ? MREMAP_FIXED : 0));
			break;
		case 11:
			do_remap(i, n, m, to, chance() % 3 ? 0 :
					MREMAP_MAYMOVE | MREMAP_DONTUNMAP);
			break;
		}
		check();
	}
	assert_int_equal(vm_unmap(&vm, 0, END), 0);
	memset(model, 0, sizeof(model));
	check();
}

static void guard_gap(void **state)
{
	struct vma *v;
	long r;

	memset(&vm, 0, sizeof(vm));
	vma_tree_init(&vm);
	vm.mmap_top = END;
	r = vm_map(&vm, END - PAGE_SIZE, PAGE_SIZE, PROT_READ,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN | MAP_FIXED,
		   NULL, 0);
	assert_int_equal(r, END - PAGE_SIZE);
	/* 256 pages below stay free. */
	r = vm_map(&vm, 0, PAGE_SIZE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS,
		   NULL, 0);
	assert_int_equal(r, END - 258 * PAGE_SIZE);
	v = vm_find(&vm, END - PAGE_SIZE);
	assert_int_equal(v->gap, 0);
	assert_int_equal(vm_unmap(&vm, 0, END), 0);
}

static void errors(void **state)
{
	const int anon = MAP_PRIVATE | MAP_ANONYMOUS;

	memset(&vm, 0, sizeof(vm));
	vma_tree_init(&vm);
	vm.mmap_top = END;
	assert_int_equal(vm_map(&vm, 0, 0, 0, anon, NULL, 0), -EINVAL);
	assert_int_equal(vm_map(&vm, 0, 1ull << 60, 0, anon, NULL, 0), -ENOMEM);
	assert_int_equal(vm_map(&vm, 0, UINT64_MAX, 0, anon, NULL, 0), -ENOMEM);
	assert_int_equal(vm_map(&vm, 0, 1, 0, MAP_ANONYMOUS, NULL, 0), -EINVAL);
	assert_int_equal(vm_map(&vm, 5, 1, 0, anon | MAP_FIXED, NULL, 0),
			 -EINVAL);
	assert_int_equal(vm_map(&vm, 0, 1, 0, anon | MAP_FIXED, NULL, 0),
			 -EPERM);
	assert_int_equal(vm_map(&vm, END, 1, 0, anon | MAP_FIXED, NULL, 0),
			 -ENOMEM);
	assert_int_equal(vm_unmap(&vm, 1, 1), -EINVAL);
	assert_int_equal(vm_unmap(&vm, 0, 0), -EINVAL);
	assert_int_equal(vm_unmap(&vm, END, 1), -EINVAL);
	assert_int_equal(vm_protect(&vm, PROGRAM_START, 0, 0), 0);
	assert_int_equal(vm_protect(&vm, 1, 1, 0), -EINVAL);
	assert_int_equal(vm_protect(&vm, PROGRAM_START, 1, 0), -ENOMEM);
	assert_int_equal(vm_protect(&vm, PROGRAM_START, 1, 0x1000), -EINVAL);
	vm_refuse_wx = true;
	assert_int_equal(vm_map(&vm, 0, 1, PROT_WRITE | PROT_EXEC, anon, NULL,
				0),
			 -EACCES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(against_model),
		cmocka_unit_test(guard_gap),
		cmocka_unit_test(errors),
	};

	process.vm = &vm;
	test_current_thread = &thread;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
