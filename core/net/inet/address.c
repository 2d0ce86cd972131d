/* Addresses of the program and of lwIP. */
#include "inet.h"
#include "string.h"
#include <linux/in.h>
#include <linux/in6.h>
#include "lwip/ip.h"
#include "lwip/netif.h"

/* RFC 2133 had no sin6_scope_id: Linux takes such addresses. */
#define SIN6_LEN_RFC2133 24

static int v4_in(const struct sockaddr *sa, int len, ip_addr_t *ip, u16 *port)
{
	const struct sockaddr_in *sin = (const void *)sa;

	if ((size_t)len < sizeof(*sin))
		return -EINVAL;
	ip_addr_set_ip4_u32_val(*ip, sin->sin_addr.s_addr);
	*port = lwip_ntohs(sin->sin_port);
	return 0;
}

static int v6_in(const struct inet_sock *is, const struct sockaddr *sa, int len,
		 ip_addr_t *ip, u16 *port)
{
	const struct sockaddr_in6 *sin6 = (const void *)sa;
	ip6_addr_t a;

	if (len < SIN6_LEN_RFC2133)
		return -EINVAL;
	*port = lwip_ntohs(sin6->sin6_port);
	memcpy(a.addr, &sin6->sin6_addr, 16);
	ip6_addr_clear_zone(&a);
	if (ip6_addr_isipv4mappedipv6(&a)) {
		ip_addr_set_ip4_u32_val(*ip, a.addr[3]);
		return 0;
	}
	if (ip6_addr_isany(&a) && !is->v6only) {
		*ip = *IP_ANY_TYPE;
		return 0;
	}
	if (ip6_addr_has_scope(&a, IP6_UNKNOWN) &&
	    len >= (int)sizeof(*sin6) && sin6->sin6_scope_id)
		ip6_addr_set_zone(&a, sin6->sin6_scope_id);
	ip_addr_copy_from_ip6(*ip, a);
	return 0;
}

int inet_address_in(const struct inet_sock *is, const struct sockaddr *sa,
		    int len, ip_addr_t *ip, u16 *port)
{
	if ((size_t)len < sizeof(sa->sa_family))
		return -EINVAL;
	memset(ip, 0, sizeof(*ip));
	if (is->s.family == AF_INET6) {
		/* As udpv6_sendmsg does; connect and bind refuse it. */
		if (sa->sa_family == AF_INET && is->s.type != SOCK_STREAM)
			return v4_in(sa, len, ip, port);
		if (len < SIN6_LEN_RFC2133)
			return -EINVAL;
		if (sa->sa_family != AF_INET6)
			return -EAFNOSUPPORT;
		return v6_in(is, sa, len, ip, port);
	}
	if ((size_t)len < sizeof(struct sockaddr_in))
		return -EINVAL;
	if (sa->sa_family != AF_INET &&
	    /* bind and sendto of old programs: 0.0.0.0 without a family */
	    !(sa->sa_family == AF_UNSPEC &&
	      ((const struct sockaddr_in *)sa)->sin_addr.s_addr == 0))
		return -EAFNOSUPPORT;
	return v4_in(sa, len, ip, port);
}

int inet_address_out(const struct inet_sock *is, const ip_addr_t *ip, u16 port,
		     struct sockaddr *sa)
{
	struct sockaddr_in *sin = (void *)sa;
	struct sockaddr_in6 *sin6 = (void *)sa;

