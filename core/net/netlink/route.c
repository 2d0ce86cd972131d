/* Interfaces, addresses and routes as rtnetlink(7) lists them. */
#include "netlink.h"
#include "inet.h"
#include "string.h"
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_arp.h>
#include <linux/if_link.h>
#include "lwip/ip.h"

/* More than any message below has. */
#define ROOM 512

static int put_link(struct list *list, const struct nlmsghdr *req, u32 pid,
		    const struct interface *i)
{
	static const u8 broadcast[6] = {255, 255, 255, 255, 255, 255};
	u32 mtu = i->nd ? i->netif.mtu : 65536, qlen = i->nd ? 1000 : 0;
	u8 oper = netif_is_link_up(&i->netif) ? 6 : 2; /* RFC 2863: up, down */
	struct nlmsghdr *h =
	    nl_begin(list, req, pid, RTM_NEWLINK, NLM_F_MULTI, ROOM);
	struct rtnl_link_stats st = {0};
	struct ifinfomsg *m;

	if (!h)
		return -ENOBUFS;
	m = nl_put(h, sizeof(*m));
	m->ifi_family = AF_UNSPEC;
	m->ifi_type = i->nd ? ARPHRD_ETHER : ARPHRD_LOOPBACK;
	m->ifi_index = interface_index(i);
	m->ifi_flags = (unsigned short)interface_flags(i);
	if (netif_is_link_up(&i->netif))
		m->ifi_flags |= 1u << 16; /* IFF_LOWER_UP */
	nl_attribute(h, IFLA_IFNAME, i->name, strlen(i->name) + 1);
	nl_attribute(h, IFLA_TXQLEN, &qlen, sizeof(qlen));
	nl_attribute(h, IFLA_OPERSTATE, &oper, 1);
	nl_attribute(h, IFLA_MTU, &mtu, sizeof(mtu));
	nl_attribute(h, IFLA_ADDRESS, i->netif.hwaddr, 6);
	if (i->nd)
		nl_attribute(h, IFLA_BROADCAST, broadcast, 6);
	else
		nl_attribute(h, IFLA_BROADCAST, i->netif.hwaddr, 6);
	st.rx_packets = (u32)i->rx_packets;
	st.tx_packets = (u32)i->tx_packets;
	st.rx_bytes = (u32)i->rx_bytes;
	st.tx_bytes = (u32)i->tx_bytes;
	st.rx_dropped = (u32)i->rx_dropped;
	st.tx_dropped = (u32)i->tx_dropped;
	nl_attribute(h, IFLA_STATS, &st, sizeof(st));
	nl_end(list, h);
	return 0;
}

static unsigned prefix4(const struct netif *n)
{
	u32 m = lwip_ntohl(ip4_addr_get_u32(netif_ip4_netmask(n)));
	unsigned len = 0;

	for (; m & 0x80000000u; m <<= 1)
		len++;
	return len;
}

static struct nlmsghdr *begin_addr(struct list *list,
				   const struct nlmsghdr *req, u32 pid,
				   const struct interface *i, int family,
				   unsigned prefix, unsigned scope)
{
	struct nlmsghdr *h =
	    nl_begin(list, req, pid, RTM_NEWADDR, NLM_F_MULTI, ROOM);
	struct ifaddrmsg *m;

	if (!h)
		return NULL;
	m = nl_put(h, sizeof(*m));
	m->ifa_family = (u8)family;
	m->ifa_prefixlen = (u8)prefix;
	m->ifa_flags = IFA_F_PERMANENT;
	m->ifa_scope = (u8)scope;
	m->ifa_index = interface_index(i);
	return h;
}

static int put_addr4(struct list *list, const struct nlmsghdr *req, u32 pid,
		     const struct interface *i)
{
	const struct netif *n = &i->netif;
	u32 a = ip4_addr_get_u32(netif_ip4_addr(n));
	u32 bc = a | ~ip4_addr_get_u32(netif_ip4_netmask(n));
	struct nlmsghdr *h;

	if (!a)
		return 0;
	h = begin_addr(list, req, pid, i, AF_INET, prefix4(n),
		       i->nd ? RT_SCOPE_UNIVERSE : RT_SCOPE_HOST);
	if (!h)
		return -ENOBUFS;
	nl_attribute(h, IFA_ADDRESS, &a, 4);
	nl_attribute(h, IFA_LOCAL, &a, 4);
	if (i->nd)
		nl_attribute(h, IFA_BROADCAST, &bc, 4);
	nl_attribute(h, IFA_LABEL, i->name, strlen(i->name) + 1);
	nl_end(list, h);
	return 0;
}

