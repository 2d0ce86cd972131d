/*
 * Multicast groups of sockets.  lwIP joins per interface and delivers to every socket
 * of the port, as Linux does with IP_MULTICAST_ALL.
 */
#include "inet.h"
#include "page.h"
#include "string.h"
#include <linux/in.h>
#include <linux/in6.h>
#include "lwip/igmp.h"
#include "lwip/ip.h"
#include "lwip/mld6.h"

struct membership {
	struct list link; /* inet_sock.memberships; network lock */
	struct netif *netif;
	ip_addr_t group;
};

/* net.ipv4.igmp_max_memberships */
#define MEMBERSHIPS_MAX 20

static struct netif *choose(const ip_addr_t *group, int index, u32 addr)
{
	ip_addr_t any = IPADDR4_INIT(0);
	struct interface *i;

	if (index) {
		i = interface_by_index(index);
		return i ? &i->netif : NULL;
	}
	if (addr) {
		list_for_each(i, &interfaces, link)
		{
			if (ip4_addr_get_u32(netif_ip4_addr(&i->netif)) == addr)
				return &i->netif;
		}
		return NULL;
	}
	if (IP_IS_V6(group))
		ip_addr_set_any(1, &any);
	return ip_route(&any, group);
}

static struct membership *find(struct inet_sock *is, const ip_addr_t *group,
			       struct netif *n)
{
	struct membership *m;

	list_for_each(m, &is->memberships, link)
	{
		if (ip_addr_eq(&m->group, group) && (!n || m->netif == n))
			return m;
	}
	return NULL;
}

static int join(struct inet_sock *is, const ip_addr_t *group, struct netif *n)
{
	struct membership *m;
	unsigned count = 0;
	err_t err;

	if (!n)
		return -ENODEV;
	if (find(is, group, n))
		return -EADDRINUSE;
	list_for_each(m, &is->memberships, link)
		count++;
	if (count >= MEMBERSHIPS_MAX)
		return -ENOBUFS;
	m = kmalloc(sizeof(*m), 0);
	if (!m)
		return -ENOBUFS;
	err = IP_IS_V6(group) ? mld6_joingroup_netif(n, ip_2_ip6(group)) :
				igmp_joingroup_netif(n, ip_2_ip4(group));
	if (err != ERR_OK) {
		kfree(m);
		return inet_error(err);
	}
	m->netif = n;
	ip_addr_copy(m->group, *group);
	list_append(&is->memberships, &m->link);
	timers_activity();
	return 0;
}

static void leave(struct membership *m)
{
	if (IP_IS_V6_VAL(m->group))
		mld6_leavegroup_netif(m->netif, ip_2_ip6(&m->group));
	else
		igmp_leavegroup_netif(m->netif, ip_2_ip4(&m->group));
	list_del(&m->link);
	kfree(m);
}

void multicast_leave_all(struct inet_sock *is)
{
	struct membership *m, *n;

	list_for_each_safe(m, n, &is->memberships, link)
		leave(m);
}

static int change(struct inet_sock *is, const ip_addr_t *group, int index,
		  u32 addr, bool add)
{
	struct netif *n = NULL;
	struct membership *m;

	if (!ip_addr_ismulticast(group))
		return -EINVAL;
	if (add || index || addr)
		n = choose(group, index, addr);
	if (add)
		return join(is, group, n);
	if ((index || addr) && !n)
		return -ENODEV;
	m = find(is, group, n);
	if (!m)
		return -EADDRNOTAVAIL;
	leave(m);
	return 0;
}

static int set4(struct inet_sock *is, int name, const void *val, int len)
{
	struct ip_mreqn r = {0};
	struct interface *i = NULL;
	ip_addr_t group;

	if (name == IP_MULTICAST_IF && (size_t)len < sizeof(struct ip_mreq)) {
		if ((size_t)len < sizeof(struct in_addr))
			return -EINVAL;
		memcpy(&r.imr_address, val, sizeof(struct in_addr));
	} else {
		if ((size_t)len < sizeof(struct ip_mreq))
			return -EINVAL;
		memcpy(&r, val, MIN((size_t)len, sizeof(r)));
	}
	if (name == IP_MULTICAST_IF) {
		if (is->s.type == SOCK_STREAM)
			return -EINVAL;
		is->mcast_if = 0;
		if (!r.imr_ifindex && !r.imr_address.s_addr)
			return 0;
		if (r.imr_ifindex) {
			i = interface_by_index(r.imr_ifindex);
		} else {
			struct netif *n = choose(NULL, 0, r.imr_address.s_addr);

			i = n ? interface_of(n) : NULL;
		}
		if (!i)
			return -EADDRNOTAVAIL;
		is->mcast_if = interface_index(i);
		return 0;
	}
	memset(&group, 0, sizeof(group));
	ip_addr_set_ip4_u32_val(group, r.imr_multiaddr.s_addr);
	return change(is, &group, r.imr_ifindex, r.imr_address.s_addr,
		      name == IP_ADD_MEMBERSHIP);
}

static int set6(struct inet_sock *is, int name, const void *val, int len)
{
	struct ipv6_mreq r;
	ip6_addr_t a;
	ip_addr_t group;
	int index;

	if (name == IPV6_MULTICAST_IF) {
		if ((size_t)len < sizeof(index))
			return -EINVAL;
		memcpy(&index, val, sizeof(index));
		if (index && !interface_by_index(index))
			return -ENODEV;
		is->mcast_if6 = index;
		return 0;
	}
	if ((size_t)len < sizeof(r))
		return -EINVAL;
	memcpy(&r, val, sizeof(r));
	memset(&group, 0, sizeof(group));
	memcpy(a.addr, &r.ipv6mr_multiaddr, 16);
	ip6_addr_clear_zone(&a);
	ip_addr_copy_from_ip6(group, a);
	return change(is, &group, r.ipv6mr_ifindex, 0,
		      name == IPV6_ADD_MEMBERSHIP);
}

/* The protocol-independent form: MCAST_JOIN_GROUP, MCAST_LEAVE_GROUP. */
static int set_group(struct inet_sock *is, int name, const void *val, int len)
{
	struct group_req r;
	ip_addr_t group;
	u16 port;
	int err;

	if ((size_t)len < sizeof(r))
		return -EINVAL;
	memcpy(&r, val, sizeof(r));
	err = inet_address_in(is, (void *)&r.gr_group, sizeof(r.gr_group),
			      &group, &port);
	return err ? err : change(is, &group, r.gr_interface, 0,
				  name == MCAST_JOIN_GROUP);
}

int multicast_setsockopt(struct inet_sock *is, int level, int name,
			 const void *val, int len)
{
	int err = -ENOPROTOOPT;

	net_lock();
	if (name == MCAST_JOIN_GROUP || name == MCAST_LEAVE_GROUP)
		err = set_group(is, name, val, len);
	else if (level == SOL_IP &&
		 (name == IP_ADD_MEMBERSHIP || name == IP_DROP_MEMBERSHIP ||
		  name == IP_MULTICAST_IF))
		err = set4(is, name, val, len);
	else if (level == SOL_IPV6 && is->s.family == AF_INET6 &&
		 (name == IPV6_ADD_MEMBERSHIP || name == IPV6_DROP_MEMBERSHIP ||
		  name == IPV6_MULTICAST_IF))
		err = set6(is, name, val, len);
	net_unlock();
	return err;
}
