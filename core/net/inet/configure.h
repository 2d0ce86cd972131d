/* Interfaces and addresses as the configuration document wants them (config.c). */
#ifndef RR_INET_CONFIGURE_H
#define RR_INET_CONFIGURE_H

/* Attach all devices and configure them.  Network lock, at start-up. */
void net_configure(void);

#endif
