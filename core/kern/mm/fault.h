/*
 * A page fault under way: what fault.c and component pagecache, which knows the
 * pages of mappings, have in common.
 */
#ifndef RR_MM_FAULT_H
#define RR_MM_FAULT_H

#include "private.h"

struct fault {
	struct vm_space *vm;
	vaddr_t va; /* page-aligned */
	unsigned access;
	/* A page of ours for a private copy; NULL: none yet. */
	struct page *fresh;
	bool fresh_zero; /* it is zeroed */
	unsigned absent; /* WANT_ZERO: vm_absent_around's answer */
	/* A page of the mapping, with a reference, and what it was found as. */
	struct page *source;
	struct mapping *source_mapping;
	u64 source_index;
	bool major;
};

/* What has to happen before the next attempt. */
enum step {
	DONE,
	WANT_FRESH,  /* a page, contents to be copied */
	WANT_ZERO,   /* a zeroed page */
	WANT_SOURCE, /* the mapping's page */
	WANT_DIRTY,  /* the source marked dirty */
	WANT_TABLE,  /* memory for page tables */
};

/* Instead of a signal: look at everything again. */
#define FAULT_RETRY (-1)

/* ---- fault.c ---- */

/*
 * Enter a copy of the frame from at f->va, where it is mapped already, or not.
 * tables_lock held.
 */
enum step fault_copy(struct fault *f, const struct vma *v, paddr_t from,
		     bool mapped);

/* ---- pagecache/mapfault.c: where v has a mapping ---- */

/* Nothing is mapped at f->va; tables_lock held. */
enum step fault_enter_mapped(struct fault *f, const struct vma *v);
/* The frame pa of a shared mapping is, with too few rights; tables_lock held. */
enum step fault_upgrade_shared(struct fault *f, const struct vma *v,
			       paddr_t pa);
/*
 * Do what WANT_SOURCE or WANT_DIRTY asks for.  0, with vm->lock still held; else that
 * is released: FAULT_RETRY, or a signal and its *code.
 */
int fault_get_source(struct fault *f, const struct vma *v, enum step want,
		     int *code);
void fault_drop_source(struct fault *f);

#endif
