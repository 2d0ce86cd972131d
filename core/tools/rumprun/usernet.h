/* The user-mode network follows the static address that -W gives the guest. */
#ifndef RUMPRUN_USERNET_H
#define RUMPRUN_USERNET_H

#include <stdbool.h>
#include <stdint.h>

#include "launch.h"

/* Who is who in the virtual network, in host byte order. */
struct usernet {
	bool set; /* false: QEMU's own defaults, 10.0.2.0/24 and DHCP */
	unsigned prefix;
	uint32_t net, host, dns, guest;
};

/*
 * For an interface on the user network.  False with *why if its static address
 * does not fit into one.
 */
bool usernet_plan(struct usernet *u, const struct iface *i, char **why);

/*
 * The value of QEMU's -netdev for the interface i of number n, with the
 * forwards of l if it is the one that takes them.  The caller frees it.
 */
bool usernet_netdev(const struct launch *l, size_t n, char **netdev,
		    char **why);

/*
 * The interface that --publish forwards to: the first on the user network;
 * NULL if there is none.
 */
struct iface *usernet_published(const struct launch *l);

/* Does the interface set its own subnet ("user,net=...")? */
bool usernet_has_option(const struct iface *i, const char *key);

#endif
