/* Frames from lwIP to a device.  All under the network lock. */
#ifndef RR_INET_TRANSMIT_H
#define RR_INET_TRANSMIT_H

#include "stack.h"

/* A frame at the device, or on its way there. */
struct tx_frame {
	struct list link; /* interface->waiting */
	struct pbuf *p;   /* referenced */
	/* Segments of which only the data follows (tso.c), owned by the first. */
	struct tx_frame *next;
	/* Of the first: */
	struct tx_frame *last;
	u32 data;           /* bytes behind the headers, of all */
	u16 gso_size;       /* of each but the last */
	bool gso_v6;
	unsigned fragments; /* pieces for the device, and where the last ends */
	const u8 *end;
	/* Of all that tso.c has looked at: */
	u16 l4, headers;    /* where TCP's header begins and ends */
	unsigned nr_pages;
	struct page *pages[]; /* referenced: what p points to */
};

/* ---- transmit.c ---- */

/* netif->linkoutput: queue a frame; the pbufs are referenced until it is sent. */
err_t transmit(struct netif *n, struct pbuf *p);
/* What was joined goes, since nothing more will come. */
void transmit_joined(struct interface *i);
/* nd->sent. */
void transmit_done(struct netdev *nd, void *cookie);
/* The device has room again: frames that found its ring full. */
void transmit_waiting(struct interface *i);

/* ---- device.c ---- */

/* NETIF_CHECKSUM_GEN_* that software does for it. */
u16 transmit_checksums(const struct interface *i);

/* ---- tso.c ---- */

/* May other segments be joined to f, if they come? */
bool tso_begin(const struct interface *i, struct tx_frame *f);
/* Join next, which f then owns, to f.  False: it is no continuation. */
bool tso_join(struct tx_frame *f, struct tx_frame *next);

#endif
