/* sources: core/dev/virtio/virtq.c core/dev/virtio/device.c core/dev/virtio_net/rx.c core/dev/virtio_net/tx.c core/dev/virtio_net/virtio_net.c core/dev/net/registry.c */
/* The virtio network driver against a device played by the test. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "device.h"
#include "netdev.h"
#include <linux/virtio_net.h>

void memory_stats(struct memory_stats *s)
{
	memset(s, 0, sizeof(*s));
	s->total = 2048; /* 8 MiB */
}

void random_bytes(void *buf, size_t n)
{
	memset(buf, 0xff, n);
}

static struct netdev *nd;
static struct net_rxbuf *got[600];
static unsigned got_count, events;
static void *sent[600];
static unsigned sent_count;

static void receive(struct netdev *d, struct net_rxbuf *b)
{
	got[got_count++] = b;
}

static void was_sent(struct netdev *d, void *cookie)
{
	sent[sent_count++] = cookie;
}

static void event(struct netdev *d)
{
	events++;
}

static void start(u64 features)
{
	struct netdev *last = NULL;

	memset(test_dev.config, 0, sizeof(test_dev.config));
	memcpy(test_dev.config, "\x52\x54\x00\x12\x34\x56", 6);
	test_dev.config[6] = VIRTIO_NET_S_LINK_UP;
	test_dev.config[10] = 1400 & 255;
	test_dev.config[11] = 1400 >> 8;
	test_device_start(VIRTIO_ID_NET, features);
	assert_true(test_dev.status & VIRTIO_CONFIG_S_DRIVER_OK);
	while ((nd = netdev_next(last)))
		last = nd;
	nd = last;
	assert_non_null(nd);
	nd->receive = receive;
	nd->sent = was_sent;
	nd->event = event;
	got_count = sent_count = events = 0;
}

static void done_all(void)
{
	for (unsigned i = 0; i < got_count; i++)
		for (struct net_rxbuf *b = got[i], *next; b; b = next) {
			next = b->next;
			b->done(b);
		}
	got_count = 0;
}

#define F(n) BIT(VIRTIO_NET_F_##n)

static void identity(void **state)
{
	start(F(MAC) | F(STATUS) | F(CSUM) | F(HOST_TSO4) | F(MTU));
	assert_memory_equal(nd->mac, "\x52\x54\x00\x12\x34\x56", 6);
	assert_true(nd->link_up);
	assert_int_equal(nd->mtu, 1500); /* not without mergeable buffers */
	assert_int_equal(nd->features, NETDEV_CSUM | NETDEV_TSO4);
	test_dev.config[6] = 0;
	virtio_config_interrupt(&test_dev.vdev);
	assert_false(nd->link_up);
	assert_int_equal(events, 1);
	start(F(MRG_RXBUF) | F(MTU) | F(HOST_TSO4) | F(GUEST_CSUM));
	assert_int_equal(nd->mtu, 1400);
	assert_int_equal(nd->features, NETDEV_RXCSUM); /* no TSO without CSUM */
	assert_int_equal(nd->mac[0], 0xfe);
	assert_true(nd->link_up);
}

struct frame {
	struct virtio_net_hdr_mrg_rxbuf hdr;
	u8 data[4000];
};

