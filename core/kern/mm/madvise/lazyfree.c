/*
 * MADV_FREE: memory that a program does not need, but is quick to have again.
 *
 * The pages stay where they are, marked clean.  When memory is short, those
 * that are still clean go; one that was written meanwhile is in use again.
 * Only whole ranges are remembered, a few for each space; there is nothing to
 * do per page until memory is short.
 *
 * A range is forgotten when something else comes to be there, and all are when
 * the space is duplicated (the copies are entered as clean pages).
 */
#include "../private.h"
#include "linkset.h"
#include "sync.h"
#include "thread.h"

/* Spaces that have had such ranges; taken before tables_lock. */
static struct mutex lazy_lock = MUTEX_INIT(lazy_lock);
static struct list lazy_spaces = LIST_INIT(lazy_spaces);

/* tables_lock held: mark what is there clean. */
static void mark_clean(struct vm_space *vm, vaddr_t start, vaddr_t end)
{
	vaddr_t va = start;

	for (; pmap_next(&vm->pmap, &va, end, NULL, NULL); va += PAGE_SIZE)
		(void)pmap_clear_dirty(&vm->pmap, va);
}

/*
 * tables_lock held: was the page written since?  Decided while it cannot be.
 */
static bool was_written(struct vm_space *vm, vaddr_t va, unsigned bits)
{
	bool dirty;

	if (bits & MAP_WRITE)
		pmap_protect(&vm->pmap, va, va + PAGE_SIZE, bits & ~MAP_WRITE);
	dirty = pmap_clear_dirty(&vm->pmap, va);
	if (dirty && bits & MAP_WRITE)
		pmap_protect(&vm->pmap, va, va + PAGE_SIZE, bits);
	return dirty;
}

/*
 * tables_lock held: be done with r: drop what is still clean.  How many went.
 */
static size_t finish_range(struct vm_space *vm, struct lazy_range *r)
{
	vaddr_t va = r->start;
	unsigned bits;
	size_t n = 0;
	paddr_t pa;

	for (; pmap_next(&vm->pmap, &va, r->end, &pa, &bits); va += PAGE_SIZE) {
		struct page *p = phys_to_page(pa);

		if (!p || !page_test(p, PG_ANON) || READ_ONCE(p->refs) != 1 ||
		    was_written(vm, va, bits))
			continue;
		vm_zap_locked(vm, va, va + PAGE_SIZE);
		n++;
	}
	*r = (struct lazy_range){0, 0};
	return n;
}

/* tables_lock held: a free place, or the one that an adjacent range has. */
static struct lazy_range *find_slot(struct vm_space *vm, vaddr_t start,
				    vaddr_t end)
{
	struct lazy_range *unused = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(vm->lazy); i++) {
		struct lazy_range *r = &vm->lazy[i];

		if (r->end && start <= r->end && r->start <= end)
			return r;
		if (!r->end)
			unused = r;
	}
	return unused;
}

void vm_free_lazily(struct vm_space *vm, vaddr_t start, vaddr_t end)
{
	struct lazy_range *r;

	if (list_empty(&vm->lazy_link)) {
		mutex_lock(&lazy_lock);
		if (list_empty(&vm->lazy_link))
			list_append(&lazy_spaces, &vm->lazy_link);
		mutex_unlock(&lazy_lock);
	}
	mutex_lock(&vm->tables_lock);
	mark_clean(vm, start, end);
	r = find_slot(vm, start, end);
	if (!r) {
		/* Too many: the first one is done at once. */
		r = &vm->lazy[0];
		(void)finish_range(vm, r);
	}
	if (r->end) {
		r->start = MIN(r->start, start);
		r->end = MAX(r->end, end);
	} else {
		*r = (struct lazy_range){start, end};
	}
	mutex_unlock(&vm->tables_lock);
}

void vm_lazy_forget(struct vm_space *vm, vaddr_t start, vaddr_t end)
{
	if (list_empty(&vm->lazy_link))
		return;
	mutex_lock(&vm->tables_lock);
	for (size_t i = 0; i < ARRAY_SIZE(vm->lazy); i++) {
		struct lazy_range *r = &vm->lazy[i];
		u64 below, above;

		if (!r->end || r->end <= start || end <= r->start)
			continue;
		/* Of two parts the larger stays: it is only a hint. */
		below = start > r->start ? start - r->start : 0;
		above = r->end > end ? r->end - end : 0;
		if (!below && !above)
			*r = (struct lazy_range){0, 0};
		else if (below >= above)
			r->end = start;
		else
			r->start = end;
	}
	mutex_unlock(&vm->tables_lock);
}

void vm_lazy_end(struct vm_space *vm)
{
	if (list_empty(&vm->lazy_link))
		return;
	mutex_lock(&lazy_lock);
	list_del(&vm->lazy_link);
	mutex_unlock(&lazy_lock);
}

static size_t lazy_shrink(size_t n)
{
	struct vm_space *vm;
	size_t freed = 0;

	if (!mutex_trylock(&lazy_lock))
		return 0;
	list_for_each(vm, &lazy_spaces, lazy_link) {
		if (freed >= n || !mutex_trylock(&vm->tables_lock))
			continue;
		for (size_t i = 0; i < ARRAY_SIZE(vm->lazy) && freed < n; i++)
			if (vm->lazy[i].end)
				freed += finish_range(vm, &vm->lazy[i]);
		mutex_unlock(&vm->tables_lock);
	}
	mutex_unlock(&lazy_lock);
	return freed;
}

static struct shrinker lazy_shrinker = {.shrink = lazy_shrink,
					.name = "MADV_FREE"};

static void lazyfree_init(void)
{
	shrinker_register(&lazy_shrinker);
}
INITCALL(INIT_CORE, lazyfree_init);
