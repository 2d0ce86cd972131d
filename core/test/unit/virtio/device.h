/*
 * A virtio device played by a test: its registers and its side of the queues.
 */
#ifndef TEST_DEVICE_H
#define TEST_DEVICE_H

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include "virtio.h"
#include "frames.h"

struct test_device {
	struct virtio_device vdev;
	u8 status;
	u64 offered, accepted;
	unsigned notified;
	u16 seen[16];     /* of each queue's available ring */
	u8 config[256];
};

static struct test_device test_dev;

static u8 test_get_status(struct virtio_device *d)
{
	return test_dev.status;
}

static void test_set_status(struct virtio_device *d, u8 s)
{
	test_dev.status = s;
}

static u64 test_get_features(struct virtio_device *d)
{
	return test_dev.offered;
}

static void test_set_features(struct virtio_device *d, u64 f)
{
	test_dev.accepted = f;
}

static void test_read_config(struct virtio_device *d, u32 off, void *buf, u32 n)
{
	memcpy(buf, test_dev.config + off, n);
}

static u32 test_generation(struct virtio_device *d)
{
	return 0;
}

static u16 test_queue_max(struct virtio_device *d, u16 index)
{
	return index < 16 ? 256 : 0;
}

static int test_queue_start(struct virtio_device *d, struct virtq *q)
{
	return 0;
}

static void test_notify(struct virtq *q)
{
	test_dev.notified++;
}

static const struct virtio_transport test_transport = {
	.get_status = test_get_status,
	.set_status = test_set_status,
	.get_features = test_get_features,
	.set_features = test_set_features,
	.read_config = test_read_config,
	.generation = test_generation,
	.queue_max = test_queue_max,
	.queue_start = test_queue_start,
	.notify = test_notify,
};

/* Switch on: the driver linked into the test takes it. */
static void test_device_start(u32 id, u64 offered)
{
	struct virtio_device *d = &test_dev.vdev;

	test_dev.seen[0] = 0;
	memset(test_dev.seen, 0, sizeof(test_dev.seen));
	test_dev.status = 0;
	test_dev.notified = 0;
	test_dev.offered = offered | BIT(VIRTIO_F_VERSION_1);
	*d = (struct virtio_device){.id = id, .ops = &test_transport};
	virtio_device_init(d);
	virtio_device_add(d);
}

static struct virtq *test_queue(u16 index)
{
	struct virtq *q;

	list_for_each(q, &test_dev.vdev.queues, link)
		if (q->index == index)
			return q;
	return NULL;
}

/* The next chain that the driver made available on q; false: none. */
static bool test_next(struct virtq *q, u16 *head)
{
	if (test_dev.seen[q->index] ==
	    __atomic_load_n(&q->ring.avail->idx, __ATOMIC_ACQUIRE))
		return false;
	*head = q->ring.avail->ring[test_dev.seen[q->index]++ % q->size];
	if (q->event_idx)
		vring_avail_event(&q->ring) = test_dev.seen[q->index];
	return true;
}

/* The pieces of a chain; how many, of which out are readable. */
static unsigned test_pieces(struct virtq *q, u16 head, struct vring_desc *out,
			    unsigned max)
{
	struct vring_desc *table = q->ring.desc, *d = &table[head];
	unsigned n = 0;

	if (d->flags & VRING_DESC_F_INDIRECT) {
		table = (struct vring_desc *)(uintptr_t)d->addr;
		d = table;
	}
	for (;; d = &table[d->next]) {
		if (n == max)
			abort();
		out[n++] = *d;
		if (!(d->flags & VRING_DESC_F_NEXT))
			return n;
	}
}

static void test_use(struct virtq *q, u32 id, u32 len)
{
	struct vring_used_elem *e =
	    &q->ring.used->ring[q->ring.used->idx % q->size];

	e->id = id;
	e->len = len;
	__atomic_store_n(&q->ring.used->idx, q->ring.used->idx + 1,
			 __ATOMIC_RELEASE);
}

/* Write bytes to the next available chain and use it; false: none there. */
static inline bool test_send(struct virtq *q, const void *data, u32 n)
{
	struct vring_desc d[64];
	const u8 *p = data;
	u32 left = n;
	u16 head;

	if (!test_next(q, &head))
		return false;
	for (unsigned i = 0, m = test_pieces(q, head, d, 64); i < m && left;
	     i++) {
		u32 piece = MIN(left, d[i].len);

		memcpy((void *)(uintptr_t)d[i].addr, p, piece);
		p += piece;
		left -= piece;
	}
	test_use(q, head, n);
	return true;
}

/* Read the next available chain into buf and use it; its length, 0: none. */
static inline u32 test_receive(struct virtq *q, void *buf, u32 size)
{
	struct vring_desc d[64];
	u32 n = 0;
	u16 head;

	if (!test_next(q, &head))
		return 0;
	for (unsigned i = 0, m = test_pieces(q, head, d, 64); i < m; i++) {
		if (n + d[i].len > size)
			abort();
		memcpy((u8 *)buf + n, (void *)(uintptr_t)d[i].addr, d[i].len);
		n += d[i].len;
	}
	test_use(q, head, 0);
	return n;
}

static void test_interrupt(void)
{
	virtio_interrupt(&test_dev.vdev, NULL);
}

#endif
