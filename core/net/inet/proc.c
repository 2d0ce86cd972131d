/* /proc/net of TCP/IP (proc(5)). */
#include "tcp.h"
#include "udp_sockets.h"
#include "log.h"
#include "procfile.h"

/* Text being written into a buffer that may be too short. */
struct out {
	char *buf;
	size_t size, len;
};

#define say(o, ...)                                                            \
	((o)->len += ksnprintf((o)->len < (o)->size ? (o)->buf + (o)->len : NULL, \
			       (o)->len < (o)->size ? (o)->size - (o)->len : 0,  \
			       __VA_ARGS__))

static size_t dev(char *buf, size_t size)
{
	struct out o = {buf, size, 0};
	struct interface *i;

	say(&o, "Inter-|   Receive                                                |"
		"  Transmit\n"
		" face |bytes    packets errs drop fifo frame compressed multicast|"
		"bytes    packets errs drop fifo colls carrier compressed\n");
	net_lock();
	list_for_each(i, &interfaces, link)
		say(&o, "%6s: %7lu %7lu    0 %4lu    0     0          0         0 "
			"%8lu %7lu    0 %4lu    0     0       0          0\n",
		    i->name, i->rx_bytes, i->rx_packets, i->rx_dropped,
		    i->tx_bytes, i->tx_packets, i->tx_dropped);
	net_unlock();
	return o.len;
}

static size_t route(char *buf, size_t size)
{
	struct out o = {buf, size, 0};
	struct interface *i;

	say(&o, "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\t"
		"MTU\tWindow\tIRTT\n");
	net_lock();
	list_for_each(i, &interfaces, link)
	{
		const struct netif *n = &i->netif;
		u32 mask = ip4_addr_get_u32(netif_ip4_netmask(n));
		u32 net = ip4_addr_get_u32(netif_ip4_addr(n)) & mask;
		u32 gw = ip4_addr_get_u32(netif_ip4_gw(n));

		if (!i->nd || !net)
			continue;
		/* RTF_UP | RTF_GATEWAY, RTF_UP of <linux/route.h> */
		if (gw && n == netif_default)
			say(&o, "%s\t00000000\t%08X\t0003\t0\t0\t0\t00000000\t0\t0\t0\n",
			    i->name, gw);
		say(&o, "%s\t%08X\t00000000\t0001\t0\t0\t0\t%08X\t0\t0\t0\n",
		    i->name, net, mask);
	}
	net_unlock();
	return o.len;
}

unsigned interface_prefix6(const struct interface *i, int slot)
{
	if (!i->nd)
		return 128;
	/* Router advertisements and link-local addresses: RFC 4862, 5.5.3. */
	return slot > 0 && i->prefix6 &&
		       netif_ip6_addr_isstatic(&i->netif, slot) ?
		       i->prefix6 :
		       64;
}

static size_t if_inet6(char *buf, size_t size)
{
	struct out o = {buf, size, 0};
	struct interface *i;

	net_lock();
	list_for_each(i, &interfaces, link)
	{
		for (int k = 0; k < LWIP_IPV6_NUM_ADDRESSES; k++) {
			const ip6_addr_t *a = netif_ip6_addr(&i->netif, k);
			unsigned scope = !i->nd ? 0x10 :
					 ip6_addr_islinklocal(a) ? 0x20 :
								   0;

			if (!ip6_addr_isvalid(
				netif_ip6_addr_state(&i->netif, k)))
				continue;
			say(&o, "%08x%08x%08x%08x %02x %02x %02x 80 %8s\n",
			    lwip_ntohl(a->addr[0]), lwip_ntohl(a->addr[1]),
			    lwip_ntohl(a->addr[2]), lwip_ntohl(a->addr[3]),
			    interface_index(i), interface_prefix6(i, k), scope,
			    i->name);
		}
	}
	net_unlock();
	return o.len;
}

/* An address as these files have it: in the machine's words. */
static void say_address(struct out *o, bool v6, const ip_addr_t *a, u16 port)
{
	static const u32 zero[4];
	const u32 *w = zero;
	u32 mapped[4] = {0, 0, PP_HTONL(0xffff), 0};

	if (!v6) {
		say(o, "%08X:%04X",
		    IP_IS_V4(a) ? ip4_addr_get_u32(ip_2_ip4(a)) : 0, port);
		return;
	}
	if (IP_IS_V4_VAL(*a)) {
		mapped[3] = ip4_addr_get_u32(ip_2_ip4(a));
		w = mapped;
	} else if (!IP_IS_ANY_TYPE_VAL(*a)) {
		w = ip_2_ip6(a)->addr;
	}
	say(o, "%08X%08X%08X%08X:%04X", w[0], w[1], w[2], w[3], port);
}

/* Of these files a line. */
struct line {
	const ip_addr_t *local, *remote;
	u16 lport, rport; /* rport 0: no remote address */
	unsigned state;
	u32 tx, rx;
	/* Of the socket; NULL: closed by the program, or there is none any more. */
	const struct socket *s;
};

