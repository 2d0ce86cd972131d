/* Raw sockets, and ICMP echo sockets (icmp(7)) on top of the same. */
#include "dgram.h"
#include "page.h"
#include "string.h"
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/in.h>
#include <linux/in6.h>
#include "lwip/inet_chksum.h"
#include "lwip/ip.h"
#include "lwip/prot/icmp.h"
#include "lwip/prot/icmp6.h"

static const struct socket_ops raw_ops;

/* The type is filtered: ICMP_FILTER, ICMP6_FILTER. */
static bool blocked(const struct dgram_sock *ds, u8 type)
{
	if (ds->inet.s.protocol == IPPROTO_ICMP)
		return type < 32 && (ds->icmp_filter[0] & BIT(type));
	if (ds->inet.s.protocol == IPPROTO_ICMPV6)
		return ds->icmp_filter[type >> 5] & BIT(type & 31);
	return false;
}

/* Is it the answer to an echo request of this socket? */
static bool our_echo(const struct dgram_sock *ds, const struct pbuf *p)
{
	struct icmp_echo_hdr h;

	if (pbuf_copy_partial(p, &h, sizeof(h), 0) != sizeof(h))
		return false;
	return h.type == (ds->inet.s.family == AF_INET ? ICMP_ER :
							 ICMP6_TYPE_EREP) &&
	       h.id == lwip_htons(ds->ident);
}

static bool from_peer(const struct dgram_sock *ds, const ip_addr_t *from)
{
	return !ds->inet.rport || ip_addr_eq(from, &ds->inet.remote);
}

/* lwIP's own handling goes on: sockets get a copy. */
static u8_t input(void *arg, struct raw_pcb *pcb, struct pbuf *p,
		  const ip_addr_t *from)
{
	struct dgram_sock *ds = arg;
	u16 hlen = ip_current_header_tot_len();
	struct pbuf *c;

	if (!from_peer(ds, from) || p->tot_len < hlen)
		return 0;
	c = pbuf_clone(PBUF_RAW, PBUF_RAM, p);
	if (!c)
		return 0;
	/* raw(7) has the IPv4 header in front; ipv6 and echo sockets not. */
	if ((p->tot_len > hlen && blocked(ds, pbuf_get_at(c, hlen))))
		goto drop;
	if (ds->inet.s.family == AF_INET6 || ds->ping)
		pbuf_remove_header(c, hlen);
	if (ds->ping && !our_echo(ds, c))
		goto drop;
	dgram_input(ds, c, from, 0);
	return 0;
drop:
	pbuf_free(c);
	return 0;
}

struct socket *raw_create(int family, int type, int protocol)
{
	struct dgram_sock *ds = dgram_new(&raw_ops, family, type, protocol);
	u8_t ip_type = family == AF_INET ? IPADDR_TYPE_V4 : IPADDR_TYPE_V6;

	if (!ds)
		return ERR_PTR(-ENOBUFS);
	if (protocol > 255) {
		kfree(ds);
		return ERR_PTR(-EPROTONOSUPPORT);
	}
	ds->ping = type == SOCK_DGRAM;
	ds->inet.v6only = family == AF_INET6;
	if (family == AF_INET6)
		ip_addr_set_any(1, &ds->inet.local);
	if (protocol == IPPROTO_ICMPV6)
		ds->checksum_offset = 2; /* RFC 3542, 3.1 */
	net_lock();
	ds->raw = raw_new_ip_type(ip_type, (u8_t)protocol);
	if (ds->raw) {
		ip_set_option(ds->raw, SOF_BROADCAST);
		raw_recv(ds->raw, input, ds);
	}
	net_unlock();
	if (!ds->raw) {
		kfree(ds);
		return ERR_PTR(-ENOBUFS);
	}
	return &ds->inet.s;
}

