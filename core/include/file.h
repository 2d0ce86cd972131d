/*
 * Open files and descriptor tables: what every kind of file has in common.
 */
#ifndef RR_FILE_H
#define RR_FILE_H

#include "sync.h"
#include "uio.h"
#include <asm/stat.h>
#include <linux/fcntl.h>

struct file;
struct inode;
struct dentry;
struct mount;
struct page;
struct poll_table;
struct vma;
struct dir_emit;

/*
 * Operations of an open file.  NULL means what Linux answers for a file that cannot
 * (given in brackets).  No lock is held on entry.
 */
struct file_ops {
	const char *kind; /* for /proc/self/fd when there is no path: "socket" */
	/*
	 * Move up to it->count bytes at *pos, advancing both.  *pos is meaningless
	 * for streams.  O_NONBLOCK is in f->flags.  Return bytes or -errno.
	 * [-EINVAL]
	 */
	ssize_t (*read)(struct file *f, struct iov_iter *it, loff_t *pos);
	ssize_t (*write)(struct file *f, struct iov_iter *it, loff_t *pos);
	/*
	 * sendfile: take n bytes of a page without copying them; the page is kept
	 * referenced as long as it is needed.  more: further data follows at
	 * once.  Bytes taken or -errno, O_NONBLOCK as for write.  [write is used]
	 */
	ssize_t (*send_page)(struct file *f, struct page *page, size_t off,
			     size_t n, bool more);
	/* EPOLL* bits that are true now; poll_wait() on every queue concerned.
	 * [always readable and writable] */
	u32 (*poll)(struct file *f, struct poll_table *pt);
	long (*ioctl)(struct file *f, unsigned cmd, unsigned long arg); /* [-ENOTTY] */
	/* fcntl's F_ADD_SEALS, F_GET_SEALS. [-EINVAL] */
	long (*fcntl)(struct file *f, unsigned cmd, unsigned long arg);
	/* Called with f->pos_lock held; moves f->pos and returns it. [-ESPIPE, and
	 * the file is a stream: read and write ignore positions] */
	loff_t (*seek)(struct file *f, loff_t off, int whence);
	int (*iterate)(struct file *f, struct dir_emit *de); /* [-ENOTDIR] */
	/* Fill in vma->mapping and so on. [-ENODEV] */
	int (*mmap)(struct file *f, struct vma *vma);
	int (*fsync)(struct file *f, bool data_only); /* [-EINVAL] */
	int (*fallocate)(struct file *f, int mode, loff_t off, loff_t len); /* [-EOPNOTSUPP] */
	int (*truncate)(struct file *f, loff_t size); /* [-EINVAL] */
	/* For files without an inode. */
	int (*stat)(struct file *f, struct stat *st);
	/* The file flags changed (F_SETFL, FIONBIO). May be NULL. */
	void (*set_flags)(struct file *f, int flags);
	/* A descriptor of the file was closed (POSIX locks); may be NULL. */
	void (*flush)(struct file *f);
	/* The last reference went: give back f->priv. */
	void (*release)(struct file *f);
};

struct file {
	const struct file_ops *ops;
	s32 refs;              /* atomic */
	int flags;             /* O_*; f->lock */
	struct mutex pos_lock; /* pos */
	loff_t pos;
	spinlock_t lock;
	void *priv;            /* the implementation's */
	struct inode *inode;   /* NULL for sockets, pipes, eventfds ... */
	struct dentry *dentry; /* how it was opened; referenced */
	struct mount *mount;
	struct list epoll;     /* registrations in epoll sets; f->lock */
	int owner;             /* F_SETOWN */
	int signal;            /* F_SETSIG */
};

/* A new file with one reference; NULL: no memory. */
struct file *file_alloc(const struct file_ops *ops, void *priv, int flags);
void file_get(struct file *f);
/* The last reference calls ops->release. May sleep. */
void file_put(struct file *f);
static inline bool file_readable(const struct file *f)
{
	return (f->flags & O_ACCMODE) != O_WRONLY;
}
static inline bool file_writable(const struct file *f)
{
	return (f->flags & O_ACCMODE) != O_RDONLY;
}

/*
 * Reading and writing as the kernel itself: what read(2) and write(2) do after
 * looking up the descriptor, including pos handling when pos is NULL.
 */
ssize_t file_read_iter(struct file *f, struct iov_iter *it, loff_t *pos);
ssize_t file_write_iter(struct file *f, struct iov_iter *it, loff_t *pos);
ssize_t file_read_kernel(struct file *f, void *buf, size_t n, loff_t *pos);
ssize_t file_write_kernel(struct file *f, const void *buf, size_t n, loff_t *pos);

/* ---- descriptor tables ---- */

struct fdtable;

struct fdtable *fdtable_new(void); /* NULL: no memory; one reference */
struct fdtable *fdtable_copy(struct fdtable *t); /* for fork */
void fdtable_get(struct fdtable *t);
void fdtable_put(struct fdtable *t);
/* exec: close what is marked so. */
void fdtable_close_on_exec(struct fdtable *t);

/*
 * Give f the lowest free descriptor >= from in the current process's table.  The
 * caller's reference is taken over, also on failure: -EMFILE, -ENOMEM.  O_CLOEXEC in
 * flags is looked at.  May sleep.
 */
int fd_install(struct file *f, int flags);
int fd_install_from(struct file *f, int flags, int from);
/*
 * Set a descriptor aside for a call that must not fail any more once it has done its
 * job: -EMFILE, -ENOMEM.  It is filled (as fd_install) or given back; until then it is
 * not open, and nobody else gets it.
 */
int fd_reserve(int flags);
void fd_fill(int fd, struct file *f);
void fd_unreserve(int fd);
/* f, exact number, in another table (used before the process runs). */
int fdtable_set(struct fdtable *t, int fd, struct file *f, bool cloexec);
/* Descriptor to file with a reference, or NULL (-EBADF). */
struct file *fd_get(int fd);
/* The same, and files opened with O_PATH are found too. */
struct file *fd_get_raw(int fd);
/* In another table, such ones too (for /proc/PID/fd). */
struct file *fdtable_lookup(struct fdtable *t, int fd);
/* Is it marked close-on-exec?  fd is in use. */
bool fdtable_cloexec(struct fdtable *t, int fd);
/* Close; -EBADF. */
int fd_close(int fd);
/* Walk, for /proc/self/fd: next used descriptor >= fd, or -1. */
int fd_next(struct fdtable *t, int fd);

/* ---- readiness ---- */

/*
 * Passed to ops->poll.  queue is called for each wait queue that announces
 * changes; a poll_table with queue NULL only asks for the state.
 */
struct poll_table {
	void (*queue)(struct poll_table *pt, struct waitq *q);
	u32 events; /* what the caller is interested in (a hint) */
};

static inline void poll_wait(struct poll_table *pt, struct waitq *q)
{
	if (pt && pt->queue)
		pt->queue(pt, q);
}

/*
 * Given by component epoll: the last reference of f has gone while it is still
 * in epoll sets; take it out of them.
 */
void epoll_forget_file(struct file *f) __weak;

#endif
