/* sources: core/dev/virtio/virtq.c core/dev/virtio/device.c */
/*
 * Virtqueues against a device played by the test: it takes chains in any order,
 * plain and indirect, with and without event index, and lies.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "page.h"
#include "random.h"
#include "virtio.h"
#include "frames.h"

/* ---- the device ---- */

static struct {
	u8 status;
	u64 offered, accepted;
	bool refuse, stuck;
	unsigned notified;
	u16 seen;            /* of the available ring */
	u16 held[256];       /* heads taken and not returned */
	unsigned held_count;
	struct virtio_device vdev;
} dev;

static u8 get_status(struct virtio_device *d)
{
	return dev.status;
}

static void set_status(struct virtio_device *d, u8 s)
{
	if (dev.refuse)
		s &= (u8)~VIRTIO_CONFIG_S_FEATURES_OK;
	if (!dev.stuck)
		dev.status = s;
}

static u64 get_features(struct virtio_device *d)
{
	return dev.offered;
}

static void set_features(struct virtio_device *d, u64 f)
{
	dev.accepted = f;
}

static void read_config(struct virtio_device *d, u32 off, void *buf, u32 n)
{
	memset(buf, (int)off, n);
}

static u32 moving_generation(struct virtio_device *d)
{
	static u32 g;

	return g++; /* never the same: the reader must end all the same */
}

static u16 queue_max(struct virtio_device *d, u16 index)
{
	return index < 2 ? 100 : 0;
}

static int queue_start(struct virtio_device *d, struct virtq *q)
{
	return 0;
}

static void notify(struct virtq *q)
{
	dev.notified++;
}

static const struct virtio_transport transport = {
	.get_status = get_status,
	.set_status = set_status,
	.get_features = get_features,
	.set_features = set_features,
	.read_config = read_config,
	.generation = moving_generation,
	.queue_max = queue_max,
	.queue_start = queue_start,
	.notify = notify,
};

static void take_available(struct virtq *q)
{
	while (dev.seen != q->ring.avail->idx) {
		u16 head = q->ring.avail->ring[dev.seen++ % q->size];

		assert_true(head < q->size);
		for (unsigned i = 0; i < dev.held_count; i++)
			assert_int_not_equal(dev.held[i], head);
		dev.held[dev.held_count++] = head;
	}
	if (q->event_idx)
		vring_avail_event(&q->ring) = dev.seen;
}

/* Walk a chain as a device does; *out and *in: bytes either way. */
static void walk(struct virtq *q, u16 head, u32 *out, u32 *in)
{
	struct vring_desc *table = q->ring.desc, *d = &table[head];
	unsigned left = q->size;
	bool writing = false;

	*out = *in = 0;
	if (d->flags & VRING_DESC_F_INDIRECT) {
		assert_int_equal(d->len % sizeof(*d), 0);
		left = d->len / sizeof(*d);
		table = (struct vring_desc *)(uintptr_t)d->addr;
		d = table;
	}
	for (;;) {
		assert_true(left--);
		if (d->flags & VRING_DESC_F_WRITE) {
			writing = true;
			memset((void *)(uintptr_t)d->addr, 0xd5, d->len);
			*in += d->len;
		} else {
			assert_false(writing); /* readable ones come first */
			*out += d->len;
		}
		if (!(d->flags & VRING_DESC_F_NEXT))
			break;
		d = &table[d->next];
	}
}

static void use(struct virtq *q, u32 id, u32 len)
{
	struct vring_used_elem *e =
	    &q->ring.used->ring[q->ring.used->idx % q->size];

	e->id = id;
	e->len = len;
	q->ring.used->idx++;
}

static void make_queue(struct virtq *q, unsigned size, bool legacy,
		       u64 features)
{
	memset(q, 0, sizeof(*q));
	memset(&dev, 0, sizeof(dev));
	dev.vdev.ops = &transport;
	q->dev = &dev.vdev;
	assert_int_equal(virtq_init(q, size, legacy, features), 0);
}

/* ---- tests ---- */

struct chain {
	struct vring_desc table[8];
	u8 data[8][64];
	unsigned out, in;
	u32 out_bytes, in_bytes;
	bool busy;
};

