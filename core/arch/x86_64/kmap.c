/*
 * The kernel's half of the address space: the image, the direct map, and the
 * range that kva.c gives out.
 */
#include "log.h"
#include "page.h"
#include "pte.h"
#include "spinlock.h"
#include <arch/features.h>
#include <arch/insn.h>
#include <arch/kmap.h>
#include <linux/errno.h>

/* image.ld: page-aligned bounds. */
extern const char __image_start[], __text_end[], __rodata_end[];
extern const char __ro_after_init_start[], __ro_after_init_end[];
extern const char __boot_tables[], __boot_tables_end[], __image_end[];

u64 kernel_root[TABLE_ENTRIES] __aligned(PAGE_SIZE);
/* The boot tables map the first 4 GiB there, so it is valid from the start. */
u64 platform_direct_map = DIRECT_MAP_BASE;

static spinlock_t kmap_lock = SPINLOCK_INIT; /* interrupts off */
/* Until the page allocator works. */
static paddr_t (*early_page)(void);

paddr_t image_to_phys(const void *p)
{
	return (u64)(uintptr_t)p - KERNEL_OFFSET;
}

static paddr_t new_table(void)
{
	struct page *p;

	if (early_page)
		return early_page();
	p = page_alloc(0, ALLOC_ATOMIC | ALLOC_ZERO);
	return p ? page_to_phys(p) : 0;
}

/*
 * The entry of the given level for va, making tables on the way; NULL: no
 * memory.  Locked, or during start.
 */
static u64 *kernel_entry(vaddr_t va, unsigned level)
{
	u64 *table = kernel_root;

	for (unsigned l = 3; l > level; l--) {
		u64 *e = &table[LEVEL_INDEX(va, l)];

		if (!*e) {
			paddr_t pa = new_table();

			if (!pa)
				return NULL;
			*e = pa | PTE_P | PTE_W;
		}
		table = pte_table(*e);
	}
	return &table[LEVEL_INDEX(va, level)];
}

/*
 * The processor never has to write into these entries: accessed and dirty are
 * set from the start.
 */
static u64 kernel_flags(unsigned bits)
{
	return pte_flags(bits) | PTE_A | PTE_D | PTE_G;
}

static void map_range(vaddr_t va, paddr_t pa, u64 size, unsigned bits,
		      unsigned max_level)
{
	u64 flags = kernel_flags(bits);

	while (size) {
		unsigned level = max_level;
		u64 *e;

		while (level && (((va | pa) & (LEVEL_SPAN(level) - 1)) ||
				 size < LEVEL_SPAN(level)))
			level--;
		e = kernel_entry(va, level);
		if (!e)
			panic("no memory for the kernel's page tables");
		/* Larger pages can begin only where the table ends. */
		do {
			*e++ = pa | flags | (level ? PTE_PS : 0);
			va += LEVEL_SPAN(level);
			pa += LEVEL_SPAN(level);
			size -= LEVEL_SPAN(level);
		} while (size >= LEVEL_SPAN(level) && LEVEL_INDEX(va, level));
	}
}

static u64 addr(const void *p)
{
	return (u64)(uintptr_t)p;
}

static void map_image(const void *from, const void *to, unsigned bits)
{
	map_range(addr(from), image_to_phys(from), addr(to) - addr(from), bits,
		  0);
}

/*
 * Memory in the direct map.  The image keeps its protection there: its pages
 * are mapped one by one, those of text and read-only data without write.
 */
static void map_direct(paddr_t base, paddr_t end)
{
	paddr_t ro = image_to_phys(__image_start);
	paddr_t rw = image_to_phys(__rodata_end);
	paddr_t last = image_to_phys(__image_end);
	unsigned max = cpu_features.page1g ? 2 : 1;
	const struct {
		paddr_t base, end;
		unsigned bits, level;
	} part[] = {{0, ro, MAP_READ | MAP_WRITE, max},
		    {ro, rw, MAP_READ, 0},
		    {rw, last, MAP_READ | MAP_WRITE, 0},
		    {last, DIRECT_MAP_SIZE, MAP_READ | MAP_WRITE, max}};

	for (size_t i = 0; i < ARRAY_SIZE(part); i++) {
		paddr_t from = MAX(base, part[i].base);
		paddr_t to = MIN(end, part[i].end);

		if (from < to)
			map_range(platform_direct_map + from, from, to - from,
				  part[i].bits, part[i].level);
	}
}