static void receives(void **state)
{
	struct frame f;
	struct virtq *rx;

	start(F(MRG_RXBUF) | F(GUEST_CSUM));
	rx = test_queue(0);
	memset(&f, 0, sizeof(f));
	for (unsigned i = 0; i < sizeof(f.data); i++)
		f.data[i] = (u8)(i * 7);
	f.hdr.num_buffers = 1;
	f.hdr.hdr.flags = VIRTIO_NET_HDR_F_DATA_VALID;
	for (unsigned round = 0; round < 1000; round++) {
		assert_true(test_send(rx, &f, 12 + 60));
		assert_int_equal(nd->ops->poll(nd, 64), 1);
		assert_int_equal(got[0]->len, 60);
		assert_true(got[0]->csum_valid);
		assert_null(got[0]->next);
		assert_memory_equal(got[0]->data, f.data, 60);
		memset(got[0]->data, 0xee, 60); /* ours to write */
		done_all();
	}
	/* Two buffers for one frame. */
	f.hdr.num_buffers = 2;
	assert_true(test_send(rx, &f, 12 + 1500));
	assert_true(test_send(rx, f.data + 1500, 1000));
	assert_int_equal(nd->ops->poll(nd, 64), 1);
	assert_int_equal(got[0]->len, 1500);
	assert_int_equal(got[0]->next->len, 1000);
	assert_memory_equal(got[0]->next->data, f.data + 1500, 1000);
	done_all();
	/* The budget is kept, and the rest comes later. */
	f.hdr.num_buffers = 1;
	for (unsigned i = 0; i < 50; i++)
		assert_true(test_send(rx, &f, 12 + 60));
	assert_int_equal(nd->ops->poll(nd, 40), 40);
	assert_int_equal(nd->ops->poll(nd, 40), 10);
	done_all();
}

static void nonsense(void **state)
{
	static const u32 lengths[] = {0, 11, 12};
	struct frame f;
	struct virtq *rx;

	start(F(MRG_RXBUF));
	rx = test_queue(0);
	memset(&f, 0, sizeof(f));
	f.hdr.num_buffers = 1;
	for (unsigned i = 0; i < 300; i++) {
		assert_true(test_send(rx, &f, lengths[i % 3]));
		assert_int_equal(nd->ops->poll(nd, 64), 0);
	}
	f.hdr.num_buffers = 0;
	for (unsigned i = 0; i < 300; i++) {
		assert_true(test_send(rx, &f, 100));
		assert_int_equal(nd->ops->poll(nd, 64), 0);
	}
	f.hdr.num_buffers = 3; /* and only two come */
	test_send(rx, &f, 100);
	test_send(rx, &f, 100);
	assert_int_equal(nd->ops->poll(nd, 64), 0);
	f.hdr.num_buffers = 1;
	f.hdr.hdr.flags = 0xff; /* longer than the buffer: cut */
	test_send(rx, &f, 12 + 60);
	rx->ring.used->ring[(rx->ring.used->idx - 1) % rx->size].len = 100000;
	assert_int_equal(nd->ops->poll(nd, 64), 1);
	assert_true(got[0]->len < 2048);
	assert_false(got[0]->csum_valid); /* not negotiated */
	done_all();
	test_use(rx, 777, 60);
	assert_int_equal(nd->ops->poll(nd, 64), 0);
	assert_true(rx->broken);
	assert_false(nd->ops->interrupts(nd, true));
}

/*
 * A stack that keeps everything gets so much and no more; then all is well
 * again.
 */
static void keeps_buffers(void **state)
{
	struct frame f;
	struct virtq *rx;
	unsigned before, taken = 0;

	start(F(MRG_RXBUF));
	rx = test_queue(0);
	before = test_frames_left;
	memset(&f, 0, sizeof(f));
	f.hdr.num_buffers = 1;
	while (test_send(rx, &f, 100) && taken < 600)
		taken += nd->ops->poll(nd, 64);
	assert_in_range(taken, 100, 300); /* a 16th of 8 MiB at most */
	assert_true(before - test_frames_left < 128);
	done_all();
	assert_true(test_frames_left >= before - 16);
	assert_true(test_send(rx, &f, 100));
	assert_int_equal(nd->ops->poll(nd, 64), 1);
	done_all();
	/* No memory at all: the ring empties, and recovers. */
	test_frames_left = 0;
	for (taken = 0; test_send(rx, &f, 100);)
		taken += nd->ops->poll(nd, 64);
	assert_true(taken > 10);
	done_all();
	test_frames_left = 500;
	assert_true(test_send(rx, &f, 100));
	assert_int_equal(nd->ops->poll(nd, 64), 1);
	done_all();
}

