/* FIFOs: pipes that are found by a name. */
#include "fs.h"
#include "fsfile.h"
#include "pipe.h"
#include "private.h"
#include "syscall.h"

/* The inode's pipe with one more user, made if it is the first; NULL. */
static struct pipe *get_pipe(struct inode *inode)
{
	struct pipe *p;

	mutex_lock(&inode->lock);
	p = inode->special;
	if (!p) {
		p = pipe_alloc();
		inode->special = p;
	}
	if (p)
		p->files++;
	mutex_unlock(&inode->lock);
	return p;
}

/*
 * An open that failed with err gives back what it had.  err; or 0, and it has not
 * failed: the other end, for which it waited, has come after all.  That one would not
 * come again.
 */
static int undo(struct file *f, struct pipe *p, const u32 *other, u32 seen,
		int err)
{
	bool last = false;

	mutex_lock(&f->inode->lock);
	mutex_lock(&p->lock);
	if (*other != seen) {
		err = 0;
	} else {
		pipe_drop_end(p, f);
		last = !--p->files;
	}
	mutex_unlock(&p->lock);
	if (last)
		f->inode->special = NULL;
	mutex_unlock(&f->inode->lock);
	if (last)
		pipe_destroy(p);
	if (err)
		f->priv = NULL;
	return err;
}

/*
 * Enter f as an end.  0; -ENXIO; or 1: the other end has to come first, when
 * *seen changes.
 */
static int join(struct file *f, struct pipe *p, u32 **other, u32 *seen)
{
	bool nonblock = f->flags & O_NONBLOCK;
	int wait = 0;

	mutex_lock(&p->lock);
	if (file_readable(f)) {
		WRITE_ONCE(p->readers, p->readers + 1);
		WRITE_ONCE(p->reader_count, p->reader_count + 1);
	}
	if (file_writable(f)) {
		WRITE_ONCE(p->writers, p->writers + 1);
		WRITE_ONCE(p->writer_count, p->writer_count + 1);
	}
	if (!file_writable(f) && !p->writers) {
		*other = &p->writer_count;
		*seen = p->writer_count;
		/* poll does not call it hung up before a writer came. */
		f->pos = nonblock ? (loff_t)p->writer_count : -1;
		wait = !nonblock;
	} else if (!file_readable(f) && !p->readers) {
		*other = &p->reader_count;
		*seen = p->reader_count;
		wait = nonblock ? -ENXIO : 1;
	} else {
		f->pos = -1;
	}
	mutex_unlock(&p->lock);
	return wait;
}

int fifo_open(struct inode *inode, struct file *f)
{
	struct pipe *p = get_pipe(inode);
	u32 *other = NULL, seen = 0;
	int err;

	if (!p)
		return -ENOMEM;
	f->priv = p;
	f->ops = &pipe_file_ops;
	err = join(f, p, &other, &seen);
	/* Those who wait for this end to be opened. */
	waitq_wake_all(&p->read_wait);
	waitq_wake_all(&p->write_wait);
	if (err > 0)
		err = wait_event_interruptible(file_readable(f) ?
						       &p->read_wait :
						       &p->write_wait,
					       READ_ONCE(*other) != seen);
	return err ? undo(f, p, other, seen, err) : 0;
}
