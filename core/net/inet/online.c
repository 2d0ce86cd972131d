/*
 * Before programs start: wait for the addresses that DHCP and router advertisements
 * give, as a service manager would; but not for ever.
 */
#include "linkset.h"
#include "log.h"
#include "resolv.h"
#include "stack.h"

/* A server that is there answers at once; this allows for a lost packet. */
#define PATIENCE (5 * NSEC_PER_SEC)

static struct waitq changed = WAITQ_INIT(changed);

static bool has_global6(const struct netif *n)
{
	for (int k = 1; k < LWIP_IPV6_NUM_ADDRESSES; k++)
		if (ip6_addr_isvalid(netif_ip6_addr_state(n, k)))
			return true;
	return false;
}

/* An interface that still has no address though it should get one; or NULL. */
static struct interface *waiting(void)
{
	struct interface *i;

	list_for_each(i, &interfaces, link)
	{
		if (i->dhcp && ip4_addr_isany_val(*netif_ip4_addr(&i->netif)))
			return i;
		/* With DHCP at hand nobody need wait for IPv6. */
		if (!i->dhcp && i->netif.ip6_autoconfig_enabled &&
		    ip4_addr_isany_val(*netif_ip4_addr(&i->netif)) &&
		    !has_global6(&i->netif))
			return i;
	}
	return NULL;
}

static bool ready; /* set under the network lock by on_change */

static void on_change(struct netif *n, netif_nsc_reason_t reason,
		      const netif_ext_callback_args_t *args)
{
	if (!waiting())
		__atomic_store_n(&ready, true, __ATOMIC_RELEASE);
	waitq_wake_all(&changed);
}
NETIF_DECLARE_EXT_CALLBACK(callback)

static void net_online(void)
{
	nsec_t deadline = now_ns() + PATIENCE;
	struct interface *i;
	int err;

	net_lock();
	netif_add_ext_callback(&callback, on_change);
	ready = !waiting();
	net_unlock();
	err = wait_event_until(&changed,
			       __atomic_load_n(&ready, __ATOMIC_ACQUIRE),
			       deadline);
	if (err) {
		net_lock();
		i = waiting();
		net_unlock();
		if (i)
			kmsg("%s: no address yet from %s; going on without",
			     i->name,
			     i->dhcp ? "DHCP" : "router advertisements");
	}
	resolv_write();
	hosts_write();
}
INITCALL(INIT_CONFIG, net_online);
