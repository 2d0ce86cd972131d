/* The legacy interface: registers in I/O BAR 0 (virtio 4.1.4.10). */
#include "string.h"
#include "virtio_pci.h"
#include <linux/errno.h>

static u8 get_status(struct virtio_device *d)
{
	return platform_port_read8(to_pci(d)->io + VIRTIO_PCI_STATUS);
}

static void set_status(struct virtio_device *d, u8 status)
{
	platform_port_write8(to_pci(d)->io + VIRTIO_PCI_STATUS, status);
}

static void prepare(struct virtio_device *d)
{
	struct virtio_pci *vp = to_pci(d);

	if (vp->msix)
		platform_port_write16(vp->io + VIRTIO_MSI_CONFIG_VECTOR, 0);
}

static u64 get_features(struct virtio_device *d)
{
	return platform_port_read32(to_pci(d)->io + VIRTIO_PCI_HOST_FEATURES);
}

static void set_features(struct virtio_device *d, u64 f)
{
	platform_port_write32(to_pci(d)->io + VIRTIO_PCI_GUEST_FEATURES,
			      (u32)f);
}

/*
 * The fields follow the header, which is longer while MSI-X is on.  Bytes are
 * right for every field here (virtio 4.1.4.10).
 */
static void read_config(struct virtio_device *d, u32 off, void *buf, u32 n)
{
	struct virtio_pci *vp = to_pci(d);
	u32 start = VIRTIO_PCI_CONFIG_OFF(vp->msix) + off;

	memset(buf, 0, n);
	if (start > vp->io_size || n > vp->io_size - start)
		return;
	for (u32 i = 0; i < n; i++)
		((u8 *)buf)[i] =
		    platform_port_read8((u16)(vp->io + start + i));
}

static u32 generation(struct virtio_device *d)
{
	return 0;
}

static u16 queue_max(struct virtio_device *d, u16 index)
{
	u16 io = to_pci(d)->io;

	platform_port_write16(io + VIRTIO_PCI_QUEUE_SEL, index);
	if (platform_port_read32(io + VIRTIO_PCI_QUEUE_PFN))
		return 0;
	return platform_port_read16(io + VIRTIO_PCI_QUEUE_NUM);
}

static int queue_start(struct virtio_device *d, struct virtq *q)
{
	struct virtio_pci *vp = to_pci(d);
	u16 vector = virtio_pci_queue_vector(vp, q);
	u64 pfn = virt_to_phys(q->ring.desc) >> VIRTIO_PCI_QUEUE_ADDR_SHIFT;

	if (pfn > UINT32_MAX)
		return -ENXIO;
	platform_port_write16(vp->io + VIRTIO_PCI_QUEUE_SEL, q->index);
	if (vp->msix) {
		platform_port_write16(vp->io + VIRTIO_MSI_QUEUE_VECTOR, vector);
		if (platform_port_read16(vp->io + VIRTIO_MSI_QUEUE_VECTOR) !=
		    vector)
			return -ENOSPC;
	}
	platform_port_write32(vp->io + VIRTIO_PCI_QUEUE_PFN, (u32)pfn);
	return 0;
}

static void notify(struct virtq *q)
{
	platform_port_write16(to_pci(q->dev)->io + VIRTIO_PCI_QUEUE_NOTIFY,
			      q->index);
}

static const struct virtio_transport legacy = {
	.get_status = get_status,
	.set_status = set_status,
	.prepare = prepare,
	.get_features = get_features,
	.set_features = set_features,
	.read_config = read_config,
	.generation = generation,
	.queue_max = queue_max,
	.fixed_queue_size = true,
	.queue_start = queue_start,
	.notify = notify,
};

int virtio_pci_legacy_init(struct virtio_pci *vp)
{
	struct pci_bar bar;
	int err = pci_bar(vp->pci, 0, &bar);

	if (err)
		return err;
	if (!bar.io || bar.size < VIRTIO_PCI_CONFIG_OFF(true) ||
	    bar.base + bar.size > 0x10000)
		return -ENODEV;
	vp->io = (u16)bar.base;
	vp->io_size = (u16)bar.size;
	vp->vdev.ops = &legacy;
	vp->vdev.legacy = true;
	return 0;
}
