/* Superblocks: a file system coming and going. */
#include "private.h"
#include "blkdev.h"

LINKSET_DECLARE(fstypes);

const struct fs_type *fs_type_find(const char *name)
{
	const struct fs_type *t;

	LINKSET_FOREACH(fstypes, t)
		if (!strcmp(t->name, name))
			return t;
	return NULL;
}

struct superblock *super_new(const struct fs_type *t, struct blkdev *dev,
			     u64 flags, const char *source, const char *options)
{
	/* Major 0: file systems without a device, as on Linux. */
	static u32 anonymous;
	struct superblock *sb = kzalloc(sizeof(*sb), ALLOC_WAIT);
	int err;

	if (!sb)
		return ERR_PTR(-ENOMEM);
	sb->type = t;
	sb->bdev = dev;
	sb->flags = flags & (MS_RDONLY | MS_SYNCHRONOUS | MS_LAZYTIME);
	sb->dev = dev_make(0, __atomic_add_fetch(&anonymous, 1,
						 __ATOMIC_RELAXED));
	sb->block_size = PAGE_SIZE;
	sb->max_size = MAX_LFS_FILESIZE;
	strlcpy(sb->source, source, sizeof(sb->source));
	mutex_init(&sb->rename_lock);
	list_init(&sb->inodes);
	err = t->mount(sb, dev, options);
	if (err) {
		kfree(sb);
		return ERR_PTR(err);
	}
	return sb;
}

int super_sync(struct superblock *sb)
{
	int err, first = inodes_sync(sb);

	if (sb->ops->sync) {
		err = sb->ops->sync(sb);
		if (!first)
			first = err;
	}
	return first;
}

void super_kill(struct superblock *sb)
{
	if (super_sync(sb))
		kmsg("%s: not everything could be written back", sb->source);
	root_destroy(sb->root);
	if (sb->ops->unmount)
		sb->ops->unmount(sb);
	kfree(sb);
}
