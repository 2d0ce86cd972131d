/* What we hook into lwIP; every hook is called with the network lock held. */
#ifndef RR_LWIP_HOOKS_H
#define RR_LWIP_HOOKS_H

#include "lwip/err.h"
#include "lwip/ip_addr.h"

struct tcp_pcb;
struct tcp_hdr;
struct pbuf;
struct netif;

/* Initial sequence numbers that cannot be guessed (RFC 6528); port.c. */
u32_t lwip_hook_isn(const ip_addr_t *local, u16_t lport, const ip_addr_t *remote,
		    u16_t rport);
#define LWIP_HOOK_TCP_ISN lwip_hook_isn

/*
 * A segment for a listening pcb or one in TIME-WAIT or an open connection arrived.
 * ERR_OK: go on; else it is dropped.  tcp_listen.c.
 */
err_t lwip_hook_tcp_input(struct tcp_pcb *pcb, struct tcp_hdr *hdr);
#define LWIP_HOOK_TCP_INPACKET_PCB(pcb, hdr, optlen, opt1len, opt2, p)         \
	lwip_hook_tcp_input(pcb, hdr)

/* How often the SYN of a connection is sent again; tcp_events.c. */
u8_t lwip_hook_syn_retries(const struct tcp_pcb *pcb);
#define LWIP_HOOK_TCP_SYN_RETRIES lwip_hook_syn_retries

/*
 * The table of active pcbs and those in TIME-WAIT (pcbhash.c).  Ports in host byte
 * order.  Removing one that is not in it does nothing.
 */
struct tcp_pcb *lwip_pcb_find(const ip_addr_t *local, u16_t lport,
			      const ip_addr_t *remote, u16_t rport);
void lwip_pcb_add(struct tcp_pcb *pcb);
void lwip_pcb_remove(struct tcp_pcb *pcb);
/* What that table is sorted by: a number that only this guest can know. */
u64 lwip_flow_hash(const ip_addr_t *local, u16_t lport,
		   const ip_addr_t *remote, u16_t rport);

/* A packet arrived: watches for fragments, to run their timer; timers.c. */
int lwip_hook_ip4_input(struct pbuf *p, struct netif *inp);
#define LWIP_HOOK_IP4_INPUT(p, inp) lwip_hook_ip4_input(p, inp)
int lwip_hook_ip6_input(struct pbuf *p, struct netif *inp);
#define LWIP_HOOK_IP6_INPUT(p, inp) lwip_hook_ip6_input(p, inp)

/* A static IPv6 gateway, or NULL; device.c. */
const ip6_addr_t *lwip_hook_gateway6(struct netif *n, const ip6_addr_t *dest);
#define LWIP_HOOK_ND6_GET_GW lwip_hook_gateway6

/* Nobody answered for this address, packets for it are dropped; neighbours.c. */
void lwip_hook_neighbour_failed(struct netif *n, const ip_addr_t *next_hop);
#define LWIP_HOOK_NEIGHBOUR_FAILED lwip_hook_neighbour_failed

#endif
