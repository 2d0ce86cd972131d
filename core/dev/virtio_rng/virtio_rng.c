/*
 * Entropy over virtio (virtio 5.4): a buffer is filled at start-up and then
 * every few minutes; the host is not asked for more than we can use.
 */
#include "page.h"
#include "random.h"
#include "string.h"
#include "timer.h"
#include "virtio.h"
#include <linux/errno.h>

#define BYTES 64
#define INTERVAL (300 * NSEC_PER_SEC)

struct virtio_rng {
	u8 buf[BYTES]; /* the device's, between ask and interrupt */
	spinlock_t lock; /* interrupts off: the queue */
	struct virtq *q;
	struct timer timer;
};

static void ask(struct virtio_rng *r)
{
	struct virtio_buf buf = {r->buf, BYTES};
	u64 flags = spin_lock_irqsave(&r->lock);

	if (!virtq_add(r->q, &buf, 0, 1, r, NULL))
		virtq_kick(r->q);
	spin_unlock_irqrestore(&r->lock, flags);
}

static void expired(struct timer *t)
{
	ask(container_of(t, struct virtio_rng, timer));
}

static void interrupt(struct virtq *q)
{
	struct virtio_rng *r = q->priv;
	u8 copy[BYTES];
	bool got = false;
	u32 n;

	spin_lock(&r->lock);
	if (virtq_get(q, &n)) {
		memcpy(copy, r->buf, n);
		got = true;
	}
	spin_unlock(&r->lock);
	if (!got)
		return;
	random_add(copy, n, n * 8);
	memset(copy, 0, sizeof(copy));
	__asm__ __volatile__("" : : "r"(copy) : "memory");
	timer_set(&r->timer, now_ns() + INTERVAL);
}

static u64 features(struct virtio_device *vd, u64 offered)
{
	return 0;
}

static int probe(struct virtio_device *vd)
{
	struct virtio_rng *r = kzalloc(sizeof(*r), 0);
	int err;

	if (!r)
		return -ENOMEM;
	spin_init(&r->lock);
	timer_init(&r->timer, expired);
	err = virtio_queue(vd, 0, 8, interrupt, r, &r->q);
	if (err) {
		virtio_stop(vd);
		kfree(r);
		return err;
	}
	virtio_ready(vd);
	ask(r);
	return 0;
}

static const struct virtio_driver virtio_rng = {
	.name = "virtio_rng",
	.id = VIRTIO_ID_RNG,
	.features = features,
	.probe = probe,
};
VIRTIO_DRIVER(virtio_rng);
