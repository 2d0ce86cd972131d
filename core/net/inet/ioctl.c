/* Ioctls about interfaces (netdevice(7)). */
#include "inet.h"
#include "process.h"
#include "string.h"
#include "uaccess.h"
#include <linux/if.h>
#include <linux/if_arp.h>
#include <linux/in.h>
#include <linux/sockios.h>

int inet_device_index(const char *name)
{
	struct interface *i;
	int idx;

	if (!*name)
		return 0;
	net_lock();
	i = interface_by_name(name);
	idx = i ? interface_index(i) : -ENODEV;
	net_unlock();
	return idx;
}

static void set_addr(struct sockaddr *sa, const ip4_addr_t *a)
{
	struct sockaddr_in sin = {.sin_family = AF_INET};

	sin.sin_addr.s_addr = ip4_addr_get_u32(a);
	memcpy(sa, &sin, sizeof(sin));
}

short interface_flags(const struct interface *i)
{
	short f = IFF_MULTICAST;

	if (netif_is_up(&i->netif))
		f |= IFF_UP;
	if (netif_is_link_up(&i->netif))
		f |= IFF_RUNNING;
	return i->nd ? f | IFF_BROADCAST : (f & ~IFF_MULTICAST) | IFF_LOOPBACK;
}

static void hardware(const struct interface *i, struct sockaddr *sa)
{
	memset(sa, 0, sizeof(*sa));
	sa->sa_family = i->nd ? ARPHRD_ETHER : ARPHRD_LOOPBACK;
	if (i->nd)
		memcpy(sa->sa_data, i->netif.hwaddr, 6);
}

/* Requests with a name; network lock. */
static int named(struct interface *i, unsigned cmd, struct ifreq *r)
{
	const struct netif *n = &i->netif;
	bool none = ip4_addr_isany_val(*netif_ip4_addr(n));
	ip4_addr_t bc;

	switch (cmd) {
	case SIOCGIFFLAGS:
		r->ifr_flags = interface_flags(i);
		return 0;
	case SIOCGIFADDR:
		if (none)
			return -EADDRNOTAVAIL;
		set_addr(&r->ifr_addr, netif_ip4_addr(n));
		return 0;
	case SIOCGIFNETMASK:
		if (none)
			return -EADDRNOTAVAIL;
		set_addr(&r->ifr_netmask, netif_ip4_netmask(n));
		return 0;
	case SIOCGIFBRDADDR:
		if (none)
			return -EADDRNOTAVAIL;
		ip4_addr_set_u32(&bc,
				 i->nd ? ip4_addr_get_u32(netif_ip4_addr(n)) |
					     ~ip4_addr_get_u32(
						 netif_ip4_netmask(n)) :
					 0);
		set_addr(&r->ifr_broadaddr, &bc);
		return 0;
	case SIOCGIFDSTADDR:
		if (none)
			return -EADDRNOTAVAIL;
		set_addr(&r->ifr_dstaddr, netif_ip4_addr(n));
		return 0;
	case SIOCGIFHWADDR:
		hardware(i, &r->ifr_hwaddr);
		return 0;
	case SIOCGIFINDEX:
		r->ifr_ifindex = interface_index(i);
		return 0;
	case SIOCGIFMTU:
		r->ifr_mtu = i->nd ? n->mtu : 65536;
		return 0;
	case SIOCGIFMETRIC:
		r->ifr_metric = 0;
		return 0;
	case SIOCGIFTXQLEN:
		r->ifr_qlen = i->nd ? 1000 : 0;
		return 0;
	default:
		return -ENOTTY;
	}
}

/* All interfaces that have an IPv4 address. */
static int list_all(unsigned long arg)
{
	struct ifconf c;
	struct interface *i;
	struct ifreq r;
	int used = 0;

	if (copy_from_user(&c, (void __user *)arg, sizeof(c)))
		return -EFAULT;
	/* interfaces only grows, so the walk needs the lock for contents only. */
	list_for_each(i, &interfaces, link)
	{
		bool none;

		memset(&r, 0, sizeof(r));
		net_lock();
		none = ip4_addr_isany_val(*netif_ip4_addr(&i->netif));
		set_addr(&r.ifr_addr, netif_ip4_addr(&i->netif));
		net_unlock();
		if (none)
			continue;
		strlcpy(r.ifr_name, i->name, sizeof(r.ifr_name));
		if (c.ifc_buf) {
			if (c.ifc_len - used < (int)sizeof(r))
				break;
			if (copy_to_user(c.ifc_buf + used, &r, sizeof(r)))
				return -EFAULT;
		}
		used += sizeof(r);
	}
	c.ifc_len = used;
	return copy_to_user((void __user *)arg, &c, sizeof(c));
}

/* What would change an interface is the configuration document's. */
static bool changes(unsigned cmd)
{
	return cmd == SIOCSIFFLAGS || cmd == SIOCSIFADDR ||
	       cmd == SIOCSIFNETMASK || cmd == SIOCSIFBRDADDR ||
	       cmd == SIOCSIFMTU || cmd == SIOCSIFHWADDR ||
	       cmd == SIOCADDRT || cmd == SIOCDELRT;
}

int socket_device_ioctl(unsigned cmd, unsigned long arg)
{
	struct interface *i;
	struct ifreq r;
	int err;

	if (cmd == SIOCGIFCONF)
		return list_all(arg);
	if (changes(cmd))
		return -EPERM;
	if ((cmd & 0xff00) != 0x8900) /* SIOC* of <linux/sockios.h> */
		return -ENOTTY;
	if (copy_from_user(&r, (void __user *)arg, sizeof(r)))
		return -EFAULT;
	r.ifr_name[IFNAMSIZ - 1] = 0;
	net_lock();
	i = cmd == SIOCGIFNAME ? interface_by_index(r.ifr_ifindex) :
				 interface_by_name(r.ifr_name);
	if (!i)
		err = -ENODEV;
	else if (cmd == SIOCGIFNAME)
		err = 0;
	else
		err = named(i, cmd, &r);
	if (i && cmd == SIOCGIFNAME)
		strlcpy(r.ifr_name, i->name, sizeof(r.ifr_name));
	net_unlock();
	if (err)
		return err;
	return copy_to_user((void __user *)arg, &r, sizeof(r));
}
