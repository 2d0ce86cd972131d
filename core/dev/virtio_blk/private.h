/* virtio block devices: what the files of this folder share. */
#ifndef RR_VIRTIO_BLK_PRIVATE_H
#define RR_VIRTIO_BLK_PRIVATE_H

#include "blkdev.h"
#include "init.h"
#include "sync.h"
#include "virtio.h"
#include <linux/virtio_blk.h>

/* 128 KiB of single pages. */
#define VBLK_MAX_SEGMENTS 32

/* What one request in flight needs besides the data; in the direct map. */
struct vblk_slot {
	struct vring_desc table[VBLK_MAX_SEGMENTS + 2];
	struct virtio_blk_outhdr hdr;
	u8 status;                   /* the device's */
	struct blk_request *request; /* NULL: the serial number */
	struct list link;            /* idle */
};

struct virtio_blk {
	struct blkdev bd;
	struct virtio_device *vd;
	spinlock_t lock; /* interrupts off: the queue and the lists */
	struct virtq *q;
	struct list idle;    /* of vblk_slot */
	struct list waiting; /* of blk_request, for a slot */
	unsigned number;     /* vda is 0 */
	char serial[VIRTIO_BLK_ID_BYTES + 1];
	struct work registration;
};

/* name.c: how the device gets its name, and is registered. */
void virtio_blk_registration_init(struct virtio_blk *v);
void virtio_blk_ask_serial(struct virtio_blk *v);

#endif
