/*
 * What UDP and raw sockets have in common: a queue of received datagrams, and
 * messages with their control data.
 */
#ifndef RR_INET_DGRAM_H
#define RR_INET_DGRAM_H

#include "inet.h"
#include "lwip/raw.h"
#include "lwip/udp.h"

/* A received datagram. */
struct dgram {
	struct list link;
	struct pbuf *p;
	ip_addr_t from, to;
	u16 port;
	u8 ttl, tos;
	int ifindex;
	s64 stamp; /* CLOCK_REALTIME, ns */
	u32 size;  /* memory that it holds */
};

/* Where a message goes, from its address and control data or the connection. */
struct dgram_target {
	ip_addr_t to, src; /* src any: by route */
	u16 port;
	int ifindex;       /* 0: by route */
	int ttl, tos;      /* -1: the socket's */
};

struct dgram_sock {
	struct inet_sock inet;
	struct udp_pcb *udp; /* one of both; network lock */
	struct raw_pcb *raw;
	spinlock_t rx_spin;
	struct list rx;      /* of dgram; rx_spin */
	u32 rx_held;         /* memory in rx; rx_spin */
	u32 rx_count;        /* datagrams in rx; rx_spin, or a hint */
	u64 drops;           /* rx_spin */
	u16 ident;           /* ICMP echo sockets: our identifier */
	bool ping;
	u32 icmp_filter[8];  /* blocked types: one word for ICMP, eight for ICMPv6 */
	int checksum_offset; /* IPV6_CHECKSUM; -1: none */
	bool closed;         /* network lock */
	/* udp_send.c: a datagram that has begun, and where it goes; s->lock. */
	bool cork;           /* UDP_CORK */
	struct pbuf *pending; /* with room for pending_len bytes or more */
	size_t pending_len;
	struct dgram_target pending_to;
	struct list link;    /* udp.c: all UDP sockets, for ICMP errors */
};

static inline struct dgram_sock *dgram_sk(struct socket *s)
{
	return container_of(s, struct dgram_sock, inet.s);
}

struct dgram_sock *dgram_new(const struct socket_ops *ops, int family, int type,
			     int protocol);
void dgram_destroy(struct socket *s);

/*
 * Queue what lwIP delivers now (ip_current_*); takes over p.  Dropped when the
 * receive buffer is full.  Network lock.
 */
void dgram_input(struct dgram_sock *ds, struct pbuf *p, const ip_addr_t *from,
		 u16 port);
void dgram_purge(struct dgram_sock *ds);

/*
 * -EDESTADDRREQ, -EINVAL, ... ; s->lock.
 */
int dgram_target(struct dgram_sock *ds, const struct socket_msg *m,
		 struct dgram_target *t);
/*
 * Choose interface and source address.  -ENETUNREACH, -EACCES (broadcast
 * without SO_BROADCAST), -EMSGSIZE (over the MTU, and not to be fragmented).
 * Network lock.
 */
int dgram_route(struct dgram_sock *ds, struct dgram_target *t, size_t size,
		struct netif **n);
/* The message's bytes in a pbuf with room for headers; ERR_PTR. */
struct pbuf *dgram_copy_in(struct socket_msg *m, pbuf_layer layer);

/* ops */
ssize_t dgram_recvmsg(struct socket *s, struct socket_msg *m);
u32 dgram_poll(struct socket *s, struct poll_table *pt);
int dgram_shutdown(struct socket *s, int how);
int dgram_ioctl(struct socket *s, unsigned cmd, unsigned long arg);

#endif
