/* Locks on files: where they hang, and how they go. */
#include "locks.h"

struct mutex locks_mutex = MUTEX_INIT(locks_mutex);

struct file_locks *locks_of(struct inode *inode)
{
	struct file_locks *fl = inode->locks;

	if (fl)
		return fl;
	fl = kzalloc(sizeof(*fl), ALLOC_WAIT);
	if (!fl)
		return NULL;
	list_init(&fl->ranges);
	list_init(&fl->whole);
	waitq_init(&fl->wait);
	__atomic_store_n(&inode->locks, fl, __ATOMIC_RELEASE);
	return fl;
}

void locks_changed(struct file_locks *fl)
{
	__atomic_fetch_add(&fl->changes, 1, __ATOMIC_RELEASE);
	waitq_wake_all(&fl->wait);
}

int locks_wait(struct file_locks *fl)
{
	u32 seen = fl->changes;

	mutex_unlock(&locks_mutex);
	return wait_event_interruptible(&fl->wait,
					READ_ONCE(fl->changes) != seen);
}

bool locks_drop_owner(struct list *locks, const void *owner)
{
	struct range_lock *l, *next;
	bool any = false;

	list_for_each_safe(l, next, locks, link)
		if (l->owner == owner) {
			list_del(&l->link);
			kfree(l);
			any = true;
		}
	return any;
}

/* Drop what owner has in one of the file's lists. */
static void drop(struct inode *inode, const void *owner, bool whole_too)
{
	struct file_locks *fl =
		__atomic_load_n(&inode->locks, __ATOMIC_ACQUIRE);
	bool any;

	if (!fl)
		return;
	mutex_lock(&locks_mutex);
	any = locks_drop_owner(&fl->ranges, owner);
	if (whole_too && locks_drop_owner(&fl->whole, owner))
		any = true;
	if (any)
		locks_changed(fl);
	mutex_unlock(&locks_mutex);
}

void locks_close(struct file *f, const void *owner)
{
	drop(f->inode, owner, false);
}

void locks_release(struct file *f)
{
	drop(f->inode, f, true);
}

void locks_free(struct inode *inode)
{
	kfree(inode->locks);
}
