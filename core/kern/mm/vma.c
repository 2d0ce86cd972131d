/*
 * The tree of a space's mappings: an AVL tree by address that knows the largest
 * gap below each subtree.
 */
#include "file.h"
#include "log.h"
#include "filemap.h"
#include "string.h"
#include <linux/errno.h>

static struct vma *vma_of(struct avl_node *n)
{
	return n ? container_of(n, struct vma, node) : NULL;
}

static void update(struct avl_node *n)
{
	struct vma *v = vma_of(n);
	u64 gap = v->gap;

	for (int side = 0; side < 2; side++)
		if (n->child[side])
			gap = MAX(gap, vma_of(n->child[side])->max_gap);
	v->max_gap = gap;
}

void vma_tree_init(struct vm_space *vm)
{
	vm->vmas.root = NULL;
	vm->vmas.update = update;
	vm->vma_count = 0;
}

struct vma *vma_first(struct vm_space *vm)
{
	return vma_of(avl_first(&vm->vmas));
}

struct vma *vma_next(struct vma *v)
{
	return vma_of(avl_next(&v->node));
}

struct vma *vma_prev(struct vma *v)
{
	return vma_of(avl_prev(&v->node));
}

struct vma *vm_find(struct vm_space *vm, vaddr_t addr)
{
	struct avl_node *n = vm->vmas.root;
	struct vma *found = NULL;

	while (n) {
		struct vma *v = vma_of(n);

		if (v->end > addr) {
			found = v;
			n = n->child[0];
		} else {
			n = n->child[1];
		}
	}
	return found;
}

vaddr_t vma_guard_start(const struct vma *v)
{
	if (!(v->flags & VMA_GROWSDOWN))
		return v->start;
	return v->start > STACK_GUARD ? v->start - STACK_GUARD : 0;
}

static void set_gap(struct vm_space *vm, struct vma *v)
{
	struct vma *prev = vma_prev(v);
	vaddr_t from = prev ? prev->end : 0, to = vma_guard_start(v);

	v->gap = to > from ? to - from : 0;
	avl_touch(&vm->vmas, &v->node);
}

/* Count v, or stop counting it. */
static void count(struct vm_space *vm, const struct vma *v, bool in)
{
	s64 n = in ? (s64)vma_pages(v) : -(s64)vma_pages(v);

	vm->total_pages += (u64)n;
	vm->max_pages = MAX(vm->max_pages, vm->total_pages);
	if (v->flags & (VMA_STACK | VMA_GROWSDOWN))
		vm->stack_pages += (u64)n;
	else if ((v->flags & (VMA_WRITE | VMA_SHARED)) == VMA_WRITE)
		vm->data_pages += (u64)n;
	else if (v->flags & VMA_EXEC)
		vm->exec_pages += (u64)n;
	if (v->flags & VMA_SHARED)
		vm->shared_pages += (u64)n;
	if (v->flags & VMA_LOCKED)
		vm->locked_pages += (u64)n;
}

static void link_mapping(struct vma *v)
{
	if (!v->mapping)
		return;
	mutex_lock(&v->mapping->vmas_lock);
	list_append(&v->mapping->vmas, &v->mapping_link);
	mutex_unlock(&v->mapping->vmas_lock);
}

static void unlink_mapping(struct vma *v)
{
	if (!v->mapping)
		return;
	mutex_lock(&v->mapping->vmas_lock);
	list_del(&v->mapping_link);
	mutex_unlock(&v->mapping->vmas_lock);
}

void vma_insert(struct vm_space *vm, struct vma *v)
{
	struct avl_node *parent = NULL, *n = vm->vmas.root;
	int side = 0;
	struct vma *next;

	while (n) {
		parent = n;
		side = v->start > vma_of(n)->start;
		n = n->child[side];
	}
	v->vm = vm;
	v->gap = 0;
	avl_insert(&vm->vmas, &v->node, parent, side);
	vm->vma_count++;
	set_gap(vm, v);
	next = vma_next(v);
	if (next)
		set_gap(vm, next);
	count(vm, v, true);
	if (list_empty(&v->mapping_link))
		link_mapping(v);
}

void vma_remove(struct vm_space *vm, struct vma *v)
{
	struct vma *next = vma_next(v);

	unlink_mapping(v);
	count(vm, v, false);
	avl_remove(&vm->vmas, &v->node);
	vm->vma_count--;
	if (next)
		set_gap(vm, next);
}

void vma_resize(struct vm_space *vm, struct vma *v, vaddr_t start, vaddr_t end)
{
	struct vma *next;
	/* Of the mapping's contents, before (grown downwards: negative). */
	s64 moved = (s64)(start - v->start);

	if (v->mapping)
		mutex_lock(&v->mapping->vmas_lock);
	count(vm, v, false);
	if (v->flags & VMA_IMAGE && moved) {
		v->image = (const char *)v->image + moved;
		v->image_size -= (u64)MIN(moved, (s64)v->image_size);
	}
	v->pgoff += (u64)(moved / (s64)PAGE_SIZE);
	v->start = start;
	v->end = end;
	count(vm, v, true);
	if (v->mapping)
		mutex_unlock(&v->mapping->vmas_lock);
	set_gap(vm, v);
	next = vma_next(v);
	if (next)
		set_gap(vm, next);
}

