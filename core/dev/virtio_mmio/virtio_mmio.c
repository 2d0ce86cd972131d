/*
 * Virtio over memory-mapped registers (virtio 4.2), version 2 and the legacy
 * version 1.
 */
#include "linkset.h"
#include "log.h"
#include "page.h"
#include "platform.h"
#include "string.h"
#include "virtio.h"
#include <linux/errno.h>
#include <linux/virtio_mmio.h>

#define MAGIC 0x74726976 /* "virt" */

struct virtio_mmio {
	struct virtio_device vdev;
	volatile u8 *regs;
	u32 size;
};

static struct virtio_mmio *to_mmio(struct virtio_device *d)
{
	return container_of(d, struct virtio_mmio, vdev);
}

static u32 get(struct virtio_device *d, u32 reg)
{
	return *(volatile u32 *)(to_mmio(d)->regs + reg);
}

static void put(struct virtio_device *d, u32 reg, u32 v)
{
	*(volatile u32 *)(to_mmio(d)->regs + reg) = v;
}

static u8 get_status(struct virtio_device *d)
{
	return (u8)get(d, VIRTIO_MMIO_STATUS);
}

static void set_status(struct virtio_device *d, u8 status)
{
	put(d, VIRTIO_MMIO_STATUS, status);
}

static void prepare_legacy(struct virtio_device *d)
{
	put(d, VIRTIO_MMIO_GUEST_PAGE_SIZE, (u32)PAGE_SIZE);
}

static u64 get_features(struct virtio_device *d)
{
	u64 f;

	put(d, VIRTIO_MMIO_DEVICE_FEATURES_SEL, 0);
	f = get(d, VIRTIO_MMIO_DEVICE_FEATURES);
	put(d, VIRTIO_MMIO_DEVICE_FEATURES_SEL, 1);
	return f | (u64)get(d, VIRTIO_MMIO_DEVICE_FEATURES) << 32;
}

static void set_features(struct virtio_device *d, u64 f)
{
	put(d, VIRTIO_MMIO_DRIVER_FEATURES_SEL, 0);
	put(d, VIRTIO_MMIO_DRIVER_FEATURES, (u32)f);
	put(d, VIRTIO_MMIO_DRIVER_FEATURES_SEL, 1);
	put(d, VIRTIO_MMIO_DRIVER_FEATURES, (u32)(f >> 32));
}

/* Version 1 has fields read by bytes (virtio 4.2.4). */
static void read_config(struct virtio_device *d, u32 off, void *buf, u32 n)
{
	struct virtio_mmio *vm = to_mmio(d);
	volatile u8 *p = vm->regs + VIRTIO_MMIO_CONFIG;
	u32 room = vm->size - VIRTIO_MMIO_CONFIG;

	memset(buf, 0, n);
	if (off > room || n > room - off)
		return;
	if (d->legacy)
		for (u32 i = 0; i < n; i++)
			((u8 *)buf)[i] = p[off + i];
	else
		virtio_read_fields(p, off, buf, n);
}

static u32 generation(struct virtio_device *d)
{
	return d->legacy ? 0 : get(d, VIRTIO_MMIO_CONFIG_GENERATION);
}

static u16 queue_max(struct virtio_device *d, u16 index)
{
	put(d, VIRTIO_MMIO_QUEUE_SEL, index);
	if (get(d, d->legacy ? VIRTIO_MMIO_QUEUE_PFN : VIRTIO_MMIO_QUEUE_READY))
		return 0;
	return (u16)MIN(get(d, VIRTIO_MMIO_QUEUE_NUM_MAX), 32768u);
}

static int start_legacy(struct virtio_device *d, struct virtq *q)
{
	u64 pfn = virt_to_phys(q->ring.desc) >> PAGE_SHIFT;

	if (pfn > UINT32_MAX)
		return -ENXIO;
	put(d, VIRTIO_MMIO_QUEUE_SEL, q->index);
	put(d, VIRTIO_MMIO_QUEUE_NUM, q->size);
	put(d, VIRTIO_MMIO_QUEUE_ALIGN, (u32)PAGE_SIZE);
	put(d, VIRTIO_MMIO_QUEUE_PFN, (u32)pfn);
	return 0;
}

