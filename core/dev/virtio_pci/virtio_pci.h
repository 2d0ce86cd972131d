/* Virtio over PCI (virtio 4.1): what the files of this folder share. */
#ifndef RR_VIRTIO_PCI_PRIVATE_H
#define RR_VIRTIO_PCI_PRIVATE_H

#include "pci.h"
#include "virtio.h"
#include <linux/virtio_pci.h>

struct virtio_pci {
	struct virtio_device vdev;
	struct pci_device *pci;
	bool msix;
	unsigned vectors; /* of the MSI-X table in use */
	/* modern: the structures of virtio 4.1.4 */
	volatile struct virtio_pci_common_cfg *common;
	volatile u8 *notify, *isr, *config;
	u32 notify_len, notify_multiplier, config_len;
	/* legacy: I/O ports (virtio 4.1.4.10) */
	u16 io, io_size;
};

static inline struct virtio_pci *to_pci(struct virtio_device *d)
{
	return container_of(d, struct virtio_pci, vdev);
}

/* Find the registers; 0 or -errno.  Sets vdev.ops. */
int virtio_pci_modern_init(struct virtio_pci *vp);
int virtio_pci_legacy_init(struct virtio_pci *vp);

/* Reading it acknowledges the line interrupt (virtio 4.1.4.5). */
u8 virtio_pci_isr(struct virtio_pci *vp);

/*
 * Connect interrupts: MSI-X if device and platform have it, else the line.
 * Vector 0 is for configuration changes, and for queues that got none of
 * their own.
 */
int virtio_pci_irq_init(struct virtio_pci *vp);
/* The vector that q shall use, or VIRTIO_MSI_NO_VECTOR. */
u16 virtio_pci_queue_vector(struct virtio_pci *vp, struct virtq *q);

#endif
