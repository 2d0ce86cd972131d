/*
 * Which memory there is, and what of it is taken before the kernel gives it
 * out.
 */
#include "hw.h"
#include "string.h"
#include <arch/layout.h>

#define RANGES 64
#define RESERVATIONS (16 + BOOT_MODULES)
#define FOUR_GIB (1ull << 32)

static struct phys_range ram[RANGES], usable[RANGES];
static size_t nram, nusable;
static struct {
	paddr_t base, end;
	bool temporary;
} taken[RESERVATIONS];
static size_t ntaken;

/* Keep ram[] ascending and without overlap. */
void memory_add(paddr_t base, u64 size)
{
	paddr_t end = base + size < base ? UINT64_MAX : base + size;
	size_t i = 0;

	base = PAGE_UP(base);
	end = MIN(PAGE_DOWN(end), (paddr_t)DIRECT_MAP_SIZE);
	/*
	 * Page 0 is the BIOS's; and address 0 stands for "none" here and there.
	 */
	base = MAX(base, (paddr_t)PAGE_SIZE);
	if (base >= end)
		return;
	while (i < nram && ram[i].base + ram[i].size < base)
		i++;
	/* Melt with all that touch. */
	while (i < nram && ram[i].base <= end) {
		base = MIN(base, ram[i].base);
		end = MAX(end, ram[i].base + ram[i].size);
		memmove(&ram[i], &ram[i + 1], (--nram - i) * sizeof(ram[0]));
	}
	if (nram == RANGES) {
		kmsg("memory at 0x%lx is not used: too many pieces", base);
		return;
	}
	memmove(&ram[i + 1], &ram[i], (nram++ - i) * sizeof(ram[0]));
	ram[i] = (struct phys_range){base, end - base};
}

void memory_reserve(paddr_t base, u64 size, bool temporary)
{
	paddr_t end = PAGE_UP(base + size);

	base = PAGE_DOWN(base);
	if (base >= end)
		return;
	for (size_t i = 0; i < ntaken; i++) {
		if (taken[i].temporary == temporary && taken[i].end == base) {
			taken[i].end = end;
			return;
		}
	}
	if (ntaken == RESERVATIONS)
		panic("too many reservations of memory");
	taken[ntaken].base = base;
	taken[ntaken].end = end;
	taken[ntaken++].temporary = temporary;
}

const struct phys_range *memory_all(size_t *n)
{
	*n = nram;
	return ram;
}

bool memory_contains(paddr_t base, u64 size)
{
	for (size_t i = 0; i < nram; i++)
		if (base >= ram[i].base && size <= ram[i].size &&
		    base - ram[i].base <= ram[i].size - size)
			return true;
	return false;
}

/*
 * The first free address at or after from; *end is where the free piece ends.
 */
static paddr_t first_free(paddr_t from, paddr_t limit, paddr_t *end,
			  bool temporary_too)
{
	bool moved;

	do {
		moved = false;
		*end = limit;
		for (size_t i = 0; i < ntaken; i++) {
			if (taken[i].temporary && !temporary_too)
				continue;
			if (from >= taken[i].base && from < taken[i].end) {
				from = taken[i].end;
				moved = true;
			} else if (taken[i].base > from) {
				*end = MIN(*end, taken[i].base);
			}
		}
	} while (moved);
	return from;
}

paddr_t memory_early(size_t size)
{
	size = PAGE_UP(size);
	for (size_t i = 0; i < nram; i++) {
		paddr_t limit = MIN(ram[i].base + ram[i].size, FOUR_GIB), end;
		paddr_t at = ram[i].base;

		while ((at = first_free(at, limit, &end, true)) < limit) {
			if (size <= end - at) {
				memory_reserve(at, size, false);
				memset(phys_to_virt(at), 0, size);
				return at;
			}
			at = end;
		}
	}
	panic("no memory: the machine is too small to start");
}

paddr_t memory_early_page(void)
{
	return memory_early(PAGE_SIZE);
}

void memory_finish(void)
{
	for (size_t i = 0; i < nram; i++) {
		paddr_t limit = ram[i].base + ram[i].size, end;
		paddr_t at = ram[i].base;

		while ((at = first_free(at, limit, &end, false)) < limit) {
			if (nusable == RANGES) {
				kmsg("memory at 0x%lx is not used: %s", at,
				     "too many pieces");
				return;
			}
			usable[nusable++] = (struct phys_range){at, end - at};
			at = end;
		}
	}
}

const struct phys_range *platform_memory(size_t *n)
{
	*n = nusable;
	return usable;
}
