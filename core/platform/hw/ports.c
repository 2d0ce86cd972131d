/* Port access for drivers, and device registers in memory. */
#include "hw.h"
#include <arch/insn.h>

u8 platform_port_read8(u16 port)
{
	return inb(port);
}

u16 platform_port_read16(u16 port)
{
	return inw(port);
}

u32 platform_port_read32(u16 port)
{
	return inl(port);
}

void platform_port_write8(u16 port, u8 v)
{
	outb(port, v);
}

void platform_port_write16(u16 port, u16 v)
{
	outw(port, v);
}

void platform_port_write32(u16 port, u32 v)
{
	outl(port, v);
}

void *map_physical(paddr_t pa, size_t size, unsigned bits)
{
	paddr_t first = PAGE_DOWN(pa), end = PAGE_UP(pa + size);
	char *va;

	if (!size || end <= first)
		return NULL;
	va = kva_alloc(end - first);
	if (!va)
		return NULL;
	for (paddr_t p = first; p < end; p += PAGE_SIZE) {
		if (!kva_map(va + (p - first), p, bits))
			continue;
		kva_unmap(va, (p - first) / PAGE_SIZE, NULL);
		kva_free(va, end - first);
		return NULL;
	}
	return va + (pa - first);
}

void unmap_physical(const void *p, size_t size)
{
	u64 va = (u64)(uintptr_t)p;
	u64 first = PAGE_DOWN(va), end = PAGE_UP(va + size);

	kva_unmap((void *)first, (end - first) / PAGE_SIZE, NULL);
	kva_free((void *)first, end - first);
}

volatile void *platform_map_registers(paddr_t pa, size_t size)
{
	return map_physical(pa, size, MAP_READ | MAP_WRITE | MAP_UNCACHED);
}
