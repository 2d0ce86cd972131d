/* The configuration document's "net" (core/PROTOCOL.md, 4). */
#include "config.h"
#include "configure.h"
#include "log.h"
#include "resolv.h"
#include "stack.h"
#include "string.h"
#include "lwip/dhcp.h"
#include "lwip/nd6.h"

/* An address family may be configured as follows. */
struct entry {
	const struct json *j;
	int number; /* in the list, for messages */
	const char *name;
};

static const char *string(const struct entry *e, const char *key)
{
	const struct json *v = json_get(e->j, key);

	if (!v)
		return NULL;
	if (v->type != JSON_STRING)
		config_error("net[%d].%s is not a string", e->number, key);
	return v->string;
}

static bool parse_mac(const char *s, u8 mac[6])
{
	for (int i = 0; i < 6; i++) {
		char byte[3] = {s[0], s[0] ? s[1] : 0, 0};
		u64 v;

		if (strlen(byte) != 2 || !parse_u64(byte, 16, &v))
			return false;
		mac[i] = (u8)v;
		s += 2;
		if (i < 5 && *s++ != ':')
			return false;
	}
	return !*s;
}

static int prefix_length(const struct entry *e, int max)
{
	const struct json *m = json_get(e->j, "mask");
	u64 v = max;

	if (!m)
		config_error("net[%d] has an address without \"mask\"",
			     e->number);
	if (m->type == JSON_NUMBER)
		v = (u64)m->number;
	else if (m->type != JSON_STRING || !parse_u64(m->string, 10, &v))
		config_error("net[%d].mask is not a prefix length", e->number);
	if (v > (u64)max)
		config_error("net[%d].mask is not from 0 to %d", e->number, max);
	return (int)v;
}

/* Dotted quads only: inet_aton's shorthands are typing errors here. */
static bool parse_v4(const char *s, ip4_addr_t *a)
{
	int dots = 0;

	for (const char *p = s; *p; p++)
		dots += *p == '.';
	return dots == 3 && ip4addr_aton(s, a);
}

static void address4(const struct entry *e, const char *key, ip4_addr_t *a)
{
	const char *s = string(e, key);

	if (!s || !parse_v4(s, a))
		config_error("net[%d].%s is not an IPv4 address: \"%s\"",
			     e->number, key, s ? s : "");
}

static void address6(const struct entry *e, const char *key, ip6_addr_t *a)
{
	const char *s = string(e, key);

	if (!s || !ip6addr_aton(s, a))
		config_error("net[%d].%s is not an IPv6 address: \"%s\"",
			     e->number, key, s ? s : "");
}

static void static4(const struct entry *e, struct interface *i)
{
	ip4_addr_t addr, mask, gw = {0};
	int len;

	address4(e, "addr", &addr);
	len = prefix_length(e, 32);
	ip4_addr_set_u32(&mask, len ? lwip_htonl(~0u << (32 - len)) : 0);
	if (string(e, "gw"))
		address4(e, "gw", &gw);
	if (!ip4_addr_isany_val(*netif_ip4_addr(&i->netif)))
		config_error("net[%d]: %s has an IPv4 address already",
			     e->number, i->name);
	netif_set_addr(&i->netif, &addr, &mask, &gw);
	if (!netif_default || ip4_addr_isany_val(*netif_ip4_gw(netif_default)))
		netif_set_default(&i->netif);
}

static void static6(const struct entry *e, struct interface *i)
{
	ip6_addr_t addr, gw;
	s8_t slot;

	address6(e, "addr", &addr);
	i->prefix6 = (u8)prefix_length(e, 128);
	ip6_addr_assign_zone(&addr, IP6_UNICAST, &i->netif);
	if (netif_add_ip6_address(&i->netif, &addr, &slot) != ERR_OK)
		config_error("net[%d]: %s has too many IPv6 addresses",
			     e->number, i->name);
	netif_ip6_addr_set_state(&i->netif, slot, IP6_ADDR_PREFERRED);
	if (string(e, "gw")) {
		address6(e, "gw", &gw);
		ip6_addr_assign_zone(&gw, IP6_UNICAST, &i->netif);
		i->gw6 = gw;
		i->has_gw6 = true;
	}
	if (!netif_default)
		netif_set_default(&i->netif);
}

static void dhcp4(const struct entry *e, struct interface *i)
{
	const char *host = json_get_string(config(), "hostname");

	i->dhcp = true;
	if (host && *host)
		netif_set_hostname(&i->netif, host);
	if (dhcp_start(&i->netif) != ERR_OK)
		config_error("net[%d]: no memory for DHCP", e->number);
	if (!netif_default)
		netif_set_default(&i->netif);
}

