/*
 * Where file systems are seen: mounts, and places in the tree that they make up.
 * Every mount has a superblock of its own.
 */
#ifndef RR_MOUNT_H
#define RR_MOUNT_H

#include "list.h"
#include <linux/mount.h>

struct dentry;
struct superblock;

struct mount {
	struct superblock *sb;
	struct mount *parent;    /* NULL: none, or unmounted; tree lock */
	struct dentry *point;    /* where; referenced; vfs_tree_lock */
	s32 refs;                /* atomic: users; itself while it is mounted */
	int id;
	u64 flags;               /* MS_RDONLY, MS_NODEV ...; tree lock */
	s32 children;            /* mounts on it; vfs_tree_lock */
	bool expiring;           /* not used since UMOUNT_EXPIRE; atomic */
	struct list link;        /* all mounts, in order; mount.c */
};

/* A place in the tree; both are referenced by who keeps it. */
struct path {
	struct mount *mount;
	struct dentry *dentry;
};

void mount_get(struct mount *m);
void mount_put(struct mount *m); /* may sleep */
void path_get(const struct path *p);
void path_put(const struct path *p); /* may sleep */

/*
 * Mount a file system of this type ("blk": whichever baked-in type with a
 * device takes it) at a directory.  source: device name, or any text.  0 or
 * -errno.
 */
int vfs_mount(const char *source, const struct path *at, const char *type,
	      u64 flags, const char *options);
/*
 * umount2(2), which gives *p back: -EBUSY while it is used, unless UMOUNT_DETACH is
 * asked for; UMOUNT_EXPIRE: -EAGAIN unless it was asked for before and the mount has
 * not been used since (the last of its users to give it back counts, too).
 * (<linux/mount.h> leaves the flags to the C library.)
 */
#define UMOUNT_FORCE 1
#define UMOUNT_DETACH 2
#define UMOUNT_EXPIRE 4
#define UMOUNT_NOFOLLOW 8
int vfs_umount(const struct path *p, int flags);
/*
 * A file system without a place in the tree, for memfd and the like. ERR_PTR.
 */
struct mount *mount_internal(const char *type);
/*
 * Each mount, in order.  Meanwhile none comes or goes; fn may sleep, but neither
 * mounts nor unmounts.
 */
void mounts_each(void (*fn)(struct mount *m, void *arg), void *arg);

#endif
