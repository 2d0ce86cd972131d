/* sources: core/kern/lib/radix.c core/kern/mm/frames.c core/kern/mm/buddy.c core/kern/mm/reclaim.c core/kern/mm/heap.c core/kern/mm/pagecache/pagecache.c core/kern/mm/pagecache/readahead.c core/kern/mm/pagecache/lru.c core/kern/mm/pagecache/writeback.c core/kern/mm/pagecache/truncate.c core/kern/mm/pagecache/fileio.c core/kern/mm/pagecache/sharedmem.c core/kern/mm/uio.c */
/*
 * The page cache over a store that is an array, against a model that is another:
 * reads, writes, truncation, holes, write-back and reclaim in random order, with
 * errors of the store.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "../chance.h"
#include "init.h"
#include "linkset.h"
#include "pagecache.h"
#include "thread.h"
#include "uio.h"
#include <linux/errno.h>

void *aligned_alloc(size_t align, size_t n);

static u64 rnd(u64 below)
{
	return chance() % below;
}

/* ---- the rest of the kernel ---- */

u64 platform_direct_map;
static struct phys_range range = {1 << 20, 2 << 20};

const struct phys_range *platform_memory(size_t *n)
{
	*n = 1;
	return &range;
}

/* Locks must be free when taken: there is only one thread. */
void mutex_init(struct mutex *m) { m->word = 0; }
bool mutex_held(const struct mutex *m) { return m->word != 0; }

bool mutex_trylock(struct mutex *m)
{
	if (m->word)
		return false;
	m->word = 1;
	return true;
}

void mutex_lock(struct mutex *m) { assert_true(mutex_trylock(m)); }

void mutex_unlock(struct mutex *m)
{
	assert_true(m->word);
	m->word = 0;
}

void waitq_init(struct waitq *q) {}
void waitq_add(struct waitq *q, struct waiter *w) {}
void waitq_remove(struct waitq *q, struct waiter *w) {}
void waitq_wake(struct waitq *q, u32 n, u32 events) {}
void waiter_init(struct waiter *w) {}
void sleep_prepare(bool interruptible) {}
void sleep_cancel(void) {}
int sleep_until(nsec_t deadline)
{
	assert_true(deadline != NSEC_FOREVER);
	return -ETIMEDOUT;
}
nsec_t now_ns(void) { return 0; }
void work_queue(struct work *w) {}
void thread_yield(void) {}
void cond_resched(void) {}
struct thread *kthread_start(const char *name, void (*fn)(void *), void *arg)
{
	return NULL;
}

void mapping_unmap(struct mapping *m, u64 first, u64 last, bool even) {}
void mapping_write_protect(struct mapping *m, u64 index) {}
bool mapping_try_unmap(struct mapping *m, struct page *p) { return false; }

size_t arch_user_copy(void *dst, const void *src, size_t n) { return n; }
size_t arch_user_zero(void *dst, size_t n) { return n; }
int copy_from_user(void *d, const void *s, size_t n) { return -EFAULT; }

/* ---- the store ---- */

#define FILE_MAX (700 * PAGE_SIZE)
static u8 store[FILE_MAX + PAGE_SIZE];
static u8 model[FILE_MAX];
static u64 size;
static bool broken;
static unsigned batches, reads, writes;

static int read_page(struct mapping *m, struct page *p)
{
	u64 at = (u64)p->index * PAGE_SIZE;
	u64 n = at < size ? MIN(size - at, PAGE_SIZE) : 0;

	reads++;
	if (broken)
		return -EIO;
	assert_int_equal(p->flags & PG_LOCKED, PG_LOCKED);
	memcpy(page_address(p), store + at, n);
	memset((char *)page_address(p) + n, 0, PAGE_SIZE - n);
	return 0;
}

static int read_pages(struct mapping *m, struct page **pages, unsigned n)
{
	batches++;
	for (unsigned i = 0; i < n; i++) {
		assert_int_equal(pages[i]->index, pages[0]->index + i);
		if (read_page(m, pages[i]))
			return -EIO;
	}
	return 0;
}

