/* Page frames that are free, and the stacks of threads, hold a pattern. */
#include "page.h"
#include "private.h"
#include "log.h"
#include "string.h"
#include "thread.h"

#define FREE_WORD 0x6b6b6b6b6b6b6b6bull
#define STACK_WORD 0x5757575757575757ull
/* A stack of which less than this was never used is too small. */
#define STACK_SPARE 1024u

#define PAGE_FILLED 1 /* page->pad: the frame is free and filled */

static u64 deepest; /* stack use seen, bytes */

void check_pages_free(struct page *p, u64 count)
{
	for (u64 i = 0; i < count; i++) {
		u64 *w;

		p[i].pad = 0; /* the first time it is anything */
		if (!checking())
			continue;
		w = page_address(p + i);
		for (unsigned k = 0; k < PAGE_SIZE / sizeof(*w); k++)
			w[k] = FREE_WORD;
		p[i].pad = PAGE_FILLED;
	}
}

void check_pages_taken(struct page *p, u64 count)
{
	for (u64 i = 0; i < count; i++) {
		const u64 *w = page_address(p + i);
		unsigned k = 0;

		if (p[i].pad != PAGE_FILLED)
			continue;
		p[i].pad = 0;
		while (k < PAGE_SIZE / sizeof(*w) && w[k] == FREE_WORD)
			k++;
		if (k < PAGE_SIZE / sizeof(*w) && checking())
			report("page frame 0x%lx was written at offset %u while "
			       "it was free: 0x%lx", page_to_phys(p + i),
			       (unsigned)(k * sizeof(*w)), w[k]);
	}
}

void check_stack_new(u64 base)
{
	u64 *w = (u64 *)base;

	for (unsigned k = 0; k < KSTACK_SIZE / sizeof(*w); k++)
		w[k] = STACK_WORD;
}

void check_stack_end(u64 base)
{
	const u64 *w = (const u64 *)base;
	unsigned k = 0;
	u64 used;

	while (k < KSTACK_SIZE / sizeof(*w) && w[k] == STACK_WORD)
		k++;
	used = KSTACK_SIZE - k * sizeof(*w);
	if (used > READ_ONCE(deepest)) {
		deepest = used;
		kdebug("DEBUG: deepest kernel stack so far: %lu of %u bytes",
		       used, (unsigned)KSTACK_SIZE);
	}
	if (checking() && used > KSTACK_SIZE - STACK_SPARE)
		report("a thread used %lu of %u bytes of its kernel stack", used,
		       (unsigned)KSTACK_SIZE);
}