static void random_operations(unsigned size, bool legacy, u64 features)
{
	static struct chain chains[300];
	unsigned in_flight = 0;
	struct virtq q;

	make_queue(&q, size, legacy, features);
	memset(chains, 0, sizeof(chains));
	srand(7);
	for (unsigned step = 0; step < 200000; step++) {
		struct chain *c = &chains[rand() % 300];
		struct virtio_buf buf[8];
		u32 written, out, in;

		if (rand() % 2 && !c->busy) {
			unsigned n;

			c->out = (unsigned)rand() % 4;
			c->in = (unsigned)rand() % 4 + !c->out;
			n = c->out + c->in;
			c->out_bytes = c->in_bytes = 0;
			for (unsigned i = 0; i < n; i++) {
				buf[i].data = c->data[i];
				buf[i].len = (u32)rand() % 64 + 1;
				*(i < c->out ? &c->out_bytes : &c->in_bytes) +=
				    buf[i].len;
			}
			int err = virtq_add(&q, buf, c->out, c->in, c,
					    rand() % 2 ? c->table : NULL);
			if (err) {
				assert_int_equal(err, -ENOSPC);
				assert_true(q.free < n);
			} else {
				c->busy = true;
				in_flight++;
			}
			if (rand() % 3 == 0)
				virtq_kick(&q);
		} else if (rand() % 2) {
			take_available(&q);
			if (!dev.held_count)
				continue;
			unsigned k = (unsigned)rand() % dev.held_count;
			u16 head = dev.held[k];

			c = q.slots[head].cookie;
			walk(&q, head, &out, &in);
			assert_int_equal(out, c->out_bytes);
			assert_int_equal(in, c->in_bytes);
			use(&q, head, rand() % 8 ? in : in + 1000);
			dev.held[k] = dev.held[--dev.held_count];
		} else {
			c = virtq_get(&q, &written);
			if (!c)
				continue;
			assert_true(c->busy);
			assert_int_equal(written, c->in_bytes);
			c->busy = false;
			in_flight--;
		}
	}
	/* All comes back, and every descriptor with it. */
	take_available(&q);
	while (dev.held_count)
		use(&q, dev.held[--dev.held_count], 0);
	while (virtq_get(&q, NULL))
		in_flight--;
	assert_int_equal(in_flight, 0);
	assert_int_equal(q.free, size);
	assert_false(q.broken);
	virtq_fini(&q);
}

#define EVENT BIT(VIRTIO_RING_F_EVENT_IDX)
#define INDIRECT BIT(VIRTIO_RING_F_INDIRECT_DESC)

static void model(void **state)
{
	random_operations(8, false, 0);
	random_operations(16, true, INDIRECT);
	random_operations(256, false, EVENT | INDIRECT);
	random_operations(256, true, EVENT);
	random_operations(1, false, EVENT | INDIRECT);
}

static u8 byte;
static const struct virtio_buf one = {&byte, 1};

static void lies(void **state)
{
	static const u32 bad[] = {8, 0xffffffff, 3};
	struct virtq q;

	for (unsigned i = 0; i < 3; i++) {
		make_queue(&q, 8, false, 0);
		assert_int_equal(virtq_add(&q, &one, 0, 1, &q, NULL), 0);
		use(&q, bad[i], 1);
		assert_null(virtq_get(&q, NULL));
		assert_true(q.broken);
		assert_false(virtq_pending(&q));
		assert_int_equal(virtq_add(&q, &one, 0, 1, &q, NULL), -EIO);
		assert_ptr_equal(virtq_take_back(&q), &q);
		assert_null(virtq_take_back(&q));
		virtq_fini(&q);
	}
	/* The same buffer twice. */
	make_queue(&q, 8, false, 0);
	assert_int_equal(virtq_add(&q, &one, 0, 1, &q, NULL), 0);
	use(&q, 0, 1);
	use(&q, 0, 1);
	assert_ptr_equal(virtq_get(&q, NULL), &q);
	assert_null(virtq_get(&q, NULL));
	assert_true(q.broken);
	virtq_fini(&q);
}

static void notifications(void **state)
{
	struct virtq q;

	make_queue(&q, 8, false, 0);
	virtq_kick(&q);
	assert_int_equal(dev.notified, 0); /* nothing new */
	virtq_add(&q, &one, 0, 1, &q, NULL);
	virtq_kick(&q);
	virtq_kick(&q);
	assert_int_equal(dev.notified, 1);
	q.ring.used->flags = VRING_USED_F_NO_NOTIFY;
	virtq_add(&q, &one, 0, 1, &q, NULL);
	virtq_kick(&q);
	assert_int_equal(dev.notified, 1);
	virtq_fini(&q);

	make_queue(&q, 8, false, EVENT);
	vring_avail_event(&q.ring) = 2; /* when the third comes */
	virtq_add(&q, &one, 0, 1, &q, NULL);
	virtq_kick(&q);
	virtq_add(&q, &one, 0, 1, &q, NULL);
	virtq_kick(&q);
	assert_int_equal(dev.notified, 0);
	virtq_add(&q, &one, 0, 1, &q, NULL);
	virtq_add(&q, &one, 0, 1, &q, NULL);
	virtq_kick(&q);
	assert_int_equal(dev.notified, 1);
	virtq_fini(&q);
}

