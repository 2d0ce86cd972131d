/*
 * fcntl(2)'s record locks: those of a process (owned by its descriptor table)
 * and those of an open file description (owned by the file).
 */
#include "locks.h"
#include "process.h"
#include "syscall.h"
#include <linux/fs.h>

/* Who waits for whom: to refuse what would wait for ever. */
struct lock_wait {
	struct list link; /* waits; locks_mutex */
	const void *owner, *blocker;
};

static struct list waits = LIST_INIT(waits);

#define DEADLOCK_STEPS 10 /* as Linux: longer chains are not looked for */

static const void *waits_for(const void *owner)
{
	struct lock_wait *w;

	list_for_each(w, &waits, link)
		if (w->owner == owner)
			return w->blocker;
	return NULL;
}

/* Would owner, waiting for blocker, wait for himself? */
static bool would_deadlock(const void *owner, const void *blocker)
{
	for (int i = 0; i < DEADLOCK_STEPS && blocker; i++) {
		if (blocker == owner)
			return true;
		blocker = waits_for(blocker);
	}
	return false;
}

/* What the program describes, as first and last byte. */
static int to_range(struct file *f, const struct flock *l, struct range_lock *r)
{
	loff_t start, end;

	switch (l->l_whence) {
	case SEEK_SET:
		start = 0;
		break;
	case SEEK_CUR:
		start = READ_ONCE(f->pos);
		break;
	case SEEK_END:
		start = READ_ONCE(f->inode->size);
		break;
	default:
		return -EINVAL;
	}
	if (__builtin_add_overflow(start, l->l_start, &start))
		return -EOVERFLOW;
	if (start < 0)
		return -EINVAL;
	if (l->l_len > 0) {
		if (__builtin_add_overflow(start, l->l_len - 1, &end))
			return -EOVERFLOW;
	} else if (l->l_len < 0) {
		end = start - 1;
		start += l->l_len;
		if (start < 0)
			return -EINVAL;
	} else {
		end = INT64_MAX;
	}
	r->start = (u64)start;
	r->end = (u64)end;
	return 0;
}

static long get_lock(struct file_locks *fl, const struct range_lock *want,
		     struct flock *l)
{
	const struct range_lock *c = fl ? ranges_conflict(&fl->ranges, want)
					: NULL;

	if (!c) {
		l->l_type = F_UNLCK;
		return 0;
	}
	l->l_type = c->write ? F_WRLCK : F_RDLCK;
	l->l_whence = SEEK_SET;
	l->l_start = (loff_t)c->start;
	l->l_len = c->end == INT64_MAX ? 0 : (loff_t)(c->end - c->start + 1);
	l->l_pid = c->ofd ? -1 : c->pid;
	return 0;
}

static void free_all(struct list *unused)
{
	while (!list_empty(unused)) {
		struct range_lock *l =
			list_first(unused, struct range_lock, link);

		list_del(&l->link);
		kfree(l);
	}
}

/* locks_mutex is held, and not afterwards. */
static int wait_for(struct file_locks *fl, const struct range_lock *want,
		    const struct range_lock *in_the_way)
{
	struct lock_wait w = {.owner = want->owner,
			      .blocker = in_the_way->owner};
	int err;

	/* Files are shared by whom they like: no chains for those. */
	if (!want->ofd && would_deadlock(want->owner, in_the_way->owner)) {
		mutex_unlock(&locks_mutex);
		return -EDEADLK;
	}
	list_push(&waits, &w.link);
	err = locks_wait(fl);
	mutex_lock(&locks_mutex);
	list_del(&w.link);
	mutex_unlock(&locks_mutex);
	return err;
}

/* locks_mutex is held, and not afterwards; *again: there was a wait. */
static int try_set(struct file_locks *fl, const struct range_lock *want,
		   bool unlock, bool wait, struct range_lock *spare[2],
		   bool *again)
{
	struct range_lock *c = unlock ? NULL
				      : ranges_conflict(&fl->ranges, want);
	struct list unused = LIST_INIT(unused);

	*again = false;
	if (c) {
		if (wait) {
			*again = true;
			return wait_for(fl, want, c);
		}
		mutex_unlock(&locks_mutex);
		return -EAGAIN;
	}
	ranges_set(&fl->ranges, want, unlock, spare, &unused);
	/* A write lock may have become a read lock, too. */
	locks_changed(fl);
	mutex_unlock(&locks_mutex);
	free_all(&unused);
	return 0;
}

static long set_lock(struct file *f, const struct range_lock *want, bool unlock,
		     bool wait)
{
	struct range_lock *spare[2] = {NULL, NULL};
	struct file_locks *fl;
	bool again = false;
	int err = 0;

	for (int i = 0; i < 2; i++) {
		spare[i] = kzalloc(sizeof(*spare[i]), ALLOC_WAIT);
		if (!spare[i])
			err = -ENOLCK;
	}
	do {
		if (err)
			break;
		mutex_lock(&locks_mutex);
		fl = locks_of(f->inode);
		if (fl) {
			err = try_set(fl, want, unlock, wait, spare, &again);
		} else {
			mutex_unlock(&locks_mutex);
			err = -ENOLCK;
		}
	} while (!err && again);
	kfree(spare[0]);
	kfree(spare[1]);
	return err;
}

static int check_mode(const struct file *f, int type)
{
	switch (type) {
	case F_RDLCK:
		return file_readable(f) ? 0 : -EBADF;
	case F_WRLCK:
		return file_writable(f) ? 0 : -EBADF;
	case F_UNLCK:
		return 0;
	default:
		return -EINVAL;
	}
}

/*
 * Another thread may have closed fd while a process's lock was set: that close has
 * not seen the lock, so nobody would ever take it away.
 */
static long undo_if_closed(struct file *f, int fd,
			   const struct range_lock *set)
{
	struct file *now = fd_get_raw(fd);
	bool closed = now != f;

	file_put(now);
	if (!closed)
		return 0;
	/* Others may be the process's by another descriptor. */
	if (set_lock(f, set, true, false))
		locks_close(f, set->owner);
	return -EBADF;
}

long fcntl_lock(struct file *f, int fd, unsigned cmd, struct flock *l)
{
	bool ofd = cmd == F_OFD_GETLK || cmd == F_OFD_SETLK ||
		   cmd == F_OFD_SETLKW;
	bool get = cmd == F_GETLK || cmd == F_OFD_GETLK;
	struct range_lock want = {
		.owner = ofd ? (const void *)f : (const void *)current_files(),
		.write = l->l_type == F_WRLCK,
		.ofd = ofd,
		.pid = current_process()->pid,
	};
	long err;

	if (!f->inode || (ofd && l->l_pid))
		return -EINVAL;
	if (get && l->l_type != F_RDLCK && l->l_type != F_WRLCK)
		return -EINVAL;
	err = to_range(f, l, &want);
	if (err)
		return err;
	if (get) {
		mutex_lock(&locks_mutex);
		err = get_lock(f->inode->locks, &want, l);
		mutex_unlock(&locks_mutex);
		return err;
	}
	err = check_mode(f, l->l_type);
	if (err)
		return err;
	err = set_lock(f, &want, l->l_type == F_UNLCK,
		       cmd == F_SETLKW || cmd == F_OFD_SETLKW);
	if (err || ofd || l->l_type == F_UNLCK)
		return err;
	return undo_if_closed(f, fd, &want);
}
