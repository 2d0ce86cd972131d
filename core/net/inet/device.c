/* Interfaces that have a device: attaching, polling, receiving. */
#include "stack.h"
#include "log.h"
#include "page.h"
#include "string.h"
#include "transmit.h"
#include "hooks.h"
#include "lwip/etharp.h"
#include "lwip/ethip6.h"
#include "lwip/mld6.h"
#include "lwip/prot/ip4.h"
#include "netif/ethernet.h"

struct list interfaces = LIST_INIT(interfaces);

/* Frames handled in one go before others get the network lock. */
#define BUDGET 64

/* Frames up to this length are copied, so that the device gets its buffer back. */
#define COPY_BREAK 256

/* Checksums made and checked in software; the rest is the device's. */
#define CHECKSUMS_TX                                                           \
	(NETIF_CHECKSUM_GEN_IP | NETIF_CHECKSUM_GEN_UDP |                      \
	 NETIF_CHECKSUM_GEN_ICMP | NETIF_CHECKSUM_GEN_ICMP6)
#define CHECKSUMS_RX                                                           \
	(NETIF_CHECKSUM_CHECK_IP | NETIF_CHECKSUM_CHECK_ICMP |                 \
	 NETIF_CHECKSUM_CHECK_ICMP6)
#define CHECKSUMS_RX_TRANSPORT                                                 \
	(NETIF_CHECKSUM_CHECK_UDP | NETIF_CHECKSUM_CHECK_TCP)

/* A piece of a received frame in driver memory. */
struct rx_pbuf {
	struct pbuf_custom pc;
	struct net_rxbuf *buf;
};

static void rx_free(struct pbuf *p)
{
	struct rx_pbuf *r = container_of(p, struct rx_pbuf, pc.pbuf);

	r->buf->done(r->buf);
	kfree(r);
}

static void rx_discard(struct net_rxbuf *b)
{
	while (b) {
		struct net_rxbuf *next = b->next;

		b->done(b);
		b = next;
	}
}

/* Frees the buffers if it fails. */
static struct pbuf *rx_wrap(struct net_rxbuf *b)
{
	struct pbuf *head = NULL, *p;

	if (b->len <= COPY_BREAK && !b->next) {
		head = pbuf_alloc(PBUF_RAW, (u16_t)b->len, PBUF_RAM);
		if (head)
			memcpy(head->payload, b->data, b->len);
		b->done(b);
		return head;
	}
	while (b) {
		struct net_rxbuf *next = b->next;
		struct rx_pbuf *r = kmalloc(sizeof(*r), 0);

		if (!r || (head && head->tot_len + b->len > 0xffff)) {
			kfree(r);
			rx_discard(b);
			if (head)
				pbuf_free(head);
			return NULL;
		}
		r->pc.custom_free_function = rx_free;
		r->buf = b;
		p = pbuf_alloced_custom(PBUF_RAW, (u16_t)b->len, PBUF_REF,
					&r->pc, b->data, (u16_t)b->len);
		if (head)
			pbuf_cat(head, p);
		else
			head = p;
		b = next;
	}
	return head;
}

/* RFC 1122, 3.2.1.3 (g): addresses of 127/8 never appear outside a host. */
static bool martian(const struct pbuf *p)
{
	struct {
		struct eth_hdr eth;
		struct ip_hdr ip;
	} __packed h;

	return pbuf_copy_partial(p, &h, sizeof(h), 0) == sizeof(h) &&
	       h.eth.type == PP_HTONS(ETHTYPE_IP) &&
	       (ip4_addr_isloopback(&h.ip.src) ||
		ip4_addr_isloopback(&h.ip.dest));
}

static void receive(struct netdev *nd, struct net_rxbuf *b)
{
	struct interface *i = nd->stack;
	bool valid = b->csum_valid;
	struct pbuf *p = rx_wrap(b);

	if (!p) {
		i->rx_dropped++;
		return;
	}
	i->rx_packets++;
	i->rx_bytes += p->tot_len;
	timers_activity();
	if (martian(p)) {
		pbuf_free(p);
		i->rx_dropped++;
		return;
	}
	/*
	 * Whether to check is the interface's property for lwIP, while the device
	 * tells it for each frame.
	 */
	i->netif.chksum_flags =
	    CHECKSUMS_RX | (valid ? 0 : CHECKSUMS_RX_TRANSPORT) |
	    transmit_checksums(i);
	if (i->netif.input(p, &i->netif) != ERR_OK) {
		pbuf_free(p);
		i->rx_dropped++;
	}
	/* What we send to ourselves has no transport checksum. */
	i->netif.chksum_flags = CHECKSUMS_RX | transmit_checksums(i);
}

