/*
 * Inodes in memory: made, found by number, counted, evicted.
 *
 * An inode lives as long as somebody refers to it: a dentry, an open file, a
 * directory of tmpfs.  Unused ones stay in memory by way of unused dentries.
 */
#include "private.h"
#include "process.h"
#include "refs.h"
#include "timer.h"

#define BUCKETS 1024 /* a power of two */

/* Hash chains, sb->inodes, state (but INODE_DEAD); innermost. */
static spinlock_t cache_lock = SPINLOCK_INIT;
static struct list buckets[BUCKETS];
/* Inodes that were in the way (being evicted) have gone. */
static struct waitq evicted = WAITQ_INIT(evicted);

static struct list *bucket(const struct superblock *sb, u64 ino)
{
	u64 h = (ino ^ (u64)(uintptr_t)sb >> 6) * 0x9e3779b97f4a7c15ull;
	struct list *b = &buckets[h >> 54];

	if (!b->next)
		list_init(b);
	return b;
}

struct timespec64 inode_now(void)
{
	u64 ns = now_ns() + (u64)realtime_offset();
	struct timespec64 t = {ns / NSEC_PER_SEC, ns % NSEC_PER_SEC};

	return t;
}

struct inode *inode_new(struct superblock *sb, u32 mode, size_t extra)
{
	struct inode *i = kzalloc(sizeof(*i) + extra, ALLOC_WAIT);
	struct process *p = current_process();

	if (!i)
		return NULL;
	i->mode = mode;
	if (p) {
		i->uid = p->fsuid;
		i->gid = p->fsgid;
	}
	i->nlink = 1;
	i->refs = 1;
	i->sb = sb;
	i->atime = i->mtime = i->ctime = i->btime = inode_now();
	if (extra)
		i->priv = i + 1;
	mutex_init(&i->lock);
	list_init(&i->hash_link);
	spin_lock(&cache_lock);
	list_append(&sb->inodes, &i->sb_link);
	spin_unlock(&cache_lock);
	return i;
}

u64 inode_new_ino(struct superblock *sb)
{
	return __atomic_add_fetch(&sb->next_ino, 1, __ATOMIC_RELAXED);
}

void inode_init_owner(struct inode *inode, const struct inode *dir)
{
	if (dir->mode & S_ISGID) {
		inode->gid = dir->gid;
		if (S_ISDIR(inode->mode))
			inode->mode |= S_ISGID;
	}
}

void inode_get(struct inode *inode)
{
	ref_get(&inode->refs);
}

static void forget(struct inode *i)
{
	list_del(&i->sb_link);
	list_del(&i->hash_link);
}

/* Nobody refers to it any more (but lookups that wait for its end). */
static void evict(struct inode *i)
{
	if (i->mapping == &i->pages) {
		if (i->nlink && mapping_sync(i->mapping, 0, UINT64_MAX))
			kmsg("%s: file %lu: data could not be written",
			     i->sb->type->name, i->ino);
		mapping_destroy(i->mapping);
	}
	if (i->special && i->special_release)
		i->special_release(i);
	locks_free(i);
	if (i->sb->ops->evict && !(i->state & INODE_BAD))
		i->sb->ops->evict(i);
	spin_lock(&cache_lock);
	forget(i);
	spin_unlock(&cache_lock);
	if (i->state & INODE_HASHED)
		waitq_wake_all(&evicted);
	kfree(i);
}

void inode_put(struct inode *i)
{
	if (!i || ref_put_unless_last(&i->refs))
		return;
	spin_lock(&cache_lock);
	if (!ref_put(&i->refs)) {
		spin_unlock(&cache_lock);
		return;
	}
	i->state |= INODE_FREEING;
	spin_unlock(&cache_lock);
	evict(i);
}

/* In the cache, whatever its state; cache_lock held. */
static struct inode *find(struct superblock *sb, u64 ino)
{
	struct inode *i;

	list_for_each(i, bucket(sb, ino), hash_link)
		if (i->ino == ino && i->sb == sb && !(i->state & INODE_BAD))
			return i;
	return NULL;
}

static bool being_evicted(struct superblock *sb, u64 ino)
{
	struct inode *i;
	bool yes;

	spin_lock(&cache_lock);
	i = find(sb, ino);
	yes = i && (i->state & INODE_FREEING);
	spin_unlock(&cache_lock);
	return yes;
}

/*
 * The cached one with a reference; else NULL, and fresh is in the cache,
 * locked.
 */
static struct inode *find_or_add(struct superblock *sb, struct inode *fresh)
{
	struct inode *i;
	bool freeing;

	for (;;) {
		spin_lock(&cache_lock);
		i = find(sb, fresh->ino);
		/* One that is going may be gone as soon as the lock is. */
		freeing = i && (i->state & INODE_FREEING);
		if (!i) {
			fresh->state |= INODE_NEW | INODE_HASHED;
			list_push(bucket(sb, fresh->ino), &fresh->hash_link);
		} else if (!freeing) {
			inode_get(i);
		}
		spin_unlock(&cache_lock);
		if (!freeing)
			return i;
		wait_event(&evicted, !being_evicted(sb, fresh->ino));
	}
}

/* Wait until somebody else has filled it in. */
static struct inode *wait_filled(struct inode *i)
{
	if (READ_ONCE(i->state) & INODE_NEW) {
		/* Its directory is locked. */
		mutex_lock_nested(&i->lock, INODE_VICTIM);
		mutex_unlock(&i->lock);
	}
	if (READ_ONCE(i->state) & INODE_BAD) {
		inode_put(i);
		return ERR_PTR(-EIO);
	}
	return i;
}

