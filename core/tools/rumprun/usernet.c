#include "usernet.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "address.h"

/* The user network needs addresses for host, name server and guest. */
#define PREFIX_MAX 29
#define PREFIX_MIN 8

static const struct address *first_static(const struct iface *i, bool inet6)
{
	for (size_t k = 0; k < i->naddresses; k++)
		if (!i->addresses[k].dynamic && i->addresses[k].inet6 == inet6)
			return &i->addresses[k];
	return NULL;
}

bool usernet_has_option(const struct iface *i, const char *key)
{
	size_t len = strlen(key);

	for (size_t k = 0; k < i->options.n; k++)
		if (strncmp(i->options.v[k], key, len) == 0 &&
		    i->options.v[k][len] == '=')
			return true;
	return false;
}

/* The lowest address from `from` on that is neither a nor b. */
static uint32_t other(uint32_t from, uint32_t a, uint32_t b)
{
	while (from == a || from == b)
		from++;
	return from;
}

bool usernet_plan(struct usernet *u, const struct iface *i, char **why)
{
	const struct address *a = first_static(i, false);

	*u = (struct usernet){0};
	if (a == NULL || usernet_has_option(i, "net"))
		return true;
	if (a->prefix > PREFIX_MAX || a->prefix < PREFIX_MIN)
		return fail(why,
			    "%s/%u: the user network needs a prefix length "
			    "between %d and %d",
			    a->addr, a->prefix, PREFIX_MIN, PREFIX_MAX);
	u->set = true;
	u->prefix = a->prefix;
	ipv4_parse(a->addr, &u->guest);
	u->net = u->guest & ipv4_mask(a->prefix);
	if (a->gw != NULL)
		ipv4_parse(a->gw, &u->host);
	else
		u->host = other(u->net + 2, u->guest, 0);
	/* /29 has six addresses, so that a free one is found below the end. */
	u->dns = other(u->net + 3, u->guest, u->host);
	return true;
}

static void plan6(struct strlist *words, const struct iface *i)
{
	const struct address *a = first_static(i, true);
	char net[INET6_ADDRSTRLEN], host[INET6_ADDRSTRLEN];
	struct in6_addr addr, other6;

	if (a == NULL || usernet_has_option(i, "ipv6-net"))
		return;
	inet_pton(AF_INET6, a->addr, &addr);
	for (unsigned bit = a->prefix; bit < 128; bit++)
		addr.s6_addr[bit / 8] &= (uint8_t) ~(0x80u >> bit % 8);
	inet_ntop(AF_INET6, &addr, net, sizeof(net));
	addr.s6_addr[15] |= 2;
	inet_pton(AF_INET6, a->addr, &other6);
	if (memcmp(&addr, &other6, sizeof(addr)) == 0)
		addr.s6_addr[15]++;
	inet_ntop(AF_INET6, &addr, host, sizeof(host));
	strlist_addf(words, "ipv6-net=%s/%u", net, a->prefix);
	strlist_addf(words, "ipv6-host=%s", a->gw ? a->gw : host);
}

static void forwards(struct strlist *words, const struct launch *l,
		     const struct usernet *u)
{
	for (size_t i = 0; i < l->npublishes; i++) {
		const struct publish *p = &l->publishes[i];

		strlist_addf(words, "hostfwd=%s:%s:%u-%s:%u",
			     p->udp ? "udp" : "tcp", p->host ? p->host : "",
			     p->port, u->set ? ipv4_text(u->guest) : "",
			     p->guest);
	}
}

struct iface *usernet_published(const struct launch *l)
{
	for (size_t i = 0; i < l->nifaces; i++)
		if (l->ifaces[i].backend == BACKEND_USER)
			return &l->ifaces[i];
	return NULL;
}

bool usernet_netdev(const struct launch *l, size_t n, char **netdev, char **why)
{
	const struct iface *i = &l->ifaces[n];
	struct strlist words = {0};
	struct usernet u;

	if (!usernet_plan(&u, i, why))
		return false;
	strlist_addf(&words, "user,id=net%zu", n);
	if (u.set) {
		strlist_addf(&words, "net=%s/%u", ipv4_text(u.net), u.prefix);
		strlist_addf(&words, "host=%s", ipv4_text(u.host));
		strlist_addf(&words, "dns=%s", ipv4_text(u.dns));
		strlist_addf(&words, "dhcpstart=%s", ipv4_text(u.guest));
	}
	plan6(&words, i);
	strlist_cat(&words, &i->options);
	if (i == usernet_published(l))
		forwards(&words, l, &u);
	*netdev = strlist_join(&words, ",");
	strlist_clear(&words);
	return true;
}
