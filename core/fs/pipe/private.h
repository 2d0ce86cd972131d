/* The inside of a pipe. */
#ifndef RR_PIPE_PRIVATE_H
#define RR_PIPE_PRIVATE_H

#include "file.h"
#include "page.h"
#include "sync.h"
#include <linux/eventpoll.h>

#define PIPE_SLOTS 16u                /* 64 KiB, as on Linux */
#define PIPE_SIZE_MAX (1ul << 20)     /* Linux' fs.pipe-max-size */

/*
 * A page of data.  What a write of up to PIPE_BUF (one page) does not find room
 * for in the last page goes to a new one, so it is never torn.
 */
struct pipe_slot {
	struct page *page;
	u32 offset, len;
	bool packet; /* O_DIRECT: one read returns, and empties, it */
};

struct pipe {
	/*
	 * Held while data is copied: taken before vm->lock.  poll looks at
	 * head, tail, promised, readers and writers without it.
	 */
	struct mutex lock;
	u32 head, tail;   /* slots written and read so far; lock */
	u32 size;         /* number of slots, a power of two; lock */
	u32 promised;     /* slots that must stay free: splice.c; lock */
	struct pipe_slot *slots;
	struct page *spare; /* a page for the next write; lock */
	u32 readers, writers; /* open ends; lock */
	/* How often each end was opened, from 1; for FIFOs.  lock */
	u32 reader_count, writer_count;
	u32 files;        /* ends of either kind; lock, for FIFOs inode->lock */
	struct waitq read_wait, write_wait;
	u64 ino;          /* for stat */
};

static inline bool pipe_is_empty(const struct pipe *p)
{
	return READ_ONCE(p->head) == READ_ONCE(p->tail);
}

static inline bool pipe_is_full(const struct pipe *p)
{
	return READ_ONCE(p->head) - READ_ONCE(p->tail) +
		       READ_ONCE(p->promised) >= READ_ONCE(p->size);
}

static inline struct pipe_slot *pipe_slot(struct pipe *p, u32 nr)
{
	return &p->slots[nr & (p->size - 1)];
}

extern const struct file_ops pipe_file_ops;

/* Without readers and writers; NULL: no memory. */
struct pipe *pipe_alloc(void);
void pipe_destroy(struct pipe *p);
/* One end, as f->flags say, goes; both sides are told. lock held. */
void pipe_drop_end(struct pipe *p, const struct file *f);

/* What epoll and poll are told of it. */
#define PIPE_READABLE (EPOLLIN | EPOLLRDNORM)
#define PIPE_WRITABLE (EPOLLOUT | EPOLLWRNORM)

/*
 * Sleep until there is data, or no writer is left; until there is room, or no reader
 * is left.  Without the lock: look again with it.  0 or -ERESTARTSYS.
 */
int pipe_await_data(struct pipe *p);
int pipe_await_room(struct pipe *p);

/* io.c: the file operations of both ends. */
ssize_t pipe_read(struct file *f, struct iov_iter *it, loff_t *pos);
ssize_t pipe_write(struct file *f, struct iov_iter *it, loff_t *pos);
/* Who writes to a pipe without readers gets it, from the thread itself. */
void pipe_send_sigpipe(void);

#endif
