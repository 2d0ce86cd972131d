/*
 * Virtio devices: initialisation (virtio 3.1.1), configuration space, queues.
 */
#include "log.h"
#include "page.h"
#include "platform.h"
#include "random.h"
#include "string.h"
#include "virtio.h"
#include <linux/errno.h>

LINKSET_DECLARE(virtio_drivers);

/* How long a device may take to reset; others are given up. */
#define RESET_LIMIT (10 * NSEC_PER_MSEC)

static int reset(struct virtio_device *d)
{
	nsec_t end = platform_monotonic() + RESET_LIMIT;

	d->ops->set_status(d, 0);
	/* virtio 4.1.4.3.2: wait until it reads 0 */
	while (d->ops->get_status(d)) {
		if (platform_monotonic() > end)
			return -EIO;
		cpu_relax();
	}
	return 0;
}

static void add_status(struct virtio_device *d, u8 bits)
{
	d->ops->set_status(d, d->ops->get_status(d) | bits);
}

static int negotiate(struct virtio_device *d)
{
	u64 offered = d->ops->get_features(d);
	u64 want = BIT(VIRTIO_RING_F_EVENT_IDX) |
		   BIT(VIRTIO_RING_F_INDIRECT_DESC);

	if (!d->legacy) {
		/*
		 * 6.1: addresses are as the platform translates them, which is
		 * not at all: nobody has switched an IOMMU on.
		 */
		want |= BIT(VIRTIO_F_VERSION_1) | BIT(VIRTIO_F_ACCESS_PLATFORM);
		if (!(offered & BIT(VIRTIO_F_VERSION_1)))
			return -ENODEV;
	}
	d->offered = offered;
	d->features = offered & (want | d->driver->features(d, offered));
	d->ops->set_features(d, d->features);
	if (d->legacy)
		return 0;
	add_status(d, VIRTIO_CONFIG_S_FEATURES_OK);
	if (!(d->ops->get_status(d) & VIRTIO_CONFIG_S_FEATURES_OK))
		return -EOPNOTSUPP; /* it insists on one that we lack */
	return 0;
}

static void free_queues(struct virtio_device *d)
{
	struct virtq *q, *tmp;
	struct list dead;
	u64 flags;

	list_init(&dead);
	flags = spin_lock_irqsave(&d->lock);
	list_splice(&dead, &d->queues);
	spin_unlock_irqrestore(&d->lock, flags);
	list_for_each_safe(q, tmp, &dead, link) {
		virtq_fini(q);
		kfree(q);
	}
}

void virtio_stop(struct virtio_device *d)
{
	d->config_changed = NULL;
	(void)reset(d);
	free_queues(d);
}

static int start(struct virtio_device *d)
{
	int err = reset(d);

	if (err)
		return err;
	add_status(d, VIRTIO_CONFIG_S_ACKNOWLEDGE);
	if (d->ops->prepare)
		d->ops->prepare(d);
	add_status(d, VIRTIO_CONFIG_S_DRIVER);
	err = negotiate(d);
	if (!err)
		err = d->driver->probe(d);
	if (!err)
		return 0;
	virtio_stop(d);
	d->ops->set_status(d, VIRTIO_CONFIG_S_FAILED);
	return err;
}

void virtio_device_init(struct virtio_device *d)
{
	list_init(&d->queues);
	spin_init(&d->lock);
}

void virtio_device_add(struct virtio_device *d)
{
	const struct virtio_driver *drv;
	int err;

	LINKSET_FOREACH(virtio_drivers, drv) {
		if (drv->id != d->id)
			continue;
		d->driver = drv;
		err = start(d);
		if (err)
			kmsg("%s on %s cannot be used (error %d)", drv->name,
			     d->where, -err);
		else
			kdebug("%s on %s", drv->name, d->where);
		return;
	}
}

/*
 * Under the lock, so that a queue is not freed under its callback; interrupts
 * are off.
 */
void virtio_interrupt(struct virtio_device *d, const void *vector)
{
	struct virtq *q;

	random_event(d->id);
	spin_lock(&d->lock);
	list_for_each(q, &d->queues, link)
		if (q->callback && (!vector || q->transport == vector))
			q->callback(q);
	spin_unlock(&d->lock);
}

void virtio_config_interrupt(struct virtio_device *d)
{
	void (*fn)(struct virtio_device *) = READ_ONCE(d->config_changed);

	if (fn)
		fn(d);
}

/* A power of two that is at most n; n > 0. */
static unsigned round_down(unsigned n)
{
	unsigned r = 1;

	while (r <= n / 2)
		r *= 2;
	return r;
}

int virtio_queue(struct virtio_device *d, u16 index, unsigned max_size,
		 void (*callback)(struct virtq *q), void *priv,
		 struct virtq **out)
{
	unsigned size = d->ops->queue_max(d, index);
	struct virtq *q;
	u64 flags;
	int err;

	if (!size)
		return -ENOENT;
	/* virtio 2.7: at most 32768 and a power of two */
	if (d->ops->fixed_queue_size) {
		if (size > 32768 || (size & (size - 1)))
			return -EIO;
	} else {
		size = round_down(MIN(size, max_size));
	}
	q = kzalloc(sizeof(*q), 0);
	if (!q)
		return -ENOMEM;
	q->dev = d;
	q->index = index;
	q->callback = callback;
	q->priv = priv;
	err = virtq_init(q, size, d->legacy, d->features);
	if (err) {
		kfree(q);
		return err;
	}
	if (!callback)
		virtq_disable_irq(q);
	err = d->ops->queue_start(d, q);
	if (err) {
		virtq_fini(q);
		kfree(q);
		return err;
	}
	*out = q;
	flags = spin_lock_irqsave(&d->lock);
	list_append(&d->queues, &q->link);
	spin_unlock_irqrestore(&d->lock, flags);
	return 0;
}

void virtio_ready(struct virtio_device *d)
{
	add_status(d, VIRTIO_CONFIG_S_DRIVER_OK);
}

void virtio_read_fields(const volatile u8 *p, u32 off, void *buf, u32 n)
{
	if (n == 2 && off % 2 == 0) {
		u16 v16 = *(const volatile u16 *)(p + off);
		memcpy(buf, &v16, 2);
	} else if (n % 4 == 0 && off % 4 == 0) {
		for (u32 i = 0; i < n; i += 4) {
			u32 v32 = *(const volatile u32 *)(p + off + i);
			memcpy((u8 *)buf + i, &v32, 4);
		}
	} else {
		for (u32 i = 0; i < n; i++)
			((u8 *)buf)[i] = p[off + i];
	}
}

/* virtio 2.5.1: fields wider than 32 bits and groups of fields need a retry. */
void virtio_config(struct virtio_device *d, u32 off, void *buf, u32 n)
{
	u32 before, after;
	unsigned tries = 0;

	do {
		before = d->ops->generation(d);
		d->ops->read_config(d, off, buf, n);
		after = d->ops->generation(d);
	} while (before != after && ++tries < 16);
}
