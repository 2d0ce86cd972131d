/*
 * The network stack: the network lock, devices, timers.
 *
 * lwIP is global state, so all of it runs under one mutex, the network lock
 * (core/README.md, lock order).  What protocol input does to a socket is done by lwIP's
 * callbacks, so with the lock held; they never take a socket's mutexes.
 */
#ifndef RR_INET_STACK_H
#define RR_INET_STACK_H

#include "netdev.h"
#include "timer.h"
#include "lwip/netif.h"

/* ---- stack.c ---- */

/*
 * Enter and leave lwIP.  Leaving handles what was sent to ourselves, hands
 * queued frames to the devices (one notification each; now, or, while many packets
 * pass, when the network thread has its turn), and gives the network thread
 * its new timers.  May sleep.
 */
void net_lock(void);
void net_unlock(void);
/* For assertions. */
bool net_locked(void);
/* Something is to be polled: wake the network thread.  Any context. */
void net_kick(void);

/* Called by net_unlock: end sockets whose pcb is gone (tcp_events.c). */
void tcp_reap(void);
/* The same: wake who waits in close and need not any more (tcp_close.c). */
void tcp_linger_look(void);

/* ---- device.c ---- */

#define INTERFACE_NAME_MAX 16 /* IFNAMSIZ */
#define NAME_SERVERS_MAX 3    /* MAXNS of resolv.conf(5) */

/* A network interface: lwIP's netif and the device behind it. */
struct interface {
	struct netif netif;
	struct netdev *nd;             /* NULL: loopback */
	char name[INTERFACE_NAME_MAX];
	struct list link;              /* interfaces; only ever grows */
	unsigned unflushed;            /* frames queued since the last flush */
	struct tx_frame *joining;      /* not the device's yet: tso.c */
	struct list waiting;           /* frames that found the ring full */
	unsigned waiting_count;
	unsigned at_device;            /* frames that it has not sent, or not said so */
	bool dhcp;                     /* configured so */
	bool has_gw6;                  /* a static IPv6 gateway: */
	ip6_addr_t gw6;
	u8 prefix6;                    /* of the static IPv6 address */
	bool event;                    /* its device asked to be polled */
	/* Name servers (resolv.c): the document's, DHCP's, of advertisements. */
	ip_addr_t dns[NAME_SERVERS_MAX];
	ip_addr_t dns4[NAME_SERVERS_MAX], dns6[NAME_SERVERS_MAX];
	/* Counters for /proc/net/dev.  All of the above: network lock. */
	u64 rx_packets, rx_bytes, rx_dropped;
	u64 tx_packets, tx_bytes, tx_dropped;
};

extern struct list interfaces; /* network lock, or walked without removal */

static inline struct interface *interface_of(struct netif *n)
{
	return container_of(n, struct interface, netif);
}
/* Numbers as programs see them: from 1, lo first. */
static inline int interface_index(const struct interface *i)
{
	return i->netif.num + 1;
}
/* Prefix length of the IPv6 address in a slot.  Network lock. */
unsigned interface_prefix6(const struct interface *i, int slot);
/* NULL: none.  Network lock. */
struct interface *interface_by_name(const char *name);
struct interface *interface_by_index(int index);

/*
 * Make an interface of a device under a name, up, without addresses.  NULL: no
 * memory.  Network lock.
 */
struct interface *interface_attach(struct netdev *nd, const char *name);
/* lo, with 127.0.0.1/8 and ::1.  Network lock. */
void loopback_attach(void);
/* Poll all devices; how many frames there were.  Network lock. */
unsigned interfaces_poll(void);
/*
 * Polling found nothing more: wait for interrupts again.  True if something came in
 * meanwhile.  Network lock.
 */
bool interfaces_idle(void);
/* Hand queued frames over: all, or where many wait.  Called by net_unlock. */
void interfaces_flush(bool all);

/* ---- timers.c ---- */

void timers_init(void);
/*
 * Run what is due; returns when something will be, NSEC_FOREVER if nothing will.
 * Network lock.
 */
nsec_t timers_run(void);
/* Packets move: the timers that rest while nothing happens are needed. */
void timers_activity(void);
/* Did packets move within the last t ns? */
bool timers_active_within(nsec_t t);
/* A timer has to run earlier than it was said. */
void timers_change(void);
/* Did something above bring the next deadline forward?  Clears it. */
bool timers_changed(void);

#endif
