/*
 * Frames from lwIP to the device, without copying.
 *
 * The device reads the memory of the pbufs until it reports the frame as sent.
 * The pbufs are kept by a reference.  What they point to may be pages of a socket's
 * send buffer or of the page cache, which their owner gives up as soon as the peer has
 * acknowledged the data, maybe before the device reports: so such pages are
 * referenced too.
 */
#include "transmit.h"
#include "page.h"
#include <linux/errno.h>
#include "string.h"
#include "lwip/prot/ethernet.h"
#include "lwip/prot/ip.h"
#include "lwip/prot/ip4.h"
#include "lwip/prot/ip6.h"
#include "lwip/prot/tcp.h"
#include "lwip/inet_chksum.h"

/* txqueuelen of Linux: what waits beyond the ring. */
#define WAITING_MAX 1000

/* With all that was joined to it. */
static void frame_free(struct tx_frame *f)
{
	while (f) {
		struct tx_frame *next = f->next;

		for (unsigned k = 0; k < f->nr_pages; k++)
			page_put(f->pages[k]);
		pbuf_free(f->p);
		kfree(f);
		f = next;
	}
}

/* Data that belongs to somebody else, who counts on page references. */
static bool is_reference(const struct pbuf *q)
{
	return pbuf_match_type(q, PBUF_ROM) &&
	       !(q->flags & PBUF_FLAG_IS_CUSTOM);
}

static u64 first_page(const struct pbuf *q)
{
	return virt_to_phys(q->payload) >> PAGE_SHIFT;
}

static u64 last_page(const struct pbuf *q)
{
	return (virt_to_phys(q->payload) + q->len - 1) >> PAGE_SHIFT;
}

static unsigned count_pages(const struct pbuf *p)
{
	unsigned n = 0;

	for (; p; p = p->next)
		if (p->len && is_reference(p))
			n += last_page(p) - first_page(p) + 1;
	return n;
}

/* Takes a reference to p.  NULL: no memory. */
static struct tx_frame *frame_new(struct pbuf *p)
{
	unsigned n = count_pages(p);
	struct tx_frame *f;

	f = kmalloc(sizeof(*f) + n * sizeof(f->pages[0]), 0);
	if (!f)
		return NULL;
	pbuf_ref(p);
	f->p = p;
	f->next = NULL;
	f->last = f;
	f->nr_pages = 0;
	list_init(&f->link);
	for (const struct pbuf *q = p; q; q = q->next) {
		if (!q->len || !is_reference(q))
			continue;
		for (u64 k = first_page(q); k <= last_page(q); k++) {
			struct page *pg = phys_to_page(k << PAGE_SHIFT);

			page_get(pg);
			f->pages[f->nr_pages++] = pg;
		}
	}
	return f;
}

/*
 * The device finishes TCP's checksum: it wants the sum over the pseudo header in the
 * field (virtio 1.2, 5.1.6.2), which is what lwIP leaves to us when it does
 * not generate checksums.  Headers are in the first pbuf, where lwIP builds them.
 */
static bool offload_checksum(struct pbuf *p, struct net_offload *off)
{
	const struct eth_hdr *eth = p->payload;
	char *l3 = (char *)p->payload + SIZEOF_ETH_HDR;
	u16 l4len, start;
	struct tcp_hdr *tcp;
	u32 sum;

	if (p->len < SIZEOF_ETH_HDR + IP_HLEN + TCP_HLEN)
		return false;
	if (eth->type == PP_HTONS(ETHTYPE_IP)) {
		const struct ip_hdr *ip = (void *)l3;

		if (IPH_PROTO(ip) != IP_PROTO_TCP)
			return false;
		start = SIZEOF_ETH_HDR + IPH_HL_BYTES(ip);
		l4len = lwip_ntohs(IPH_LEN(ip)) - IPH_HL_BYTES(ip);
		sum = lwip_checksum(&ip->src, 8);
	} else if (eth->type == PP_HTONS(ETHTYPE_IPV6)) {
		const struct ip6_hdr *ip = (void *)l3;

		if (IP6H_NEXTH(ip) != IP6_NEXTH_TCP)
			return false;
		start = SIZEOF_ETH_HDR + IP6_HLEN;
		l4len = IP6H_PLEN(ip);
		sum = lwip_checksum(&ip->src, 32);
	} else {
		return false;
	}
	if (p->len < start + TCP_HLEN)
		return false;
	sum += lwip_htons(IP_PROTO_TCP) + lwip_htons(l4len);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	tcp = (void *)((char *)p->payload + start);
	tcp->chksum = (u16)sum;
	off->csum = true;
	off->csum_start = start;
	off->csum_offset = offsetof(struct tcp_hdr, chksum);
	return true;
}

