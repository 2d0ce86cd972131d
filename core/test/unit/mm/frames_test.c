/* sources: core/kern/mm/frames.c core/kern/mm/buddy.c core/kern/mm/reclaim.c core/kern/mm/heap.c core/kern/mm/smp/magazine.c */
/* The buddy allocator and the heap, by random use of a few MiB. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "init.h"
#include "linkset.h"
#include "page.h"
#include <arch/cpu.h>

#define SPAN (24ul << 20)
#define PHYS 0x123000ul /* an odd start: nothing is aligned by chance */

u64 platform_direct_map;
static struct phys_range ranges[] = {
	{PHYS, 1 << 20},
	{PHYS + (2ul << 20), 13ul << 20},
	{PHYS + (16ul << 20) + 0x5000, 7 * 4096},
	{PHYS + (17ul << 20), (6ul << 20) + 0x3000},
};

const struct phys_range *platform_memory(size_t *n)
{
	*n = sizeof(ranges) / sizeof(ranges[0]);
	return ranges;
}

void work_queue(struct work *w) {}
void thread_yield(void) {}
void cond_resched(void) {}

/* The heap is used from one, and then from two in turn. */
static struct cpu cpu[2] = {{.id = 0}, {.id = 1}};
static unsigned cpus = 1;
unsigned platform_cpus_online(void) { return cpus; }

LINKSET_DECLARE(init);

static int second_cpu(void **state)
{
	const struct init_entry *e;

	cpus = 2;
	test_cpu = &cpu[0];
	LINKSET_FOREACH(init, e)
		e->fn();
	return 0;
}

static u64 free_pages(void)
{
	struct memory_stats s;

	memory_stats(&s);
	return s.free;
}

static int setup(void **state)
{
	void *mem = aligned_alloc(1 << 21, SPAN + (1 << 21));

	platform_direct_map = (u64)mem - PHYS + (PHYS & ((1 << 21) - 1));
	/* What a machine leaves in memory: anything. */
	srandom(2);
	for (size_t i = 0; i < (SPAN + (1 << 21)) / sizeof(int); i++)
		((int *)mem)[i] = (int)random();
	page_init();
	return 0;
}

#define BLOCKS 400

static void blocks_do_not_overlap(void **state)
{
	static struct {
		struct page *p;
		unsigned order;
	} b[BLOCKS];
	u64 before = free_pages();

	srandom(1);
	for (int i = 0; i < 200000; i++) {
		int k = (int)(random() % BLOCKS);
		u64 *first, *last;

		if (b[k].p) {
			size_t n = PAGE_SIZE << b[k].order;

			first = page_address(b[k].p);
			last = (u64 *)((char *)first + n) - 1;
			assert_int_equal(*first, k);
			assert_int_equal(*last, k);
			page_put(b[k].p);
			b[k].p = NULL;
			continue;
		}
		b[k].order = (unsigned)(random() % 100 < 90 ? random() % 4 :
							      random() % 10);
		b[k].p = page_alloc(b[k].order, ALLOC_ATOMIC);
		if (!b[k].p)
			continue;
		assert_int_equal(page_to_phys(b[k].p) %
					 (PAGE_SIZE << b[k].order), 0);
		assert_ptr_equal(phys_to_page(page_to_phys(b[k].p)), b[k].p);
		first = page_address(b[k].p);
		last = (u64 *)((char *)first + (PAGE_SIZE << b[k].order)) - 1;
		*first = *last = (u64)k;
	}
	for (int k = 0; k < BLOCKS; k++)
		if (b[k].p)
			page_put(b[k].p);
	assert_int_equal(free_pages(), before);
}

/* Every third frame of all ranges by its address, while they are free. */
static void frames_are_claimed(void **state)
{
	static struct page *got[8192];
	u64 before = free_pages();
	size_t n = 0;

	for (u64 pa = PHYS; pa < PHYS + SPAN; pa += 3 * PAGE_SIZE) {
		struct page *p = phys_to_page(pa);

		if (!p) {
			assert_null(page_claim(pa));
			continue;
		}
		got[n] = page_claim(pa);
		if (!got[n])
			continue; /* the heap's first */
		assert_ptr_equal(got[n], p);
		assert_null(page_claim(pa));
		n++;
	}
	assert_true(n > before / 4);
	assert_int_equal(free_pages(), before - n);
	while (n)
		page_put(got[--n]);
	assert_int_equal(free_pages(), before);
}

