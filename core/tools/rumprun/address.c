#include "address.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool number_parse(const char *s, unsigned min, unsigned max, unsigned *out)
{
	unsigned long long v = 0;

	if (*s == '\0')
		return false;
	for (; *s != '\0'; s++) {
		if (*s < '0' || *s > '9')
			return false;
		v = v * 10 + (unsigned)(*s - '0');
		if (v > max)
			return false;
	}
	*out = (unsigned)v;
	return v >= min;
}

bool ipv4_parse(const char *s, uint32_t *out)
{
	struct in_addr a;

	if (inet_pton(AF_INET, s, &a) != 1)
		return false;
	*out = ntohl(a.s_addr);
	return true;
}

const char *ipv4_text(uint32_t addr)
{
	static char text[8][INET_ADDRSTRLEN];
	static unsigned next;
	char *s = text[next++ % 8];

	snprintf(s, sizeof(text[0]), "%u.%u.%u.%u", addr >> 24,
		 addr >> 16 & 255, addr >> 8 & 255, addr & 255);
	return s;
}

uint32_t ipv4_mask(unsigned prefix)
{
	return prefix == 0 ? 0 : UINT32_MAX << (32 - prefix);
}

static bool check4(const struct address *a, char **why)
{
	uint32_t addr, gw, mask = ipv4_mask(a->prefix);

	if (!ipv4_parse(a->addr, &addr))
		return fail(why, "'%s' is not an IPv4 address", a->addr);
	if (addr >> 24 == 0 || addr >> 24 == 127 || addr >> 24 >= 224)
		return fail(why, "%s cannot be the address of an interface",
			    a->addr);
	if (a->prefix < 31 && ((addr & ~mask) == 0 || (addr | mask) == ~0u))
		return fail(why, "%s is the %s address of its network", a->addr,
			    addr & ~mask ? "broadcast" : "first");
	if (a->gw == NULL)
		return true;
	if (!ipv4_parse(a->gw, &gw))
		return fail(why, "'%s' is not an IPv4 address", a->gw);
	if (gw == addr)
		return fail(why, "the gateway is the interface itself");
	if ((gw & mask) != (addr & mask))
		return fail(why, "the gateway %s is not in the network %s/%u",
			    a->gw, ipv4_text(addr & mask), a->prefix);
	return true;
}

static bool check6(const struct address *a, char **why)
{
	struct in6_addr addr, gw;

	if (inet_pton(AF_INET6, a->addr, &addr) != 1)
		return fail(why, "'%s' is not an IPv6 address", a->addr);
	if (IN6_IS_ADDR_UNSPECIFIED(&addr) || IN6_IS_ADDR_LOOPBACK(&addr) ||
	    IN6_IS_ADDR_MULTICAST(&addr))
		return fail(why, "%s cannot be the address of an interface",
			    a->addr);
	if (a->gw != NULL && inet_pton(AF_INET6, a->gw, &gw) != 1)
		return fail(why, "'%s' is not an IPv6 address", a->gw);
	return true;
}

/* ADDR/PREFIX[,GW] */
static bool parse_static(struct address *a, const char *text, char **why)
{
	size_t len = strcspn(text, ",");
	unsigned max = a->inet6 ? 128 : 32;
	char *slash;

	a->addr = xstrndup(text, len);
	if (text[len] == ',')
		a->gw = xstrdup(text + len + 1);
	slash = strchr(a->addr, '/');
	if (slash == NULL)
		return fail(why, "%s needs a prefix length, as in %s/%s",
			    *a->addr ? a->addr : "the address",
			    *a->addr ? a->addr : "ADDRESS",
			    a->inet6 ? "64" : "24");
	*slash++ = '\0';
	if (!number_parse(slash, 1, max, &a->prefix))
		return fail(why, "'%s' is not a prefix length between 1 and %u",
			    slash, max);
	return a->inet6 ? check6(a, why) : check4(a, why);
}

bool address_parse(struct address *a, const char *text, char **why)
{
	static const char forms[] =
		"it must be inet,dhcp or inet,static,ADDR/MASK[,GW] or "
		"inet6,auto or inet6,static,ADDR/PREFIX[,GW]";

	*a = (struct address){0};
	a->inet6 = strncmp(text, "inet6,", 6) == 0;
	if (!a->inet6 && strncmp(text, "inet,", 5) != 0)
		return fail(why, "%s", forms);
	text += a->inet6 ? 6 : 5;
	a->dynamic = strcmp(text, a->inet6 ? "auto" : "dhcp") == 0;
	if (a->dynamic)
		return true;
	if (strncmp(text, "static,", 7) != 0)
		return fail(why, "%s", forms);
	return parse_static(a, text + 7, why);
}

void address_free(struct address *a)
{
	free(a->addr);
	free(a->gw);
	*a = (struct address){0};
}