/*
 * Add the pieces of p from skip on to n of them; how many there are then.  Those that
 * are one behind the other in memory become one (tso.c counts them so).
 */
static unsigned add_pieces(struct net_fragment *frag, unsigned n,
			   const struct pbuf *p, u16 skip)
{
	for (; p; p = p->next, skip = 0) {
		const u8 *data = (u8 *)p->payload + skip;
		u32 len = (u32)p->len - skip;

		if (!len)
			continue;
		if (n && (u8 *)frag[n - 1].data + frag[n - 1].len == data) {
			frag[n - 1].len += len;
			continue;
		}
		frag[n].data = data;
		frag[n].len = len;
		n++;
	}
	return n;
}

/* To the device: 0, -EAGAIN (the ring is full), or another error. */
static int give(struct interface *i, struct tx_frame *f)
{
	struct net_fragment frag[NETDEV_MAX_FRAGMENTS];
	struct net_offload off = {0};
	u32 len = f->p->tot_len;
	unsigned n = add_pieces(frag, 0, f->p, 0);
	int err;

	for (const struct tx_frame *t = f->next; t; t = t->next) {
		n = add_pieces(frag, n, t->p, t->headers);
		len += t->p->tot_len - (u32)t->headers;
	}
	if (i->nd->features & NETDEV_CSUM)
		offload_checksum(f->p, &off);
	if (f->next) {
		off.gso_size = f->gso_size;
		off.gso_v6 = f->gso_v6;
		off.header_len = f->headers;
	}
	err = i->nd->ops->transmit(i->nd, frag, n, &off, f);
	if (!err) {
		i->unflushed++;
		i->at_device++;
		i->tx_packets++;
		i->tx_bytes += len;
	}
	return err;
}

void transmit_done(struct netdev *nd, void *cookie)
{
	struct interface *i = nd->stack;

	i->at_device--;
	frame_free(cookie);
}

static unsigned pieces(const struct pbuf *p)
{
	unsigned n = 0;

	for (; p; p = p->next)
		n += p->len != 0;
	return n;
}

/* To the device, behind what waits for it; frees f if that fails. */
static err_t hand_over(struct interface *i, struct tx_frame *f)
{
	int err = list_empty(&i->waiting) ? give(i, f) : -EAGAIN;

	if (!err)
		return ERR_OK;
	if (err == -EAGAIN && i->waiting_count < WAITING_MAX) {
		list_append(&i->waiting, &f->link);
		i->waiting_count++;
		return ERR_OK;
	}
	i->tx_dropped++;
	frame_free(f);
	return ERR_IF;
}

void transmit_joined(struct interface *i)
{
	struct tx_frame *f = i->joining;

	i->joining = NULL;
	if (f)
		hand_over(i, f);
}

err_t transmit(struct netif *netif, struct pbuf *p)
{
	struct interface *i = interface_of(netif);
	struct tx_frame *f;

	timers_activity();
	if (pieces(p) > NETDEV_MAX_FRAGMENTS) {
		p = pbuf_clone(PBUF_RAW, PBUF_RAM, p);
		f = p ? frame_new(p) : NULL;
		if (p)
			pbuf_free(p);
	} else {
		f = frame_new(p);
	}
	if (!f) {
		i->tx_dropped++;
		return ERR_MEM;
	}
	if (i->joining && tso_join(i->joining, f))
		return ERR_OK;
	transmit_joined(i);
	if (!tso_begin(i, f))
		return hand_over(i, f);
	i->joining = f;
	return ERR_OK;
}

void transmit_waiting(struct interface *i)
{
	while (!list_empty(&i->waiting)) {
		struct tx_frame *f =
		    list_first(&i->waiting, struct tx_frame, link);
		int err = give(i, f);

		if (err == -EAGAIN)
			return;
		list_del(&f->link);
		i->waiting_count--;
		if (err) {
			i->tx_dropped++;
			frame_free(f);
		}
	}
}