void kmap_init(const struct phys_range *ram, size_t n, paddr_t (*page)(void))
{
	early_page = page;
	map_image(__image_start, __text_end, MAP_READ | MAP_EXEC);
	map_image(__text_end, __rodata_end, MAP_READ);
	/* The hole is the guard of the boot stack, and the tables' end. */
	map_image(__rodata_end, __boot_tables, MAP_READ | MAP_WRITE);
	map_image(__boot_tables_end, __image_end, MAP_READ | MAP_WRITE);
	for (size_t i = 0; i < n; i++)
		map_direct(ram[i].base, ram[i].base + ram[i].size);
	/* The top-level entry that kva_map will use has to exist now. */
	kernel_entry(KVA_BASE, 2);
	kmap_activate();
}

void kmap_activate(void)
{
	write_cr0(read_cr0() | CR0_WP);
	write_cr3(image_to_phys(kernel_root));
}

void kmap_allocator_ready(void)
{
	early_page = NULL;
}

struct kernel_ranges {
	void *const *va;
	size_t n, pages; /* n of them, so many pages each */
};

static void flush_here(void *arg)
{
	const struct kernel_ranges *r = arg;

	for (size_t i = 0; i < r->n * r->pages; i++)
		invlpg(addr(r->va[i / r->pages]) + i % r->pages * PAGE_SIZE);
}

/* All CPUs have these mappings, and may have them cached. */
static void flush_ranges(void *const *va, size_t n, size_t pages)
{
	struct kernel_ranges r = {va, n, pages};

	flush_here(&r);
	platform_call_others(platform_cpus_mask(), flush_here, &r);
}

static void set_read_only(vaddr_t va)
{
	u64 *e = kernel_entry(va, 0);

	__atomic_fetch_and(e, ~PTE_W, __ATOMIC_SEQ_CST);
}

void platform_seal(void)
{
	char *first = (char *)(uintptr_t)__ro_after_init_start;
	size_t pages = (size_t)(__ro_after_init_end - first) / PAGE_SIZE;
	void *const both[] = {first, phys_to_virt(image_to_phys(first))};
	u64 flags = spin_lock_irqsave(&kmap_lock);

	for (const char *p = __ro_after_init_start; p < __ro_after_init_end;
	     p += PAGE_SIZE) {
		set_read_only(addr(p));
		set_read_only(platform_direct_map + image_to_phys(p));
	}
	spin_unlock_irqrestore(&kmap_lock, flags);
	flush_ranges(both, ARRAY_SIZE(both), pages);
}

int kva_map(void *va, paddr_t pa, unsigned bits)
{
	u64 flags = spin_lock_irqsave(&kmap_lock);
	u64 *e = kernel_entry(addr(va), 0);

	if (e) {
		assert(!*e);
		*e = (pa & PTE_ADDRESS) | kernel_flags(bits);
	}
	spin_unlock_irqrestore(&kmap_lock, flags);
	return e ? 0 : -ENOMEM;
}

void kva_unmap_many(void *const *va, size_t n, size_t pages, paddr_t *frames)
{
	u64 flags = spin_lock_irqsave(&kmap_lock);

	for (size_t i = 0; i < n * pages; i++) {
		u64 *e = kernel_entry(addr(va[i / pages]) +
					      i % pages * PAGE_SIZE, 0);
		u64 old = e ? __atomic_exchange_n(e, 0, __ATOMIC_SEQ_CST) : 0;

		if (frames)
			frames[i] = old & PTE_ADDRESS;
	}
	spin_unlock_irqrestore(&kmap_lock, flags);
	flush_ranges(va, n, pages);
}

void kva_unmap(void *va, size_t pages, paddr_t *frames)
{
	kva_unmap_many(&va, 1, pages, frames);
}
