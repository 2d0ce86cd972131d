#include "iface.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "address.h"

/* In QEMU's range; locally administered. */
static char *random_mac(void)
{
	unsigned char b[3];

	if (getrandom(b, sizeof(b), 0) != (ssize_t)sizeof(b))
		die(EXIT_REFUSED, "no random numbers for a MAC address");
	return xasprintf("52:54:00:%02x:%02x:%02x", b[0], b[1], b[2]);
}

static bool mac_valid(const char *s)
{
	unsigned first;

	if (strlen(s) != 17)
		return false;
	for (int i = 0; i < 17; i++)
		if (i % 3 == 2 ? s[i] != ':' : !isxdigit((unsigned char)s[i]))
			return false;
	/* A group address cannot belong to one interface. */
	return sscanf(s, "%2x", &first) == 1 && (first & 1) == 0;
}

/* One key=value (or bare word) of the backend. */
static bool option(struct iface *i, const char *word, bool *named, char **why)
{
	/* Words of Xen's vif= that have no meaning here. */
	static const char *const xen[] = {
		"ip=", "vifname=", "backend=", "type=", "model=", "rate="};
	static const struct {
		const char *name;
		enum backend backend;
	} backends[] = {{"user", BACKEND_USER},
			{"tap", BACKEND_TAP},
			{"bridge", BACKEND_BRIDGE}};

	for (size_t k = 0; k < 3 && !*named; k++) {
		if (strcmp(word, backends[k].name) == 0) {
			i->backend = backends[k].backend;
			*named = true;
			return true;
		}
	}
	if (strncmp(word, "mac=", 4) == 0 ||
	    strncmp(word, "macaddr=", 8) == 0) {
		word = strchr(word, '=') + 1;
		if (!mac_valid(word))
			return fail(why, "'%s' is not a MAC address", word);
		free(i->mac);
		i->mac = xstrdup(word);
		i->mac_given = true;
		for (char *p = i->mac; *p != '\0'; p++)
			*p = (char)tolower((unsigned char)*p);
		return true;
	}
	if (strncmp(word, "bridge=", 7) == 0) {
		i->backend = BACKEND_BRIDGE;
		strlist_addf(&i->options, "br=%s", word + 7);
		return true;
	}
	if (i->backend == BACKEND_USER) {
		for (size_t k = 0; k < sizeof(xen) / sizeof(xen[0]); k++)
			if (strncmp(word, xen[k], strlen(xen[k])) == 0)
				return true;
		/* A Xen hotplug script; QEMU's user network has none. */
		if (strncmp(word, "script=", 7) == 0)
			return true;
	}
	if (strchr(word, '=') == NULL || *word == '=')
		return fail(why,
			    "'%s' is no backend (user, tap, bridge) and "
			    "no option of one",
			    word);
	strlist_add(&i->options, word);
	return true;
}

/* user..., tap,..., bridge=..., or the original's "-net user..." */
static bool backend(struct iface *i, const char *text, char **why)
{
	bool named = false, ok = true;

	while (*text == ' ')
		text++;
	if (strncmp(text, "-net ", 5) == 0)
		text += 5;
	else if (strncmp(text, "-netdev ", 8) == 0)
		text += 8;
	while (*text == ' ')
		text++;
	while (ok && *text != '\0') {
		size_t len = strcspn(text, ",");
		char *word = xstrndup(text, len);

		ok = option(i, word, &named, why);
		free(word);
		text += len + (text[len] == ',');
	}
	return ok;
}

static struct iface *find(struct launch *l, const char *tag)
{
	for (size_t i = 0; i < l->nifaces; i++)
		if (strcmp(l->ifaces[i].tag, tag) == 0)
			return &l->ifaces[i];
	return NULL;
}

static bool name_valid(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)s[i]) && s[i] != '_' && s[i] != '-')
			return false;
	/* The kernel's IFNAMSIZ, with room for the number. */
	return len > 0 && len <= 12;
}

static struct iface *append(struct launch *l, const char *tag, const char *base,
			    size_t len)
{
	struct iface *i;

	l->ifaces = xrealloc(l->ifaces, (l->nifaces + 1) * sizeof(*l->ifaces));
	i = &l->ifaces[l->nifaces];
	*i = (struct iface){.tag = xstrdup(tag)};
	/* "vioif" becomes vioif0, vioif1 ...; "eth0" stays. */
	if (isdigit((unsigned char)base[len - 1]))
		i->name = xstrndup(base, len);
	else
		i->name = xasprintf("%.*s%zu", (int)len, base, l->nifaces);
	i->mac = random_mac();
	l->nifaces++;
	return i;
}

bool iface_add(struct launch *l, const char *arg, char **why)
{
	size_t taglen = strcspn(arg, ","), len;
	const char *base = arg + taglen + 1;
	struct iface *i;
	char *tag;

	if (taglen == 0 || arg[taglen] == '\0')
		return fail(why, "it must be TAG,IFNAME[,BACKEND]");
	len = strcspn(base, ",");
	if (!name_valid(base, len))
		return fail(why,
			    "'%.*s' is no name for an interface (1 to 12 "
			    "letters and digits)",
			    (int)len, base);
	tag = xstrndup(arg, taglen);
	if (find(l, tag) != NULL) {
		fail(why, "there is already an interface with the tag %s", tag);
		free(tag);
		return false;
	}
	i = append(l, tag, base, len);
	free(tag);
	for (size_t k = 0; k + 1 < l->nifaces; k++)
		if (strcmp(l->ifaces[k].name, i->name) == 0)
			return fail(why, "there is already an interface %s",
				    i->name);
	return base[len] == '\0' || backend(i, base + len + 1, why);
}

static bool add_address(struct iface *i, const char *text, char **why)
{
	struct address *a;

	i->addresses = xrealloc(i->addresses, (i->naddresses + 1) * sizeof(*a));
	a = &i->addresses[i->naddresses++];
	return address_parse(a, text, why);
}

bool iface_add_simple(struct launch *l, const char *netspec, char **why)
{
	char *tag = xasprintf("net%zu", l->nifaces);
	struct iface *i = append(l, tag, "vioif", 5);

	free(tag);
	return add_address(i, netspec, why);
}

void iface_add_default(struct launch *l)
{
	struct iface *i = append(l, "net0", "vioif", 5);
	char *why = NULL;

	add_address(i, "inet,dhcp", &why);
}

bool iface_configure(struct launch *l, const char *arg, char **why)
{
	size_t len = strcspn(arg, ",");
	char *tag = xstrndup(arg, len);
	struct iface *i = find(l, tag);

	if (i == NULL || arg[len] == '\0') {
		if (i == NULL)
			fail(why, "no -I names an interface %s", tag);
		else
			fail(why, "it must be TAG,inet,... or TAG,inet6,...");
		free(tag);
		return false;
	}
	free(tag);
	return add_address(i, arg + len + 1, why);
}

void iface_free(struct iface *i)
{
	for (size_t k = 0; k < i->naddresses; k++)
		address_free(&i->addresses[k]);
	free(i->addresses);
	free(i->tag);
	free(i->name);
	free(i->mac);
	strlist_clear(&i->options);
	*i = (struct iface){0};
}