static int write_page(struct mapping *m, struct page *p)
{
	writes++;
	assert_false(m->lock.word);
	if (broken)
		return -EIO;
	memcpy(store + (u64)p->index * PAGE_SIZE, page_address(p), PAGE_SIZE);
	return 0;
}

static u64 file_size(struct mapping *m) { return size; }

static const struct mapping_ops stored = {
	.read_page = read_page,
	.read_pages = read_pages,
	.write_page = write_page,
	.size = file_size,
};

static struct mapping map;
static u8 buf[100 * 4096];

static u64 free_pages(void)
{
	struct memory_stats s;

	memory_stats(&s);
	return s.free;
}

static u64 dirty_pages(void)
{
	struct memory_stats s;

	memory_stats(&s);
	return s.dirty;
}

static void do_read(u64 at, size_t n)
{
	u64 expect = at < size ? MIN((u64)n, size - at) : 0;
	struct iov_iter it;
	struct iovec iov;
	loff_t pos = (loff_t)at;
	ssize_t r;

	iov_iter_kernel(&it, &iov, buf, n);
	r = mapping_read(&map, size, &it, &pos);
	if (broken && r >= 0)
		expect = (u64)r; /* what was in memory */
	else if (broken)
		expect = 0;
	else
		assert_int_equal(r, expect);
	assert_memory_equal(buf, model + at, expect);
}

static void do_write(u64 at, size_t n)
{
	struct iov_iter it;
	struct iovec iov;
	loff_t pos = (loff_t)at;
	ssize_t r;

	for (size_t i = 0; i < n; i++)
		buf[i] = (u8)(rnd(255) + 1);
	if (at > size)
		mapping_zero_tail(&map, size);
	iov_iter_kernel(&it, &iov, buf, n);
	r = mapping_write(&map, &it, &pos);
	if (r <= 0) {
		assert_true(broken);
		return;
	}
	memcpy(model + at, buf, (size_t)r);
	size = MAX(size, at + (u64)r);
}

static void do_truncate(u64 to)
{
	u64 old = size;

	if (to > old)
		mapping_zero_tail(&map, old);
	size = to;
	if (to < old) {
		mapping_truncate(&map, to);
		memset(model + to, 0, old - to);
		/* The file system's part: what is gone reads as zero. */
		memset(store + to, 0, old - to);
	}
}

LINKSET_DECLARE(init);

static int setup(void **state)
{
	const struct init_entry *i;
	void *mem = aligned_alloc(1 << 21, 4 << 20);

	platform_direct_map = (u64)mem - (1 << 20);
	page_init();
	LINKSET_FOREACH(init, i)
		i->fn();
	return 0;
}

static void against_model(void **state)
{
	u64 before;

	page_reclaim(1000);
	before = free_pages();
	mapping_init(&map, &stored, NULL);
	for (int step = 0; step < 60000; step++) {
		u64 at = rnd(FILE_MAX - sizeof(buf));
		size_t n = (size_t)(rnd(10) ? rnd(9000) : rnd(sizeof(buf)));

		switch (rnd(16)) {
		case 0 ... 6:
			do_read(at, n);
			break;
		case 7 ... 10:
			do_write(at, n);
			break;
		case 11:
			do_truncate(rnd(4) ? rnd(FILE_MAX) : size / 2);
			break;
		case 12:
			assert_int_equal(mapping_sync(&map, 0, UINT64_MAX), 0);
			assert_int_equal(dirty_pages(), 0);
			break;
		case 13:
			assert_int_equal(mapping_sync(&map, at / PAGE_SIZE,
						      (at + n) / PAGE_SIZE),
					 0);
			break;
		default:
			page_reclaim((size_t)rnd(100));
		}
	}
	assert_int_equal(mapping_sync(&map, 0, UINT64_MAX), 0);
	assert_memory_equal(store, model, size);
	mapping_destroy(&map);
	while (page_reclaim(1000))
		;
	assert_int_equal(free_pages(), before);
	assert_int_equal(dirty_pages(), 0);
}

