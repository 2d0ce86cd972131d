/* Sending on datagram sockets: where to, from where. */
#include "dgram.h"
#include "string.h"
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/ipv6.h>
#include "lwip/ip.h"

static int pktinfo4(struct dgram_target *t, const struct cmsghdr *c)
{
	struct in_pktinfo pi;

	if (c->cmsg_len < CMSG_LEN(sizeof(pi)))
		return -EINVAL;
	memcpy(&pi, CMSG_DATA(c), sizeof(pi));
	t->ifindex = pi.ipi_ifindex;
	if (pi.ipi_spec_dst.s_addr)
		ip_addr_set_ip4_u32_val(t->src, pi.ipi_spec_dst.s_addr);
	return 0;
}

static int pktinfo6(struct dgram_target *t, const struct cmsghdr *c)
{
	struct in6_pktinfo pi;
	ip6_addr_t a;

	if (c->cmsg_len < CMSG_LEN(sizeof(pi)))
		return -EINVAL;
	memcpy(&pi, CMSG_DATA(c), sizeof(pi));
	t->ifindex = pi.ipi6_ifindex;
	memcpy(a.addr, &pi.ipi6_addr, 16);
	ip6_addr_clear_zone(&a);
	if (ip6_addr_isipv4mappedipv6(&a))
		ip_addr_set_ip4_u32_val(t->src, a.addr[3]);
	else if (!ip6_addr_isany(&a))
		ip_addr_copy_from_ip6(t->src, a);
	return 0;
}

static int value(const struct cmsghdr *c, int *v)
{
	if (c->cmsg_len >= CMSG_LEN(sizeof(int)))
		memcpy(v, CMSG_DATA(c), sizeof(int));
	else if (c->cmsg_len >= CMSG_LEN(1))
		*v = *(u8 *)CMSG_DATA(c);
	else
		return -EINVAL;
	return *v < 0 || *v > 255 ? -EINVAL : 0;
}

static int control(struct dgram_target *t, const struct socket_msg *m)
{
	struct cmsghdr *c;
	int err = 0;

	for (c = cmsg_next(m, NULL); c && !err; c = cmsg_next(m, c)) {
		if (c->cmsg_level == SOL_IP) {
			if (c->cmsg_type == IP_PKTINFO)
				err = pktinfo4(t, c);
			else if (c->cmsg_type == IP_TTL)
				err = value(c, &t->ttl);
			else if (c->cmsg_type == IP_TOS)
				err = value(c, &t->tos);
			else
				err = -EINVAL;
		} else if (c->cmsg_level == SOL_IPV6) {
			if (c->cmsg_type == IPV6_PKTINFO)
				err = pktinfo6(t, c);
			else if (c->cmsg_type == IPV6_HOPLIMIT)
				err = value(c, &t->ttl);
			else if (c->cmsg_type == IPV6_TCLASS)
				err = value(c, &t->tos);
			else
				err = -EINVAL;
		}
	}
	return err;
}

int dgram_target(struct dgram_sock *ds, const struct socket_msg *m,
		 struct dgram_target *t)
{
	struct inet_sock *is = &ds->inet;
	int err;

	memset(t, 0, sizeof(*t));
	t->src = *IP_ANY_TYPE;
	t->ttl = t->tos = -1;
	if (m->name) {
		err = inet_address_in(is, m->name, m->namelen, &t->to, &t->port);
		if (err)
			return err;
		inet_destination(&t->to);
	} else {
		if (!is->rport)
			return -EDESTADDRREQ;
		ip_addr_copy(t->to, is->remote);
		t->port = is->rport;
	}
	if (IP_IS_V4_VAL(t->to) && is->s.family == AF_INET6 && is->v6only)
		return -ENETUNREACH;
	t->ifindex = is->s.opt.bound_device;
	if (!t->ifindex && ip_addr_ismulticast(&t->to))
		t->ifindex = IP_IS_V6_VAL(t->to) ? is->mcast_if6 : is->mcast_if;
	return control(t, m);
}

static bool specific(const ip_addr_t *a)
{
	return !IP_IS_ANY_TYPE_VAL(*a) && !ip_addr_isany(a);
}

int dgram_route(struct dgram_sock *ds, struct dgram_target *t, size_t size,
		struct netif **np)
{
	struct inet_sock *is = &ds->inet;
	const ip_addr_t *a;
	struct netif *n;
	int pmtu;

	if (!specific(&t->src) && specific(&is->local) &&
	    !ip_addr_ismulticast(&is->local) &&
	    IP_GET_TYPE(&is->local) == IP_GET_TYPE(&t->to))
		ip_addr_copy(t->src, is->local);
	if (t->ifindex) {
		struct interface *i = interface_by_index(t->ifindex);

		if (!i)
			return -ENODEV;
		n = &i->netif;
	} else {
		n = inet_route(is, &t->src, &t->to);
	}
	if (!n)
		return -ENETUNREACH;
	if (IP_IS_V4_VAL(t->to) && ip_addr_isbroadcast(&t->to, n) &&
	    !is->s.opt.broadcast)
		return -EACCES;
	if (!specific(&t->src)) {
		a = ip_netif_get_local_ip(n, &t->to);
		if (!a)
			return -EADDRNOTAVAIL;
		ip_addr_copy(t->src, *a);
	}
	if (IP_GET_TYPE(&t->src) != IP_GET_TYPE(&t->to))
		return -ENETUNREACH;
	pmtu = IP_IS_V6_VAL(t->to) ? is->mtu_discover6 : is->mtu_discover;
	if ((pmtu == IP_PMTUDISC_DO || pmtu == IP_PMTUDISC_PROBE) &&
	    size > n->mtu)
		return -EMSGSIZE;
	*np = n;
	return 0;
}

struct pbuf *dgram_copy_in(struct socket_msg *m, pbuf_layer layer)
{
	size_t n = m->it->count;
	struct pbuf *p = pbuf_alloc(layer, (u16_t)n, PBUF_RAM);

	if (!p)
		return ERR_PTR(-ENOBUFS);
	if (iov_copy_from(m->it, p->payload, n) != n) {
		pbuf_free(p);
		return ERR_PTR(-EFAULT);
	}
	return p;
}
