/* sources: core/tools/rumprun/iface.c core/tools/rumprun/address.c core/tools/rumprun/publish.c core/tools/rumprun/usernet.c core/tools/common/strlist.c core/tools/common/words.c core/tools/common/diag.c */
/* flags: -D_GNU_SOURCE -iquote ../../tools/common -iquote ../../tools/rumprun */
/* -I, -W, -n and --publish, and the user network made of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "address.h"
#include "iface.h"
#include "publish.h"
#include "usernet.h"
/* Last: its macro fail would take our function's name. */
#include <cmocka.h>

static struct launch l;

static int setup(void **state)
{
	memset(&l, 0, sizeof(l));
	return 0;
}

static int teardown(void **state)
{
	for (size_t i = 0; i < l.nifaces; i++)
		iface_free(&l.ifaces[i]);
	for (size_t i = 0; i < l.npublishes; i++)
		publish_free(&l.publishes[i]);
	free(l.ifaces);
	free(l.publishes);
	return 0;
}

typedef bool parser(struct launch *, const char *, char **);

static void accept(parser *p, const char *arg)
{
	char *why = NULL;

	if (!p(&l, arg, &why))
		fail_msg("%s: %s", arg, why);
}

static void refuse(parser *p, const char *arg, const char *reason)
{
	char *why = NULL;

	if (p(&l, arg, &why))
		fail_msg("accepted: %s", arg);
	if (strstr(why, reason) == NULL)
		fail_msg("%s: '%s' does not say '%s'", arg, why, reason);
	free(why);
}

static void test_interface(void **state)
{
	accept(iface_add, "xen0,xenif");
	assert_string_equal(l.ifaces[0].name, "xenif0");
	assert_int_equal(strlen(l.ifaces[0].mac), 17);
	accept(iface_add, "b,vioif,mac=52:54:00:AB:cd:ef");
	assert_string_equal(l.ifaces[1].name, "vioif1");
	assert_string_equal(l.ifaces[1].mac, "52:54:00:ab:cd:ef");
	accept(iface_add, "c,eth7,-net tap,ifname=tap0,script=no");
	assert_string_equal(l.ifaces[2].name, "eth7");
	assert_int_equal(l.ifaces[2].backend, BACKEND_TAP);
	assert_int_equal(l.ifaces[2].options.n, 2);
	accept(iface_add, "d,xenif,bridge=br0");
	assert_int_equal(l.ifaces[3].backend, BACKEND_BRIDGE);
	assert_string_equal(l.ifaces[3].options.v[0], "br=br0");
	/* The documents' line for Xen. */
	accept(iface_add, "e,xenif,mac=00:16:3e:04:04:04,ip=1.2.3.4,"
			  "vifname=v,script=vif-route");
	assert_int_equal(l.ifaces[4].backend, BACKEND_USER);
	assert_int_equal(l.ifaces[4].options.n, 0);
	accept(iface_add, "f,vioif,user,hostname=x");
	assert_int_equal(l.ifaces[5].options.n, 1);
}

static void test_bad_interface(void **state)
{
	accept(iface_add, "a,eth0");
	refuse(iface_add, "", "TAG,IFNAME");
	refuse(iface_add, "x", "TAG,IFNAME");
	refuse(iface_add, ",x", "TAG,IFNAME");
	refuse(iface_add, "x,", "no name for an interface");
	refuse(iface_add, "x,a/b", "no name for an interface");
	refuse(iface_add, "x,abcdefghijklm", "no name for an interface");
	refuse(iface_add, "a,vioif", "already an interface with the tag a");
	refuse(iface_add, "x,eth0", "already an interface eth0");
	refuse(iface_add, "y,vioif,bogus", "'bogus' is no backend");
	refuse(iface_add, "z,vioif,mac=1", "'1' is not a MAC");
	refuse(iface_add, "u,vioif,mac=01:00:5e:00:00:01", "not a MAC");
	refuse(iface_add, "v,vioif,mac=52:54:00:00:00:0g", "not a MAC");
}