static int bind(struct socket *s, struct sockaddr *sa, int len)
{
	struct dgram_sock *ds = dgram_sk(s);
	ip_addr_t ip;
	u16 port;
	int err = inet_address_in(&ds->inet, sa, len, &ip, &port);

	if (err)
		return err;
	mutex_lock(&s->lock);
	net_lock();
	if (ds->inet.rport)
		err = -EINVAL;
	else if (!inet_address_local(&ip))
		err = -EADDRNOTAVAIL;
	else
		err = inet_error(raw_bind(ds->raw, &ip));
	if (!err) {
		ip_addr_copy(ds->inet.local, ip);
		if (ds->ping && port)
			ds->ident = ds->inet.lport = port;
	}
	net_unlock();
	mutex_unlock(&s->lock);
	return err;
}

static int connect(struct socket *s, struct sockaddr *sa, int len, int flags)
{
	struct dgram_sock *ds = dgram_sk(s);
	struct dgram_target t = {.src = *IP_ANY_TYPE};
	struct netif *n;
	u16 port;
	int err = 0;

	if ((size_t)len < sizeof(sa->sa_family))
		return -EINVAL;
	mutex_lock(&s->lock);
	net_lock();
	if (sa->sa_family == AF_UNSPEC) {
		ds->inet.rport = 0;
		goto out;
	}
	err = inet_address_in(&ds->inet, sa, len, &t.to, &port);
	if (err)
		goto out;
	inet_destination(&t.to);
	err = dgram_route(ds, &t, 0, &n);
	if (err)
		goto out;
	ip_addr_copy(ds->inet.remote, t.to);
	ip_addr_copy(ds->inet.local, t.src);
	/* There are no ports; nonzero says that there is a peer. */
	ds->inet.rport = port ? port : 1;
out:
	net_unlock();
	mutex_unlock(&s->lock);
	return err;
}

static u16 checksum(const struct dgram_sock *ds, struct pbuf *p,
		    const struct dgram_target *t)
{
	if (ds->inet.s.family == AF_INET6)
		return ip6_chksum_pseudo(p, IP6_NEXTH_ICMP6, p->tot_len,
					 ip_2_ip6(&t->src), ip_2_ip6(&t->to));
	return inet_chksum_pbuf(p);
}

/* An echo request gets our identifier and a checksum. */
static int prepare_echo(struct dgram_sock *ds, struct pbuf *p,
			const struct dgram_target *t)
{
	struct icmp_echo_hdr *h = p->payload;
	u8 request = ds->inet.s.family == AF_INET ? ICMP_ECHO :
						    ICMP6_TYPE_EREQ;

	if (p->len < sizeof(*h) || h->type != request || h->code)
		return -EINVAL;
	if (!ds->ident)
		ds->ident = ds->inet.lport = (u16)(LWIP_RAND() | 1);
	h->id = lwip_htons(ds->ident);
	h->chksum = 0;
	h->chksum = checksum(ds, p, t);
	return 0;
}

static void set_options(struct dgram_sock *ds, const struct dgram_target *t)
{
	struct inet_sock *is = &ds->inet;
	struct raw_pcb *p = ds->raw;
	bool v6 = is->s.family == AF_INET6;
	int ttl = v6 ? is->hops : is->ttl;

	if (ip_addr_ismulticast(&t->to))
		ttl = v6 ? (is->mcast_hops < 0 ? 1 : is->mcast_hops) :
			   is->mcast_ttl;
	if (t->ttl >= 0)
		ttl = t->ttl;
	p->ttl = p->mcast_ttl = ttl < 0 ? RAW_TTL : (u8_t)ttl;
	p->tos = t->tos >= 0 ? (u8_t)t->tos : v6 ? is->tclass : is->tos;
	p->chksum_reqd = ds->checksum_offset >= 0 && !ds->ping;
	p->chksum_offset = (u16_t)MAX(ds->checksum_offset, 0);
	p->flags = is->hdrincl ? p->flags | RAW_FLAGS_HDRINCL :
				 p->flags & ~RAW_FLAGS_HDRINCL;
}

