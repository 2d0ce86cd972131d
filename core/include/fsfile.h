/*
 * Open files of file systems: opening, what is common to regular files, directories
 * and special files.
 */
#ifndef RR_FSFILE_H
#define RR_FSFILE_H

#include "file.h"
#include <linux/stat.h>

struct inode;
struct mount;
struct path;

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

/* The statistics of an open file, as stat(2). */
int file_stat(struct file *f, struct stat *st);

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

#endif
