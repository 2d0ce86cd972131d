/*
 * File systems: superblocks and inodes, and what a file system gives to be one.
 *
 * An inode is a file.  dentry.h has its names, mount.h the place where its file
 * system is seen, fsfile.h what it is once it is open.
 *
 * inode->lock (mutex) serialises changes: of a directory's entries, of a file's
 * size and data, of attributes.  Of two directories, an ancestor is locked first,
 * else the one with the lower address; a directory before what lies in it.
 */
#ifndef RR_FS_H
#define RR_FS_H

#include "linkset.h"
#include "pagecache.h"
#include "sync.h"
#include <linux/errno.h>
#include <linux/limits.h>
#include <linux/mount.h>
#include <linux/stat.h>

struct attr;
struct blkdev;
struct dentry;
struct file;
struct file_locks;
struct file_ops;
struct fs_type;
struct inode;
struct inode_ops;
struct path;
struct stat;
struct statfs;
struct super_ops;

/* A point of CLOCK_REALTIME; 0 <= nsec < NSEC_PER_SEC. */
struct timespec64 {
	s64 sec, nsec;
};

/* ---- device numbers, as struct stat carries them ---- */

/* Linux's new_encode_dev: 12 bits of major, 20 of minor. */
static inline u64 dev_make(u32 major, u32 minor)
{
	return (minor & 0xff) | (u64)major << 8 | (u64)(minor & ~0xffu) << 12;
}
static inline u32 dev_major(u64 dev)
{
	return dev >> 8 & 0xfff;
}
static inline u32 dev_minor(u64 dev)
{
	return (dev & 0xff) | (dev >> 12 & 0xfff00);
}

/* ---- superblocks ---- */

struct superblock {
	const struct fs_type *type;
	const struct super_ops *ops;
	u64 dev;             /* st_dev */
	u64 flags;           /* MS_*; vfs_tree_lock */
	s64 writers;         /* its files that are open for writing; atomic */
	u32 block_size;      /* st_blksize, f_bsize; PAGE_SIZE at first */
	u64 magic;           /* f_type, <linux/magic.h> */
	loff_t max_size;     /* of a file; MAX_LFS_FILESIZE at first */
	struct dentry *root; /* set by mount; referenced */
	struct blkdev *bdev; /* NULL: none */
	char source[64];     /* as it was given, for /proc/mounts */
	void *priv;
	struct mutex rename_lock; /* only one directory moves at a time */
	struct list inodes;       /* of inode->sb_link; inode cache's lock */
	u64 next_ino;             /* inode_new_ino; atomic */
};

#define MAX_LFS_FILESIZE INT64_MAX

struct super_ops {
	/*
	 * f_bsize, f_type, f_fsid and f_namelen are set already. NULL: no more.
	 */
	int (*statfs)(struct superblock *sb, struct statfs *s);
	/* Write back what the file system itself keeps dirty. May be NULL. */
	int (*sync)(struct superblock *sb);
	/*
	 * The last reference of an inode went (its pages are written back, or
	 * gone because nlink is 0): give back what hangs off it; delete it if
	 * nlink is 0.  May be NULL.
	 */
	void (*evict)(struct inode *inode);
	/* No inode is left: give back sb->priv.  May be NULL. */
	void (*unmount)(struct superblock *sb);
	/*
	 * Does the name still mean this inode?  (procfs)  Under vfs_tree_lock,
	 * no sleep.  NULL: always.
	 */
	bool (*valid)(const struct dentry *d);
	/* mount -o remount: 0 or -errno.  NULL: only generic flags change. */
	int (*remount)(struct superblock *sb, u64 flags, const char *options);
	/*
	 * Options for /proc/mounts, each with a comma in front.  May be NULL.
	 */
	void (*show_options)(struct superblock *sb, char *buf, size_t size);
	/*
	 * Names are not kept when unused: the lookup is cheap or they change.
	 */
	bool no_dcache;
};

