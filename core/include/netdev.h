/*
 * Network devices: the boundary between drivers and the protocol stack.
 */
#ifndef RR_NETDEV_H
#define RR_NETDEV_H

#include "list.h"
#include "sync.h"

struct netdev;

/* A piece of a frame to send, in the direct map. */
struct net_fragment {
	const void *data;
	u32 len;
};

/* What is left for the device to do, virtio's partial checksum. */
struct net_offload {
	bool csum;        /* store the Internet checksum of [csum_start, end) */
	u16 csum_start;   /* from the start of the frame */
	u16 csum_offset;  /* from csum_start */
	u16 gso_size;     /* 0: none; else TCP segment size */
	u16 header_len;   /* of a GSO frame */
	bool gso_v6;
};

/*
 * A received frame, in driver memory: nr pieces.  The stack calls done exactly
 * once, any time later, any context without spin locks; the memory is the
 * stack's to write until then.
 */
struct net_rxbuf {
	void *data;
	u32 len;
	struct net_rxbuf *next;  /* next piece of the same frame */
	bool csum_valid;         /* transport checksum verified (or partial) */
	void (*done)(struct net_rxbuf *b); /* called for each piece */
};

/* Pieces that a frame to send may consist of. */
#define NETDEV_MAX_FRAGMENTS 32

#define NETDEV_CSUM 0x1u     /* transmit checksum offload */
#define NETDEV_TSO4 0x2u
#define NETDEV_TSO6 0x4u
#define NETDEV_RXCSUM 0x8u   /* received checksums are marked */

struct netdev_ops {
	/*
	 * Queue a frame of at most NETDEV_MAX_FRAGMENTS pieces (of length > 0).
	 * The memory stays untouched until nd->sent(cookie), which transmit
	 * itself may call for earlier frames; cookie may be NULL.  0, or
	 * -EAGAIN: ring full (there is an nd->event when it is time to poll and
	 * try again), or -EINVAL (never possible), -EIO (the device is broken).
	 * Network lock held.
	 */
	int (*transmit)(struct netdev *nd, const struct net_fragment *frag,
			unsigned nr, const struct net_offload *off,
			void *cookie);
	/* Make queued frames visible to the device (one notification). */
	void (*flush)(struct netdev *nd);
	/*
	 * Hand up to budget received frames to nd->receive and reclaim sent
	 * ones (nd->sent).  Returns frames handled.  Network lock held.
	 */
	unsigned (*poll)(struct netdev *nd, unsigned budget);
	/*
	 * Interrupts for receive on or off; they are off at first.  Switching
	 * on returns true if something arrived meanwhile: then they are still
	 * off, poll again.  An interrupt switches them off and calls nd->event.
	 */
	bool (*interrupts)(struct netdev *nd, bool on);
};

struct netdev {
	const struct netdev_ops *ops;
	u8 mac[6];
	u16 mtu;
	u32 features; /* NETDEV_* */
	bool link_up;
	void *priv;
	/* Set by the stack before it uses the device: */
	void (*receive)(struct netdev *nd, struct net_rxbuf *b);
	void (*sent)(struct netdev *nd, void *cookie);
	void (*event)(struct netdev *nd); /* interrupt context: poll */
	void *stack;
	struct list link;
};

/* A driver found a device; nd lives for ever. */
void netdev_register(struct netdev *nd);
struct netdev *netdev_next(struct netdev *nd); /* NULL: the first */

#endif
