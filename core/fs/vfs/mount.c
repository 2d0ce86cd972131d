/* What is mounted where. */
#include "private.h"
#include "blkdev.h"
#include "process.h"
#include "refs.h"

/* An image without block devices has no list of them. */
#pragma weak blkdev_find

LINKSET_DECLARE(fstypes);

struct mount *root_mount __ro_after_init;
/* Written under both mounts_lock and vfs_tree_lock, read under either. */
static struct list mounts = LIST_INIT(mounts);
static struct rwlock mounts_lock;
static int last_id; /* mounts_lock */

/* Flags that belong to the mount rather than the file system. */
#define MOUNT_FLAGS                                                            \
	(MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOATIME |           \
	 MS_NODIRATIME | MS_STRICTATIME)

void mount_get(struct mount *m)
{
	ref_get(&m->refs);
}

/* Of who only looked: an expiring mount stays one. */
static void mount_put_unused(struct mount *m)
{
	if (!ref_put(&m->refs))
		return;
	super_kill(m->sb);
	kfree(m);
}

void mount_put(struct mount *m)
{
	if (__atomic_load_n(&m->expiring, __ATOMIC_RELAXED))
		__atomic_store_n(&m->expiring, false, __ATOMIC_RELAXED);
	mount_put_unused(m);
}

void mounts_init(void)
{
	rwlock_init(&mounts_lock);
}

static struct mount *mount_new(struct superblock *sb, u64 flags)
{
	struct mount *m = kzalloc(sizeof(*m), ALLOC_WAIT);

	if (!m)
		return NULL;
	m->sb = sb;
	m->refs = 1;
	m->flags = flags & MOUNT_FLAGS;
	list_init(&m->link);
	return m;
}

/* Is the device in use in a way that excludes another mount? */
static bool device_busy(const struct blkdev *dev, bool read_only)
{
	struct mount *m;
	bool busy = false;

	spin_lock(&vfs_tree_lock);
	list_for_each(m, &mounts, link)
		if (m->sb->bdev == dev &&
		    !(read_only && (m->sb->flags & MS_RDONLY)))
			busy = true;
	spin_unlock(&vfs_tree_lock);
	return busy;
}

/* Try every file system that lives on devices. */
static struct superblock *probe(struct blkdev *dev, u64 flags,
				const char *source, const char *options)
{
	struct superblock *sb = ERR_PTR(-ENODEV);
	const struct fs_type *t;

	LINKSET_FOREACH(fstypes, t) {
		if (!t->needs_device)
			continue;
		sb = super_new(t, dev, flags, source, options);
		if (!IS_ERR(sb) || PTR_ERR(sb) != -EINVAL)
			break;
	}
	return sb;
}

static struct superblock *super_for(const char *source, const char *type,
				    u64 flags, const char *options)
{
	const struct fs_type *t = NULL;
	struct blkdev *dev = NULL;
	bool any = !strcmp(type, "blk");

	if (!any) {
		t = fs_type_find(type);
		if (!t || t->internal)
			return ERR_PTR(-ENODEV);
	}
	if (any || t->needs_device) {
		dev = blkdev_find ? blkdev_find(source) : NULL;
		if (!dev)
			return ERR_PTR(-ENOENT);
		if (dev->read_only)
			flags |= MS_RDONLY;
		if (device_busy(dev, flags & MS_RDONLY))
			return ERR_PTR(-EBUSY);
	}
	if (any)
		return probe(dev, flags, source, options);
	return super_new(t, dev, flags, source, options);
}

/* Hang m at this place; 0 or -errno. */
static int attach(struct mount *m, const struct path *at)
{
	struct path p = *at;
	int err = 0;

	rwlock_write(&mounts_lock);
	mutex_lock(&at->dentry->inode->lock);
	spin_lock(&vfs_tree_lock);
	walk_cross_mounts(&p);
	/* Out of the tree with all below it there is nobody to unmount m. */
	if (inode_is_dead(at->dentry->inode) ||
	    (!p.mount->parent && p.mount != root_mount)) {
		err = -ENOENT;
	} else {
		m->parent = p.mount;
		m->point = p.dentry;
		dentry_get(p.dentry);
		mount_get(p.mount);
		p.mount->children++;
		p.dentry->mounted = m;
		m->id = ++last_id;
		list_append(&mounts, &m->link);
	}
	spin_unlock(&vfs_tree_lock);
	mutex_unlock(&at->dentry->inode->lock);
	rwlock_write_done(&mounts_lock);
	return err;
}