static void everything_can_be_had(void **state)
{
	static struct page *all[8192];
	u64 before = free_pages();
	size_t n = 0;

	while ((all[n] = page_alloc(0, ALLOC_ATOMIC)))
		n++;
	assert_int_equal(n, before);
	assert_int_equal(free_pages(), 0);
	/* In an order that merges nothing for long. */
	for (size_t i = 0; i < n; i += 2)
		page_put(all[i]);
	for (size_t i = 1; i < n; i += 2)
		page_put(all[i]);
	assert_int_equal(free_pages(), before);
	/* All merged again: a block as large as there was. */
	all[0] = page_alloc(10, 0);
	assert_non_null(all[0]);
	page_put(all[0]);
}

static void reserve_is_for_atomic(void **state)
{
	static struct page *all[8192];
	struct memory_stats s;
	size_t n = 0;

	while ((all[n] = page_alloc(0, ALLOC_WAIT)))
		n++;
	memory_stats(&s);
	assert_int_equal(s.free, s.low_watermark / 2);
	all[n] = page_alloc(0, ALLOC_NORECLAIM);
	assert_non_null(all[n++]);
	all[n] = page_alloc(0, ALLOC_ATOMIC | ALLOC_ZERO);
	assert_non_null(all[n++]);
	while (n)
		page_put(all[--n]);
}

static void references(void **state)
{
	u64 before = free_pages();
	struct page *p = page_alloc(3, ALLOC_ZERO);

	page_get(p);
	page_put(p);
	assert_int_equal(free_pages(), before - 8);
	assert_int_equal(((char *)page_address(p))[8 * PAGE_SIZE - 1], 0);
	page_put(p);
	assert_int_equal(free_pages(), before);
	assert_null(page_alloc(13, 0));
	assert_null(phys_to_page(PHYS + (15ul << 20)));
	assert_null(phys_to_page(0));
}

#define OBJECTS 3000

static size_t random_size(void)
{
	switch (random() % 10) {
	case 0:
		return (size_t)(random() % 100000);
	case 1:
	case 2:
		return (size_t)(random() % 5000);
	default:
		return (size_t)(random() % 300);
	}
}

static void heap(void **state)
{
	static struct {
		u8 *p;
		size_t size;
	} o[OBJECTS];
	u64 before;

	page_reclaim(1000);
	before = free_pages();
	srandom(2);
	for (int i = 0; i < 300000; i++) {
		int k = (int)(random() % OBJECTS);
		u8 mark = (u8)k;
		size_t size = random_size();

		test_cpu = &cpu[random() % cpus];
		if (o[k].p) {
			for (size_t j = 0; j < o[k].size; j += 97)
				assert_int_equal(o[k].p[j], mark);
			if (o[k].size)
				assert_int_equal(o[k].p[o[k].size - 1], mark);
		}
		if (o[k].p && random() % 4) {
			kfree(o[k].p);
			o[k].p = NULL;
			continue;
		}
		if (o[k].p) {
			u8 *p = krealloc(o[k].p, size, ALLOC_ATOMIC);
			size_t kept = size < o[k].size ? size : o[k].size;

			if (!p)
				continue;
			for (size_t j = 0; j < kept; j += 97)
				assert_int_equal(p[j], mark);
			o[k].p = p;
		} else {
			o[k].p = kmalloc(size, ALLOC_ATOMIC);
			if (size >= 16 && !(size & (size - 1)) && size <= 4096)
				assert_int_equal((u64)o[k].p % size, 0);
		}
		o[k].size = o[k].p ? size : 0;
		if (!o[k].p)
			continue;
		assert_int_equal((u64)o[k].p % 16, 0);
		assert_true(kmalloc_size(o[k].p) >= size);
		memset(o[k].p, mark, size);
	}
	for (int k = 0; k < OBJECTS; k++) {
		kfree(o[k].p);
		o[k].p = NULL;
	}
	while (page_reclaim(1000))
		;
	assert_int_equal(free_pages(), before);
}

static void heap_edges(void **state)
{
	char *p = kzalloc(100000, 0);
	u64 before;

	for (size_t i = 0; i < 100000; i++)
		assert_int_equal(p[i], 0);
	before = free_pages();
	kfree(p);
	/* No more than what was asked for, in pages, was taken. */
	assert_int_equal(free_pages(), before + 25);
	assert_null(kmalloc(SIZE_MAX, 0));
	assert_null(kmalloc(64ul << 20, 0));
	kfree(NULL);
	p = krealloc(NULL, 10, 0);
	assert_non_null(p);
	kfree(p);
	kfree(kmalloc(0, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_are_claimed), /* of memory never given out */
		cmocka_unit_test(blocks_do_not_overlap),
		cmocka_unit_test(everything_can_be_had),
		cmocka_unit_test(reserve_is_for_atomic),
		cmocka_unit_test(frames_are_claimed),
		cmocka_unit_test(references),
		cmocka_unit_test(heap),
		cmocka_unit_test(heap_edges),
		cmocka_unit_test_setup(heap, second_cpu),
		cmocka_unit_test(heap_edges),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
