/*
 * The name of a block device is its serial number, which the launcher sets
 * (ld0, ld1 ...).  It is asked for when the device starts, and the device is
 * registered when the answer is there, so that start-up does not wait for it.
 */
#include "log.h"
#include "private.h"
#include "string.h"

/* Printable, and usable as a file name. */
static bool usable(const char *s)
{
	if (!*s || *s == '.')
		return false;
	for (; *s; s++)
		if (*s <= ' ' || *s > '~' || *s == '/')
			return false;
	return true;
}

static void register_device(struct work *w)
{
	struct virtio_blk *v = container_of(w, struct virtio_blk, registration);

	if (usable(v->serial))
		strlcpy(v->bd.name, v->serial, sizeof(v->bd.name));
	else if (v->number < 26)
		ksnprintf(v->bd.name, sizeof(v->bd.name), "vd%c",
			  'a' + (int)v->number);
	else
		ksnprintf(v->bd.name, sizeof(v->bd.name), "vd%u", v->number);
	blkdev_register(&v->bd);
}

void virtio_blk_registration_init(struct virtio_blk *v)
{
	list_init(&v->registration.link);
	v->registration.fn = register_device;
}

/* virtio 5.2.6: GET_ID, up to 20 bytes, zero-padded, maybe not terminated. */
void virtio_blk_ask_serial(struct virtio_blk *v)
{
	struct vblk_slot *s = list_first(&v->idle, struct vblk_slot, link);
	struct virtio_buf buf[3] = {
		{&s->hdr, sizeof(s->hdr)},
		{v->serial, VIRTIO_BLK_ID_BYTES},
		{&s->status, 1},
	};
	u64 flags = spin_lock_irqsave(&v->lock);

	s->hdr.type = VIRTIO_BLK_T_GET_ID;
	s->hdr.ioprio = 0;
	s->hdr.sector = 0;
	s->status = VIRTIO_BLK_S_IOERR;
	s->request = NULL;
	if (!virtq_add(v->q, buf, 1, 2, s, s->table)) {
		list_del(&s->link);
		virtq_kick(v->q);
	}
	spin_unlock_irqrestore(&v->lock, flags);
}
