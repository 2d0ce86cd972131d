/* flock(2): one lock for the whole file, owned by the open file. */
#include "locks.h"
#include "syscall.h"

/* locks_mutex is held, and not afterwards; *again: there was a wait. */
static int try_lock(struct file_locks *fl, struct range_lock **lock, bool wait,
		    bool *again)
{
	struct range_lock *l = *lock;

	*again = false;
	/*
	 * What it had goes first: changing the kind is not atomic (flock(2)).
	 */
	if (locks_drop_owner(&fl->whole, l->owner))
		locks_changed(fl);
	if (!ranges_conflict(&fl->whole, l)) {
		list_append(&fl->whole, &l->link);
		*lock = NULL;
		mutex_unlock(&locks_mutex);
		return 0;
	}
	if (wait) {
		*again = true;
		return locks_wait(fl);
	}
	mutex_unlock(&locks_mutex);
	return -EWOULDBLOCK;
}

static int lock_file(struct file *f, bool exclusive, bool wait)
{
	struct range_lock *l = kzalloc(sizeof(*l), ALLOC_WAIT);
	struct file_locks *fl;
	bool again = false;
	int err;

	if (!l)
		return -ENOLCK;
	l->owner = f;
	l->end = UINT64_MAX;
	l->write = exclusive;
	do {
		mutex_lock(&locks_mutex);
		fl = locks_of(f->inode);
		if (fl) {
			err = try_lock(fl, &l, wait, &again);
		} else {
			mutex_unlock(&locks_mutex);
			err = -ENOLCK;
		}
	} while (!err && again);
	kfree(l);
	return err;
}

static void unlock_file(struct file *f)
{
	struct file_locks *fl;

	mutex_lock(&locks_mutex);
	fl = f->inode->locks;
	if (fl && locks_drop_owner(&fl->whole, f))
		locks_changed(fl);
	mutex_unlock(&locks_mutex);
}

static long sys_flock(int fd, unsigned op)
{
	struct file *f;
	long err = 0;

	switch (op & ~(unsigned)LOCK_NB) {
	case LOCK_SH:
	case LOCK_EX:
	case LOCK_UN:
		break;
	default:
		return -EINVAL;
	}
	f = fd_get(fd);
	if (!f)
		return -EBADF;
	if (!f->inode)
		err = -EINVAL;
	else if ((op & ~(unsigned)LOCK_NB) == LOCK_UN)
		unlock_file(f);
	else
		err = lock_file(f, op & LOCK_EX, !(op & LOCK_NB));
	file_put(f);
	return err;
}
SYSCALL(__NR_flock, sys_flock);
