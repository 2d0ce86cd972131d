/* The options of levels IPPROTO_IP and IPPROTO_IPV6 (ip(7), ipv6(7)). */
#include "inet.h"
#include "string.h"
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/icmp.h>

/* An int, or for the old options a single byte. */
static int get_value(const void *val, int len, int *v)
{
	if (len >= (int)sizeof(int))
		memcpy(v, val, sizeof(int));
	else if (len >= 1)
		*v = *(const u8 *)val;
	else
		return -EINVAL;
	return 0;
}

static int set_ip(struct inet_sock *is, int name, int v)
{
	switch (name) {
	case IP_TOS:
		is->tos = (u8)v;
		return 0;
	case IP_TTL:
		if (v != -1 && (v < 1 || v > 255))
			return -EINVAL;
		is->ttl = (s16)v;
		return 0;
	case IP_HDRINCL:
		if (is->s.type != SOCK_RAW)
			return -ENOPROTOOPT;
		is->hdrincl = v != 0;
		return 0;
	case IP_PKTINFO:
		is->recvpktinfo = v != 0;
		return 0;
	case IP_RECVTTL:
		is->recvttl = v != 0;
		return 0;
	case IP_RECVTOS:
		is->recvtos = v != 0;
		return 0;
	case IP_RECVERR:
		is->recverr = v != 0;
		return 0;
	case IP_FREEBIND:
		is->freebind = v != 0;
		return 0;
	case IP_TRANSPARENT:
		is->transparent = is->freebind = v != 0;
		return 0;
	case IP_MTU_DISCOVER:
		if (v < IP_PMTUDISC_DONT || v > IP_PMTUDISC_OMIT)
			return -EINVAL;
		is->mtu_discover = v;
		return 0;
	case IP_MULTICAST_TTL:
		if (is->s.type == SOCK_STREAM || v < -1 || v > 255)
			return -EINVAL;
		is->mcast_ttl = v < 0 ? 1 : (s16)v;
		return 0;
	case IP_MULTICAST_LOOP:
		is->mcast_loop = v != 0;
		return 0;
	case IP_MULTICAST_ALL:
		is->mcast_all = v != 0;
		return 0;
	default: /* IP_MINTTL, too: it promises protection */
		return -ENOPROTOOPT;
	}
}

static int set_ip6(struct inet_sock *is, int name, int v)
{
	bool on = v != 0;

	switch (name) {
	case IPV6_V6ONLY:
		if (is->lport)
			return -EINVAL; /* after bind */
		is->v6only = on;
		return 0;
	case IPV6_UNICAST_HOPS:
		if (v < -1 || v > 255)
			return -EINVAL;
		is->hops = (s16)v;
		return 0;
	case IPV6_MULTICAST_HOPS:
		if (is->s.type == SOCK_STREAM)
			return -ENOPROTOOPT;
		if (v < -1 || v > 255)
			return -EINVAL;
		is->mcast_hops = v < 0 ? 1 : (s16)v;
		return 0;
	case IPV6_MULTICAST_LOOP:
		if (v != 0 && v != 1)
			return -EINVAL;
		is->mcast_loop6 = on;
		return 0;
	case IPV6_RECVPKTINFO:
		is->recvpktinfo6 = on;
		return 0;
	case IPV6_RECVHOPLIMIT:
		is->recvhops6 = on;
		return 0;
	case IPV6_RECVTCLASS:
		is->recvtclass6 = on;
		return 0;
	case IPV6_RECVERR:
		is->recverr6 = on;
		return 0;
	case IPV6_TCLASS:
		if (v < -1 || v > 255)
			return -EINVAL;
		is->tclass = v < 0 ? 0 : (u8)v;
		return 0;
	case IPV6_MTU_DISCOVER:
		if (v < IPV6_PMTUDISC_DONT || v > IPV6_PMTUDISC_OMIT)
			return -EINVAL;
		is->mtu_discover6 = v;
		return 0;
	case IPV6_FREEBIND:
		is->freebind = on;
		return 0;
	default:
		return -ENOPROTOOPT;
	}
}

int inet_setsockopt(struct inet_sock *is, int level, int name, const void *val,
		    int len)
{
	int v, err = multicast_setsockopt(is, level, name, val, len);

	if (err != -ENOPROTOOPT)
		return err;
	if (level == SOL_IP) {
		err = get_value(val, len, &v);
		return err ? err : set_ip(is, name, v);
	}
	if (level == SOL_IPV6 && is->s.family == AF_INET6) {
		if ((size_t)len < sizeof(int))
			return -EINVAL;
		memcpy(&v, val, sizeof(v));
		return set_ip6(is, name, v);
	}
	return -ENOPROTOOPT;
}