static int put_addr6(struct list *list, const struct nlmsghdr *req, u32 pid,
		     const struct interface *i)
{
	for (int k = 0; k < LWIP_IPV6_NUM_ADDRESSES; k++) {
		const ip6_addr_t *a = netif_ip6_addr(&i->netif, k);
		struct nlmsghdr *h;

		if (!ip6_addr_isvalid(netif_ip6_addr_state(&i->netif, k)))
			continue;
		h = begin_addr(list, req, pid, i, AF_INET6,
			       interface_prefix6(i, k),
			       !i->nd			 ? RT_SCOPE_HOST :
			       ip6_addr_islinklocal(a) ? RT_SCOPE_LINK :
							 RT_SCOPE_UNIVERSE);
		if (!h)
			return -ENOBUFS;
		nl_attribute(h, IFA_ADDRESS, a->addr, 16);
		nl_end(list, h);
	}
	return 0;
}

static int put_route4(struct list *list, const struct nlmsghdr *req, u32 pid,
		      const struct interface *i, bool gateway)
{
	const struct netif *n = &i->netif;
	u32 src = ip4_addr_get_u32(netif_ip4_addr(n)), idx = interface_index(i);
	u32 dst = src & ip4_addr_get_u32(netif_ip4_netmask(n));
	u32 gw = ip4_addr_get_u32(netif_ip4_gw(n));
	struct nlmsghdr *h;
	struct rtmsg *m;

	if (!src || (gateway && !gw))
		return 0;
	h = nl_begin(list, req, pid, RTM_NEWROUTE, NLM_F_MULTI, ROOM);
	if (!h)
		return -ENOBUFS;
	m = nl_put(h, sizeof(*m));
	m->rtm_family = AF_INET;
	m->rtm_dst_len = gateway ? 0 : (u8)prefix4(n);
	m->rtm_table = RT_TABLE_MAIN;
	m->rtm_protocol = gateway ? RTPROT_STATIC : RTPROT_KERNEL;
	m->rtm_scope = gateway ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK;
	m->rtm_type = RTN_UNICAST;
	if (gateway) {
		nl_attribute(h, RTA_GATEWAY, &gw, 4);
	} else {
		nl_attribute(h, RTA_DST, &dst, 4);
		nl_attribute(h, RTA_PREFSRC, &src, 4);
	}
	nl_attribute(h, RTA_OIF, &idx, sizeof(idx));
	nl_end(list, h);
	return 0;
}

static int dump(const struct nlmsghdr *req, u32 pid, int family,
		struct list *list)
{
	struct interface *i;
	int err = 0;

	list_for_each(i, &interfaces, link)
	{
		bool v4 = family == AF_UNSPEC || family == AF_INET;
		bool v6 = family == AF_UNSPEC || family == AF_INET6;

		switch (req->nlmsg_type) {
		case RTM_GETLINK:
			err = put_link(list, req, pid, i);
			break;
		case RTM_GETADDR:
			if (v4)
				err = put_addr4(list, req, pid, i);
			if (v6 && !err)
				err = put_addr6(list, req, pid, i);
			break;
		case RTM_GETROUTE:
			if (v4 && i->nd && &i->netif == netif_default)
				err = put_route4(list, req, pid, i, true);
			if (v4 && i->nd && !err)
				err = put_route4(list, req, pid, i, false);
			break;
		}
		if (err)
			return err;
	}
	return 0;
}

int rtnetlink_answer(const struct nlmsghdr *req, size_t len, u32 pid,
		     struct list *list)
{
	const struct rtgenmsg *g = NLMSG_DATA(req);
	int family = AF_UNSPEC, err;
	struct nlmsghdr *h;

	switch (req->nlmsg_type) {
	case RTM_GETLINK:
	case RTM_GETADDR:
	case RTM_GETROUTE:
		break;
	default:
		/* What is left of the known ones would change something. */
		return req->nlmsg_type < RTM_MAX ? -EPERM : -EOPNOTSUPP;
	}
	if (len >= NLMSG_LENGTH(sizeof(*g)))
		family = g->rtgen_family;
	/* Single objects can be asked for only by a dump. */
	if ((req->nlmsg_flags & NLM_F_DUMP) != NLM_F_DUMP)
		return -EOPNOTSUPP;
	net_lock();
	err = dump(req, pid, family, list);
	net_unlock();
	if (err)
		return err;
	h = nl_begin(list, req, pid, NLMSG_DONE, NLM_F_MULTI, 32);
	if (!h)
		return -ENOBUFS;
	nl_put(h, sizeof(int)); /* error 0 */
	nl_end(list, h);
	return 0;
}
