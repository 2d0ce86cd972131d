/* Page table entries (SDM vol. 3, 4.5), shared by pmap.c and kmap.c. */
#ifndef RR_ARCH_PTE_H
#define RR_ARCH_PTE_H

#include "platform.h"
#include <arch/layout.h>

#define PTE_P BIT(0)
#define PTE_W BIT(1)
#define PTE_U BIT(2)
#define PTE_PWT BIT(3)
#define PTE_PCD BIT(4)
#define PTE_A BIT(5)
#define PTE_D BIT(6)
#define PTE_PS BIT(7) /* a large page, in levels 1 and 2 */
#define PTE_G BIT(8)
/*
 * Ours: without PTE_P, the entry holds a frame that nobody may touch
 * (PROT_NONE). Always set, so an entry of a page that is mapped is never 0.
 */
#define PTE_HELD BIT(9)
#define PTE_NX BIT(63)
#define PTE_ADDRESS 0x000ffffffffff000ull

#define TABLE_ENTRIES 512

/* Level 0 is the page table, 3 the PML4. */
#define LEVEL_SHIFT(level) (PAGE_SHIFT + 9 * (level))
#define LEVEL_SPAN(level) (1ull << LEVEL_SHIFT(level))
#define LEVEL_INDEX(va, level) ((va) >> LEVEL_SHIFT(level) & 511)

static inline u64 *pte_table(u64 entry)
{
	return phys_to_virt(entry & PTE_ADDRESS);
}

/* The kernel's own tables; their lower half is empty. */
extern u64 kernel_root[TABLE_ENTRIES];

/* Bits of platform.h to those of a last-level entry. */
u64 pte_flags(unsigned bits);
unsigned pte_bits(u64 pte);

#endif
