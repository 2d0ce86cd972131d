/*
 * Names in memory (the dentry cache).
 *
 * A dentry is a name of an inode, kept as long as it is used or memory allows.  One
 * without an inode says that there is no such name.
 *
 * vfs_tree_lock (spin lock) protects the tree in memory: the links between dentries,
 * their names and inodes, what is mounted where.
 */
#ifndef RR_DENTRY_H
#define RR_DENTRY_H

#include "list.h"
#include "spinlock.h"

struct inode;
struct mount;
struct superblock;

struct dentry {
	s32 refs;              /* atomic; 0 to 1 only under vfs_tree_lock */
	u32 hash;
	u16 len;
	u16 flags;             /* DENTRY_* of dcache.c; vfs_tree_lock */
	struct dentry *parent; /* referenced; itself: a root; vfs_tree_lock */
	struct inode *inode;   /* referenced; NULL: negative; vfs_tree_lock, and
				  stable while positive and referenced */
	struct superblock *sb;
	struct mount *mounted; /* topmost mount on it; vfs_tree_lock */
	const char *name;      /* vfs_tree_lock, or parent's lock */
	struct list hash_link, lru, children, sibling; /* vfs_tree_lock */
	char inline_name[32];
};

extern spinlock_t vfs_tree_lock;

void dentry_get(struct dentry *d);
/* May sleep. NULL is fine. */
void dentry_put(struct dentry *d);
/* d, negative, names inode from now on; takes over the inode's reference. */
void dentry_instantiate(struct dentry *d, struct inode *inode);
/*
 * The child of dir with this name, looked up in the file system if need be,
 * with a reference; negative if there is none.  ERR_PTR.  dir->inode->lock is
 * held.
 */
struct dentry *dentry_lookup(struct dentry *dir, const char *name, size_t len);
/* The name has gone: forget it as soon as nobody uses it. */
void dentry_drop(struct dentry *d);
/* Forget all unused names below d (a directory changed from outside). */
void dentry_prune(struct dentry *d);

#endif