static void receive_interrupts(void **state)
{
	struct frame f;
	struct virtq *rx;

	start(F(MRG_RXBUF) | BIT(VIRTIO_RING_F_EVENT_IDX));
	rx = test_queue(0);
	memset(&f, 0, sizeof(f));
	f.hdr.num_buffers = 1;
	assert_false(nd->ops->interrupts(nd, true));
	test_send(rx, &f, 100);
	test_interrupt();
	assert_true(events > 0);
	assert_true(nd->ops->interrupts(nd, true)); /* not polled yet */
	assert_int_equal(nd->ops->poll(nd, 64), 1);
	assert_false(nd->ops->interrupts(nd, true));
	nd->ops->interrupts(nd, false);
	done_all();
}

static void sends(void **state)
{
	static u8 a[100], b[1400];
	struct net_fragment frag[3] = {{a, 14}, {b, 1400}, {a + 14, 20}};
	struct net_offload off = {
		.csum = true, .csum_start = 34, .csum_offset = 16};
	struct virtio_net_hdr_mrg_rxbuf *h;
	struct virtq *tx;
	unsigned n = 0, notified;
	u8 frame[4096];

	start(F(CSUM) | F(HOST_TSO4) | BIT(VIRTIO_RING_F_EVENT_IDX));
	tx = test_queue(1);
	memset(a, 'a', sizeof(a));
	memset(b, 'b', sizeof(b));
	notified = test_dev.notified;
	assert_int_equal(nd->ops->transmit(nd, frag, 3, &off, a), 0);
	assert_int_equal(nd->ops->transmit(nd, frag, 1, NULL, b), 0);
	assert_int_equal(test_dev.notified, notified); /* batched */
	nd->ops->flush(nd);
	assert_int_equal(test_dev.notified, notified + 1);
	assert_int_equal(test_receive(tx, frame, sizeof(frame)), 12 + 1434);
	h = (void *)frame;
	assert_int_equal(h->hdr.flags, VIRTIO_NET_HDR_F_NEEDS_CSUM);
	assert_int_equal(h->hdr.csum_start, 34);
	assert_int_equal(h->hdr.csum_offset, 16);
	assert_int_equal(h->hdr.gso_type, VIRTIO_NET_HDR_GSO_NONE);
	assert_int_equal(frame[12], 'a');
	assert_int_equal(frame[12 + 14], 'b');
	assert_int_equal(test_receive(tx, frame, sizeof(frame)), 12 + 14);
	assert_int_equal(h->hdr.flags, 0);
	assert_int_equal(sent_count, 0);
	nd->ops->poll(nd, 64);
	assert_int_equal(sent_count, 2);
	assert_ptr_equal(sent[0], a);
	assert_ptr_equal(sent[1], b);
	/* Segmentation. */
	off.gso_size = 1448;
	off.header_len = 54;
	assert_int_equal(nd->ops->transmit(nd, frag, 3, &off, NULL), 0);
	test_receive(tx, frame, sizeof(frame));
	assert_int_equal(h->hdr.gso_type, VIRTIO_NET_HDR_GSO_TCPV4);
	assert_int_equal(h->hdr.gso_size, 1448);
	assert_int_equal(h->hdr.hdr_len, 54);
	off.gso_v6 = true; /* not offered */
	assert_int_equal(nd->ops->transmit(nd, frag, 3, &off, NULL), -EINVAL);
	assert_int_equal(nd->ops->transmit(nd, frag, 0, NULL, NULL), -EINVAL);
	/* Full: an interrupt says when to go on. */
	while (nd->ops->transmit(nd, frag, 2, NULL, a) == 0)
		assert_true(n++ < 300);
	assert_true(n >= 40);
	events = 0;
	while (test_receive(tx, frame, sizeof(frame)))
		;
	test_interrupt();
	assert_true(events > 0);
	sent_count = 0;
	nd->ops->poll(nd, 64);
	assert_int_equal(sent_count, n);
	assert_int_equal(nd->ops->transmit(nd, frag, 2, NULL, a), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(identity),
		cmocka_unit_test(receives),
		cmocka_unit_test(nonsense),
		cmocka_unit_test(keeps_buffers),
		cmocka_unit_test(receive_interrupts),
		cmocka_unit_test(sends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
