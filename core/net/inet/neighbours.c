/*
 * Neighbours that do not answer: connection attempts that wait for them end with
 * EHOSTUNREACH, as if a router had said so.
 */
#include "hooks.h"
#include "tcp.h"
#include "lwip/ip.h"

/* Would packets to dst, which leave through n, go to hop first? */
static bool goes_by(const struct netif *n, const ip_addr_t *dst,
		    const ip_addr_t *hop)
{
	const struct interface *i = interface_of((struct netif *)n);

	if (ip_addr_eq(dst, hop))
		return true;
	if (IP_IS_V4(hop))
		return ip4_addr_eq(ip_2_ip4(hop), netif_ip4_gw(n)) &&
		       !ip4_addr_net_eq(ip_2_ip4(dst), netif_ip4_addr(n),
					netif_ip4_netmask(n));
	return i->has_gw6 && ip6_addr_zoneless_eq(ip_2_ip6(hop), &i->gw6) &&
	       !ip6_addr_islinklocal(ip_2_ip6(dst));
}

void lwip_hook_neighbour_failed(struct netif *n, const ip_addr_t *hop)
{
	struct tcp_pcb *p, *next;

	for (p = tcp_active_pcbs; p; p = next) {
		struct tcp_sock *ts = tcp_ext_arg_get(p, 0);

		next = p->next;
		if (p->state != SYN_SENT || !ts ||
		    IP_GET_TYPE(&p->remote_ip) != IP_GET_TYPE(hop) ||
		    ip_route(&p->local_ip, &p->remote_ip) != n ||
		    !goes_by(n, &p->remote_ip, hop))
			continue;
		tcp_connection_ended(ts, EHOSTUNREACH);
		tcp_abandon(p, 0);
	}
}