static void auto6(const struct entry *e, struct interface *i)
{
	netif_set_ip6_autoconfig_enabled(&i->netif, 1);
	nd6_restart_netif(&i->netif); /* ask for routers, and at once: */
	nd6_tmr(); /* RFC 4861, 6.3.7 has a delay only for crowds of hosts */
	if (!netif_default)
		netif_set_default(&i->netif);
}

static void name_servers(const struct entry *e, struct interface *i)
{
	const struct json *list = json_get(e->j, "dns"), *s;
	ip_addr_t a;

	if (!list)
		return;
	if (list->type != JSON_ARRAY)
		config_error("net[%d].dns is not a list", e->number);
	for (s = list->child; s; s = s->next) {
		if (s->type != JSON_STRING || !ipaddr_aton(s->string, &a))
			config_error("net[%d].dns holds something that is "
				     "not an address",
				     e->number);
		if (!resolv_add(i, &a))
			kmsg("net[%d].dns: more than three name servers, %s "
			     "is not used",
			     e->number, s->string);
	}
}

static struct netdev *by_mac(const u8 mac[6])
{
	for (struct netdev *nd = NULL; (nd = netdev_next(nd));)
		if (!memcmp(nd->mac, mac, 6))
			return nd;
	return NULL;
}

/* The entry's interface; made at the first entry that names it. */
static struct interface *interface_for(const struct entry *e)
{
	struct interface *i = interface_by_name(e->name);
	const char *mac = string(e, "mac");
	struct netdev *nd = NULL;
	u8 addr[6];

	if (i)
		return i;
	if (mac) {
		if (!parse_mac(mac, addr))
			config_error("net[%d].mac is not a hardware address: "
				     "\"%s\"",
				     e->number, mac);
		nd = by_mac(addr);
		if (!nd)
			config_error("net[%d]: there is no network device "
				     "with the address %s for %s",
				     e->number, mac, e->name);
		if (nd->stack)
			config_error("net[%d]: the device of %s belongs to %s",
				     e->number, e->name,
				     ((struct interface *)nd->stack)->name);
	} else {
		do
			nd = netdev_next(nd);
		while (nd && nd->stack);
		if (!nd)
			config_error("net[%d]: there is no network device for "
				     "%s",
				     e->number, e->name);
	}
	i = interface_attach(nd, e->name);
	if (!i)
		config_error("net[%d]: no memory for %s", e->number, e->name);
	return i;
}

static const char *const keys[] = {"if",   "mac",  "type", "method",
				   "addr", "mask", "gw",   "dns"};

static void check_keys(const struct entry *e)
{
	const struct json *m;
	size_t k;

	for (m = e->j->child; m; m = m->next) {
		for (k = 0; k < ARRAY_SIZE(keys); k++)
			if (!strcmp(keys[k], m->key))
				break;
		if (k == ARRAY_SIZE(keys))
			config_error("net[%d] has an unknown key \"%s\"",
				     e->number, m->key);
	}
}

static void configure(const struct entry *e)
{
	const char *type = string(e, "type"), *method = string(e, "method");
	struct interface *i = interface_for(e);
	bool v6 = type && !strcmp(type, "inet6");

	if (type && !v6 && strcmp(type, "inet"))
		config_error("net[%d].type is not inet or inet6: \"%s\"",
			     e->number, type);
	/* An interface alone, without an address. */
	if (!method && !type)
		return;
	if (method && !strcmp(method, "static"))
		v6 ? static6(e, i) : static4(e, i);
	else if (method && !v6 && !strcmp(method, "dhcp"))
		dhcp4(e, i);
	else if (method && v6 && !strcmp(method, "auto"))
		auto6(e, i);
	else
		config_error("net[%d].method is not %s: \"%s\"", e->number,
			     v6 ? "auto or static" : "dhcp or static",
			     method ? method : "");
	name_servers(e, i);
}

void net_configure(void)
{
	const struct json *net = json_get(config(), "net"), *j;
	struct entry e = {0};
	char name[INTERFACE_NAME_MAX];
	unsigned unit = 0;

	if (net && net->type != JSON_ARRAY)
		config_error("\"net\" is not a list");
	for (j = net ? net->child : NULL; j; j = j->next, e.number++) {
		e.j = j;
		if (j->type != JSON_OBJECT)
			config_error("net[%d] is not an object", e.number);
		check_keys(&e);
		e.name = string(&e, "if");
		if (!e.name || !*e.name || strlen(e.name) >= sizeof(name) ||
		    !strcmp(e.name, "lo"))
			config_error("net[%d].if is not an interface name",
				     e.number);
		configure(&e);
	}
	/* Devices that nobody mentions are there, without an address. */
	for (struct netdev *nd = NULL; (nd = netdev_next(nd));) {
		if (nd->stack)
			continue;
		do
			ksnprintf(name, sizeof(name), "vioif%u", unit++);
		while (interface_by_name(name));
		if (!interface_attach(nd, name))
			kmsg("no memory for network interface %s", name);
	}
}