static void test_address(void **state)
{
	accept(iface_add, "t,vioif");
	accept(iface_configure, "t,inet,dhcp");
	accept(iface_configure, "t,inet6,auto");
	accept(iface_configure, "t,inet,static,10.0.120.120/24");
	accept(iface_configure, "t,inet,static,10.0.0.2/30,10.0.0.1");
	accept(iface_configure, "t,inet6,static,fd00::2/64,fd00::1");
	assert_int_equal(l.ifaces[0].naddresses, 5);
	assert_true(l.ifaces[0].addresses[0].dynamic);
	assert_true(l.ifaces[0].addresses[1].inet6);
	assert_int_equal(l.ifaces[0].addresses[2].prefix, 24);
	assert_string_equal(l.ifaces[0].addresses[3].gw, "10.0.0.1");
	assert_string_equal(l.ifaces[0].addresses[4].addr, "fd00::2");
}

static void test_bad_address(void **state)
{
	accept(iface_add, "t,vioif");
#define BAD(arg, reason) refuse(iface_configure, arg, reason)
	BAD("u,inet,dhcp", "no -I names an interface u");
	BAD("t", "TAG,inet");
	BAD("t,", "it must be");
	BAD("t,inet", "it must be");
	BAD("t,inet,auto", "it must be");
	BAD("t,inet6,dhcp", "it must be");
	BAD("t,inet,static", "it must be");
	BAD("t,inet,static,", "needs a prefix length");
	BAD("t,inet,static,10.0.0.1", "10.0.0.1 needs a prefix length");
	BAD("t,inet,static,10.0.0.1/33", "'33' is not a prefix length");
	BAD("t,inet,static,10.0.0.1/", "'' is not a prefix length");
	BAD("t,inet,static,10.0.0.1/99999999999999999999", "not a prefix");
	BAD("t,inet,static,10.0.0.300/24", "'10.0.0.300' is not an IPv4");
	BAD("t,inet,static,10.0.1/24", "is not an IPv4");
	BAD("t,inet,static,0.0.0.1/24", "cannot be the address");
	BAD("t,inet,static,127.0.0.1/8", "cannot be the address");
	BAD("t,inet,static,224.0.0.1/24", "cannot be the address");
	BAD("t,inet,static,10.0.0.0/24", "the first address");
	BAD("t,inet,static,10.0.0.255/24", "the broadcast address");
	BAD("t,inet,static,10.0.0.1/24,x", "'x' is not an IPv4");
	BAD("t,inet,static,10.0.0.1/24,10.0.0.1", "interface itself");
	BAD("t,inet,static,10.0.0.1/24,10.0.1.1", "not in the network");
	BAD("t,inet6,static,10.0.0.1/24", "is not an IPv6");
	BAD("t,inet6,static,::1/64", "cannot be the address");
	BAD("t,inet6,static,fd00::1/129", "'129' is not a prefix length");
	BAD("t,inet6,static,fd00::1/64,10.0.0.1", "is not an IPv6");
}

static bool publish(struct launch *la, const char *arg, char **why)
{
	la->publishes = realloc(la->publishes,
				(la->npublishes + 1) * sizeof(*la->publishes));
	return publish_parse(&la->publishes[la->npublishes++], arg, why);
}

