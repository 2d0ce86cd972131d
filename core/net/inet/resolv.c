/*
 * Name servers from the configuration document, DHCP and router advertisements.
 *
 * lwIP's protocols report them by dns_setserver, as to its own resolver, which we
 * do not have: musl in the program asks them, by /etc/resolv.conf.
 */
#include "resolv.h"
#include "config.h"
#include "fs.h"
#include "init.h"
#include "log.h"
#include "stack.h"
#include "string.h"
#include "lwip/dns.h"

#define MAX_SERVERS 3 /* MAXNS of resolv.conf(5) */

struct servers {
	ip_addr_t addr[MAX_SERVERS];
	unsigned n;
};

/* Network lock. */
static struct servers configured;
static ip_addr_t learned4[MAX_SERVERS], learned6[MAX_SERVERS];
static bool running; /* files can be written */

static void work_fn(struct work *w)
{
	resolv_write();
}
static struct work work = WORK_INIT(work, work_fn);

bool resolv_add(const ip_addr_t *server)
{
	if (configured.n == MAX_SERVERS)
		return false;
	ip_addr_copy(configured.addr[configured.n], *server);
	configured.n++;
	return true;
}

void dns_init(void)
{
}

/* Only router advertisements take servers back, and ask for that. */
const ip_addr_t *dns_getserver(u8_t n)
{
	return n < MAX_SERVERS ? &learned6[n] : IP6_ADDR_ANY;
}

void dns_setserver(u8_t n, const ip_addr_t *server)
{
	ip_addr_t *slot;

	if (!server)
		server = IP6_ADDR_ANY;
	if (n >= MAX_SERVERS)
		return;
	slot = IP_IS_V6(server) ? &learned6[n] : &learned4[n];
	if (ip_addr_eq(slot, server))
		return;
	ip_addr_copy(*slot, *server);
	if (running)
		work_queue(&work);
}

static size_t put(char *buf, size_t size, size_t len, const ip_addr_t *a)
{
	char text[IPADDR_STRLEN_MAX];
	int n;

	ipaddr_ntoa_r(a, text, sizeof(text));
	n = ksnprintf(buf + len, size - len, "nameserver %s\n", text);
	return MIN(len + n, size);
}

static size_t list(char *buf, size_t size)
{
	size_t len = 0;
	unsigned n = 0;

	net_lock();
	for (unsigned i = 0; i < configured.n; i++, n++)
		len = put(buf, size, len, &configured.addr[i]);
	/* What the operator says stands alone. */
	for (unsigned i = 0; !configured.n && i < MAX_SERVERS; i++) {
		if (n < MAX_SERVERS && !ip_addr_isany(&learned4[i])) {
			len = put(buf, size, len, &learned4[i]);
			n++;
		}
		if (n < MAX_SERVERS && !ip_addr_isany(&learned6[i])) {
			len = put(buf, size, len, &learned6[i]);
			n++;
		}
	}
	running = true;
	net_unlock();
	return len;
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
	char text[MAX_SERVERS * (IPADDR_STRLEN_MAX + 12)];
	size_t n = list(text, sizeof(text));

	if (n)
		write_etc("/etc/resolv.conf", text, n);
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