static void put64(struct virtio_device *d, u32 lo, u32 hi, const void *p)
{
	u64 pa = virt_to_phys(p);

	put(d, lo, (u32)pa);
	put(d, hi, (u32)(pa >> 32));
}

static int start_modern(struct virtio_device *d, struct virtq *q)
{
	put(d, VIRTIO_MMIO_QUEUE_SEL, q->index);
	put(d, VIRTIO_MMIO_QUEUE_NUM, q->size);
	put64(d, VIRTIO_MMIO_QUEUE_DESC_LOW, VIRTIO_MMIO_QUEUE_DESC_HIGH,
	      q->ring.desc);
	put64(d, VIRTIO_MMIO_QUEUE_AVAIL_LOW, VIRTIO_MMIO_QUEUE_AVAIL_HIGH,
	      q->ring.avail);
	put64(d, VIRTIO_MMIO_QUEUE_USED_LOW, VIRTIO_MMIO_QUEUE_USED_HIGH,
	      q->ring.used);
	put(d, VIRTIO_MMIO_QUEUE_READY, 1);
	return 0;
}

static void notify(struct virtq *q)
{
	put(q->dev, VIRTIO_MMIO_QUEUE_NOTIFY, q->index);
}

static const struct virtio_transport modern = {
	.get_status = get_status,
	.set_status = set_status,
	.get_features = get_features,
	.set_features = set_features,
	.read_config = read_config,
	.generation = generation,
	.queue_max = queue_max,
	.queue_start = start_modern,
	.notify = notify,
};

static const struct virtio_transport legacy = {
	.get_status = get_status,
	.set_status = set_status,
	.prepare = prepare_legacy,
	.get_features = get_features,
	.set_features = set_features,
	.read_config = read_config,
	.generation = generation,
	.queue_max = queue_max,
	.queue_start = start_legacy,
	.notify = notify,
};

static void interrupt(void *arg)
{
	struct virtio_mmio *vm = arg;
	u32 why = get(&vm->vdev, VIRTIO_MMIO_INTERRUPT_STATUS);

	if (!why)
		return;
	put(&vm->vdev, VIRTIO_MMIO_INTERRUPT_ACK, why);
	if (why & VIRTIO_MMIO_INT_VRING)
		virtio_interrupt(&vm->vdev, NULL);
	if (why & VIRTIO_MMIO_INT_CONFIG)
		virtio_config_interrupt(&vm->vdev);
}

static void probe(const struct mmio_device *m, volatile u8 *regs, u32 version,
		  u32 id)
{
	struct virtio_mmio *vm = kzalloc(sizeof(*vm), 0);
	int err = -ENOMEM;

	if (vm) {
		virtio_device_init(&vm->vdev);
		vm->regs = regs;
		vm->size = (u32)MIN(m->size, 0x10000ull);
		vm->vdev.id = id;
		vm->vdev.legacy = version == 1;
		vm->vdev.ops = version == 1 ? &legacy : &modern;
		ksnprintf(vm->vdev.where, sizeof(vm->vdev.where), "mmio 0x%llx",
			  (unsigned long long)m->base);
		err = platform_irq_attach(m->irq, m->level, m->active_low,
					  interrupt, vm);
	}
	if (err) {
		kmsg("virtio device mmio 0x%llx cannot be used (error %d)",
		     (unsigned long long)m->base, -err);
		kfree(vm);
		return;
	}
	virtio_device_add(&vm->vdev);
}

static void virtio_mmio_scan(void)
{
	size_t n;
	const struct mmio_device *m = platform_mmio_devices(&n);

	for (size_t i = 0; i < n; i++) {
		volatile u8 *regs;
		u32 version, id;

		if (m[i].size <= VIRTIO_MMIO_CONFIG)
			continue;
		regs = platform_map_registers(m[i].base, m[i].size);
		if (!regs || *(volatile u32 *)regs != MAGIC)
			continue;
		version = *(volatile u32 *)(regs + VIRTIO_MMIO_VERSION);
		id = *(volatile u32 *)(regs + VIRTIO_MMIO_DEVICE_ID);
		/* id 0: an empty slot (virtio 4.2.3.1.1) */
		if (id && (version == 1 || version == 2))
			probe(&m[i], regs, version, id);
	}
}
INITCALL(INIT_BUS, virtio_mmio_scan);