static void sequential(void **state)
{
	mapping_init(&map, &stored, NULL);
	do_truncate(FILE_MAX);
	assert_int_equal(mapping_sync(&map, 0, UINT64_MAX), 0);
	mapping_destroy(&map);
	mapping_init(&map, &stored, NULL);
	reads = batches = 0;
	/* Far more than there is memory for. */
	for (u64 at = 0; at < size; at += 4096)
		do_read(at, 4096);
	assert_int_equal(reads, FILE_MAX / PAGE_SIZE);
	assert_in_range(batches, 1, 40);
	mapping_destroy(&map);
}

static void errors(void **state)
{
	struct iov_iter it;
	struct iovec iov;
	loff_t pos = 0;
	u64 before;

	page_reclaim(1000);
	before = free_pages();
	mapping_init(&map, &stored, NULL);
	broken = true;
	iov_iter_kernel(&it, &iov, buf, 10);
	assert_int_equal(mapping_read(&map, size, &it, &pos), -EIO);
	assert_int_equal(PTR_ERR(mapping_get_page(&map, 0, 0)), -EIO);
	assert_int_equal(map.pages.count, 0);
	broken = false;
	do_write(0, 10000);
	broken = true;
	/* Told once; the pages are not dirty for ever. */
	assert_int_equal(mapping_sync(&map, 0, UINT64_MAX), -EIO);
	assert_int_equal(mapping_sync(&map, 0, UINT64_MAX), 0);
	assert_int_equal(dirty_pages(), 0);
	for (int i = 0; i < 300; i++) {
		do_read(rnd(size), 5000);
		page_reclaim(20);
	}
	broken = false;
	assert_int_equal(PTR_ERR(mapping_get_page(&map, 1ull << 32, 0)), -EFBIG);
	mapping_destroy(&map);
	while (page_reclaim(1000))
		;
	assert_int_equal(free_pages(), before);
	memcpy(model, store, sizeof(model));
}

/* Reclaim gives back what is not used, oldest first, and nothing dirty. */
static void reclaim(void **state)
{
	struct page *p[40];

	mapping_init(&map, &stored, NULL);
	do_truncate(FILE_MAX);
	for (u64 i = 0; i < 40; i++)
		p[i] = mapping_get_page(&map, i * 10 + 1, 0);
	assert_int_equal(page_reclaim(1000), 0);
	for (u64 i = 0; i < 40; i++) {
		if (i == 7)
			page_set_dirty(p[i]);
		page_put(p[i]);
	}
	/* Used again: a second chance. */
	page_put(mapping_get_page(&map, 31, 0));
	assert_int_equal(page_reclaim(38), 38);
	assert_non_null(radix_lookup(&map.pages, 71));
	assert_non_null(radix_lookup(&map.pages, 31));
	assert_int_equal(map.pages.count, 2);
	mapping_destroy(&map);
	assert_int_equal(dirty_pages(), 0);
}

static void shared_memory(void **state)
{
	struct mapping *m = shared_memory_new(10 * PAGE_SIZE);
	u64 before = free_pages(), index = 0;
	struct page *p;

	assert_true(mapping_is_shared_memory(m));
	assert_int_equal(PTR_ERR(mapping_get_page(m, 3, 0)), -ENOENT);
	p = mapping_get_page(m, 3, MAPPING_CREATE | MAPPING_FAULT);
	assert_false(IS_ERR(p));
	page_put(p);
	assert_ptr_equal(mapping_get_page(m, 3, 0), p);
	page_put(p);
	assert_int_equal(PTR_ERR(mapping_get_page(
				 m, 10, MAPPING_CREATE | MAPPING_FAULT)),
			 -EFAULT);
	assert_true(mapping_next_page(m, &index, 9));
	assert_int_equal(index, 3);
	assert_int_equal(page_reclaim(1000), 0);
	m->limit = 1;
	assert_int_equal(PTR_ERR(mapping_get_page(m, 4, MAPPING_CREATE)),
			 -ENOSPC);
	shared_memory_put(m);
	while (page_reclaim(1000))
		;
	assert_in_range(free_pages(), before, before + 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(against_model),
		cmocka_unit_test(sequential),
		cmocka_unit_test(errors),
		cmocka_unit_test(reclaim),
		cmocka_unit_test(shared_memory),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
