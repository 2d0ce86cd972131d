/* The loopback interface. */
#include "stack.h"
#include "string.h"
#include "lwip/ip.h"

/*
 * lwIP delivers what goes to an interface's own address by itself; this takes the
 * rest of 127/8, and multicast.
 */
static err_t output4(struct netif *n, struct pbuf *p, const ip4_addr_t *dst)
{
	return netif_loop_output(n, p);
}

static err_t output6(struct netif *n, struct pbuf *p, const ip6_addr_t *dst)
{
	return netif_loop_output(n, p);
}

static err_t init(struct netif *n)
{
	n->name[0] = 'l';
	n->name[1] = 'o';
	n->output = output4;
	n->output_ip6 = output6;
	/* The most that a pbuf's 16-bit length takes; Linux has 65536. */
	n->mtu = 65535;
	NETIF_SET_CHECKSUM_CTRL(n, NETIF_CHECKSUM_GEN_ICMP |
					   NETIF_CHECKSUM_CHECK_ICMP |
					   NETIF_CHECKSUM_GEN_ICMP6 |
					   NETIF_CHECKSUM_CHECK_ICMP6);
	n->flags |= NETIF_FLAG_IGMP | NETIF_FLAG_MLD6;
	return ERR_OK;
}

void loopback_attach(void)
{
	static struct interface lo;
	ip4_addr_t addr, mask;
	ip6_addr_t addr6;

	strlcpy(lo.name, "lo", sizeof(lo.name));
	list_init(&lo.waiting);
	IP4_ADDR(&addr, 127, 0, 0, 1);
	IP4_ADDR(&mask, 255, 0, 0, 0);
	netif_add(&lo.netif, &addr, &mask, NULL, NULL, init, ip_input);
	ip6_addr_set_loopback(&addr6);
	netif_ip6_addr_set(&lo.netif, 0, &addr6);
	netif_ip6_addr_set_state(&lo.netif, 0, IP6_ADDR_PREFERRED);
	netif_set_link_up(&lo.netif);
	netif_set_up(&lo.netif);
	list_append(&interfaces, &lo.link);
}
