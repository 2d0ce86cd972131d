/* The PCI driver for virtio devices (virtio 4.1.2). */
#include "log.h"
#include "page.h"
#include "virtio_pci.h"
#include <linux/errno.h>

#define VENDOR 0x1af4
#define TRANSITIONAL_FIRST 0x1000
#define MODERN_FIRST 0x1040 /* plus the virtio device id */
#define DEVICE_LAST 0x107f

static bool match(u16 vendor, u16 device)
{
	return vendor == VENDOR && device >= TRANSITIONAL_FIRST &&
	       device <= DEVICE_LAST;
}

static int probe(struct pci_device *p)
{
	struct virtio_pci *vp = kzalloc(sizeof(*vp), 0);
	bool transitional = p->device < MODERN_FIRST;
	int err;

	if (!vp)
		return -ENOMEM;
	vp->pci = p;
	virtio_device_init(&vp->vdev);
	vp->vdev.id = transitional ? pci_read16(p, PCI_SUBSYSTEM_ID) :
				     (u32)(p->device - MODERN_FIRST);
	ksnprintf(vp->vdev.where, sizeof(vp->vdev.where), "pci %s", p->where);
	pci_enable(p);
	err = virtio_pci_modern_init(vp);
	if (err && transitional)
		err = virtio_pci_legacy_init(vp);
	if (!err)
		err = virtio_pci_irq_init(vp);
	if (err) {
		kfree(vp);
		return err;
	}
	virtio_device_add(&vp->vdev);
	return 0;
}

static const struct pci_driver virtio_pci = {
	.name = "virtio_pci",
	.match = match,
	.probe = probe,
};
PCI_DRIVER(virtio_pci);