static struct inode *find_cached(struct superblock *sb, u64 ino)
{
	struct inode *i;

	spin_lock(&cache_lock);
	i = find(sb, ino);
	if (i && (i->state & INODE_FREEING))
		i = NULL;
	if (i)
		inode_get(i);
	spin_unlock(&cache_lock);
	return i;
}

struct inode *inode_load(struct superblock *sb, u64 ino, size_t extra,
			 int (*fill)(struct inode *inode, void *arg), void *arg)
{
	struct inode *i = find_cached(sb, ino), *fresh;
	int err;

	if (i)
		return wait_filled(i);
	fresh = inode_new(sb, 0, extra);
	if (!fresh)
		return ERR_PTR(-ENOMEM);
	fresh->ino = ino;
	mutex_lock_nested(&fresh->lock, INODE_VICTIM);
	i = find_or_add(sb, fresh);
	if (i) {
		mutex_unlock(&fresh->lock);
		fresh->state |= INODE_BAD;
		inode_put(fresh);
		return wait_filled(i);
	}
	err = fill(fresh, arg);
	spin_lock(&cache_lock);
	fresh->state &= ~INODE_NEW;
	if (err)
		fresh->state |= INODE_BAD;
	spin_unlock(&cache_lock);
	mutex_unlock(&fresh->lock);
	if (err) {
		inode_put(fresh);
		return ERR_PTR(err);
	}
	return fresh;
}

void inode_mark(struct inode *inode, u32 state)
{
	spin_lock(&cache_lock);
	inode->state |= state;
	spin_unlock(&cache_lock);
}

void inode_touch(struct inode *inode, unsigned which)
{
	struct timespec64 now = inode_now();

	if (which & TOUCH_ATIME)
		inode->atime = now;
	if (which & TOUCH_MTIME)
		inode->mtime = now;
	if (which & TOUCH_CTIME)
		inode->ctime = now;
}

void inode_setattr(struct inode *inode, const struct attr *a)
{
	if (a->valid & ATTR_MODE)
		inode->mode = (inode->mode & S_IFMT) | (a->mode & 07777);
	if (a->valid & ATTR_UID)
		inode->uid = a->uid;
	if (a->valid & ATTR_GID)
		inode->gid = a->gid;
	if (a->valid & ATTR_ATIME)
		inode->atime = a->atime;
	if (a->valid & ATTR_MTIME)
		inode->mtime = a->mtime;
	if (a->valid & ATTR_CTIME)
		inode->ctime = a->ctime;
}

static bool not_after(const struct timespec64 *a, const struct timespec64 *b)
{
	return a->sec < b->sec || (a->sec == b->sec && a->nsec <= b->nsec);
}

/* relatime: only if it tells something new, or is a day old. */
static bool atime_matters(const struct inode *i, const struct timespec64 *now)
{
	return not_after(&i->atime, &i->mtime) ||
	       not_after(&i->atime, &i->ctime) ||
	       now->sec - i->atime.sec >= 24 * 60 * 60;
}

void inode_accessed(struct file *f)
{
	struct inode *i = f->inode;
	struct timespec64 now;
	u64 flags;

	if ((f->flags & O_NOATIME) || (i->flags & INODE_NOATIME) || !f->mount)
		return;
	flags = READ_ONCE(f->mount->flags) | READ_ONCE(i->sb->flags);
	if (flags & (MS_RDONLY | MS_NOATIME))
		return;
	if (S_ISDIR(i->mode) && (flags & MS_NODIRATIME))
		return;
	now = inode_now();
	if ((flags & MS_STRICTATIME) || atime_matters(i, &now))
		i->atime = now;
}

int inode_get_write(struct inode *inode)
{
	struct superblock *sb = inode->sb;
	s32 n = __atomic_load_n(&inode->writers, __ATOMIC_RELAXED);

	do {
		if (n < 0)
			return -ETXTBSY;
	} while (!__atomic_compare_exchange_n(&inode->writers, &n, n + 1, true,
					      __ATOMIC_ACQUIRE,
					      __ATOMIC_RELAXED));
	__atomic_fetch_add(&sb->writers, 1, __ATOMIC_SEQ_CST);
	/* Either this is seen here, or the writer by stop_writing. */
	if (__atomic_load_n(&sb->flags, __ATOMIC_SEQ_CST) & MS_RDONLY) {
		inode_put_write(inode);
		return -EROFS;
	}
	return 0;
}

void inode_put_write(struct inode *inode)
{
	__atomic_fetch_sub(&inode->sb->writers, 1, __ATOMIC_RELEASE);
	__atomic_fetch_sub(&inode->writers, 1, __ATOMIC_RELEASE);
}

/* The next inode of sb after the referenced i, which is put. */
static struct inode *next_inode(struct superblock *sb, struct inode *i)
{
	struct list *l;
	struct inode *next = NULL;

	spin_lock(&cache_lock);
	l = i ? i->sb_link.next : sb->inodes.next;
	for (; l != &sb->inodes; l = l->next) {
		next = list_entry(l, struct inode, sb_link);
		if (!(next->state & (INODE_FREEING | INODE_NEW | INODE_BAD))) {
			inode_get(next);
			break;
		}
		next = NULL;
	}
	spin_unlock(&cache_lock);
	inode_put(i);
	return next;
}

int inodes_sync(struct superblock *sb)
{
	struct inode *i = NULL;
	int first = 0;

	while ((i = next_inode(sb, i)) != NULL) {
		int err = i->mapping ? mapping_sync(i->mapping, 0, UINT64_MAX)
				     : 0;

		if (!first)
			first = err;
	}
	return first;
}