/* A file system that is baked in: LINKSET(fstypes, my_type). */
struct fs_type {
	const char *name;
	bool needs_device;
	bool internal; /* not for mount(2): memfd, pipes */
	/*
	 * Fill in sb (type, dev, bdev, flags are set) with a root dentry from
	 * root_make.  options: comma-separated, "" if none.  0; -EINVAL: dev
	 * does not hold this file system (one sentence to kmsg if it nearly
	 * does), or bad options; -EIO, -ENOMEM ...  After an error nothing is
	 * left and unmount is not called.
	 */
	int (*mount)(struct superblock *sb, struct blkdev *dev,
		     const char *options);
};

/*
 * The root of a file system; takes over inode's reference, even if NULL:
 * -ENOMEM.
 */
int root_make(struct superblock *sb, struct inode *inode);
/* The type with this name, NULL: not baked in. */
const struct fs_type *fs_type_find(const char *name);

/* Write everything back: sync(2), and before power-off. */
void vfs_sync_all(void);

/* ---- inodes ---- */

/*
 * The order in which several inodes are locked (mutex_lock_nested): directories,
 * parents before children, then what goes, is replaced, gets another name or is
 * being read.
 */
enum inode_level { INODE_SECOND_DIR = 1, INODE_VICTIM, INODE_SECOND_VICTIM };

struct inode {
	u64 ino;
	u32 mode;  /* S_IF* and permissions; lock */
	u32 uid, gid;
	u32 nlink; /* lock */
	u64 rdev;
	loff_t size;  /* lock; read with READ_ONCE */
	u64 blocks;   /* 512-byte units; unless getattr says otherwise; lock */
	struct timespec64 atime, mtime, ctime, btime; /* lock */
	u32 flags;    /* INODE_*; lock */
	struct superblock *sb;
	const struct inode_ops *ops;  /* never NULL */
	const struct file_ops *fops;  /* of regular files, directories */
	struct mapping *mapping;      /* where the pages are; usually &pages */
	struct mapping pages;         /* mapping_init by who uses it */
	struct mutex lock;  /* several: enum inode_level */
	s32 refs;                     /* atomic */
	s32 writers;                  /* open for writing; atomic */
	void *priv;                   /* the file system's */
	void *special;                /* FIFO's pipe, bound socket; lock */
	/* Called by the last inode_put when special is set. */
	void (*special_release)(struct inode *inode);
	struct file_locks *locks;     /* fcntl and flock; locks.c */
	/* The inode cache's (inode.c): */
	u32 state;
	struct list hash_link, sb_link;
};

#define INODE_NOATIME 1u   /* reading leaves atime alone */
#define INODE_APPEND 2u    /* only O_APPEND writes (chattr +a) */
#define INODE_IMMUTABLE 4u
/* What the seals of memfd_create(2) forbid: -EPERM. */
#define INODE_NO_WRITE 8u
#define INODE_NO_GROW 16u
#define INODE_NO_SHRINK 32u

/*
 * NULL: -EPERM for what changes a directory, -ENOTDIR for lookup.  All
 * directories involved are locked, and so is the inode that unlink, rmdir or
 * rename takes a name from or that link gives one to.  Permissions and
 * existence have been checked; the dentries that name something to be made are
 * negative.  What makes an inode ends with dentry_instantiate(d, inode), which
 * takes over the inode's reference. Times and nlink are the file system's to
 * update (inode_touch).
 */
