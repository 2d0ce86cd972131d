/*
 * TCP segments that follow each other go to the device as one frame, which it cuts
 * again (TCP segmentation offload).  lwIP makes segments and keeps them for
 * retransmission as ever; they are only joined on their way out, as long as nothing
 * else has been sent and the frames have not been flushed.
 */
#include "transmit.h"
#include "string.h"
#include "lwip/inet_chksum.h"
#include "lwip/prot/ethernet.h"
#include "lwip/prot/ip.h"
#include "lwip/prot/ip4.h"
#include "lwip/prot/ip6.h"
#include "lwip/prot/tcp.h"

/* What the length field of IPv4 can say; for IPv6, too, it is enough. */
#define IP_MAX 65535u

static struct ip_hdr *ip4(const struct pbuf *p)
{
	return (void *)((char *)p->payload + SIZEOF_ETH_HDR);
}

static struct ip6_hdr *ip6(const struct pbuf *p)
{
	return (void *)((char *)p->payload + SIZEOF_ETH_HDR);
}

static struct tcp_hdr *tcp(const struct tx_frame *f)
{
	return (void *)((char *)f->p->payload + f->l4);
}

/* Find the headers of a TCP segment with data; all are in the first pbuf. */
static bool parse(struct tx_frame *f, bool *v6)
{
	const struct pbuf *p = f->p;
	const struct eth_hdr *eth = p->payload;

	if (p->len < SIZEOF_ETH_HDR + IP_HLEN + TCP_HLEN)
		return false;
	*v6 = eth->type == PP_HTONS(ETHTYPE_IPV6);
	if (*v6) {
		f->l4 = SIZEOF_ETH_HDR + IP6_HLEN;
		if (p->len < f->l4 + TCP_HLEN ||
		    IP6H_NEXTH(ip6(p)) != IP6_NEXTH_TCP)
			return false;
	} else {
		if (eth->type != PP_HTONS(ETHTYPE_IP) ||
		    IPH_PROTO(ip4(p)) != IP_PROTO_TCP ||
		    IPH_HL_BYTES(ip4(p)) != IP_HLEN ||
		    IPH_OFFSET(ip4(p)) & PP_HTONS(IP_MF | IP_OFFMASK))
			return false;
		f->l4 = SIZEOF_ETH_HDR + IP_HLEN;
	}
	f->headers = (u16)(f->l4 + TCPH_HDRLEN_BYTES(tcp(f)));
	return p->len >= f->headers && p->tot_len > f->headers;
}

static u32 data_of(const struct tx_frame *f)
{
	return f->p->tot_len - (u32)f->headers;
}

/* Count the pieces of p from skip on to those of f; false: too many. */
static bool count(struct tx_frame *f, const struct pbuf *p, u16 skip)
{
	const u8 *end = f->end;
	unsigned n = f->fragments;

	for (; p; p = p->next, skip = 0) {
		const u8 *data = (u8 *)p->payload + skip;

		if (p->len == skip)
			continue;
		n += data != end;
		end = (u8 *)p->payload + p->len;
	}
	if (n > NETDEV_MAX_FRAGMENTS)
		return false;
	f->fragments = n;
	f->end = end;
	return true;
}

bool tso_begin(const struct interface *i, struct tx_frame *f)
{
	bool v6;

	if (!(i->nd->features & (NETDEV_TSO4 | NETDEV_TSO6)) || !parse(f, &v6) ||
	    !(i->nd->features & (v6 ? NETDEV_TSO6 : NETDEV_TSO4)) ||
	    TCPH_FLAGS(tcp(f)) != TCP_ACK)
		return false;
	f->gso_size = (u16)data_of(f);
	f->gso_v6 = v6;
	f->data = f->gso_size;
	f->fragments = 0;
	f->end = NULL;
	return count(f, f->p, 0);
}

/* Do the headers say the same but for length, number, checksums, PSH? */
static bool same_flow(const struct tx_frame *a, const struct tx_frame *b)
{
	const u8 *x = a->p->payload, *y = b->p->payload;
	const struct tcp_hdr *s = tcp(a), *t = tcp(b);

	if (a->headers != b->headers || memcmp(x, y, SIZEOF_ETH_HDR))
		return false;
	if (a->gso_v6) {
		if (ip6(a->p)->_v_tc_fl != ip6(b->p)->_v_tc_fl ||
		    ip6(a->p)->_hoplim != ip6(b->p)->_hoplim ||
		    memcmp(&ip6(a->p)->src, &ip6(b->p)->src, 32))
			return false;
	} else if (IPH_TOS(ip4(a->p)) != IPH_TOS(ip4(b->p)) ||
		   IPH_TTL(ip4(a->p)) != IPH_TTL(ip4(b->p)) ||
		   IPH_OFFSET(ip4(a->p)) != IPH_OFFSET(ip4(b->p)) ||
		   memcmp(&ip4(a->p)->src, &ip4(b->p)->src, 8)) {
		return false;
	}
	return s->src == t->src && s->dest == t->dest && s->ackno == t->ackno &&
	       s->wnd == t->wnd && s->urgp == t->urgp &&
	       !((TCPH_FLAGS(s) ^ TCPH_FLAGS(t)) & ~TCP_PSH) &&
	       !memcmp(s + 1, t + 1, (size_t)(a->headers - a->l4) - TCP_HLEN);
}

/* The headers are lwIP's, which writes them anew for a retransmission. */
static void grow(struct tx_frame *f, const struct tx_frame *next)
{
	f->data += data_of(next);
	if (TCPH_FLAGS(tcp(next)) & TCP_PSH)
		TCPH_SET_FLAG(tcp(f), TCP_PSH);
	if (f->gso_v6) {
		IP6H_PLEN_SET(ip6(f->p),
			      (u16)(f->headers - f->l4 + f->data));
		return;
	}
	IPH_LEN_SET(ip4(f->p), lwip_htons((u16)(f->headers - SIZEOF_ETH_HDR +
						f->data)));
	IPH_CHKSUM_SET(ip4(f->p), 0);
	IPH_CHKSUM_SET(ip4(f->p), inet_chksum(ip4(f->p), IP_HLEN));
}

bool tso_join(struct tx_frame *f, struct tx_frame *next)
{
	bool v6;

	/* A shorter segment, or one that pushes, is the last. */
	if (f->data % f->gso_size || TCPH_FLAGS(tcp(f)) & TCP_PSH)
		return false;
	if (!parse(next, &v6) || v6 != f->gso_v6 || !same_flow(f, next) ||
	    lwip_ntohl(tcp(next)->seqno) !=
		    lwip_ntohl(tcp(f)->seqno) + f->data ||
	    data_of(next) > f->gso_size ||
	    f->headers - SIZEOF_ETH_HDR + f->data + data_of(next) > IP_MAX)
		return false;
	if (!count(f, next->p, next->headers))
		return false;
	f->last->next = next;
	f->last = next;
	grow(f, next);
	return true;
}
