/* virtio network devices: what the files of this folder share. */
#ifndef RR_VIRTIO_NET_PRIVATE_H
#define RR_VIRTIO_NET_PRIVATE_H

#include "netdev.h"
#include "page.h"
#include "virtio.h"
#include <linux/virtio_net.h>

/* virtio 5.1.6: the header before every frame. */
typedef struct virtio_net_hdr_mrg_rxbuf vnet_hdr;

/* Half a page: header and frame at the start, our notes at the end. */
#define VNET_BUF 2048u
#define VNET_BUF_DATA (VNET_BUF - (u32)sizeof(struct vnet_rxbuf))

struct vnet_rxbuf {
	struct net_rxbuf b;
	struct virtio_net *v;
	struct vnet_rxbuf *next; /* idle list */
};

struct vnet_tx {
	vnet_hdr hdr; /* the device's while the frame is in flight */
	void *cookie;
	struct vnet_tx *next; /* idle list */
};

struct virtio_net {
	struct netdev nd;
	struct virtio_device *vd;
	u32 hdr_len;
	bool mergeable;
	bool split_header; /* legacy: header and frame in two buffers */

	/* Receive; rx_lock, interrupts off. */
	spinlock_t rx_lock;
	struct virtq *rx;
	struct vnet_rxbuf *rx_idle;
	unsigned rx_idle_count;
	unsigned rx_posted; /* the device's now */
	unsigned rx_total;  /* all that exist: posted, idle, in the stack */
	unsigned rx_target; /* posted when all is well */
	unsigned rx_limit;  /* of rx_total */
	bool rx_delivering; /* the stack is handed a batch */

	/* Transmit; the network lock. */
	struct virtq *tx;
	struct vnet_tx *tx_slots, *tx_idle;
};

static inline struct virtio_net *to_vnet(struct netdev *nd)
{
	return container_of(nd, struct virtio_net, nd);
}

/* rx.c: fill the ring for the first time, without a kick; 0 or -ENOMEM. */
int vnet_rx_init(struct virtio_net *v, u64 memory_pages);
void vnet_rx_fini(struct virtio_net *v);
unsigned vnet_rx_poll(struct virtio_net *v, unsigned budget);
bool vnet_rx_interrupts(struct netdev *nd, bool on);

/* tx.c */
int vnet_tx_init(struct virtio_net *v);
int vnet_transmit(struct netdev *nd, const struct net_fragment *frag,
		  unsigned nr, const struct net_offload *off, void *cookie);
void vnet_flush(struct netdev *nd);
unsigned vnet_tx_reclaim(struct virtio_net *v);

#endif
