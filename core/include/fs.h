/*
 * The virtual file system: inodes, dentries, mounts, path walk, and what a file
 * system gives to be one.
 *
 * An inode is a file; a dentry is a name of it, kept as long as it is used or
 * memory allows.  A dentry without an inode says that there is no such name.
 * Every mount has a superblock of its own.
 *
 * Locks: inode->lock (mutex) serialises changes: of a directory's entries, of a
 * file's size and data, of attributes.  Of two directories, an ancestor is
 * locked first, else the one with the lower address; a directory before what
 * lies in it.  vfs_tree_lock (spin lock) protects the tree in memory: the links
 * between dentries, their names and inodes, what is mounted where.
 */
#ifndef RR_FS_H
#define RR_FS_H

#include "file.h"
#include "linkset.h"
#include "pagecache.h"
#include "spinlock.h"
#include <asm/statfs.h>
#include <linux/errno.h>
#include <linux/limits.h>
#include <linux/mount.h>
#include <linux/stat.h>

struct attr;
struct blkdev;
struct file_locks;
struct fs_type;
struct inode_ops;
struct path;
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
 * A new inode with one reference, that no lookup finds until inode_hash: mode
 * as given, owner and times those of the caller and now, nlink 1, size 0, ino
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

/* ---- dentries ---- */

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
 * The root of a file system; takes over inode's reference, even if NULL:
 * -ENOMEM.
 */
int root_make(struct superblock *sb, struct inode *inode);
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

/* ---- reading directories ---- */

/*
 * Passed to file_ops.iterate, which calls dir_emit for the entries from
 * position f->pos on (f->pos_lock and the directory's lock are held) and
 * returns 0 when dir_emit says false or nothing is left.  A position is any
 * number that the file system gives meaning to and that stays valid while
 * entries come and go; 0 is the start.
 */
struct dir_emit {
	bool (*emit)(struct dir_emit *de, const char *name, size_t len, u64 ino,
		     unsigned type);
	loff_t pos; /* of the entry being given out; f->pos on entry */
};

/*
 * Give out one entry, type DT_*; the next one is at position next.  False: no
 * room, the entry was not taken.
 */
static inline bool dir_emit(struct dir_emit *de, const char *name, size_t len,
			    u64 ino, unsigned type, loff_t next)
{
	loff_t here = de->pos;

	de->pos = next;
	if (de->emit(de, name, len, ino, type))
		return true;
	de->pos = here;
	return false;
}
/* "." at position 0, ".." at 1; true: go on from position 2. */
bool dir_emit_dots(struct file *f, struct dir_emit *de);
/* DT_* of a mode. */
static inline unsigned dirent_type(u32 mode)
{
	return (mode & S_IFMT) >> 12;
}

/* ---- mounts ---- */