static void event(struct netdev *nd)
{
	net_kick();
}

static err_t device_init(struct netif *n)
{
	struct interface *i = interface_of(n);
	struct netdev *nd = i->nd;

	n->name[0] = 'e';
	n->name[1] = 'n';
	n->output = etharp_output;
	n->output_ip6 = ethip6_output;
	n->linkoutput = transmit;
	n->mtu = nd->mtu ? nd->mtu : 1500;
	n->hwaddr_len = 6;
	memcpy(n->hwaddr, nd->mac, 6);
	n->flags |= NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP |
		    NETIF_FLAG_ETHERNET | NETIF_FLAG_IGMP | NETIF_FLAG_MLD6;
	i->netif.chksum_flags = CHECKSUMS_RX | transmit_checksums(i);
	return ERR_OK;
}

u16 transmit_checksums(const struct interface *i)
{
	return CHECKSUMS_TX |
	       (i->nd->features & NETDEV_CSUM ? 0 : NETIF_CHECKSUM_GEN_TCP);
}

struct interface *interface_attach(struct netdev *nd, const char *name)
{
	struct interface *i = kzalloc(sizeof(*i), 0);

	if (!i)
		return NULL;
	i->nd = nd;
	strlcpy(i->name, name, sizeof(i->name));
	list_init(&i->waiting);
	if (!netif_add(&i->netif, NULL, NULL, NULL, NULL, device_init,
		       ethernet_input)) {
		kfree(i);
		return NULL;
	}
	list_append(&interfaces, &i->link);
	nd->stack = i;
	nd->receive = receive;
	nd->sent = transmit_done;
	nd->event = event;
	netif_create_ip6_linklocal_address(&i->netif, 1);
	netif_set_link_up(&i->netif);
	netif_set_up(&i->netif);
	kdebug("%s is %02x:%02x:%02x:%02x:%02x:%02x", name, nd->mac[0],
	       nd->mac[1], nd->mac[2], nd->mac[3], nd->mac[4], nd->mac[5]);
	net_kick(); /* have its interrupts switched on */
	return i;
}

struct interface *interface_by_name(const char *name)
{
	struct interface *i;

	list_for_each(i, &interfaces, link)
	{
		if (!strcmp(i->name, name))
			return i;
	}
	return NULL;
}

struct interface *interface_by_index(int index)
{
	struct interface *i;

	list_for_each(i, &interfaces, link)
	{
		if (interface_index(i) == index)
			return i;
	}
	return NULL;
}

unsigned interfaces_poll(void)
{
	struct interface *i;
	unsigned frames = 0;

	list_for_each(i, &interfaces, link)
	{
		if (!i->nd)
			continue;
		frames += i->nd->ops->poll(i->nd, BUDGET);
		if (i->nd->link_up != netif_is_link_up(&i->netif)) {
			if (i->nd->link_up)
				netif_set_link_up(&i->netif);
			else
				netif_set_link_down(&i->netif);
		}
		transmit_waiting(i);
	}
	return frames;
}

bool interfaces_idle(void)
{
	struct interface *i;
	bool more = false;

	list_for_each(i, &interfaces, link)
	{
		if (i->nd && i->nd->ops->interrupts(i->nd, true))
			more = true;
	}
	return more;
}

/* So many frames do not wait for more: the device may as well begin. */
#define UNFLUSHED_MAX 8

void interfaces_flush(bool all)
{
	struct interface *i;

	list_for_each(i, &interfaces, link)
	{
		unsigned n = i->unflushed + (i->joining != NULL);

		if (n && (all || n >= UNFLUSHED_MAX)) {
			transmit_joined(i);
			i->unflushed = 0;
			i->nd->ops->flush(i->nd);
		}
	}
}

const ip6_addr_t *lwip_hook_gateway6(struct netif *n, const ip6_addr_t *dest)
{
	const struct interface *i = interface_of(n);

	return i->has_gw6 ? &i->gw6 : NULL;
}
