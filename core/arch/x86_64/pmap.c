/*
 * Page tables of programs.
 *
 * A table page's struct page counts the used entries in ->index, so that a
 * table that has become empty is freed.  The caller serialises the calls for
 * one space; the top-level entries of the kernel's half never change.
 */
#include "pte.h"
#include "log.h"
#include "page.h"
#include "string.h"
#include "tlb.h"
#include <arch/features.h>
#include <arch/ring.h>
#include <linux/errno.h>

u64 pte_flags(unsigned bits)
{
	u64 f = PTE_HELD;

	if (!(bits & (MAP_READ | MAP_WRITE | MAP_EXEC)))
		return f;
	f |= PTE_P;
	if (bits & MAP_WRITE)
		f |= PTE_W;
	if (!(bits & MAP_EXEC) && cpu_features.nx)
		f |= PTE_NX;
	if ((bits & MAP_PROGRAM) && program_ring3)
		f |= PTE_U;
	if (bits & MAP_UNCACHED)
		f |= PTE_PCD | PTE_PWT;
	return f;
}

unsigned pte_bits(u64 pte)
{
	if (!(pte & PTE_P))
		return 0;
	return MAP_READ | (pte & PTE_W ? MAP_WRITE : 0) |
	       (pte & PTE_NX ? 0 : MAP_EXEC) |
	       (pte & PTE_PCD ? MAP_UNCACHED : 0) |
	       (pte & PTE_U ? MAP_PROGRAM : 0);
}

static u64 table_entry(const struct page *p)
{
	return page_to_phys(p) | PTE_P | PTE_W | (program_ring3 ? PTE_U : 0);
}

static u64 *root_of(const struct pmap *pm)
{
	return phys_to_virt(pm->root);
}

/* ---- finding entries ---- */

/*
 * The entry for va as far down as tables exist; *level 0: in a page table,
 * otherwise the entry is empty and nothing is mapped in its span.
 */
static u64 *find(const struct pmap *pm, vaddr_t va, unsigned *level)
{
	u64 *table = root_of(pm);

	for (*level = 3;; --*level) {
		u64 *e = &table[LEVEL_INDEX(va, *level)];

		if (!*level || !*e)
			return e;
		table = pte_table(*e);
	}
}

static u64 *find_page(const struct pmap *pm, vaddr_t va)
{
	unsigned level;
	u64 *e = find(pm, va, &level);

	return !level && *e ? e : NULL;
}

/* The table that holds entry e of a level below the top. */
static struct page *table_of(const u64 *e)
{
	return phys_to_page(PAGE_DOWN(virt_to_phys(e)));
}

/* Hang a new table into the empty entry e of the given level. */
static void add_table(struct pmap *pm, u64 *e, unsigned level,
		      struct page *table)
{
	table->index = 0;
	page_set(table, PG_TABLE);
	memory_count(MEMORY_TABLES, 1);
	if (level < 3)
		table_of(e)->index++;
	*e = table_entry(table);
	pm->tables++;
}

/*
 * The page table of va has become empty: take it out, and what becomes empty
 * above it.  The pages go to dead, to be freed after a flush.
 */
static void drop_tables(struct pmap *pm, vaddr_t va, struct list *dead)
{
	for (unsigned level = 1; level <= 3; level++) {
		u64 *table = root_of(pm), *e;
		struct page *p;

		for (unsigned l = 3; l > level; l--)
			table = pte_table(table[LEVEL_INDEX(va, l)]);
		e = &table[LEVEL_INDEX(va, level)];
		p = phys_to_page(*e & PTE_ADDRESS);
		*e = 0;
		list_append(dead, &p->lru);
		pm->tables--;
		if (level == 3 || --table_of(e)->index)
			return;
	}
}

static void free_tables(struct list *dead)
{
	while (!list_empty(dead)) {
		struct page *p = list_first(dead, struct page, lru);

		list_del(&p->lru);
		page_free(p);
	}
}

/* ---- the interface ---- */