static ssize_t sendmsg(struct socket *s, struct socket_msg *m)
{
	struct dgram_sock *ds = dgram_sk(s);
	size_t n = m->it->count;
	struct dgram_target t;
	struct netif *netif;
	struct pbuf *p;
	int err;

	if (n > 65535 - IP_HLEN)
		return -EMSGSIZE;
	/* Packets are not corked here; echo sockets do not on Linux either. */
	if ((m->flags & MSG_OOB) ||
	    ((m->flags & MSG_MORE) && !ds->ping && !ds->inet.hdrincl))
		return -EOPNOTSUPP;
	mutex_lock(&s->lock);
	err = socket_take_error(s);
	if (!err)
		err = dgram_target(ds, m, &t);
	if (err)
		goto out;
	p = dgram_copy_in(m, PBUF_IP);
	if (IS_ERR(p)) {
		err = PTR_ERR(p);
		goto out;
	}
	net_lock();
	err = dgram_route(ds, &t, n + IP_HLEN, &netif);
	if (!err && ds->ping)
		err = prepare_echo(ds, p, &t);
	if (!err && ds->inet.hdrincl && n < IP_HLEN)
		err = -EINVAL;
	if (!err) {
		set_options(ds, &t);
		err = inet_error(
		    raw_sendto_if_src(ds->raw, p, &t.to, netif, &t.src));
	}
	net_unlock();
	pbuf_free(p);
out:
	mutex_unlock(&s->lock);
	return err ? err : (ssize_t)n;
}

/* ICMP_FILTER and ICMP6_FILTER are one word, or eight. */
static bool is_filter(const struct dgram_sock *ds, int level, int name,
		      size_t *size)
{
	*size = level == SOL_RAW ? 4 : 32;
	return (level == SOL_RAW && name == ICMP_FILTER &&
		ds->inet.s.protocol == IPPROTO_ICMP) ||
	       (level == SOL_ICMPV6 && name == ICMPV6_FILTER &&
		ds->inet.s.protocol == IPPROTO_ICMPV6);
}

static int raw_setsockopt(struct socket *s, int level, int name,
			  const void *val, int len)
{
	struct dgram_sock *ds = dgram_sk(s);
	size_t size;
	int err = 0, v;

	mutex_lock(&s->lock);
	if (is_filter(ds, level, name, &size)) {
		net_lock();
		memcpy(ds->icmp_filter, val, MIN((size_t)len, size));
		net_unlock();
	} else if (level == SOL_IPV6 && name == IPV6_CHECKSUM) {
		memcpy(&v, val, sizeof(v));
		if ((size_t)len < sizeof(v) || (v > 0 && v & 1) ||
		    s->protocol == IPPROTO_ICMPV6)
			err = -EINVAL;
		else
			ds->checksum_offset = v < 0 ? -1 : v;
	} else {
		err = inet_setsockopt(&ds->inet, level, name, val, len);
	}
	mutex_unlock(&s->lock);
	return err;
}

static int raw_getsockopt(struct socket *s, int level, int name, void *val,
			  int *len)
{
	struct dgram_sock *ds = dgram_sk(s);
	size_t size;

	if (is_filter(ds, level, name, &size)) {
		*len = (int)MIN((size_t)*len, size);
		memcpy(val, ds->icmp_filter, *len);
		return 0;
	}
	if (level == SOL_IPV6 && name == IPV6_CHECKSUM)
		return inet_put_int(ds->checksum_offset, val, len);
	return inet_getsockopt(&ds->inet, level, name, val, len);
}

static void option_changed(struct socket *s, int name)
{
	struct dgram_sock *ds = dgram_sk(s);

	net_lock();
	ds->raw->netif_idx = (u8_t)s->opt.bound_device;
	net_unlock();
}

static void close(struct socket *s)
{
	struct dgram_sock *ds = dgram_sk(s);

	net_lock();
	ds->closed = true;
	multicast_leave_all(&ds->inet);
	raw_remove(ds->raw);
	ds->raw = NULL;
	net_unlock();
	dgram_purge(ds);
}

static const struct socket_ops raw_ops = {
	.bind = bind,
	.connect = connect,
	.getname = inet_getname,
	.shutdown = dgram_shutdown,
	.sendmsg = sendmsg,
	.recvmsg = dgram_recvmsg,
	.poll = dgram_poll,
	.ioctl = dgram_ioctl,
	.setsockopt = raw_setsockopt,
	.getsockopt = raw_getsockopt,
	.option_changed = option_changed,
	.close = close,
	.destroy = dgram_destroy,
	.device_index = inet_device_index,
};
