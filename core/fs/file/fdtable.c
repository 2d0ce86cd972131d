/*
 * Descriptor tables: slots, a bitmap of those in use, one of those that exec
 * closes.  They grow by doubling and never shrink.
 */
#include "fdtable.h"
#include "process.h"
#include "refs.h"

#define FD_START 64 /* slots of a new table */

struct slots {
	struct file **files;
	u64 *used, *cloexec;
};

/* One allocation for all three arrays, zeroed. */
static bool slots_alloc(struct slots *s, unsigned size)
{
	size_t words = size / WORD_BITS;

	s->files = kzalloc(size * sizeof(*s->files) + 2 * words * sizeof(u64),
			   ALLOC_WAIT);
	if (!s->files)
		return false;
	s->used = (u64 *)(s->files + size);
	s->cloexec = s->used + words;
	return true;
}

static void slots_install(struct fdtable *t, const struct slots *s,
			  unsigned size)
{
	t->files = s->files;
	t->used = s->used;
	t->cloexec = s->cloexec;
	t->size = size;
}

static void slots_copy(const struct slots *to, const struct fdtable *from)
{
	size_t words = from->size / WORD_BITS;

	memcpy(to->files, from->files, from->size * sizeof(*to->files));
	memcpy(to->used, from->used, words * sizeof(u64));
	memcpy(to->cloexec, from->cloexec, words * sizeof(u64));
}

struct fdtable *current_files(void)
{
	struct process *p = current_process();

	return p ? p->files : NULL;
}

struct fdtable *fdtable_new(void)
{
	struct fdtable *t = kzalloc(sizeof(*t), ALLOC_WAIT);
	struct slots s;

	if (!t)
		return NULL;
	if (!slots_alloc(&s, FD_START)) {
		kfree(t);
		return NULL;
	}
	slots_install(t, &s, FD_START);
	spin_init(&t->lock);
	t->refs = 1;
	return t;
}

struct fdtable *fdtable_copy(struct fdtable *from)
{
	struct fdtable *t = kzalloc(sizeof(*t), ALLOC_WAIT);
	unsigned size = READ_ONCE(from->size);
	struct slots s;

	if (!t)
		return NULL;
	spin_init(&t->lock);
	for (;;) {
		if (!slots_alloc(&s, size)) {
			kfree(t);
			return NULL;
		}
		spin_lock(&from->lock);
		if (size == from->size)
			break;
		/* It has grown meanwhile. */
		size = from->size;
		spin_unlock(&from->lock);
		kfree(s.files);
	}
	slots_copy(&s, from);
	slots_install(t, &s, size);
	for (unsigned fd = 0; fd < size; fd++)
		if (t->files[fd])
			file_get(t->files[fd]);
		else /* or reserved, by another thread */
			bit_assign(t->used, fd, false);
	spin_unlock(&from->lock);
	t->lowest = bit_next(t->used, size, 0, false);
	t->refs = 1;
	return t;
}

void fdtable_get(struct fdtable *t)
{
	ref_get(&t->refs);
}

void fdtable_close_file(struct fdtable *t, struct file *f)
{
	if (f->inode && !(f->flags & O_PATH))
		locks_close(f, t);
	if (f->ops->flush)
		f->ops->flush(f);
	file_put(f);
}

void fdtable_put(struct fdtable *t)
{
	if (!ref_put(&t->refs))
		return;
	for (unsigned fd = 0; fd < t->size; fd++)
		if (t->files[fd])
			fdtable_close_file(t, t->files[fd]);
	kfree(t->files);
	kfree(t);
}

int fdtable_grow(struct fdtable *t, unsigned n)
{
	while (n >= t->size) {
		unsigned size = t->size;
		struct slots s;
		void *old = NULL;

		while (size <= n)
			size *= 2;
		spin_unlock(&t->lock);
		if (!slots_alloc(&s, size)) {
			spin_lock(&t->lock);
			return -ENOMEM;
		}
		spin_lock(&t->lock);
		if (size > t->size) {
			slots_copy(&s, t);
			old = t->files;
			slots_install(t, &s, size);
		} else {
			old = s.files;
		}
		spin_unlock(&t->lock);
		kfree(old);
		spin_lock(&t->lock);
	}
	return 0;
}
