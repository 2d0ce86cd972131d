/* Frames from lwIP to a device (transmit.c).  All under the network lock. */
#ifndef RR_INET_TRANSMIT_H
#define RR_INET_TRANSMIT_H

#include "stack.h"

/* netif->linkoutput: queue a frame; the pbufs are referenced until it is sent. */
err_t transmit(struct netif *n, struct pbuf *p);
/* nd->sent. */
void transmit_done(struct netdev *nd, void *cookie);
/* The device has room again: frames that found its ring full. */
void transmit_waiting(struct interface *i);
/* NETIF_CHECKSUM_GEN_* that software does for it. */
u16 transmit_checksums(const struct interface *i);

#endif