int pmap_init(struct pmap *pm)
{
	struct page *p = page_alloc(0, ALLOC_ZERO);
	u64 *root;

	if (!p)
		return -ENOMEM;
	root = page_address(p);
	memcpy(root + TABLE_ENTRIES / 2, kernel_root + TABLE_ENTRIES / 2,
	       PAGE_SIZE / 2);
	page_set(p, PG_TABLE);
	memory_count(MEMORY_TABLES, 1);
	pm->root = page_to_phys(p);
	pm->tables = 1;
	pm->cpus = pm->stale = 0;
	return 0;
}

static void free_below(u64 *table, unsigned level, size_t entries)
{
	for (size_t i = 0; i < entries; i++) {
		if (!table[i])
			continue;
		if (level > 1)
			free_below(pte_table(table[i]), level - 1,
				   TABLE_ENTRIES);
		page_free(phys_to_page(table[i] & PTE_ADDRESS));
	}
}

void pmap_destroy(struct pmap *pm)
{
	u64 flags = irq_save();
	struct flush f;

	/* Kernel threads may still be running in it, here and elsewhere. */
	if (loaded_here(pm))
		pmap_activate(NULL);
	irq_restore(flags);
	flush_begin(&f, pm);
	f.tables = true;
	f.n = FLUSH_SINGLE_MAX + 1;
	flush_now(&f);
	assert(!pm->cpus);
	free_below(root_of(pm), 3, TABLE_ENTRIES / 2);
	page_free(phys_to_page(pm->root));
	pm->root = 0;
	pm->tables = 0;
}

int pmap_enter(struct pmap *pm, vaddr_t va, paddr_t pa, unsigned bits)
{
	u64 old, new, *e;
	unsigned level;

	while (e = find(pm, va, &level), level) {
		/* The caller holds locks that reclaim would want. */
		struct page *p = page_alloc(0, ALLOC_ZERO | ALLOC_NORECLAIM);

		if (!p)
			return -ENOMEM;
		add_table(pm, e, level, p);
	}
	new = (pa & PTE_ADDRESS) | pte_flags(bits);
	/* It is written at once: save the processor a locked update. */
	if (new & PTE_W)
		new |= PTE_A | PTE_D;
	old = __atomic_exchange_n(e, new, __ATOMIC_SEQ_CST);
	if (!old)
		table_of(e)->index++;
	if (old & PTE_P)
		flush_page(pm, va);
	return 0;
}

struct removed {
	vaddr_t va;
	u64 pte;
};

/*
 * What is unmapped between two flushes.  A flush interrupts other CPUs and waits for
 * them, so for a large range a page is taken to have fewer of them.
 */
#define FEW 32u
#define MANY (PAGE_SIZE / sizeof(struct removed))
struct batch {
	struct removed few[FEW], *v; /* few, or a page of them */
	struct page *page;
	unsigned n, max;
};

static void batch_begin(struct batch *b, u64 pages)
{
	b->page = pages > FEW ? page_alloc(0, ALLOC_NORECLAIM) : NULL;
	b->v = b->page ? page_address(b->page) : b->few;
	b->max = b->page ? MANY : FEW;
}

static void batch_end(struct batch *b)
{
	if (b->page)
		page_put(b->page);
}

/*
 * Clear entries from va on, until end or until the batch is full; returns where
 * to go on.
 */
static vaddr_t clear_some(struct pmap *pm, vaddr_t va, vaddr_t end,
			  struct batch *b, struct list *dead)
{
	while (va < end && b->n < b->max) {
		unsigned level;
		u64 *e = find(pm, va, &level), pte;
		struct page *table;
		vaddr_t next;

		if (level) {
			va = ALIGN_DOWN(va, LEVEL_SPAN(level)) +
			     LEVEL_SPAN(level);
			continue;
		}
		table = table_of(e);
		next = MIN(end, ALIGN_DOWN(va, LEVEL_SPAN(1)) + LEVEL_SPAN(1));
		for (; va < next && b->n < b->max; va += PAGE_SIZE, e++) {
			if (!*e)
				continue;
			/*
			 * Exchanged: the processor may be setting the dirty
			 * bit.
			 */
			pte = __atomic_exchange_n(e, 0, __ATOMIC_SEQ_CST);
			b->v[b->n++] = (struct removed){va, pte};
			if (!--table->index) {
				drop_tables(pm, va, dead);
				va = next;
				break;
			}
		}
	}
	return va;
}

