/*
 * Sending: a descriptor for the header and one for each piece of the frame, no
 * copies.  Interrupts are asked for only when the ring is full; sent frames
 * are reclaimed by poll and by the next transmit.
 */
#include "private.h"
#include "string.h"
#include <linux/errno.h>

int vnet_tx_init(struct virtio_net *v)
{
	unsigned n = v->tx->size / 2; /* a frame takes at least two */

	if (v->tx->size < NETDEV_MAX_FRAGMENTS + 1)
		return -EINVAL;
	v->tx_slots = kzalloc(n * sizeof(*v->tx_slots), 0);
	if (!v->tx_slots)
		return -ENOMEM;
	while (n--) {
		v->tx_slots[n].next = v->tx_idle;
		v->tx_idle = &v->tx_slots[n];
	}
	virtq_disable_irq(v->tx);
	return 0;
}

unsigned vnet_tx_reclaim(struct virtio_net *v)
{
	unsigned n = 0;
	struct vnet_tx *t;

	while ((t = virtq_get(v->tx, NULL))) {
		void *cookie = t->cookie;

		t->next = v->tx_idle;
		v->tx_idle = t;
		n++;
		if (cookie)
			v->nd.sent(&v->nd, cookie);
	}
	return n;
}

static bool room(const struct virtio_net *v, unsigned nr)
{
	return v->tx_idle && v->tx->free >= nr + 1;
}

/* Wait for an interrupt, unless there is room after all. */
static bool stop(struct virtio_net *v, unsigned nr)
{
	virtq_kick(v->tx);
	if (!virtq_enable_irq_delayed(v->tx))
		return true;
	virtq_disable_irq(v->tx);
	vnet_tx_reclaim(v);
	if (room(v, nr))
		return false;
	/* The device is moving: the next used buffer is soon enough. */
	if (!virtq_enable_irq(v->tx))
		return true;
	virtq_disable_irq(v->tx);
	vnet_tx_reclaim(v);
	return !room(v, nr);
}

/* virtio 5.1.6.2 */
static void fill_header(vnet_hdr *h, const struct net_offload *off)
{
	memset(h, 0, sizeof(*h));
	if (!off || !off->csum)
		return;
	h->hdr.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
	h->hdr.csum_start = off->csum_start;
	h->hdr.csum_offset = off->csum_offset;
	if (!off->gso_size)
		return;
	h->hdr.gso_type = off->gso_v6 ? VIRTIO_NET_HDR_GSO_TCPV6 :
					VIRTIO_NET_HDR_GSO_TCPV4;
	h->hdr.gso_size = off->gso_size;
	h->hdr.hdr_len = off->header_len;
}

static bool allowed(const struct virtio_net *v, const struct net_offload *off)
{
	u32 need = 0;

	if (off && off->csum)
		need |= NETDEV_CSUM;
	if (off && off->gso_size)
		need |= NETDEV_CSUM |
			(off->gso_v6 ? NETDEV_TSO6 : NETDEV_TSO4);
	return (v->nd.features & need) == need;
}

int vnet_transmit(struct netdev *nd, const struct net_fragment *frag,
		  unsigned nr, const struct net_offload *off, void *cookie)
{
	struct virtio_buf buf[NETDEV_MAX_FRAGMENTS + 1];
	struct virtio_net *v = to_vnet(nd);
	struct vnet_tx *t;
	int err;

	if (!nr || nr > NETDEV_MAX_FRAGMENTS || !allowed(v, off))
		return -EINVAL;
	vnet_tx_reclaim(v);
	if (v->tx->broken)
		return -EIO;
	if (!room(v, nr) && stop(v, nr))
		return -EAGAIN;
	t = v->tx_idle;
	fill_header(&t->hdr, off);
	buf[0] = (struct virtio_buf){&t->hdr, v->hdr_len};
	for (unsigned i = 0; i < nr; i++)
		buf[i + 1] = (struct virtio_buf){frag[i].data, frag[i].len};
	err = virtq_add(v->tx, buf, nr + 1, 0, t, NULL);
	if (err)
		return err;
	v->tx_idle = t->next;
	t->cookie = cookie;
	return 0;
}

void vnet_flush(struct netdev *nd)
{
	virtq_kick(to_vnet(nd)->tx);
}
