/*
 * ICMP errors for our own packets (RFC 1122, 4.1.3.3 and 4.2.3.9), which lwIP does not
 * pass on: a connected UDP socket learns that nobody listens, a connection attempt that the
 * host cannot be reached.
 */
#include "icmp_errors.h"
#include "tcp.h"
#include "udp_sockets.h"
#include "lwip/ip.h"
#include "lwip/prot/icmp.h"
#include "lwip/prot/icmp6.h"
#include "lwip/prot/udp.h"

/* The header that came back: whose packet was it? */
struct inner {
	ip_addr_t src, dst;
	u16 sport, dport;
	u8 proto;
};

/* Linux' icmp_err_convert, for the codes of RFC 792 and RFC 1122, 3.2.2.1. */
static int error4(u8 type, u8 code, bool *fatal)
{
	static const struct {
		u8 error;
		bool fatal;
	} unreachable[] = {
	    {ENETUNREACH, false},  {EHOSTUNREACH, false}, {ENOPROTOOPT, true},
	    {ECONNREFUSED, true},  {EMSGSIZE, false},     {EOPNOTSUPP, false},
	    {ENETUNREACH, true},   {EHOSTDOWN, true},     {ENONET, true},
	    {ENETUNREACH, true},   {EHOSTUNREACH, true},  {ENETUNREACH, false},
	    {EHOSTUNREACH, false}, {EHOSTUNREACH, true},  {EHOSTUNREACH, true},
	    {EHOSTUNREACH, true},
	};

	*fatal = false;
	if (type == ICMP_TE)
		return EHOSTUNREACH;
	if (type == ICMP_PP) {
		*fatal = true;
		return EPROTO;
	}
	if (type != ICMP_DUR || code >= ARRAY_SIZE(unreachable))
		return 0;
	*fatal = unreachable[code].fatal;
	return unreachable[code].error;
}

/* RFC 4443, 3.1 to 3.4. */
static int error6(u8 type, u8 code, bool *fatal)
{
	*fatal = false;
	if (type == ICMP6_TYPE_TE)
		return EHOSTUNREACH;
	if (type == ICMP6_TYPE_PP) {
		*fatal = true;
		return EPROTO;
	}
	if (type != ICMP6_TYPE_DUR)
		return 0;
	switch (code) {
	case ICMP6_DUR_NO_ROUTE:
		return ENETUNREACH;
	case ICMP6_DUR_PROHIBITED:
		*fatal = true;
		return EACCES;
	case ICMP6_DUR_PORT:
		*fatal = true;
		return ECONNREFUSED;
	default:
		return EHOSTUNREACH;
	}
}

static bool parse4(const struct pbuf *p, u16 off, struct inner *in, u16 *l4)
{
	struct ip_hdr h;

	if (pbuf_copy_partial(p, &h, sizeof(h), off) != sizeof(h))
		return false;
	ip_addr_set_ip4_u32_val(in->src, h.src.addr);
	ip_addr_set_ip4_u32_val(in->dst, h.dest.addr);
	in->proto = IPH_PROTO(&h);
	*l4 = off + IPH_HL_BYTES(&h);
	return true;
}

static bool parse6(const struct pbuf *p, u16 off, struct inner *in, u16 *l4)
{
	struct ip6_hdr h;

	if (pbuf_copy_partial(p, &h, sizeof(h), off) != sizeof(h))
		return false;
	ip_addr_copy_from_ip6_packed(in->src, h.src);
	ip_addr_copy_from_ip6_packed(in->dst, h.dest);
	in->proto = IP6H_NEXTH(&h);
	*l4 = off + sizeof(h);
	return true;
}

static void tell_udp(const struct inner *in, int err, bool fatal)
{
	struct dgram_sock *ds;

	list_for_each(ds, &udp_sockets, link)
	{
		struct inet_sock *is = &ds->inet;
		bool wanted = in->dst.type == IPADDR_TYPE_V6 ? is->recverr6 :
							       is->recverr;

		/* ip(7): without IP_RECVERR only connected sockets, fatal ones. */
		if (is->lport == in->sport && is->rport == in->dport &&
		    ip_addr_eq(&is->remote, &in->dst) && (fatal || wanted))
			socket_set_error(&is->s, err);
	}
}

static void tell_tcp(const struct inner *in, int err)
{
	struct tcp_pcb *p;

	for (p = tcp_active_pcbs; p; p = p->next) {
		struct tcp_sock *ts = tcp_ext_arg_get(p, 0);

		if (p->state != SYN_SENT || p->local_port != in->sport ||
		    p->remote_port != in->dport || !ts ||
		    !ip_addr_eq(&p->remote_ip, &in->dst))
			continue;
		tcp_connection_ended(ts, err);
		tcp_abandon(p, 0);
		return;
	}
}

/* Looks only: lwIP goes on with the packet. */
static u8_t look(void *arg, struct raw_pcb *pcb, struct pbuf *p,
		 const ip_addr_t *from)
{
	u16 off = ip_current_header_tot_len(), l4;
	struct icmp_hdr h;
	struct inner in = {0};
	u16 port[2];
	bool fatal, v6 = ip_current_is_v6();
	int err;

	if (p->tot_len < off ||
	    pbuf_copy_partial(p, &h, sizeof(h), off) != sizeof(h))
		return 0;
	err = v6 ? error6(h.type, h.code, &fatal) :
		   error4(h.type, h.code, &fatal);
	if (!err)
		return 0;
	/* Type, code, checksum, 4 bytes, then the packet. */
	off += 8;
	if (!(v6 ? parse6(p, off, &in, &l4) : parse4(p, off, &in, &l4)) ||
	    pbuf_copy_partial(p, port, sizeof(port), l4) != sizeof(port))
		return 0;
	in.sport = lwip_ntohs(port[0]);
	in.dport = lwip_ntohs(port[1]);
	if (in.proto == IP_PROTO_UDP)
		tell_udp(&in, err, fatal);
	else if (in.proto == IP_PROTO_TCP)
		tell_tcp(&in, err);
	return 0;
}

void icmp_errors_init(void)
{
	struct raw_pcb *p4 = raw_new_ip_type(IPADDR_TYPE_V4, IP_PROTO_ICMP);
	struct raw_pcb *p6 = raw_new_ip_type(IPADDR_TYPE_V6, IP6_NEXTH_ICMP6);

	if (p4)
		raw_recv(p4, look, NULL);
	if (p6)
		raw_recv(p6, look, NULL);
}
