/*
 * Descriptor tables: slots, a bitmap of those in use, one of those that exec
 * closes.  They grow by doubling and never shrink.
 */
#include "names.h"
#include "process.h"
#include "refs.h"

#define FD_START 64   /* slots of a new table */
#define WORD_BITS 64u

struct fdtable {
	s32 refs;        /* atomic */
	spinlock_t lock; /* all that follows, for changes; see fd_get */
	unsigned size;   /* slots, a multiple of WORD_BITS */
	unsigned lowest; /* no slot below is free */
	struct file **files;
	u64 *used, *cloexec;
};

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

static bool bit_test(const u64 *map, unsigned n)
{
	return map[n / WORD_BITS] & BIT(n % WORD_BITS);
}

static void bit_assign(u64 *map, unsigned n, bool on)
{
	if (on)
		map[n / WORD_BITS] |= BIT(n % WORD_BITS);
	else
		map[n / WORD_BITS] &= ~BIT(n % WORD_BITS);
}

/* First bit from n on that is (not) set, or size. */
static unsigned bit_next(const u64 *map, unsigned size, unsigned n, bool set)
{
	for (unsigned w = n / WORD_BITS; w < size / WORD_BITS; w++) {
		u64 bits = set ? map[w] : ~map[w];

		if (w == n / WORD_BITS)
			bits &= ~0ull << n % WORD_BITS;
		if (bits)
			return w * WORD_BITS + (unsigned)__builtin_ctzll(bits);
	}
	return size;
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
	t->lowest = from->lowest;
	for (unsigned fd = 0; fd < size; fd++)
		if (t->files[fd])
			file_get(t->files[fd]);
	spin_unlock(&from->lock);
	t->refs = 1;
	return t;
}

void fdtable_get(struct fdtable *t)
{
	ref_get(&t->refs);
}

/* f has just been taken out of t. */
static void close_file(struct fdtable *t, struct file *f)
{
	if (f->inode)
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
			close_file(t, t->files[fd]);
	kfree(t->files);
	kfree(t);
}

/* Take fd out; lock held. NULL: not in use. */
static struct file *take_out(struct fdtable *t, unsigned fd)
{
	struct file *f = t->files[fd];

	if (!f)
		return NULL;
	t->files[fd] = NULL;
	bit_assign(t->used, fd, false);
	bit_assign(t->cloexec, fd, false);
	if (fd < t->lowest)
		t->lowest = fd;
	return f;
}

static void put_in(struct fdtable *t, unsigned fd, struct file *f, bool cloexec)
{
	t->files[fd] = f;
	bit_assign(t->used, fd, true);
	bit_assign(t->cloexec, fd, cloexec);
}

/* Have more than n slots.  Called and returns with the lock held. */
static int grow(struct fdtable *t, unsigned n)
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

int fd_install_from(struct file *f, int flags, int from)
{
	struct fdtable *t = current_files();
	u64 limit = process_limit(RLIMIT_NOFILE);
	unsigned fd;
	int err = 0;

	spin_lock(&t->lock);
	do {
		fd = bit_next(t->used, t->size, MAX((unsigned)from, t->lowest),
			      false);
		if (fd < (unsigned)from)
			fd = from;
		if (fd >= limit)
			err = -EMFILE;
		else if (fd >= t->size)
			err = grow(t, fd);
		else
			break;
	} while (!err);
	if (!err) {
		put_in(t, fd, f, flags & O_CLOEXEC);
		if (fd == t->lowest)
			t->lowest = fd + 1;
	}
	spin_unlock(&t->lock);
	return err ? err : (int)fd;
}

int fd_install(struct file *f, int flags)
{
	return fd_install_from(f, flags, 0);
}

/* Put f into slot fd, whatever was there. */
static int replace(struct fdtable *t, unsigned fd, struct file *f, bool cloexec)
{
	struct file *old;
	int err;

	spin_lock(&t->lock);
	err = grow(t, fd);
	if (err) {
		spin_unlock(&t->lock);
		return err;
	}
	old = take_out(t, fd);
	put_in(t, fd, f, cloexec);
	spin_unlock(&t->lock);
	if (old)
		close_file(t, old);
	return 0;
}