static int path_mtu(struct inet_sock *is, int *v)
{
	struct netif *n;

	if (!is->rport)
		return -ENOTCONN;
	net_lock();
	n = inet_route(is, &is->local, &is->remote);
	*v = n ? n->mtu : 1500;
	net_unlock();
	return 0;
}

static int get_ip(struct inet_sock *is, int name, int *v)
{
	switch (name) {
	case IP_TOS:
		*v = is->tos;
		return 0;
	case IP_TTL:
		*v = is->ttl < 0 ? IP_DEFAULT_TTL : is->ttl;
		return 0;
	case IP_HDRINCL:
		*v = is->hdrincl;
		return 0;
	case IP_PKTINFO:
		*v = is->recvpktinfo;
		return 0;
	case IP_RECVTTL:
		*v = is->recvttl;
		return 0;
	case IP_RECVTOS:
		*v = is->recvtos;
		return 0;
	case IP_RECVERR:
		*v = is->recverr;
		return 0;
	case IP_FREEBIND:
		*v = is->freebind;
		return 0;
	case IP_TRANSPARENT:
		*v = is->transparent;
		return 0;
	case IP_MTU_DISCOVER:
		*v = is->mtu_discover;
		return 0;
	case IP_MTU:
		return path_mtu(is, v);
	case IP_MULTICAST_TTL:
		*v = is->mcast_ttl;
		return 0;
	case IP_MULTICAST_LOOP:
		*v = is->mcast_loop;
		return 0;
	case IP_MULTICAST_ALL:
		*v = is->mcast_all;
		return 0;
	default:
		return -ENOPROTOOPT;
	}
}

static int get_ip6(struct inet_sock *is, int name, int *v)
{
	switch (name) {
	case IPV6_V6ONLY:
		*v = is->v6only;
		return 0;
	case IPV6_UNICAST_HOPS:
		*v = is->hops < 0 ? IP_DEFAULT_TTL : is->hops;
		return 0;
	case IPV6_MULTICAST_HOPS:
		*v = is->mcast_hops < 0 ? 1 : is->mcast_hops;
		return 0;
	case IPV6_MULTICAST_LOOP:
		*v = is->mcast_loop6;
		return 0;
	case IPV6_MULTICAST_IF:
		*v = is->mcast_if6;
		return 0;
	case IPV6_RECVPKTINFO:
		*v = is->recvpktinfo6;
		return 0;
	case IPV6_RECVHOPLIMIT:
		*v = is->recvhops6;
		return 0;
	case IPV6_RECVTCLASS:
		*v = is->recvtclass6;
		return 0;
	case IPV6_RECVERR:
		*v = is->recverr6;
		return 0;
	case IPV6_TCLASS:
		*v = is->tclass;
		return 0;
	case IPV6_MTU_DISCOVER:
		*v = is->mtu_discover6;
		return 0;
	case IPV6_MTU:
		return path_mtu(is, v);
	default:
		return -ENOPROTOOPT;
	}
}

/* ip(7): with room for less than an int, a small value comes as a byte. */
static int put_ip(int v, void *val, int *len)
{
	if (*len < (int)sizeof(int) && *len > 0 && v >= 0 && v <= 255) {
		*(u8 *)val = (u8)v;
		*len = 1;
		return 0;
	}
	return inet_put_int(v, val, len);
}

int inet_getsockopt(struct inet_sock *is, int level, int name, void *val,
		    int *len)
{
	int v, err;

	if (level == SOL_IP && name == IP_MULTICAST_IF) {
		struct in_addr a = {0};
		struct interface *i;

		net_lock();
		i = interface_by_index(is->mcast_if);
		if (i)
			a.s_addr = ip4_addr_get_u32(netif_ip4_addr(&i->netif));
		net_unlock();
		*len = MIN(*len, (int)sizeof(a));
		memcpy(val, &a, *len);
		return 0;
	}
	if (level == SOL_IP) {
		err = get_ip(is, name, &v);
		return err ? err : put_ip(v, val, len);
	}
	if (level == SOL_IPV6 && is->s.family == AF_INET6) {
		err = get_ip6(is, name, &v);
		return err ? err : inet_put_int(v, val, len);
	}
	return is->s.family == AF_INET6 ? -ENOPROTOOPT : -EOPNOTSUPP;
}
