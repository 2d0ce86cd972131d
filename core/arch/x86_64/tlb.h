/* Flushing translations of a program's addresses, on all CPUs. */
#ifndef RR_ARCH_TLB_H
#define RR_ARCH_TLB_H

#include "platform.h"
#include "thread.h"

/* Above this many pages all is flushed instead. */
#define FLUSH_SINGLE_MAX 32

/* What all CPUs have to forget before the caller may go on. */
struct flush {
	struct pmap *pm;
	bool tables; /* tables too: nobody may even walk them any more */
	unsigned n;  /* of pages; above the limit all */
	vaddr_t va[FLUSH_SINGLE_MAX];
};

/* The addresses are not touched before they are used. */
static inline void flush_begin(struct flush *f, struct pmap *pm)
{
	f->pm = pm;
	f->tables = false;
	f->n = 0;
}

static inline void flush_add(struct flush *f, vaddr_t va)
{
	if (f->n < FLUSH_SINGLE_MAX)
		f->va[f->n] = va;
	f->n++;
}

/*
 * The entries have been changed, by locked instructions: on return no CPU has them
 * cached, and f is empty.  Waits for other CPUs (platform_call_others).
 */
void flush_now(struct flush *f);
/* The same for one page. */
void flush_page(struct pmap *pm, vaddr_t va);

/* Does this CPU have the space loaded?  It stays here. */
static inline bool loaded_here(const struct pmap *pm)
{
	return this_cpu()->pmap == pm;
}

#endif
