/* AF_INET and AF_INET6: which socket(2) makes what. */
#include "inet.h"
#include "process.h"
#include <linux/in.h>
#include <linux/in6.h>

void inet_init(struct inet_sock *is, const struct socket_ops *ops, int family,
	       int type, int protocol)
{
	socket_init(&is->s, ops, family, type, protocol);
	list_init(&is->port_link);
	list_init(&is->memberships);
	is->ttl = is->hops = is->mcast_hops = -1;
	is->mcast_ttl = 1;
	is->mcast_loop = is->mcast_loop6 = is->mcast_all = true;
	is->mtu_discover = is->mtu_discover6 = IP_PMTUDISC_WANT;
	if (family == AF_INET6)
		is->local = *IP_ANY_TYPE;
}

static struct socket *create(int family, int type, int protocol)
{
	int icmp = family == AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6;

	if (protocol < 0 || protocol >= IPPROTO_MAX)
		return ERR_PTR(-EINVAL);
	switch (type) {
	case SOCK_STREAM:
		if (protocol && protocol != IPPROTO_TCP)
			return ERR_PTR(-EPROTONOSUPPORT);
		return tcp_create(family);
	case SOCK_DGRAM:
		if (protocol == icmp)
			return raw_create(family, type, protocol);
		if (protocol && protocol != IPPROTO_UDP)
			return ERR_PTR(-EPROTONOSUPPORT);
		return udp_create(family);
	case SOCK_RAW:
		if (!protocol)
			return ERR_PTR(-EPROTONOSUPPORT);
		if (current_process() && current_process()->euid != 0)
			return ERR_PTR(-EPERM);
		return raw_create(family, type, protocol);
	default:
		return ERR_PTR(-ESOCKTNOSUPPORT);
	}
}

static struct socket *create4(int type, int protocol)
{
	return create(AF_INET, type, protocol);
}

static struct socket *create6(int type, int protocol)
{
	return create(AF_INET6, type, protocol);
}

static const struct socket_family inet4 = {AF_INET, create4, NULL};
static const struct socket_family inet6 = {AF_INET6, create6, NULL};
SOCKET_FAMILY(inet4);
SOCKET_FAMILY(inet6);
