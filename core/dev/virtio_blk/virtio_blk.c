/*
 * Block devices over virtio (virtio 5.2): one queue, a fixed number of requests
 * in flight, the others wait in order.
 */
#include "private.h"
#include "log.h"
#include "page.h"
#include "string.h"
#include <linux/errno.h>

/* Enough to keep a disk busy; each costs a kilobyte. */
#define IN_FLIGHT 16
#define QUEUE_SIZE 128

static void start_waiting(struct virtio_blk *v);

static u32 op_type(enum blk_op op)
{
	switch (op) {
	case BLK_READ:
		return VIRTIO_BLK_T_IN;
	case BLK_WRITE:
		return VIRTIO_BLK_T_OUT;
	default:
		return VIRTIO_BLK_T_FLUSH;
	}
}

/* Hand one to the device; v->lock held, v->idle not empty.  0 or -errno. */
static int start(struct virtio_blk *v, struct blk_request *r)
{
	struct vblk_slot *s = list_first(&v->idle, struct vblk_slot, link);
	struct virtio_buf buf[VBLK_MAX_SEGMENTS + 2];
	unsigned out = 1, in = 1, n = 0;
	int err;

	s->hdr.type = op_type(r->op);
	s->hdr.ioprio = 0;
	s->hdr.sector = r->op == BLK_FLUSH ? 0 : r->sector;
	s->status = VIRTIO_BLK_S_IOERR;
	buf[n++] = (struct virtio_buf){&s->hdr, sizeof(s->hdr)};
	if (r->op != BLK_FLUSH) {
		for (unsigned i = 0; i < r->nr; i++)
			buf[n++] = (struct virtio_buf){r->seg[i].data,
						       r->seg[i].len};
		*(r->op == BLK_WRITE ? &out : &in) += r->nr;
	}
	buf[n] = (struct virtio_buf){&s->status, 1};
	err = virtq_add(v->q, buf, out, in, s, s->table);
	if (err)
		return err;
	list_del(&s->link);
	s->request = r;
	return 0;
}

static void submit(struct blkdev *d, struct blk_request *r)
{
	struct virtio_blk *v = container_of(d, struct virtio_blk, bd);
	u64 flags;

	if (r->op == BLK_FLUSH && !virtio_has(v->vd, VIRTIO_BLK_F_FLUSH)) {
		r->status = 0; /* virtio 5.2.5.2: the device writes through */
		r->done(r);
		return;
	}
	flags = spin_lock_irqsave(&v->lock);
	if (v->q->broken) {
		spin_unlock_irqrestore(&v->lock, flags);
		r->status = -EIO;
		r->done(r);
		return;
	}
	list_append(&v->waiting, &r->link);
	start_waiting(v);
	spin_unlock_irqrestore(&v->lock, flags);
}

static void start_waiting(struct virtio_blk *v)
{
	while (!list_empty(&v->waiting) && !list_empty(&v->idle)) {
		struct blk_request *r =
		    list_first(&v->waiting, struct blk_request, link);

		if (start(v, r))
			break;
		list_del(&r->link);
	}
	virtq_kick(v->q);
}

/* The answer to GET_ID: from here on the device has a name. */
static void named(struct virtio_blk *v, bool ok)
{
	if (!ok)
		v->serial[0] = '\0';
	work_queue(&v->registration);
}

static void finish(struct virtio_blk *v, struct vblk_slot *s, bool ok,
		   struct list *done)
{
	struct blk_request *r = s->request;

	ok = ok && READ_ONCE(s->status) == VIRTIO_BLK_S_OK;
	s->request = NULL;
	list_push(&v->idle, &s->link);
	if (!r) {
		named(v, ok);
		return;
	}
	r->status = ok ? 0 : -EIO;
	list_append(done, &r->link);
}

/* The device broke its queue: nothing that it still has will come back. */
static void give_up(struct virtio_blk *v, struct list *done)
{
	struct blk_request *r;
	struct vblk_slot *s;

	while ((s = virtq_take_back(v->q)))
		finish(v, s, false, done);
	list_for_each(r, &v->waiting, link)
		r->status = -EIO;
	list_splice(done, &v->waiting);
}

