/* Descriptors: given, looked up, replaced, closed. */
#include "fdtable.h"
#include "process.h"

/* Lock held. */
static void set_free(struct fdtable *t, unsigned fd)
{
	t->files[fd] = NULL;
	bit_assign(t->used, fd, false);
	bit_assign(t->cloexec, fd, false);
	if (fd < t->lowest)
		t->lowest = fd;
}

/* Take fd out; lock held. NULL: not open. */
static struct file *take_out(struct fdtable *t, unsigned fd)
{
	struct file *f = t->files[fd];

	if (f)
		set_free(t, fd);
	return f;
}

static void put_in(struct fdtable *t, unsigned fd, struct file *f, bool cloexec)
{
	t->files[fd] = f;
	bit_assign(t->used, fd, true);
	bit_assign(t->cloexec, fd, cloexec);
}

/* The lowest free slot >= from, in use from now on, or -errno; lock held. */
static int take_free(struct fdtable *t, unsigned from, int flags)
{
	u64 limit = process_limit(RLIMIT_NOFILE);
	unsigned fd;
	int err;

	for (;;) {
		fd = bit_next(t->used, t->size, MAX(from, t->lowest), false);
		fd = MAX(fd, from);
		if (fd >= limit)
			return -EMFILE;
		if (fd < t->size)
			break;
		err = fdtable_grow(t, fd);
		if (err)
			return err;
	}
	put_in(t, fd, NULL, flags & O_CLOEXEC);
	if (fd == t->lowest)
		t->lowest = fd + 1;
	return (int)fd;
}

int fd_install_from(struct file *f, int flags, int from)
{
	struct fdtable *t = current_files();
	int fd;

	spin_lock(&t->lock);
	fd = take_free(t, (unsigned)from, flags);
	if (fd >= 0)
		t->files[fd] = f;
	spin_unlock(&t->lock);
	if (fd < 0 && f)
		file_put(f);
	return fd;
}

int fd_install(struct file *f, int flags)
{
	return fd_install_from(f, flags, 0);
}

int fd_reserve(int flags)
{
	return fd_install_from(NULL, flags, 0);
}

void fd_fill(int fd, struct file *f)
{
	struct fdtable *t = current_files();

	spin_lock(&t->lock);
	t->files[fd] = f;
	spin_unlock(&t->lock);
}

void fd_unreserve(int fd)
{
	struct fdtable *t = current_files();

	spin_lock(&t->lock);
	set_free(t, (unsigned)fd);
	spin_unlock(&t->lock);
}

/* Put f into slot fd, whatever was there. */
static int replace(struct fdtable *t, unsigned fd, struct file *f, bool cloexec)
{
	struct file *old = NULL;
	int err;

	spin_lock(&t->lock);
	err = fdtable_grow(t, fd);
	if (!err) {
		old = take_out(t, fd);
		/* Another thread is about to fill it: dup2(2). */
		if (bit_test(t->used, fd))
			err = -EBUSY;
		else
			put_in(t, fd, f, cloexec);
	}
	spin_unlock(&t->lock);
	if (old)
		fdtable_close_file(t, old);
	return err;
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
	fdtable_close_file(t, f);
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
			fdtable_close_file(t, f);
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
