/* Requests to block devices: checks, and waiting for them. */
#include "blkdev.h"
#include "page.h"
#include "sync.h"
#include <linux/errno.h>

static bool valid(struct blkdev *d, const struct blk_request *r)
{
	u64 sectors = READ_ONCE(d->sectors), bytes = 0;

	if (r->op == BLK_FLUSH)
		return true;
	if (!r->nr || r->nr > d->max_segments ||
	    (r->op == BLK_WRITE && d->read_only))
		return false;
	for (unsigned i = 0; i < r->nr; i++) {
		if (!r->seg[i].len || r->seg[i].len % SECTOR_SIZE ||
		    r->seg[i].len > d->max_segment)
			return false;
		bytes += r->seg[i].len;
	}
	return r->sector <= sectors &&
	       bytes / SECTOR_SIZE <= sectors - r->sector;
}

void blkdev_submit(struct blkdev *d, struct blk_request *r)
{
	if (valid(d, r)) {
		d->submit(d, r);
		return;
	}
	r->status = -EIO;
	r->done(r);
}

struct waiting {
	spinlock_t lock; /* done; the waker holds it until it lets go of this */
	bool done;
	struct waitq wait;
};

static void run_done(struct blk_request *r)
{
	struct waiting *w = r->priv;
	u64 flags = spin_lock_irqsave(&w->lock);

	WRITE_ONCE(w->done, true);
	waitq_wake_all(&w->wait);
	spin_unlock_irqrestore(&w->lock, flags);
}

int blkdev_run(struct blkdev *d, enum blk_op op, u64 sector,
	       struct blk_segment *seg, unsigned nr)
{
	struct waiting w = {.done = false};
	struct blk_request r = {
		.op = op,
		.sector = sector,
		.seg = seg,
		.nr = nr,
		.done = run_done,
		.priv = &w,
	};
	u64 flags;

	spin_init(&w.lock);
	waitq_init(&w.wait);
	blkdev_submit(d, &r);
	wait_event(&w.wait, READ_ONCE(w.done));
	/* Both live on this stack: wait until run_done has let go of them. */
	flags = spin_lock_irqsave(&w.lock);
	spin_unlock_irqrestore(&w.lock, flags);
	return r.status;
}

/* Segments of one request of blkdev_read and blkdev_write. */
#define PIECES 16

static int move(struct blkdev *d, enum blk_op op, u64 sector, u8 *buf,
		size_t n)
{
	struct blk_segment seg[PIECES];
	unsigned most = MIN(d->max_segments, (unsigned)PIECES);
	u32 whole = ALIGN_DOWN(d->max_segment, d->block_size);
	int err;

	if (op == BLK_WRITE && d->read_only)
		return -EROFS;
	while (n) {
		unsigned nr = 0;
		u64 bytes = 0;

		while (n && nr < most) {
			u32 len = (u32)MIN(n, (size_t)whole);

			seg[nr].data = buf;
			seg[nr++].len = len;
			buf += len;
			n -= len;
			bytes += len;
		}
		err = blkdev_run(d, op, sector, seg, nr);
		if (err)
			return err;
		sector += bytes / SECTOR_SIZE;
	}
	return 0;
}

int blkdev_read(struct blkdev *d, u64 sector, void *buf, size_t n)
{
	return move(d, BLK_READ, sector, buf, n);
}

int blkdev_write(struct blkdev *d, u64 sector, const void *buf, size_t n)
{
	return move(d, BLK_WRITE, sector, (u8 *)(uintptr_t)buf, n);
}

int blkdev_flush(struct blkdev *d)
{
	return blkdev_run(d, BLK_FLUSH, 0, NULL, 0);
}