static void interrupt(struct virtq *q)
{
	struct virtio_blk *v = q->priv;
	struct blk_request *r;
	struct vblk_slot *s;
	struct list done;
	u64 flags;

	list_init(&done);
	flags = spin_lock_irqsave(&v->lock);
	do {
		virtq_disable_irq(q);
		while ((s = virtq_get(q, NULL)))
			finish(v, s, true, &done);
	} while (virtq_enable_irq(q) && !q->broken);
	if (q->broken)
		give_up(v, &done);
	else
		start_waiting(v);
	spin_unlock_irqrestore(&v->lock, flags);
	while (!list_empty(&done)) {
		r = list_first(&done, struct blk_request, link);
		list_del(&r->link);
		r->done(r);
	}
}

static void config_changed(struct virtio_device *vd)
{
	struct virtio_blk *v = vd->priv;

	WRITE_ONCE(v->bd.sectors,
		   virtio_config_field(vd, struct virtio_blk_config, capacity));
}

static u64 features(struct virtio_device *vd, u64 offered)
{
	return BIT(VIRTIO_BLK_F_SIZE_MAX) | BIT(VIRTIO_BLK_F_SEG_MAX) |
	       BIT(VIRTIO_BLK_F_RO) | BIT(VIRTIO_BLK_F_BLK_SIZE) |
	       BIT(VIRTIO_BLK_F_FLUSH);
}

/* Limits from the configuration; 0 or -EINVAL. */
static int read_limits(struct virtio_blk *v)
{
	struct virtio_device *vd = v->vd;
	struct blkdev *d = &v->bd;
	u32 segs = 1, size = 1u << 20, block = SECTOR_SIZE;

	if (virtio_has(vd, VIRTIO_BLK_F_SEG_MAX))
		segs = virtio_config_field(vd, struct virtio_blk_config,
					   seg_max);
	if (virtio_has(vd, VIRTIO_BLK_F_SIZE_MAX))
		size = virtio_config_field(vd, struct virtio_blk_config,
					   size_max);
	if (virtio_has(vd, VIRTIO_BLK_F_BLK_SIZE))
		block = virtio_config_field(vd, struct virtio_blk_config,
					    blk_size);
	/* virtio 2.7.5.3.1: no chain is longer than the queue */
	segs = MIN(segs, (u32)v->q->size - 2);
	if (!segs || size < PAGE_SIZE || block < SECTOR_SIZE ||
	    block > PAGE_SIZE || (block & (block - 1)))
		return -EINVAL;
	d->max_segments = MIN(segs, (u32)VBLK_MAX_SEGMENTS);
	d->max_segment = ALIGN_DOWN(MIN(size, 1u << 20), (u32)PAGE_SIZE);
	d->block_size = block;
	d->read_only = virtio_has(vd, VIRTIO_BLK_F_RO);
	d->sectors =
	    virtio_config_field(vd, struct virtio_blk_config, capacity);
	return 0;
}

static int alloc_slots(struct virtio_blk *v)
{
	for (unsigned i = 0; i < IN_FLIGHT; i++) {
		struct vblk_slot *s = kzalloc(sizeof(*s), 0);

		if (!s)
			return i ? 0 : -ENOMEM;
		list_append(&v->idle, &s->link);
	}
	return 0;
}

static void free_device(struct virtio_blk *v)
{
	struct vblk_slot *s, *tmp;

	list_for_each_safe(s, tmp, &v->idle, link)
		kfree(s);
	kfree(v);
}

static int probe(struct virtio_device *vd)
{
	static unsigned count;
	struct virtio_blk *v = kzalloc(sizeof(*v), 0);
	int err;

	if (!v)
		return -ENOMEM;
	spin_init(&v->lock);
	list_init(&v->idle);
	list_init(&v->waiting);
	v->vd = vd;
	v->bd.submit = submit;
	virtio_blk_registration_init(v);
	err = virtio_queue(vd, 0, QUEUE_SIZE, interrupt, v, &v->q);
	if (!err && v->q->size < 4)
		err = -EINVAL;
	if (!err)
		err = read_limits(v);
	if (!err)
		err = alloc_slots(v);
	if (err) {
		virtio_stop(vd);
		free_device(v);
		return err;
	}
	v->number = count++;
	vd->priv = v;
	vd->config_changed = config_changed;
	blkdev_expect();
	virtio_ready(vd);
	virtio_blk_ask_serial(v);
	return 0;
}

static const struct virtio_driver virtio_blk = {
	.name = "virtio_blk",
	.id = VIRTIO_ID_BLOCK,
	.features = features,
	.probe = probe,
};
VIRTIO_DRIVER(virtio_blk);