void vma_set_flags(struct vm_space *vm, struct vma *v, u32 flags)
{
	count(vm, v, false);
	v->flags = flags;
	count(vm, v, true);
}

/* Is it a way to write to a file, or could mprotect make it one? */
static bool writes_file(const struct vma *v)
{
	return v->file && v->mapping &&
	       (v->flags & (VMA_SHARED | VMA_MAYWRITE)) ==
		       (VMA_SHARED | VMA_MAYWRITE);
}

bool vma_begin_writing(struct vma *v)
{
	s32 n;

	if (!writes_file(v))
		return true;
	n = __atomic_load_n(&v->mapping->writers, __ATOMIC_RELAXED);
	do {
		if (n < 0) {
			v->flags &= ~VMA_MAYWRITE;
			return !(v->flags & VMA_WRITE);
		}
	} while (!__atomic_compare_exchange_n(&v->mapping->writers, &n, n + 1,
					      false, __ATOMIC_ACQ_REL,
					      __ATOMIC_RELAXED));
	return true;
}

bool mapping_forbid_writers(struct mapping *m)
{
	s32 n = 0;

	return __atomic_compare_exchange_n(&m->writers, &n, -1, false,
					   __ATOMIC_ACQ_REL,
					   __ATOMIC_RELAXED) ||
	       n < 0;
}

struct vma *vma_copy(const struct vma *v)
{
	struct vma *n = kmalloc(sizeof(*n), ALLOC_WAIT);

	if (!n)
		return NULL;
	*n = *v;
	list_init(&n->mapping_link);
	if (writes_file(n))
		__atomic_fetch_add(&n->mapping->writers, 1, __ATOMIC_RELAXED);
	if (n->file)
		file_get(n->file);
	if (n->mapping && mapping_is_shared_memory(n->mapping))
		shared_memory_get(n->mapping);
	return n;
}

void vma_free(struct vma *v)
{
	if (writes_file(v))
		__atomic_fetch_sub(&v->mapping->writers, 1, __ATOMIC_RELEASE);
	if (v->mapping && mapping_is_shared_memory(v->mapping))
		shared_memory_put(v->mapping);
	if (v->file)
		file_put(v->file);
	kfree(v);
}

void vma_free_list(struct list *dead)
{
	while (!list_empty(dead)) {
		struct vma *v = list_first(dead, struct vma, mapping_link);

		list_del(&v->mapping_link);
		vma_free(v);
	}
}

int vma_split_at(struct vm_space *vm, vaddr_t addr)
{
	struct vma *v = vm_find(vm, addr), *upper;
	u64 below;

	if (!v || v->start >= addr)
		return 0;
	if (vm->vma_count >= VMA_COUNT_MAX)
		return -ENOMEM;
	upper = vma_copy(v);
	if (!upper)
		return -ENOMEM;
	below = addr - v->start;
	upper->start = addr;
	upper->pgoff += below / PAGE_SIZE;
	if (upper->flags & VMA_IMAGE) {
		upper->image = (const char *)v->image + below;
		below = MIN(below, v->image_size);
		upper->image_size -= below;
		v->image_size = below;
	}
	/*
	 * At no time may truncation find nothing mapped here: first the new
	 * one.
	 */
	link_mapping(upper);
	vma_resize(vm, v, v->start, addr);
	vma_insert(vm, upper);
	return 0;
}

static bool goes_on(const struct vma *a, const struct vma *b)
{
	if (a->end != b->start || a->flags != b->flags || a->file != b->file ||
	    a->mapping != b->mapping || a->name != b->name)
		return false;
	if (a->mapping && a->pgoff + vma_pages(a) != b->pgoff)
		return false;
	if (!(a->flags & VMA_IMAGE))
		return true;
	if ((const char *)a->image + (a->end - a->start) != b->image)
		return false;
	return !b->image_size || a->image_size == a->end - a->start;
}

/* b, which goes on where a ends, becomes part of a. */
static void join(struct vm_space *vm, struct vma *a, struct vma *b)
{
	if (a->flags & VMA_IMAGE)
		a->image_size += b->image_size;
	/* As in vma_split_at: truncation always finds what is mapped. */
	vma_resize(vm, a, a->start, b->end);
	vma_remove(vm, b);
	/*
	 * a has the same file and mapping, so these are not the last references
	 * and nothing sleeps for long.
	 */
	vma_free(b);
}

struct vma *vma_merge(struct vm_space *vm, struct vma *v)
{
	struct vma *prev = vma_prev(v), *next = vma_next(v);

	if (next && goes_on(v, next))
		join(vm, v, next);
	if (prev && goes_on(prev, v)) {
		join(vm, prev, v);
		v = prev;
	}
	return v;
}

int vma_change_flags(struct vm_space *vm, struct vma *v, vaddr_t start,
		     vaddr_t end, u32 flags)
{
	int err;

	if (flags == v->flags)
		return 0;
	err = vma_split_at(vm, start);
	if (!err)
		err = vma_split_at(vm, end);
	v = vm_find(vm, start);
	if (!err)
		vma_set_flags(vm, v, flags);
	(void)vma_merge(vm, v);
	return err;
}