	if (is->s.family == AF_INET) {
		memset(sin, 0, sizeof(*sin));
		sin->sin_family = AF_INET;
		sin->sin_port = lwip_htons(port);
		if (IP_IS_V4(ip))
			sin->sin_addr.s_addr = ip4_addr_get_u32(ip_2_ip4(ip));
		return sizeof(*sin);
	}
	memset(sin6, 0, sizeof(*sin6));
	sin6->sin6_family = AF_INET6;
	sin6->sin6_port = lwip_htons(port);
	if (IP_IS_V4_VAL(*ip)) {
		u32 *w = (void *)&sin6->sin6_addr;

		w[2] = PP_HTONL(0xffff);
		w[3] = ip4_addr_get_u32(ip_2_ip4(ip));
	} else if (!IP_IS_ANY_TYPE_VAL(*ip)) {
		memcpy(&sin6->sin6_addr, ip_2_ip6(ip)->addr, 16);
		sin6->sin6_scope_id = ip6_addr_zone(ip_2_ip6(ip));
	}
	return sizeof(*sin6);
}

int inet_getname(struct socket *s, struct sockaddr *sa, bool peer)
{
	struct inet_sock *is = inet_sk(s);
	int len = -ENOTCONN;

	net_lock();
	if (!peer)
		len = inet_address_out(is, &is->local, is->lport, sa);
	else if (is->rport)
		len = inet_address_out(is, &is->remote, is->rport, sa);
	net_unlock();
	return len;
}

bool inet_address_local(const ip_addr_t *ip)
{
	struct netif *n;

	if (IP_IS_ANY_TYPE_VAL(*ip) || ip_addr_isany(ip) ||
	    ip_addr_ismulticast(ip))
		return true;
	if (IP_IS_V4(ip) && (ip4_addr_isloopback(ip_2_ip4(ip)) ||
			     ip4_addr_get_u32(ip_2_ip4(ip)) == IPADDR_BROADCAST))
		return true;
	NETIF_FOREACH(n)
	{
		if (IP_IS_V4(ip)) {
			if (ip4_addr_eq(netif_ip4_addr(n), ip_2_ip4(ip)) ||
			    ip4_addr_isbroadcast(ip_2_ip4(ip), n))
				return true;
		} else if (netif_get_ip6_addr_match(n, ip_2_ip6(ip)) >= 0) {
			return true;
		}
	}
	return false;
}

void inet_destination(ip_addr_t *ip)
{
	if (IP_IS_ANY_TYPE_VAL(*ip) || (IP_IS_V6(ip) && ip_addr_isany(ip))) {
		ip6_addr_t lo;

		ip6_addr_set_loopback(&lo);
		ip_addr_copy_from_ip6(*ip, lo);
	} else if (ip_addr_isany(ip)) {
		ip_addr_set_ip4_u32_val(*ip, PP_HTONL(IPADDR_LOOPBACK));
	}
}

struct netif *inet_route(const struct inet_sock *is, const ip_addr_t *src,
			 const ip_addr_t *dst)
{
	ip_addr_t any = IPADDR4_INIT(0);
	struct interface *i;

	if (is->s.opt.bound_device) {
		i = interface_by_index(is->s.opt.bound_device);
		return i ? &i->netif : NULL;
	}
	if (IP_IS_ANY_TYPE_VAL(*src)) {
		if (IP_IS_V6(dst))
			ip_addr_copy_from_ip6(any, *IP6_ADDR_ANY6);
		src = &any;
	}
	return ip_route(src, dst);
}

int inet_error(err_t err)
{
	switch (err) {
	case ERR_OK:
		return 0;
	case ERR_MEM:
	case ERR_BUF:
		return -ENOBUFS;
	case ERR_RTE:
		return -ENETUNREACH;
	case ERR_VAL:
	case ERR_ARG:
		return -EINVAL;
	case ERR_USE:
		return -EADDRINUSE;
	case ERR_ALREADY:
		return -EALREADY;
	case ERR_ISCONN:
		return -EISCONN;
	case ERR_CONN:
		return -ENOTCONN;
	case ERR_ABRT:
		return -ECONNABORTED;
	case ERR_RST:
		return -ECONNRESET;
	case ERR_CLSD:
		return -ENOTCONN;
	case ERR_TIMEOUT:
		return -ETIMEDOUT;
	default:
		return -EIO;
	}
}
