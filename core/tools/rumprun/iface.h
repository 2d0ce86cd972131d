/* Network interfaces on the command line: -I, -W, -n. */
#ifndef RUMPRUN_IFACE_H
#define RUMPRUN_IFACE_H

#include <stdbool.h>

#include "launch.h"

/* -I TAG,IFNAME[,BACKEND]: append the interface. */
bool iface_add(struct launch *l, const char *arg, char **why);

/* -n NETSPEC: an interface on the user network with that address. */
bool iface_add_simple(struct launch *l, const char *netspec, char **why);

/* -W TAG,...: give the interface of that tag an address. */
bool iface_configure(struct launch *l, const char *arg, char **why);

/* An interface with the user network and DHCP, for --publish without -I. */
void iface_add_default(struct launch *l);

void iface_free(struct iface *i);

#endif
