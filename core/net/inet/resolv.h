/* Name servers, for musl's resolver: /etc/resolv.conf (resolv.c). */
#ifndef RR_INET_RESOLV_H
#define RR_INET_RESOLV_H

#include "stack.h"

/*
 * One from the configuration document; false: the interface has three already.
 * Network lock.
 */
bool resolv_add(struct interface *i, const ip_addr_t *server);
/* Write the file now, if there is something to write.  Not under the network lock. */
void resolv_write(void);
/*
 * /etc/hosts gets localhost and our own name, if it has one; /etc/hostname too.
 */
void hosts_write(void);

#endif