int fdtable_set(struct fdtable *t, int fd, struct file *f, bool cloexec)
{
	return fd < 0 ? -EBADF : replace(t, fd, f, cloexec);
}

int fd_replace(int fd, struct file *f, bool cloexec)
{
	int err;

	if (fd < 0 || (u64)fd >= process_limit(RLIMIT_NOFILE))
		return -EBADF;
	err = replace(current_files(), fd, f, cloexec);
	return err ? err : fd;
}

struct file *fdtable_lookup(struct fdtable *t, int fd)
{
	struct file *f = NULL;

	spin_lock(&t->lock);
	if ((unsigned)fd < t->size)
		f = t->files[fd];
	if (f)
		file_get(f);
	spin_unlock(&t->lock);
	return f;
}

struct file *fd_get_raw(int fd)
{
	struct process *p = current_process();
	struct fdtable *t = p ? p->files : NULL;
	struct file *f;

	if (!t)
		return NULL;
	/*
	 * Only users of a table change it.  Its only user, with its only thread
	 * in here, looks without the lock.
	 */
	if (READ_ONCE(t->refs) != 1 || READ_ONCE(p->thread_count) != 1)
		return fdtable_lookup(t, fd);
	f = (unsigned)fd < t->size ? t->files[fd] : NULL;
	if (f)
		file_get(f);
	return f;
}

struct file *fd_get(int fd)
{
	struct file *f = fd_get_raw(fd);

	if (f && unlikely(f->flags & O_PATH)) {
		file_put(f);
		f = NULL;
	}
	return f;
}

int fd_close(int fd)
{
	struct fdtable *t = current_files();
	struct file *f = NULL;

	spin_lock(&t->lock);
	if ((unsigned)fd < t->size)
		f = take_out(t, fd);
	spin_unlock(&t->lock);
	if (!f)
		return -EBADF;
	close_file(t, f);
	return 0;
}

/* The next descriptor in [fd, last] for which map has a bit; lock held. */
static int next_in(struct fdtable *t, const u64 *map, u64 fd, u64 last)
{
	unsigned n;

	if (fd >= t->size)
		return -1;
	n = bit_next(map, t->size, fd, true);
	return n < t->size && n <= last ? (int)n : -1;
}

int fd_next(struct fdtable *t, int fd)
{
	int n;

	spin_lock(&t->lock);
	n = fd < 0 ? -1 : next_in(t, t->used, fd, UINT32_MAX);
	spin_unlock(&t->lock);
	return n;
}

unsigned fdtable_size(struct fdtable *t)
{
	return READ_ONCE(t->size);
}

bool fdtable_cloexec(struct fdtable *t, int fd)
{
	bool on;

	spin_lock(&t->lock);
	on = (unsigned)fd < t->size && bit_test(t->cloexec, fd);
	spin_unlock(&t->lock);
	return on;
}

int fd_set_cloexec(int fd, bool on)
{
	struct fdtable *t = current_files();
	int err = 0;

	spin_lock(&t->lock);
	if ((unsigned)fd >= t->size || !t->files[fd])
		err = -EBADF;
	else
		bit_assign(t->cloexec, fd, on);
	spin_unlock(&t->lock);
	return err;
}

/* Close every descriptor in [first, last] that is in use, or marked. */
static void close_all(struct fdtable *t, u64 first, u64 last, bool marked)
{
	struct file *f;
	int fd;

	for (;;) {
		spin_lock(&t->lock);
		fd = next_in(t, marked ? t->cloexec : t->used, first, last);
		f = fd >= 0 ? take_out(t, fd) : NULL;
		spin_unlock(&t->lock);
		if (fd < 0)
			return;
		if (f)
			close_file(t, f);
		first = (u64)fd + 1;
	}
}

void fdtable_close_on_exec(struct fdtable *t)
{
	close_all(t, 0, UINT32_MAX, true);
}

void fd_close_range(unsigned first, unsigned last, bool cloexec_only)
{
	struct fdtable *t = current_files();
	int fd;

	if (!cloexec_only) {
		close_all(t, first, last, false);
		return;
	}
	spin_lock(&t->lock);
	for (u64 n = first; (fd = next_in(t, t->used, n, last)) >= 0;
	     n = (u64)fd + 1)
		bit_assign(t->cloexec, fd, true);
	spin_unlock(&t->lock);
}
