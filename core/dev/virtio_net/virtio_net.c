/* Network devices over virtio (virtio 5.1). */
#include "private.h"
#include "random.h"
#include "string.h"
#include <linux/errno.h>
#include <linux/if_ether.h>

#define RX_QUEUE 0 /* virtio 5.1.2 */
#define TX_QUEUE 1
#define RING 256
#define RING_SMALL 128 /* below this much memory: */
#define SMALL_MEMORY ((16u << 20) >> PAGE_SHIFT)

static void interrupt(struct virtq *q)
{
	struct virtio_net *v = q->priv;

	virtq_disable_irq(q);
	if (v->nd.event)
		v->nd.event(&v->nd);
}

static unsigned poll(struct netdev *nd, unsigned budget)
{
	struct virtio_net *v = to_vnet(nd);

	vnet_tx_reclaim(v);
	return vnet_rx_poll(v, budget);
}

static const struct netdev_ops ops = {
	.transmit = vnet_transmit,
	.flush = vnet_flush,
	.poll = poll,
	.interrupts = vnet_rx_interrupts,
};

static void read_link(struct virtio_net *v)
{
	u16 status = VIRTIO_NET_S_LINK_UP;

	if (virtio_has(v->vd, VIRTIO_NET_F_STATUS))
		status = virtio_config_field(v->vd, struct virtio_net_config,
					     status);
	WRITE_ONCE(v->nd.link_up, status & VIRTIO_NET_S_LINK_UP);
}

static void config_changed(struct virtio_device *vd)
{
	struct virtio_net *v = vd->priv;

	read_link(v);
	if (v->nd.event)
		v->nd.event(&v->nd);
}

static void read_mac(struct virtio_net *v)
{
	u8 *mac = v->nd.mac;

	if (virtio_has(v->vd, VIRTIO_NET_F_MAC))
		virtio_config(v->vd, offsetof(struct virtio_net_config, mac),
			      mac, ETH_ALEN);
	else
		random_bytes(mac, ETH_ALEN);
	/* Not a group address; and a random one is local (IEEE 802, 8.2). */
	if (!virtio_has(v->vd, VIRTIO_NET_F_MAC) || (mac[0] & 1))
		mac[0] = (u8)((mac[0] & 0xfe) | 2);
}

static u16 read_mtu(struct virtio_net *v)
{
	u16 mtu;

	if (!virtio_has(v->vd, VIRTIO_NET_F_MTU))
		return ETH_DATA_LEN;
	mtu = virtio_config_field(v->vd, struct virtio_net_config, mtu);
	return mtu < ETH_MIN_MTU ? ETH_DATA_LEN : mtu;
}

static bool small_memory(void)
{
	struct memory_stats mem;

	memory_stats(&mem);
	return mem.total < SMALL_MEMORY;
}

/*
 * A frame longer than a buffer needs several, so an MTU that the device chooses
 * is taken with mergeable buffers only (virtio 5.1.4.2); and so are segments of TCP that
 * the host has joined (or never cut), if the ring holds some of these: each takes
 * up to 33 buffers.
 */
static u64 features(struct virtio_device *vd, u64 offered)
{
	u64 f = BIT(VIRTIO_NET_F_MAC) | BIT(VIRTIO_NET_F_STATUS) |
		BIT(VIRTIO_NET_F_CSUM) | BIT(VIRTIO_NET_F_GUEST_CSUM) |
		BIT(VIRTIO_NET_F_MRG_RXBUF) | BIT(VIRTIO_F_ANY_LAYOUT);

	if (offered & BIT(VIRTIO_NET_F_MRG_RXBUF)) {
		f |= BIT(VIRTIO_NET_F_MTU);
		if (offered & BIT(VIRTIO_NET_F_GUEST_CSUM) && !small_memory())
			f |= BIT(VIRTIO_NET_F_GUEST_TSO4) |
			     BIT(VIRTIO_NET_F_GUEST_TSO6);
	}
	if (offered & BIT(VIRTIO_NET_F_CSUM))
		f |= BIT(VIRTIO_NET_F_HOST_TSO4) | BIT(VIRTIO_NET_F_HOST_TSO6);
	return f;
}

static u32 stack_features(const struct virtio_device *vd)
{
	static const struct {
		unsigned virtio;
		u32 netdev;
	} map[] = {
		{VIRTIO_NET_F_CSUM, NETDEV_CSUM},
		{VIRTIO_NET_F_GUEST_CSUM, NETDEV_RXCSUM},
		{VIRTIO_NET_F_HOST_TSO4, NETDEV_TSO4},
		{VIRTIO_NET_F_HOST_TSO6, NETDEV_TSO6},
	};
	u32 f = 0;

	for (unsigned i = 0; i < ARRAY_SIZE(map); i++)
		if (virtio_has(vd, map[i].virtio))
			f |= map[i].netdev;
	return f;
}

/* The shape of headers and buffers follows from the features. */
static void choose_layout(struct virtio_net *v)
{
	struct virtio_device *vd = v->vd;

	v->mergeable = virtio_has(vd, VIRTIO_NET_F_MRG_RXBUF);
	v->hdr_len = vd->legacy && !v->mergeable ?
			 sizeof(struct virtio_net_hdr) :
			 sizeof(vnet_hdr);
	v->split_header = vd->legacy && !v->mergeable &&
			  !virtio_has(vd, VIRTIO_F_ANY_LAYOUT);
}

static int start(struct virtio_net *v)
{
	struct memory_stats mem;
	unsigned ring = small_memory() ? RING_SMALL : RING;
	int err;

	memory_stats(&mem);
	err = virtio_queue(v->vd, RX_QUEUE, ring, interrupt, v, &v->rx);
	if (!err)
		err = virtio_queue(v->vd, TX_QUEUE, ring, interrupt, v, &v->tx);
	if (!err)
		err = vnet_tx_init(v);
	if (err)
		return err;
	virtq_disable_irq(v->rx);
	return vnet_rx_init(v, mem.total);
}

static int probe(struct virtio_device *vd)
{
	struct virtio_net *v = kzalloc(sizeof(*v), 0);
	int err;

	if (!v)
		return -ENOMEM;
	spin_init(&v->rx_lock);
	v->vd = vd;
	v->nd.ops = &ops;
	v->nd.features = stack_features(vd);
	choose_layout(v);
	read_mac(v);
	v->nd.mtu = read_mtu(v);
	err = start(v);
	if (err) {
		virtio_stop(vd);
		kfree(v->tx_slots);
		kfree(v);
		return err;
	}
	read_link(v);
	vd->priv = v;
	vd->config_changed = config_changed;
	virtio_ready(vd);
	virtq_kick(v->rx);
	netdev_register(&v->nd);
	return 0;
}

static const struct virtio_driver virtio_net = {
	.name = "virtio_net",
	.id = VIRTIO_ID_NET,
	.features = features,
	.probe = probe,
};
VIRTIO_DRIVER(virtio_net);
