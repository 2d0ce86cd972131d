/* Ports of the host that lead into the guest. */
#ifndef RUMPRUN_PUBLISH_H
#define RUMPRUN_PUBLISH_H

#include <stdbool.h>

#include "launch.h"

/* Parse [HOST:]PORT:GUESTPORT[/udp|/tcp].  publish_free in either case. */
bool publish_parse(struct publish *p, const char *arg, char **why);
void publish_free(struct publish *p);

/*
 * See that the port of the host is free, by binding it for a moment; port 0
 * becomes one that is.
 */
bool publish_reserve(struct publish *p, char **why);

/* The same for a TCP port on 127.0.0.1. */
bool port_free(unsigned port, char **why);

#endif