static void say_line(struct out *o, unsigned nr, bool v6, const struct line *l)
{
	static const ip_addr_t any4 = IPADDR4_INIT(0);
	const ip_addr_t *any = v6 ? IP_ANY_TYPE : &any4;

	say(o, "%4u: ", nr);
	say_address(o, v6, l->local, l->lport);
	say(o, " ");
	say_address(o, v6, l->rport ? l->remote : any, l->rport);
	say(o, " %02X %08X:%08X 00:00000000 00000000 %5u        0 %u %d 0\n",
	    l->state, l->tx, l->rx, l->s ? l->s->owner.uid : 0,
	    l->s ? l->s->ino : 0, l->s ? l->s->refs : 1);
}

#define HEAD4                                                                  \
	"  sl  local_address rem_address   st tx_queue rx_queue tr tm->when "  \
	"retrnsmt   uid  timeout inode\n"
#define HEAD6                                                                  \
	"  sl  local_address                         remote_address"           \
	"                        st tx_queue rx_queue tr tm->when retrnsmt"    \
	"   uid  timeout inode\n"

/* In TIME-WAIT a pcb has soon no socket any more (tcp_timer.c). */
static bool pcb_is_v6(const struct tcp_pcb *p, const struct tcp_sock *ts)
{
	return ts ? ts->inet.s.family == AF_INET6 : IP_IS_V6_VAL(p->local_ip);
}

static void say_tcp_list(struct out *o, unsigned *nr, bool v6,
			 struct tcp_pcb *list)
{
	for (struct tcp_pcb *p = list; p; p = p->next) {
		struct tcp_sock *ts = tcp_ext_arg_get(p, 0);
		struct line l = {.local = &p->local_ip,
				 .lport = p->local_port,
				 .state = tcp_state_number(p)};

		if (pcb_is_v6(p, ts) != v6)
			continue;
		/* A listening pcb has neither. */
		if (p->state != LISTEN) {
			l.remote = &p->remote_ip;
			l.rport = p->remote_port;
		}
		if (ts) {
			l.tx = ts->tx_queued;
			l.rx = p->state == LISTEN ? ts->accept_count :
						    ts->rx_bytes;
			l.s = ts->orphan ? NULL : &ts->inet.s;
		}
		say_line(o, (*nr)++, v6, &l);
	}
}

static size_t tcp_text(char *buf, size_t size, bool v6)
{
	struct out o = {buf, size, 0};
	unsigned nr = 0;

	say(&o, "%s", v6 ? HEAD6 : HEAD4);
	net_lock();
	say_tcp_list(&o, &nr, v6, tcp_listen_pcbs.pcbs);
	say_tcp_list(&o, &nr, v6, tcp_active_pcbs);
	say_tcp_list(&o, &nr, v6, tcp_tw_pcbs);
	net_unlock();
	return o.len;
}

static size_t udp_text(char *buf, size_t size, bool v6)
{
	struct out o = {buf, size, 0};
	struct dgram_sock *ds;
	unsigned nr = 0;

	say(&o, "%s", v6 ? HEAD6 : HEAD4);
	net_lock();
	list_for_each(ds, &udp_sockets, link)
	{
		const struct inet_sock *is = &ds->inet;
		struct line l = {.local = &is->local,
				 .remote = &is->remote,
				 .lport = is->lport,
				 .rport = is->rport,
				 .rx = ds->rx_held,
				 .s = &is->s};

		/* Established if connected, else closed: as Linux shows them. */
		l.state = is->rport ? 1 : 7;
		if (is->lport && (is->s.family == AF_INET6) == v6)
			say_line(&o, nr++, v6, &l);
	}
	net_unlock();
	return o.len;
}

static size_t tcp4(char *buf, size_t size)
{
	return tcp_text(buf, size, false);
}

static size_t tcp6(char *buf, size_t size)
{
	return tcp_text(buf, size, true);
}

static size_t udp4(char *buf, size_t size)
{
	return udp_text(buf, size, false);
}

static size_t udp6(char *buf, size_t size)
{
	return udp_text(buf, size, true);
}

static const struct proc_file f_dev = {"dev", dev, NULL};
static const struct proc_file f_route = {"route", route, NULL};
static const struct proc_file f_if_inet6 = {"if_inet6", if_inet6, NULL};
static const struct proc_file f_tcp = {"tcp", tcp4, NULL};
static const struct proc_file f_tcp6 = {"tcp6", tcp6, NULL};
static const struct proc_file f_udp = {"udp", udp4, NULL};
static const struct proc_file f_udp6 = {"udp6", udp6, NULL};
PROC_NET(f_dev);
PROC_NET(f_route);
PROC_NET(f_if_inet6);
PROC_NET(f_tcp);
PROC_NET(f_tcp6);
PROC_NET(f_udp);
PROC_NET(f_udp6);