int vfs_mount(const char *source, const struct path *at, const char *type,
	      u64 flags, const char *options)
{
	struct superblock *sb;
	struct mount *m;
	int err;

	if (at && !S_ISDIR(at->dentry->inode->mode))
		return -ENOTDIR;
	sb = super_for(source, type, flags, options);
	if (IS_ERR(sb))
		return PTR_ERR(sb);
	m = mount_new(sb, flags | (sb->flags & MS_RDONLY));
	if (!m) {
		super_kill(sb);
		return -ENOMEM;
	}
	if (!at) {
		m->id = ++last_id;
		list_append(&mounts, &m->link);
		root_mount = m;
		return 0;
	}
	err = attach(m, at);
	if (err)
		mount_put(m);
	return err;
}

struct mount *mount_internal(const char *type)
{
	const struct fs_type *t = fs_type_find(type);
	struct superblock *sb;
	struct mount *m;

	if (!t)
		return ERR_PTR(-ENODEV);
	sb = super_new(t, NULL, 0, type, "");
	if (IS_ERR(sb))
		return (void *)sb;
	m = mount_new(sb, 0);
	if (!m) {
		super_kill(sb);
		return ERR_PTR(-ENOMEM);
	}
	return m;
}

/* Take m out of the tree; locks held.  What it referred to is left in *was. */
static void detach(struct mount *m, struct path *was)
{
	was->mount = m->parent;
	was->dentry = m->point;
	m->point->mounted = NULL;
	m->parent->children--;
	m->parent = NULL;
	m->point = NULL;
	list_del(&m->link);
}

static bool is_below(const struct mount *m, const struct mount *top)
{
	for (; m; m = m->parent)
		if (m == top)
			return true;
	return false;
}

/* A mount at or below top that has none on it; lock held. */
static struct mount *last_below(struct mount *top)
{
	struct mount *m;

	list_for_each(m, &mounts, link)
		if (!m->children && is_below(m, top))
			return m;
	return NULL;
}

/* umount -l: out of the tree now, gone when nobody uses it any more. */
static void detach_all(struct mount *top)
{
	struct mount *m;
	struct path was;

	for (;;) {
		rwlock_write(&mounts_lock);
		spin_lock(&vfs_tree_lock);
		m = top->parent ? last_below(top) : NULL;
		if (m)
			detach(m, &was);
		spin_unlock(&vfs_tree_lock);
		rwlock_write_done(&mounts_lock);
		if (!m)
			return;
		path_put(&was);
		mount_put(m);
	}
}

/* May m go, which the caller has one reference on?  Locks held. */
static int may_go(struct mount *m, int flags)
{
	if (!m->parent)
		return -EINVAL;
	/* Another reference is the tree's. */
	if (m->children || __atomic_load_n(&m->refs, __ATOMIC_ACQUIRE) > 2)
		return -EBUSY;
	if ((flags & UMOUNT_EXPIRE) &&
	    !__atomic_exchange_n(&m->expiring, true, __ATOMIC_RELAXED))
		return -EAGAIN;
	return 0;
}

static int detach_unused(struct mount *m, int flags)
{
	struct path was;
	int err;

	rwlock_write(&mounts_lock);
	spin_lock(&vfs_tree_lock);
	err = may_go(m, flags);
	if (!err)
		detach(m, &was);
	spin_unlock(&vfs_tree_lock);
	rwlock_write_done(&mounts_lock);
	if (err)
		return err;
	path_put(&was);
	mount_put(m);
	return 0;
}

static int umount_at(const struct path *p, int flags)
{
	struct process *cur = current_process();
	struct mount *m = p->mount;

	if (p->dentry != m->sb->root || !READ_ONCE(m->parent))
		return -EINVAL;
	if (flags & UMOUNT_EXPIRE) {
		if ((flags & (UMOUNT_FORCE | UMOUNT_DETACH)) ||
		    (cur && READ_ONCE(cur->fs->root.mount) == m))
			return -EINVAL;
	}
	if (flags & UMOUNT_DETACH) {
		detach_all(m);
		return 0;
	}
	super_sync(m->sb);
	return detach_unused(m, flags);
}

int vfs_umount(const struct path *p, int flags)
{
	int err = umount_at(p, flags);

	dentry_put(p->dentry);
	mount_put_unused(p->mount);
	return err;
}

void mounts_each(void (*fn)(struct mount *m, void *arg), void *arg)
{
	struct mount *m;

	rwlock_read(&mounts_lock);
	list_for_each(m, &mounts, link)
		fn(m, arg);
	rwlock_read_done(&mounts_lock);
}

static void sync_mount(struct mount *m, void *arg)
{
	super_sync(m->sb);
}

void vfs_sync_all(void)
{
	mounts_each(sync_mount, NULL);
}
