/*
 * Name servers from the configuration document, DHCP and router advertisements.
 *
 * lwIP's protocols report them by dns_setserver, as to its own resolver, which we
 * do not have: musl in the program asks them, by /etc/resolv.conf.
 */
#include "resolv.h"
#include "config.h"
#include "init.h"
#include "kernelfile.h"
#include "log.h"
#include "string.h"
#include <linux/errno.h>
#include "lwip/dns.h"
#include "lwip/ip.h"

static bool running; /* files can be written; network lock */

static void work_fn(struct work *w)
{
	resolv_write();
}
static struct work work = WORK_INIT(work, work_fn);

bool resolv_add(struct interface *i, const ip_addr_t *server)
{
	for (unsigned k = 0; k < NAME_SERVERS_MAX; k++) {
		if (!ip_addr_isany(&i->dns[k]))
			continue;
		ip_addr_copy(i->dns[k], *server);
		return true;
	}
	return false;
}

void dns_init(void)
{
}

/* lwIP does not say where it learned a server, but handles a packet from there. */
static struct interface *learning(void)
{
	struct netif *n = ip_current_input_netif();

	return n ? interface_of(n) : NULL;
}

/* Only router advertisements take servers back, and ask for that. */
const ip_addr_t *dns_getserver(u8_t n)
{
	struct interface *i = learning();

	return i && n < NAME_SERVERS_MAX ? &i->dns6[n] : IP6_ADDR_ANY;
}

void dns_setserver(u8_t n, const ip_addr_t *server)
{
	struct interface *i = learning();

	if (!server)
		server = IP6_ADDR_ANY;
	if (!i || n >= NAME_SERVERS_MAX)
		return;
	if (IP_IS_V6(server)) {
		ip_addr_copy(i->dns6[n], *server);
	} else {
		/* DHCP gives all it knows, in order: others are outdated. */
		ip_addr_copy(i->dns4[n], *server);
		for (n++; n < NAME_SERVERS_MAX; n++)
			ip_addr_set_zero(&i->dns4[n]);
	}
	if (running)
		work_queue(&work);
}

struct text {
	char buf[NAME_SERVERS_MAX * (IPADDR_STRLEN_MAX + 12)];
	size_t len;
	unsigned servers;
};

static void put(struct text *t, const ip_addr_t *a)
{
	char addr[IPADDR_STRLEN_MAX];
	size_t size = sizeof(t->buf) - t->len;
	int n;

	if (t->servers == NAME_SERVERS_MAX || ip_addr_isany(a))
		return;
	ipaddr_ntoa_r(a, addr, sizeof(addr));
	n = ksnprintf(t->buf + t->len, size, "nameserver %s\n", addr);
	t->len += MIN((size_t)n, size);
	t->servers++;
}

static void put_interface(struct text *t, const struct interface *i)
{
	/* What the operator says of an interface stands alone there. */
	bool learned = ip_addr_isany(&i->dns[0]);

	for (unsigned k = 0; k < NAME_SERVERS_MAX; k++) {
		if (learned) {
			put(t, &i->dns4[k]);
			put(t, &i->dns6[k]);
		} else {
			put(t, &i->dns[k]);
		}
	}
}

static void list(struct text *t)
{
	struct interface *i;

	t->len = t->servers = 0;
	net_lock();
	list_for_each(i, &interfaces, link)
		put_interface(t, i);
	running = true;
	net_unlock();
}

/* A read-only /etc from an image keeps its own. */
static void write_etc(const char *path, const char *text, size_t n)
{
	int err = kernel_write_file(path, text, n, 0644);

	if (err && err != -EROFS)
		kmsg("cannot write %s (error %d)", path, -err);
}

void resolv_write(void)
{
	/* Advertisements come again and again; the program may have changed it. */
	static char written[sizeof(((struct text *)0)->buf)];
	static size_t written_len;
	struct text t;

	list(&t);
	if (!t.len ||
	    (t.len == written_len && !memcmp(t.buf, written, t.len)))
		return;
	memcpy(written, t.buf, t.len);
	written_len = t.len;
	write_etc("/etc/resolv.conf", t.buf, t.len);
}

void hosts_write(void)
{
	const char *name = json_get_string(config(), "hostname");
	char text[256];
	int n;

	if (!name || !*name)
		return;
	n = ksnprintf(text, sizeof(text),
		      "127.0.0.1\tlocalhost\n"
		      "::1\tlocalhost ip6-localhost ip6-loopback\n"
		      "127.0.1.1\t%.64s\n",
		      name);
	write_etc("/etc/hosts", text, MIN((size_t)n, sizeof(text) - 1));
	n = ksnprintf(text, sizeof(text), "%.64s\n", name);
	write_etc("/etc/hostname", text, n);
}