static void test_publish(void **state)
{
	accept(publish, "127.0.0.1:8080:80");
	assert_string_equal(l.publishes[0].host, "127.0.0.1");
	assert_int_equal(l.publishes[0].port, 8080);
	assert_int_equal(l.publishes[0].guest, 80);
	assert_false(l.publishes[0].udp);
	accept(publish, "0:53/udp");
	assert_null(l.publishes[1].host);
	assert_true(l.publishes[1].udp);
	accept(publish, "localhost:1:65535/tcp");
	assert_string_equal(l.publishes[2].host, "127.0.0.1");
	accept(publish, "*:1:2");
	assert_null(l.publishes[3].host);
	refuse(publish, "", "it must be");
	refuse(publish, "80", "it must be");
	refuse(publish, ":80", "'' is not a port of the host");
	refuse(publish, "80:", "'' is not a port");
	refuse(publish, "80:0", "'0' is not a port");
	refuse(publish, "65536:1", "'65536' is not a port of the host");
	refuse(publish, "1:65536", "'65536' is not a port");
	refuse(publish, "-1:1", "'-1' is not a port of the host");
	refuse(publish, "1:2/sctp", "'sctp' is neither");
	refuse(publish, "host:1:2", "'host' is not an IPv4");
	refuse(publish, "[::1]:1:2", "IPv4 addresses only");
}

static void netdev(size_t n, const char *want)
{
	char *got = NULL, *why = NULL;

	if (!usernet_netdev(&l, n, &got, &why))
		fail_msg("%s", why);
	assert_string_equal(got, want);
	free(got);
}

static void test_usernet(void **state)
{
	accept(iface_add, "a,vioif");
	accept(publish, "8080:80");
	netdev(0, "user,id=net0,hostfwd=tcp::8080-:80");
	accept(iface_configure, "a,inet,static,10.0.120.120/24");
	netdev(0, "user,id=net0,net=10.0.120.0/24,host=10.0.120.2,"
		  "dns=10.0.120.3,dhcpstart=10.0.120.120,"
		  "hostfwd=tcp::8080-10.0.120.120:80");
	/* Every address that the network needs may be the guest's. */
	accept(iface_add, "b,vioif");
	accept(iface_configure, "b,inet,static,192.168.7.2/29,192.168.7.3");
	netdev(1, "user,id=net1,net=192.168.7.0/29,host=192.168.7.3,"
		  "dns=192.168.7.4,dhcpstart=192.168.7.2");
	accept(iface_add, "c,vioif");
	accept(iface_configure, "c,inet,static,192.168.7.3/29");
	netdev(2, "user,id=net2,net=192.168.7.0/29,host=192.168.7.2,"
		  "dns=192.168.7.4,dhcpstart=192.168.7.3");
	accept(iface_add, "d,vioif,user,net=10.9.0.0/16");
	accept(iface_configure, "d,inet,static,10.9.1.1/16");
	netdev(3, "user,id=net3,net=10.9.0.0/16");
	accept(iface_add, "e,vioif");
	accept(iface_configure, "e,inet6,static,fd00:1::5/64");
	netdev(4, "user,id=net4,ipv6-net=fd00:1::/64,ipv6-host=fd00:1::2");
}

static void test_usernet_limits(void **state)
{
	struct usernet u;
	char *why = NULL;

	accept(iface_add, "a,vioif");
	accept(iface_configure, "a,inet,static,10.0.0.1/30");
	assert_false(usernet_plan(&u, &l.ifaces[0], &why));
	assert_non_null(strstr(why, "between 8 and 29"));
	free(why);
}

static void test_number(void **state)
{
	unsigned n;

	assert_true(number_parse("0", 0, 5, &n));
	assert_true(number_parse("0005", 0, 5, &n) && n == 5);
	assert_false(number_parse("6", 0, 5, &n));
	assert_false(number_parse("0", 1, 5, &n));
	assert_false(number_parse("", 0, 5, &n));
	assert_false(number_parse("1x", 0, 5, &n));
	assert_false(number_parse("+1", 0, 5, &n));
	assert_false(number_parse("4294967297", 0, UINT32_MAX, &n));
	assert_false(number_parse("18446744073709551617", 0, 5, &n));
}

int main(void)
{
#define T(t) cmocka_unit_test_setup_teardown(t, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_interface),	T(test_bad_interface), T(test_address),
		T(test_bad_address),	T(test_publish),       T(test_usernet),
		T(test_usernet_limits), T(test_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