struct mount {
	struct superblock *sb;
	struct mount *parent;    /* NULL: none, or unmounted; tree lock */
	struct dentry *point;    /* where; referenced; vfs_tree_lock */
	s32 refs;                /* atomic: users; itself while it is mounted */
	int id;
	u64 flags;               /* MS_RDONLY, MS_NODEV ...; tree lock */
	s32 children;            /* mounts on it; vfs_tree_lock */
	struct list link;        /* all mounts, in order; vfs_tree_lock */
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
 * umount2(2): -EBUSY while it is used, unless UMOUNT_DETACH is asked for.
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
/* Walk the mounts for /proc/mounts: next with id > the given, referenced. */
struct mount *mount_next(int id);
/* The type with this name, NULL: not baked in. */
const struct fs_type *fs_type_find(const char *name);

/* Write everything back: sync(2), and before power-off. */
void vfs_sync_all(void);

/* ---- path walk ---- */

#define WALK_FOLLOW 1u      /* follow a symbolic link at the end, too */
#define WALK_DIRECTORY 2u   /* -ENOTDIR if it is none */
#define WALK_EMPTY 4u       /* "" means the starting point (AT_EMPTY_PATH) */
#define WALK_PARENT 8u      /* stop before the last component */
#define WALK_REAL_IDS 16u   /* permissions by real uid and gid (access(2)) */
/* openat2(2): */
#define WALK_NO_XDEV 32u
#define WALK_NO_MAGICLINKS 64u
#define WALK_NO_SYMLINKS 128u
#define WALK_BENEATH 256u
#define WALK_IN_ROOT 512u

/*
 * From a path of the program: name is the kernel's copy.  dirfd: AT_FDCWD or a
 * descriptor of a directory.  *p gets references.  0 or -errno.
 */
int path_lookup(int dirfd, const char *name, unsigned flags, struct path *p);
/*
 * For calls that make or remove a name: the directory in *p, and the last
 * component: *last within name, *len long (trailing slashes not counted:
 * *slash).  "." and ".." and "/" have *len 1, 2, 0.
 */
struct path_last {
	const char *name;
	size_t len;
	bool slash; /* slashes follow */
};
int path_parent(int dirfd, const char *name, unsigned flags, struct path *p,
		struct path_last *last);
/*
 * Take the program's path in: a string from kmalloc that the caller frees with
 * kfree; ERR_PTR: -EFAULT, -ENAMETOOLONG, -ENOENT (empty, unless flags has
 * WALK_EMPTY), -ENOMEM.
 */
char *path_from_user(const char __user *upath, unsigned flags);
/*
 * The absolute path as seen from the process's root, into buf from its end
 * backwards: a pointer into buf, or ERR_PTR(-ENAMETOOLONG).  " (deleted)" is
 * appended where the name has gone; "(unreachable)" is put in front where the
 * root is not above.
 */
char *path_to_string(const struct path *p, char *buf, size_t size);

/* MAY_* as for access(2): R_OK, W_OK, X_OK. */
#define MAY_EXEC 1
#define MAY_WRITE 2
#define MAY_READ 4
/* 0, -EACCES, -EROFS.  Of the current process; kernel threads may all. */
int inode_permission(const struct inode *inode, int mask);
/* The owner, or CAP_FOWNER. */
bool inode_owner_or_capable(const struct inode *inode);

/* ---- current directory, root, umask ---- */

struct fs_context {
	s32 refs;              /* atomic */
	u32 umask;             /* atomic */
	struct path cwd, root; /* vfs_tree_lock */
};

/* "/" and 022; one reference.  NULL: no memory. */
struct fs_context *fs_context_new(void);
struct fs_context *fs_context_copy(struct fs_context *fs); /* for fork */
void fs_context_get(struct fs_context *fs);
void fs_context_put(struct fs_context *fs);
/* Change the directory of a context that is not in use yet; 0 or -errno. */
int fs_context_chdir(struct fs_context *fs, const char *path);
/* With references; of kernel threads: the root of everything. */
void fs_current_root(struct path *p);
void fs_current_cwd(struct path *p);
u32 fs_current_umask(void);

/* ---- open files ---- */

/*
 * open(2) of the program; flags O_*, mode without umask.  A file with one
 * reference, or ERR_PTR.
 */
struct file *vfs_open(int dirfd, const char *name, int flags, u32 mode,
		      unsigned walk_flags);
/* Open what p names (it stays the caller's). */
struct file *vfs_open_path(const struct path *p, int flags);
/*
 * A file of an object without a place in the tree (memfd): name is what
 * /proc/PID/fd shows.  The references on mount and inode stay the caller's.
 */
struct file *vfs_open_inode(struct mount *m, struct inode *inode,
			    const char *name, int flags);

/* file_ops of regular files in the page cache, and parts of them. */
extern const struct file_ops regular_file_ops;
ssize_t generic_read(struct file *f, struct iov_iter *it, loff_t *pos);
ssize_t generic_write(struct file *f, struct iov_iter *it, loff_t *pos);
int generic_mmap(struct file *f, struct vma *vma);
loff_t generic_seek(struct file *f, loff_t off, int whence);
int generic_fsync(struct file *f, bool data_only);
int generic_truncate(struct file *f, loff_t size);
/* seek of directories whose positions are cookies. */
loff_t directory_seek(struct file *f, loff_t off, int whence);
/* file_ops of directories of file systems; they supply iterate. */
#define DIRECTORY_FILE_OPS(iterate_fn)                                         \
	{                                                                      \
		.read = directory_read, .seek = directory_seek,                \
		.iterate = (iterate_fn), .fsync = generic_fsync                \
	}
ssize_t directory_read(struct file *f, struct iov_iter *it, loff_t *pos);
/*
 * Before a write of n bytes at pos: how many are allowed (RLIMIT_FSIZE with
 * SIGXFSZ, the file system's largest file), or -EFBIG.
 */
ssize_t write_limit(const struct inode *inode, loff_t pos, size_t n);

/* statistics of an open file or inode, as stat(2). */
int file_stat(struct file *f, struct stat *st);
void inode_stat(struct inode *inode, struct stat *st);

/* ---- operations on names; path strings are the kernel's ---- */

int vfs_mkdir(int dirfd, const char *name, u32 mode);
/*
 * mode with S_IFIFO, S_IFSOCK, S_IFCHR, S_IFBLK or S_IFREG.  bind(2) of an
 * AF_UNIX socket makes S_IFSOCK (-EEXIST: it says EADDRINUSE), with *out, if
 * not NULL, the new place, referenced, in whose inode's special it leaves the
 * socket.
 */
int vfs_mknod(int dirfd, const char *name, u32 mode, u64 rdev,
	      struct path *out);
int vfs_symlink(const char *target, int dirfd, const char *name);
int vfs_unlink(int dirfd, const char *name);
int vfs_rmdir(int dirfd, const char *name);
int vfs_link(int olddirfd, const char *oldname, int newdirfd,
	     const char *newname, unsigned walk_flags);
int vfs_rename(int olddirfd, const char *oldname, int newdirfd,
	       const char *newname, unsigned flags);
/* Change attributes (permission checked by the caller). 0 or -errno. */
int vfs_setattr(const struct path *p, struct attr *a);
int vfs_truncate(struct inode *inode, loff_t size);

/* ---- special files ---- */

/* A character device: LINKSET(chrdevs, my_dev); one for each device number. */
struct chrdev {
	const char *name; /* in /dev */
	u32 major, minor, mode;
	const struct file_ops *ops;
	int (*open)(struct inode *inode, struct file *f); /* may be NULL */
};
/*
 * Given by component pipe: what open does to a FIFO (f->inode, f->flags);
 * blocks as fifo(7) says.  0 or -errno.  The pipe hangs off inode->special.
 */
int fifo_open(struct inode *inode, struct file *f) __weak;

/*
 * Given by component blk: set f up for the block device that inode->rdev names,
 * 0 or -errno; and make nodes in /dev for all there are, waiting for those that
 * drivers are still looking at.
 */
int block_open(struct inode *inode, struct file *f) __weak;
void block_add_nodes(void) __weak;

/* ---- for the kernel itself ---- */

/* Of kernel threads: permission is not asked, the root is that of everything. */

struct file *kernel_open(const char *path, int flags, u32 mode); /* ERR_PTR */
/* Make a directory and those above it; 0 also if it is there already. */
int kernel_mkdir_p(const char *path, u32 mode);
/* Make or replace a file of these contents. */
int kernel_write_file(const char *path, const void *data, size_t n, u32 mode);
/*
 * All of a file, NUL-terminated, from kmalloc; at most max bytes (-EFBIG).
 * ERR_PTR; *n without the NUL.
 */
char *kernel_read_file(const char *path, size_t max, size_t *n);
/* Mount, making the mount point. */
int kernel_mount(const char *source, const char *point, const char *type,
		 u64 flags, const char *options);

/*
 * A file that a component has in /proc: entries of the linker sets proc_root and
 * proc_net.  show formats the whole text into buf[size] and returns the length that
 * it would have had; store (NULL: read-only, as all of proc_net are) gets what was
 * written, n bytes and a NUL, and returns 0 or -errno.  In a thread, no lock held.
 */
struct proc_file {
	const char *name; /* at most 15 bytes */
	size_t (*show)(char *buf, size_t size);
	int (*store)(const char *s, size_t n);
};

#endif