static bool would_interrupt(struct virtq *q, u16 old)
{
	if (q->event_idx)
		return vring_need_event(vring_used_event(&q->ring),
					q->ring.used->idx, old);
	return !(q->ring.avail->flags & VRING_AVAIL_F_NO_INTERRUPT);
}

static void interrupts(void **state)
{
	static const u64 features[] = {0, EVENT};
	struct virtq q;

	for (unsigned f = 0; f < 2; f++) {
		make_queue(&q, 8, false, features[f]);
		for (unsigned i = 0; i < 8; i++)
			virtq_add(&q, &one, 0, 1, &q, NULL);
		virtq_disable_irq(&q);
		use(&q, 0, 0);
		assert_false(would_interrupt(&q, 0));
		assert_true(virtq_enable_irq(&q)); /* one is there */
		assert_non_null(virtq_get(&q, NULL));
		assert_false(virtq_enable_irq(&q));
		use(&q, 1, 0);
		assert_true(would_interrupt(&q, 1));
		assert_non_null(virtq_get(&q, NULL));
		virtq_disable_irq(&q);
		/* Six in flight: not before four and a half are used. */
		assert_false(virtq_enable_irq_delayed(&q));
		if (f) {
			use(&q, 2, 0);
			assert_false(would_interrupt(&q, 2));
			for (u16 i = 3; i < 7; i++)
				use(&q, i, 0);
			assert_true(would_interrupt(&q, 3));
			assert_true(virtq_enable_irq_delayed(&q));
		}
		virtq_fini(&q);
	}
}

/* ---- device.c ---- */

static int probe_result;
static struct virtq *queues[2];

static u64 wanted(struct virtio_device *d, u64 offered)
{
	return BIT(5);
}

static int probe(struct virtio_device *d)
{
	u64 v;

	assert_int_equal(virtio_queue(d, 0, 64, NULL, NULL, &queues[0]), 0);
	assert_int_equal(queues[0]->size, 64);
	assert_int_equal(virtio_queue(d, 2, 64, NULL, NULL, &queues[1]),
			 -ENOENT);
	assert_int_equal(virtio_queue(d, 1, 7, NULL, NULL, &queues[1]), 0);
	assert_int_equal(queues[1]->size, 4);
	virtio_config(d, 3, &v, sizeof(v));
	assert_int_equal(v, 0x0303030303030303);
	if (!probe_result)
		virtio_ready(d);
	return probe_result;
}

static const struct virtio_driver driver = {
	.name = "test", .id = 42, .features = wanted, .probe = probe};
VIRTIO_DRIVER(driver);

static u8 add(u64 offered, bool legacy)
{
	u8 status;

	dev.vdev = (struct virtio_device){
		.id = 42, .ops = &transport, .legacy = legacy};
	dev.offered = offered;
	virtio_device_init(&dev.vdev);
	virtio_device_add(&dev.vdev);
	status = dev.status;
	struct virtq *q, *tmp;
	list_for_each_safe(q, tmp, &dev.vdev.queues, link) {
		virtq_fini(q);
		free(q);
	}
	return status;
}

static void negotiation(void **state)
{
	const u8 good = VIRTIO_CONFIG_S_ACKNOWLEDGE | VIRTIO_CONFIG_S_DRIVER |
			VIRTIO_CONFIG_S_DRIVER_OK;
	const u64 v1 = BIT(VIRTIO_F_VERSION_1);

	memset(&dev, 0, sizeof(dev));
	assert_int_equal(add(v1 | BIT(5) | BIT(6) | EVENT, false),
			 good | VIRTIO_CONFIG_S_FEATURES_OK);
	assert_int_equal(dev.accepted, v1 | BIT(5) | EVENT);
	assert_int_equal(add(BIT(6), true), good);
	assert_int_equal(dev.accepted, 0);
	/*
	 * A modern device without VERSION_1; one that refuses; a failing probe.
	 */
	assert_int_equal(add(BIT(5), false), VIRTIO_CONFIG_S_FAILED);
	dev.refuse = true;
	assert_int_equal(add(v1, false), VIRTIO_CONFIG_S_FAILED);
	dev.refuse = false;
	probe_result = -EIO;
	assert_int_equal(add(v1, false), VIRTIO_CONFIG_S_FAILED);
	assert_true(list_empty(&dev.vdev.queues));
	/* One that never finishes its reset. */
	dev.stuck = true;
	dev.status = 7;
	assert_int_equal(add(v1, false), 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(model),
		cmocka_unit_test(lies),
		cmocka_unit_test(notifications),
		cmocka_unit_test(interrupts),
		cmocka_unit_test(negotiation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
