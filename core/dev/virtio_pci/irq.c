/* Interrupts of virtio PCI devices. */
#include "page.h"
#include "virtio_pci.h"

/* A vector that one queue has for itself; attached for ever. */
struct vector {
	struct virtio_pci *vp;
};

u8 virtio_pci_isr(struct virtio_pci *vp)
{
	if (vp->isr)
		return *vp->isr;
	return platform_port_read8(vp->io + VIRTIO_PCI_ISR);
}

static void line_interrupt(void *arg)
{
	struct virtio_pci *vp = arg;
	u8 isr = virtio_pci_isr(vp);

	if (isr & 1) /* virtio 4.1.4.5: bit 0 is the queues */
		virtio_interrupt(&vp->vdev, NULL);
	if (isr & VIRTIO_PCI_ISR_CONFIG)
		virtio_config_interrupt(&vp->vdev);
}

/* Vector 0. */
static void shared_interrupt(void *arg)
{
	struct virtio_pci *vp = arg;

	virtio_config_interrupt(&vp->vdev);
	virtio_interrupt(&vp->vdev, vp);
}

static void queue_interrupt(void *arg)
{
	struct vector *v = arg;

	virtio_interrupt(&v->vp->vdev, v);
}

int virtio_pci_irq_init(struct virtio_pci *vp)
{
	if (!pci_msix_init(vp->pci) &&
	    !pci_msix_attach(vp->pci, 0, shared_interrupt, vp)) {
		pci_msix_enable(vp->pci);
		vp->msix = true;
		vp->vectors = 1;
		return 0;
	}
	return pci_intx_attach(vp->pci, line_interrupt, vp);
}

u16 virtio_pci_queue_vector(struct virtio_pci *vp, struct virtq *q)
{
	struct vector *v;

	if (!vp->msix || !q->callback)
		return VIRTIO_MSI_NO_VECTOR;
	q->transport = vp;
	v = kmalloc(sizeof(*v), 0);
	if (!v)
		return 0;
	v->vp = vp;
	if (pci_msix_attach(vp->pci, vp->vectors, queue_interrupt, v)) {
		kfree(v);
		return 0;
	}
	q->transport = v;
	return (u16)vp->vectors++;
}
