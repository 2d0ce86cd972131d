/*
 * The heap as the rest of the kernel sees it when it checks itself: around the
 * real one (core/kern/mm/heap.c, whose functions are called heap_kmalloc and so on
 * in this variant).
 *
 * An object is followed by filler up to its tag, the last bytes of the slot; writing
 * past the object damages the filler.  A freed object is filled and kept for a
 * while; writing to it damages that, and a pointer read from it faults.
 */
#include "page.h"
#include "private.h"
#include "log.h"
#include "string.h"
#include <arch/cpu.h>

#define FILLER 0xa5 /* behind an object */
#define FREED 0x6b  /* in one that was freed */
#define LIVE_MAGIC 0x4c495645u /* "LIVE" */
#define DEAD_MAGIC 0x44454144u /* "DEAD" */
#define FILLER_MIN 16

/* How much is kept that was freed: enough that a stale pointer meets it. */
#define KEPT_MAX 512
#define KEPT_SIZE_MAX 512u

void *heap_kmalloc(size_t size, unsigned flags);
void heap_kfree(void *p);
size_t heap_kmalloc_size(const void *p);

struct tag {
	u32 magic;
	u32 size;       /* that was asked for */
	u32 site;       /* sites.c */
	u64 made[SITE_TRACE]; /* by whom: return addresses */
	u64 freed[SITE_TRACE];
};

static u32 kept_lock; /* not checked, for it is inside of everything */
static void *kept[KEPT_MAX];
static unsigned next_kept;

static struct tag *tag_of(const void *p)
{
	return (struct tag *)((char *)(uintptr_t)p + heap_kmalloc_size(p)) - 1;
}

static void tell(const struct tag *tag)
{
	trace_print(tag->made, SITE_TRACE, "%u bytes, allocated by", tag->size);
	if (tag->magic == DEAD_MAGIC)
		trace_print(tag->freed, SITE_TRACE, "freed by");
}

static bool all(const u8 *from, const u8 *end, u8 byte)
{
	while (from < end && *from == byte)
		from++;
	return from == end;
}

/* Large powers of two must stay aligned to their size, which their slot is. */
static size_t slot_size(size_t size)
{
	size_t want = size + FILLER_MIN + sizeof(struct tag), slot = 64;

	if (size > PAGE_SIZE || (size & (size - 1)))
		return want;
	while (slot < want)
		slot *= 2;
	return slot;
}

void *kmalloc(size_t size, unsigned flags)
{
	struct tag *tag;
	void *p;

	if (!(flags & ALLOC_ATOMIC))
		check_may_sleep();
	if (size > UINT32_MAX)
		return NULL;
	p = heap_kmalloc(slot_size(size), flags & ~(unsigned)ALLOC_ZERO);
	if (!p)
		return NULL;
	tag = tag_of(p);
	/* What was never written is no zero. */
	memset(p, flags & ALLOC_ZERO ? 0 : FILLER, size);
	memset((char *)p + size, FILLER, (size_t)((char *)tag - (char *)p) - size);
	*tag = (struct tag){.magic = LIVE_MAGIC, .size = (u32)size};
	trace_take(tag->made, SITE_TRACE);
	tag->site = site_allocated(tag->made, size);
	return p;
}

void *kzalloc(size_t size, unsigned flags)
{
	return kmalloc(size, flags | ALLOC_ZERO);
}

size_t kmalloc_size(const void *p)
{
	return tag_of(p)->size;
}

/* An object comes out of keeping: nobody wrote to it since it was freed. */
static void let_go(void *p)
{
	struct tag *tag = tag_of(p);

	if (tag->magic != DEAD_MAGIC ||
	    !all(p, (const u8 *)tag, FREED)) {
		tell(tag);
		report("memory at %p was written after it was freed", p);
	}
	heap_kfree(p);
}

void kfree(void *p)
{
	struct tag *tag;
	size_t slot;
	u64 flags;
	void *old;

	if (!p)
		return;
	slot = heap_kmalloc_size(p);
	tag = tag_of(p);
	if (tag->magic == DEAD_MAGIC) {
		tell(tag);
		report("memory at %p is freed twice", p);
		return;
	}
	if (tag->magic != LIVE_MAGIC || tag->size > slot - sizeof(*tag) ||
	    !all((const u8 *)p + tag->size, (const u8 *)tag, FILLER)) {
		if (tag->magic == LIVE_MAGIC)
			tell(tag);
		report("memory at %p was written past its end", p);
		return;
	}
	trace_take(tag->freed, SITE_TRACE);
	site_freed(tag->site, tag->size);
	tag->magic = DEAD_MAGIC;
	memset(p, FREED, (size_t)((char *)tag - (char *)p));
	if (slot > KEPT_SIZE_MAX) {
		heap_kfree(p);
		return;
	}
	flags = irq_save();
	while (__atomic_exchange_n(&kept_lock, 1, __ATOMIC_ACQUIRE))
		cpu_relax();
	old = kept[next_kept];
	kept[next_kept] = p;
	next_kept = (next_kept + 1) % KEPT_MAX;
	__atomic_store_n(&kept_lock, 0, __ATOMIC_RELEASE);
	irq_restore(flags);
	if (old)
		let_go(old);
}

void check_ref(const s32 *refs, s32 old, s32 least)
{
	if (likely(old >= least && old != FREED * 0x01010101) || !checking())
		return;
	if (old == FREED * 0x01010101)
		report("a reference to memory at %p, which is free, is taken "
		       "or given back", refs);
	else
		report("the reference count at %p was %d already when one was "
		       "taken or given back", refs, old);
}

void *krealloc(void *p, size_t size, unsigned flags)
{
	size_t have;
	void *q;

	if (!p)
		return kmalloc(size, flags);
	have = kmalloc_size(p);
	/* It always moves, so that who keeps the old pointer is found. */
	q = kmalloc(size, flags);
	if (!q)
		return NULL;
	memcpy(q, p, MIN(size, have));
	kfree(p);
	return q;
}