void pmap_remove(struct pmap *pm, vaddr_t start, vaddr_t end,
		 void (*fn)(void *arg, vaddr_t va, paddr_t pa, bool dirty),
		 void *arg)
{
	struct flush f;
	struct list dead;
	struct batch b;

	flush_begin(&f, pm);
	list_init(&dead);
	batch_begin(&b, (end - start) / PAGE_SIZE);
	while (start < end) {
		b.n = 0;
		start = clear_some(pm, start, end, &b, &dead);
		/* Also those not present, for the tables that may have gone. */
		for (unsigned i = 0; i < b.n; i++)
			flush_add(&f, b.v[i].va);
		f.tables = !list_empty(&dead);
		flush_now(&f);
		free_tables(&dead);
		for (unsigned i = 0; fn && i < b.n; i++)
			fn(arg, b.v[i].va, b.v[i].pte & PTE_ADDRESS,
			   b.v[i].pte & PTE_D);
	}
	batch_end(&b);
}

void pmap_protect(struct pmap *pm, vaddr_t start, vaddr_t end, unsigned bits)
{
	u64 flags = pte_flags(bits);
	struct flush f;
	vaddr_t va = start;

	flush_begin(&f, pm);
	while (va < end) {
		unsigned level;
		u64 *e = find(pm, va, &level), old;

		if (level) {
			va = ALIGN_DOWN(va, LEVEL_SPAN(level)) +
			     LEVEL_SPAN(level);
			continue;
		}
		old = *e;
		/* The processor may add accessed and dirty meanwhile. */
		while (old && !__atomic_compare_exchange_n(
				      e, &old,
				      (old & (PTE_ADDRESS | PTE_A | PTE_D)) |
					      flags,
				      false, __ATOMIC_SEQ_CST,
				      __ATOMIC_SEQ_CST))
			;
		if (old & PTE_P)
			flush_add(&f, va);
		va += PAGE_SIZE;
	}
	flush_now(&f);
}

bool pmap_query(struct pmap *pm, vaddr_t va, paddr_t *pa, unsigned *bits)
{
	u64 *e = find_page(pm, va);

	if (!e)
		return false;
	if (pa)
		*pa = *e & PTE_ADDRESS;
	if (bits)
		*bits = pte_bits(*e);
	return true;
}

bool pmap_next(struct pmap *pm, vaddr_t *va, vaddr_t end, paddr_t *pa,
	       unsigned *bits)
{
	vaddr_t at = *va;

	while (at < end) {
		unsigned level;
		u64 *e = find(pm, at, &level);

		if (level) {
			at = ALIGN_DOWN(at, LEVEL_SPAN(level)) +
			     LEVEL_SPAN(level);
			continue;
		}
		for (; at < end; at += PAGE_SIZE, e++) {
			if (*e)
				break;
			if (!((at + PAGE_SIZE) & (LEVEL_SPAN(1) - 1))) {
				e = NULL;
				at += PAGE_SIZE;
				break;
			}
		}
		if (at >= end || !e)
			continue;
		*va = at;
		if (pa)
			*pa = *e & PTE_ADDRESS;
		if (bits)
			*bits = pte_bits(*e);
		return true;
	}
	return false;
}

static bool clear_bit(struct pmap *pm, vaddr_t va, u64 bit, bool flush)
{
	u64 *e = find_page(pm, va), old = 0;

	if (e && (*e & bit))
		old = __atomic_fetch_and(e, ~bit, __ATOMIC_SEQ_CST);
	if (flush && (old & bit))
		flush_page(pm, va);
	return old & bit;
}

/*
 * Not flushed: a page whose translation is still cached looks unused a little
 * too long, which only makes the choice of what to reclaim less exact.
 */
bool pmap_clear_accessed(struct pmap *pm, vaddr_t va)
{
	return clear_bit(pm, va, PTE_A, false);
}

bool pmap_clear_dirty(struct pmap *pm, vaddr_t va)
{
	return clear_bit(pm, va, PTE_D, true);
}

vaddr_t platform_program_end(void)
{
	return PROGRAM_END;
}