struct inode_ops {
	/*
	 * Find d->name in dir and give d the inode (dentry_instantiate), or
	 * leave it negative.  0 or -errno (-EIO); no such name is not an error,
	 * unless it is -ENOENT to try and make one, too.  d->name is stable.
	 */
	int (*lookup)(struct inode *dir, struct dentry *d);
	int (*create)(struct inode *dir, struct dentry *d, u32 mode);
	int (*mkdir)(struct inode *dir, struct dentry *d, u32 mode);
	int (*mknod)(struct inode *dir, struct dentry *d, u32 mode, u64 rdev);
	int (*symlink)(struct inode *dir, struct dentry *d, const char *target);
	int (*link)(struct inode *dir, struct dentry *d, struct inode *inode);
	int (*unlink)(struct inode *dir, struct dentry *d);
	int (*rmdir)(struct inode *dir, struct dentry *d); /* -ENOTEMPTY */
	/*
	 * Move from to to, whose inode, if any, is replaced (a directory only
	 * if empty: -ENOTEMPTY), or with RENAME_EXCHANGE takes from's place.
	 */
	int (*rename)(struct inode *old_dir, struct dentry *from,
		      struct inode *new_dir, struct dentry *to, unsigned flags);
	/*
	 * An inode without a name, nlink 0, referenced; ERR_PTR. [-EOPNOTSUPP]
	 */
	struct inode *(*tmpfile)(struct inode *dir, u32 mode);
	/*
	 * The target into buf[PATH_MAX], NUL-terminated: its length or -errno.
	 * [-EINVAL]
	 */
	ssize_t (*readlink)(struct inode *inode, char *buf);
	/*
	 * A symbolic link that leads to an object rather than a path
	 * (/proc/self/ fd/N): *p gets references.  NULL: by readlink.
	 */
	int (*follow)(struct inode *inode, struct path *p);
	/*
	 * Attributes will change to what a says (see struct attr); inode
	 * locked, permitted.  NULL: inode_set_size for ATTR_SIZE, then
	 * inode_setattr.
	 */
	int (*setattr)(struct inode *inode, const struct attr *a);
	/* Correct what stat reports; NULL: the inode's fields are right. */
	void (*getattr)(struct inode *inode, struct stat *st);
	/* After the file was opened: set f->ops, f->priv.  0 or -errno. */
	int (*open)(struct inode *inode, struct file *f);
};

/* What setattr changes: the fields that valid names. */
struct attr {
	unsigned valid; /* ATTR_* */
	u32 mode;       /* permission bits */
	u32 uid, gid;
	loff_t size;
	struct timespec64 atime, mtime, ctime;
};
#define ATTR_MODE 1u
#define ATTR_UID 2u
#define ATTR_GID 4u
#define ATTR_SIZE 8u
#define ATTR_ATIME 16u
#define ATTR_MTIME 32u
#define ATTR_CTIME 64u

/*
 * A new inode with one reference, that inode_load never finds: mode as
 * given, owner and times those of the caller and now, nlink 1, size 0, ino
 * 0; extra zeroed bytes follow at inode->priv.  NULL: no memory.
 */
struct inode *inode_new(struct superblock *sb, u32 mode, size_t extra);
/* The next unused number of a file system that has no numbers of its own. */
u64 inode_new_ino(struct superblock *sb);
/*
 * The inode with this number, from the cache, or made with inode_new and filled
 * in by fill(inode, arg), which sees ino set and may sleep; fill's error is
 * passed on and the inode forgotten (evict is not called).  ERR_PTR.
 */
struct inode *inode_load(struct superblock *sb, u64 ino, size_t extra,
			 int (*fill)(struct inode *inode, void *arg),
			 void *arg);
void inode_get(struct inode *inode);
/* May sleep: the last one evicts. */
void inode_put(struct inode *inode);
/* Owner, set-group-id and sticky rules for something made in dir. */
void inode_init_owner(struct inode *inode, const struct inode *dir);
/* Another size: cut off pages beyond.  inode->lock held. */
void inode_set_size(struct inode *inode, loff_t size);
/* What truncate(2) does once it is permitted: 0 or -errno; takes the lock. */
int vfs_truncate(struct inode *inode, loff_t size);
/* Store what a says in the inode's fields but the size; lock held. */
void inode_setattr(struct inode *inode, const struct attr *a);
/* Set times to now; which is of TOUCH_*; lock held (atime: need not be). */
#define TOUCH_ATIME 1u
#define TOUCH_MTIME 2u
#define TOUCH_CTIME 4u
void inode_touch(struct inode *inode, unsigned which);
/* The wall clock. */
struct timespec64 inode_now(void);
/*
 * The VFS read the file: update atime if mount and file want it (relatime, as
 * Linux's default).
 */
void inode_accessed(struct file *f);

/* MAY_* as for access(2): R_OK, W_OK, X_OK. */
#define MAY_EXEC 1
#define MAY_WRITE 2
#define MAY_READ 4
/* 0, -EACCES, -EROFS.  Of the current process; kernel threads may all. */
int inode_permission(const struct inode *inode, int mask);
/* The owner, or CAP_FOWNER. */
bool inode_owner_or_capable(const struct inode *inode);

/* Its statistics, as stat(2). */
void inode_stat(struct inode *inode, struct stat *st);

#endif
