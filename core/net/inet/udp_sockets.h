/* All UDP sockets, for ICMP errors and /proc/net/udp. */
#ifndef RR_INET_UDP_SOCKETS_H
#define RR_INET_UDP_SOCKETS_H

#include "dgram.h"

extern struct list udp_sockets; /* of dgram_sock.link; network lock */

#endif
