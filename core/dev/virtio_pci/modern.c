/*
 * The modern interface: structures in memory BARs, found by vendor capabilities
 * (virtio 4.1.4).
 */
#include "log.h"
#include "page.h"
#include "string.h"
#include "virtio_pci.h"
#include <linux/errno.h>

static u8 get_status(struct virtio_device *d)
{
	return to_pci(d)->common->device_status;
}

static void set_status(struct virtio_device *d, u8 status)
{
	to_pci(d)->common->device_status = status;
}

static void prepare(struct virtio_device *d)
{
	struct virtio_pci *vp = to_pci(d);

	if (vp->msix)
		vp->common->msix_config = 0;
}

static u64 get_features(struct virtio_device *d)
{
	volatile struct virtio_pci_common_cfg *c = to_pci(d)->common;
	u64 f;

	c->device_feature_select = 0;
	f = c->device_feature;
	c->device_feature_select = 1;
	return f | (u64)c->device_feature << 32;
}

static void set_features(struct virtio_device *d, u64 f)
{
	volatile struct virtio_pci_common_cfg *c = to_pci(d)->common;

	c->guest_feature_select = 0;
	c->guest_feature = (u32)f;
	c->guest_feature_select = 1;
	c->guest_feature = (u32)(f >> 32);
}

static void read_config(struct virtio_device *d, u32 off, void *buf, u32 n)
{
	struct virtio_pci *vp = to_pci(d);

	memset(buf, 0, n);
	if (!vp->config || off > vp->config_len || n > vp->config_len - off)
		return;
	virtio_read_fields(vp->config, off, buf, n);
}

static u32 generation(struct virtio_device *d)
{
	return to_pci(d)->common->config_generation;
}

static u16 queue_max(struct virtio_device *d, u16 index)
{
	volatile struct virtio_pci_common_cfg *c = to_pci(d)->common;

	if (index >= c->num_queues)
		return 0;
	c->queue_select = index;
	return c->queue_enable ? 0 : c->queue_size;
}

static void write64(volatile u32 *lo, volatile u32 *hi, const void *p)
{
	u64 pa = virt_to_phys(p);

	*lo = (u32)pa;
	*hi = (u32)(pa >> 32);
}

static int queue_start(struct virtio_device *d, struct virtq *q)
{
	struct virtio_pci *vp = to_pci(d);
	volatile struct virtio_pci_common_cfg *c = vp->common;
	u16 vector = virtio_pci_queue_vector(vp, q);
	u64 off;

	c->queue_select = q->index;
	off = (u64)c->queue_notify_off * vp->notify_multiplier;
	if (off + 2 > vp->notify_len)
		return -EIO;
	q->doorbell = vp->notify + off;
	c->queue_size = q->size;
	write64(&c->queue_desc_lo, &c->queue_desc_hi, q->ring.desc);
	write64(&c->queue_avail_lo, &c->queue_avail_hi, q->ring.avail);
	write64(&c->queue_used_lo, &c->queue_used_hi, q->ring.used);
	if (vp->msix) {
		c->queue_msix_vector = vector;
		if (c->queue_msix_vector != vector)
			return -ENOSPC; /* virtio 4.1.5.1.2 */
	}
	c->queue_enable = 1;
	return 0;
}

static void notify(struct virtq *q)
{
	*(volatile u16 *)q->doorbell = q->index;
}

static const struct virtio_transport modern = {
	.get_status = get_status,
	.set_status = set_status,
	.prepare = prepare,
	.get_features = get_features,
	.set_features = set_features,
	.read_config = read_config,
	.generation = generation,
	.queue_max = queue_max,
	.queue_start = queue_start,
	.notify = notify,
};

/*
 * The first usable capability of a type (virtio 4.1.4: the driver takes the
 * first that it can, and ignores reserved BAR numbers).  Its position or 0.
 */
static volatile void *map_cap(struct pci_device *p, u8 type, u32 least,
			      u32 *len, u16 *where)
{
	u16 pos = pci_capability(p, PCI_CAP_ID_VNDR, 0);
	volatile void *va;
	unsigned tries = 0;

	for (; pos && tries < 48;
	     pos = pci_capability(p, PCI_CAP_ID_VNDR, pos), tries++) {
		u8 bar = pci_read8(p, (u16)(pos + VIRTIO_PCI_CAP_BAR));

		if (pci_read8(p, (u16)(pos + VIRTIO_PCI_CAP_CFG_TYPE)) !=
			type ||
		    bar >= PCI_STD_NUM_BARS)
			continue;
		*len = pci_read32(p, (u16)(pos + VIRTIO_PCI_CAP_LENGTH));
		if (*len < least)
			continue;
		va = pci_map(p, bar,
			     pci_read32(p, (u16)(pos + VIRTIO_PCI_CAP_OFFSET)),
			     *len);
		if (!va)
			continue;
		*where = pos;
		return va;
	}
	return NULL;
}

int virtio_pci_modern_init(struct virtio_pci *vp)
{
	struct pci_device *p = vp->pci;
	u32 len;
	u16 pos;

	vp->common = map_cap(p, VIRTIO_PCI_CAP_COMMON_CFG,
			     sizeof(*vp->common), &len, &pos);
	if (!vp->common)
		return -ENODEV;
	vp->isr = map_cap(p, VIRTIO_PCI_CAP_ISR_CFG, 1, &len, &pos);
	vp->notify = map_cap(p, VIRTIO_PCI_CAP_NOTIFY_CFG, 2,
			     &vp->notify_len, &pos);
	if (!vp->isr || !vp->notify)
		return -ENODEV;
	vp->notify_multiplier =
	    pci_read32(p, (u16)(pos + VIRTIO_PCI_NOTIFY_CAP_MULT));
	/* Not every device has configuration fields. */
	vp->config = map_cap(p, VIRTIO_PCI_CAP_DEVICE_CFG, 1,
			     &vp->config_len, &pos);
	vp->vdev.ops = &modern;
	return 0;
}
