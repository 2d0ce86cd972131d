/* Building the kernel's half of the address space, for the platform's start. */
#ifndef RR_ARCH_KMAP_H
#define RR_ARCH_KMAP_H

#include "platform.h"

/*
 * Make the final tables and load them.  ram is all memory, page-aligned; page
 * gives zeroed frames (below 4 GiB: only those are mapped so far) until
 * kmap_allocator_ready.
 */
void kmap_init(const struct phys_range *ram, size_t n, paddr_t (*page)(void));
/* Load them on this CPU. */
void kmap_activate(void);
/* From now on page_alloc gives the frames. */
void kmap_allocator_ready(void);

#endif
