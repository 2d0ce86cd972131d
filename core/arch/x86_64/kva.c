/*
 * Kernel address space for stacks and device registers: a bit for each page of
 * it, in chunks that are added as the space is used.
 */
#include "log.h"
#include "page.h"
#include "platform.h"
#include "spinlock.h"
#include <arch/layout.h>

#define CHUNK_PAGES (PAGE_SIZE * 8) /* as many as a page has bits: 128 MiB */
#define CHUNKS 128
#define WORD 64

static spinlock_t kva_lock = SPINLOCK_INIT; /* interrupts off */
static u64 *chunk[CHUNKS];                  /* 1: in use */
static size_t hint[CHUNKS];                 /* the pages before are in use */
static unsigned chunks;

static bool used(const u64 *map, size_t i)
{
	return map[i / WORD] >> (i % WORD) & 1;
}

static void set(u64 *map, size_t i, size_t n, bool use)
{
	for (; n; i++, n--) {
		assert(used(map, i) != use);
		map[i / WORD] ^= BIT(i % WORD);
	}
}

/* First run of n free pages from i on; CHUNK_PAGES: none. */
static size_t find_run(const u64 *map, size_t i, size_t n)
{
	size_t run = 0;

	for (; i < CHUNK_PAGES; i++) {
		if (!(i % WORD) && !~map[i / WORD]) {
			i += WORD - 1;
			run = 0;
		} else if (used(map, i)) {
			run = 0;
		} else if (++run == n) {
			return i + 1 - n;
		}
	}
	return CHUNK_PAGES;
}

static void *take(size_t n)
{
	for (unsigned c = 0; c < chunks; c++) {
		size_t i = find_run(chunk[c], hint[c], n);

		if (i == CHUNK_PAGES)
			continue;
		set(chunk[c], i, n, true);
		if (i == hint[c])
			hint[c] = i + n;
		return (void *)(KVA_BASE +
				((u64)c * CHUNK_PAGES + i) * PAGE_SIZE);
	}
	return NULL;
}

void *kva_alloc(size_t size)
{
	size_t n = PAGE_UP(size) / PAGE_SIZE;

	if (!n || n > CHUNK_PAGES)
		return NULL;
	for (;;) {
		u64 flags = spin_lock_irqsave(&kva_lock);
		void *p = take(n);
		bool full = chunks == CHUNKS;
		struct page *more;

		spin_unlock_irqrestore(&kva_lock, flags);
		if (p || full)
			return p;
		more = page_alloc(0, ALLOC_ATOMIC | ALLOC_ZERO);
		if (!more)
			return NULL;
		flags = spin_lock_irqsave(&kva_lock);
		if (chunks < CHUNKS) {
			chunk[chunks++] = page_address(more);
			more = NULL;
		}
		spin_unlock_irqrestore(&kva_lock, flags);
		if (more)
			page_free(more);
	}
}

void kva_free(void *p, size_t size)
{
	u64 first = ((u64)(uintptr_t)p - KVA_BASE) / PAGE_SIZE;
	size_t c = first / CHUNK_PAGES, i = first % CHUNK_PAGES;
	u64 flags = spin_lock_irqsave(&kva_lock);

	assert(c < chunks);
	set(chunk[c], i, PAGE_UP(size) / PAGE_SIZE, false);
	hint[c] = MIN(hint[c], i);
	spin_unlock_irqrestore(&kva_lock, flags);
}
