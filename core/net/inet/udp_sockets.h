/* UDP sockets (udp.c) and sending on them (udp_send.c). */
#ifndef RR_INET_UDP_SOCKETS_H
#define RR_INET_UDP_SOCKETS_H

#include "dgram.h"

/* All, for ICMP errors and /proc/net/udp. */
extern struct list udp_sockets; /* of dgram_sock.link; network lock */

/* sendto and connect give an unbound socket a port.  Network lock. */
int udp_autobind(struct dgram_sock *ds);
ssize_t udp_sendmsg(struct socket *s, struct socket_msg *m);
/* Send what MSG_MORE or UDP_CORK held back, if anything.  s->lock. */
void udp_uncork(struct dgram_sock *ds);
/* Forget it. */
void udp_pending_drop(struct dgram_sock *ds);

#endif
