/* What the files of the VFS share. */
#ifndef RR_VFS_PRIVATE_H
#define RR_VFS_PRIVATE_H

#include "../file/private.h"
#include "dentry.h"
#include "fs.h"
#include "fsfile.h"
#include "log.h"
#include "mount.h"
#include "page.h"
#include "path.h"
#include "string.h"

/* ---- dcache.c: names in memory ---- */

#define DENTRY_HASHED 1u     /* found by lookups */
#define DENTRY_LRU 2u        /* on the list of unused ones */
#define DENTRY_REFERENCED 4u /* used since the list was last looked through */
#define DENTRY_DETACHED 8u   /* the root of an object without a path */

void dcache_init(void);
u32 name_hash(const struct dentry *dir, const char *name, size_t len);
/* The child of that name, no reference taken; NULL.  vfs_tree_lock held. */
struct dentry *dcache_find(const struct dentry *dir, const char *name,
			   size_t len);
/* A dentry that no lookup finds; parent NULL: a root.  NULL: no memory. */
struct dentry *dentry_alloc(struct superblock *sb, struct dentry *parent,
			    const char *name, size_t len);
/* After the file system renamed.  Both directories are locked. */
void dentry_move(struct dentry *from, struct dentry *to);
void dentry_exchange(struct dentry *a, struct dentry *b);
/* Free the root of a file system that no path leads to, and all below; waits. */
void root_destroy(struct dentry *root);
/* Is a the same as d, or above it?  vfs_tree_lock held. */
bool dentry_is_ancestor(const struct dentry *a, const struct dentry *d);
/* Does the name still mean its inode?  vfs_tree_lock held. */
static inline bool dentry_valid(const struct dentry *d)
{
	return !d->sb->ops->valid || d->sb->ops->valid(d);
}
/* The inode with a reference, or NULL where d is negative. */
struct inode *dentry_inode_get(struct dentry *d);

/* ---- inode.c ---- */

#define INODE_NEW 1u      /* being filled in, under its lock */
#define INODE_FREEING 2u  /* being evicted */
#define INODE_HASHED 4u
#define INODE_BAD 8u      /* could not be filled in */
#define INODE_DEAD 16u    /* a directory that has been removed; inode->lock */
#define INODE_LINKABLE 32u /* O_TMPFILE without O_EXCL: may get a name */

/* Write back all dirty pages of a file system's files. First error. */
int inodes_sync(struct superblock *sb);
static inline bool inode_is_dead(const struct inode *i)
{
	return READ_ONCE(i->state) & INODE_DEAD;
}
/* Set INODE_DEAD or INODE_LINKABLE. */
void inode_mark(struct inode *inode, u32 state);
/* Count a writer in; -ETXTBSY, -EROFS. */
int inode_get_write(struct inode *inode);
void inode_put_write(struct inode *inode);

/* ---- super.c, mount.c ---- */

struct superblock *super_new(const struct fs_type *t, struct blkdev *dev,
			     u64 flags, const char *source,
			     const char *options);
/* Nobody uses it any more: write back, forget, free. */
void super_kill(struct superblock *sb);
int super_sync(struct superblock *sb);
void mounts_init(void);
/* The mount of the root of everything. */
extern struct mount *root_mount;
/* -EROFS if nothing may be written there. */
int path_writable(const struct path *p);

/* ---- walk.c ---- */

/*
 * A walk under way.  After walk_run cur is referenced: it is what pin holds.
 */
struct walk {
	struct path cur;
	struct path pin;     /* referenced: keeps cur while unlocked */
	struct path hold;    /* referenced: what was looked up, or followed */
	const char *name;    /* what is left to walk */
	char *buffer;        /* owned memory that name points into, or NULL */
	struct path base;    /* IN_ROOT, BENEATH: not above; referenced */
	unsigned flags;      /* WALK_* */
	unsigned links;      /* symbolic links followed */
	enum { BEGIN_HERE, BEGIN_ROOT, BEGIN_CWD } begin; /* set cur first */
	struct path_last last; /* WALK_PARENT */
};

/* Linux' MAXSYMLINKS: more are -ELOOP. */
#define WALK_MAX_LINKS 40

int walk_start(struct walk *w, int dirfd, const char *name, unsigned flags);
/* Go on to the end of the name: w->cur, still referenced by w. */
int walk_run(struct walk *w);
/*
 * The walk has ended before a last component that turned out to be the symbolic
 * link d: walk_run goes on from its target.
 */
int walk_follow(struct walk *w, struct dentry *link);
/* Give back what w holds, after success or failure. */
void walk_end(struct walk *w);
/* Go from a place to the top of what is mounted on it; vfs_tree_lock held. */
void walk_cross_mounts(struct path *p);

/* ---- place.c ---- */

/* WALK_FOLLOW and WALK_EMPTY as AT_SYMLINK_NOFOLLOW and AT_EMPTY_PATH say. */
unsigned walk_flags(int flags);
/* The place that (dirfd, upath, AT_* flags) names, referenced. */
int lookup_at(int dirfd, const char __user *upath, int flags, struct path *p);
/*
 * That of an open file (-EBADF, -EINVAL: it has none), referenced.  raw: O_PATH
 * descriptors, too.
 */
int path_of_descriptor(int fd, bool raw, struct path *p);

/* ---- perm.c ---- */

/* inode_permission, by real ids if flags has WALK_REAL_IDS. */
int permission(const struct inode *inode, int mask, unsigned flags);
/* May entries be made in, or taken from, this directory? */
int may_create(const struct path *dir);
int may_delete(const struct path *dir, const struct dentry *victim,
	       bool is_dir);

/* ---- names.c ---- */

/* Lock two directories in the order that fs.h states. */
void lock_two_dirs(struct dentry *a, struct dentry *b);
void unlock_two_dirs(struct dentry *a, struct dentry *b);
int check_name(const struct path_last *last);
/* Not a name that can come or go: "/", ".", "..". */
static inline bool is_dots(const struct path_last *l)
{
	return l->len == 0 || (l->len == 1 && l->name[0] == '.') ||
	       (l->len == 2 && l->name[0] == '.' && l->name[1] == '.');
}

/* ---- open.c ---- */

/* Open path with all checks done; the file takes its own references. */
struct file *open_file(const struct path *p, int flags);
extern const struct file_ops path_file_ops; /* O_PATH */

/* ---- special.c ---- */

int special_open(struct inode *inode, struct file *f);

/* ---- locks ---- */

/* A descriptor of f was closed in table owner: its POSIX locks go. */
void locks_close(struct file *f, const void *owner);
/* The last reference of f went: flock and open-file-description locks. */
void locks_release(struct file *f);
void locks_free(struct inode *inode);
struct flock;
long fcntl_lock(struct file *f, int fd, unsigned cmd, struct flock *l);

#endif
