/*
 * Sockets of AF_INET and AF_INET6: what TCP, UDP and raw sockets have in common.
 */
#ifndef RR_INET_H
#define RR_INET_H

#include "socket.h"
#include "stack.h"
#include "lwip/ip_addr.h"

struct inet_sock {
	struct socket s;
	/*
	 * Both ends, network lock to write, s->lock or the network lock to read.
	 * An address of type IPADDR_TYPE_ANY is :: for both versions.
	 */
	ip_addr_t local, remote;
	u16 lport, rport;        /* host order; 0: none */
	bool port_chosen;        /* bind named the port: it survives a reset */
	/* From connect: other connections may have it, to other places. */
	bool port_shared;        /* ports.c; network lock */
	struct list port_link;   /* the same */
	const struct port_table *ports;
	bool listening;          /* for ports.c; network lock */
	/* Options, s->lock. */
	bool v6only, freebind, recverr, hdrincl, mcast_loop, mcast_all;
	bool recvpktinfo, recvttl, recvtos, recvpktinfo6, recvhops6, recvtclass6;
	bool recverr6, mcast_loop6, transparent;
	u8 tos, tclass;
	s16 ttl, hops, mcast_ttl, mcast_hops; /* -1: the default */
	int mcast_if, mcast_if6;              /* interface index; 0: by route */
	int mtu_discover, mtu_discover6;
	struct list memberships;              /* multicast.c */
};

static inline struct inet_sock *inet_sk(struct socket *s)
{
	return container_of(s, struct inet_sock, s);
}

/* socket_init, and the options' defaults. */
void inet_init(struct inet_sock *is, const struct socket_ops *ops, int family,
	       int type, int protocol);

/* ---- address.c ---- */

/*
 * An address of the program for this socket.  A mapped IPv4 address becomes IPv4, :: of
 * a dual-stack socket IP_ANY_TYPE.  -EINVAL (too short), -EAFNOSUPPORT.
 */
int inet_address_in(const struct inet_sock *is, const struct sockaddr *sa,
		    int len, ip_addr_t *ip, u16 *port);
/* The other way: returns the length. */
int inet_address_out(const struct inet_sock *is, const ip_addr_t *ip, u16 port,
		     struct sockaddr *sa);
/* For ops->getname. */
int inet_getname(struct socket *s, struct sockaddr *sa, bool peer);
/*
 * Is it an address of one of our interfaces (or any, multicast, broadcast)?
 * bind refuses others, unless IP_FREEBIND.  Network lock.
 */
bool inet_address_local(const ip_addr_t *ip);
/* 0.0.0.0 and :: as a destination mean ourselves. */
void inet_destination(ip_addr_t *ip);
/* The interface that would send there, or NULL. Network lock. */
struct netif *inet_route(const struct inet_sock *is, const ip_addr_t *src,
			 const ip_addr_t *dst);
/* lwIP's error as a negative errno. */
int inet_error(err_t err);

/* ---- ports.c: who has which port; all under the network lock ---- */

struct port_table {
	struct list *bucket; /* PORT_BUCKETS */
	bool tcp;            /* rules of TCP */
};
#define PORT_BUCKETS 64
extern const struct port_table tcp_ports, udp_ports;

/*
 * Give is the port (0: a free one) on the address; sets local, lport.  -EADDRINUSE,
 * -EACCES (below 1024 without privilege).
 */
int port_bind(struct inet_sock *is, const struct port_table *t,
	      const ip_addr_t *ip, u16 port);
/*
 * A port for a connection to (ip, port) from is->local, which nobody has bound and
 * no such connection has.  -EADDRNOTAVAIL.
 */
int port_bind_connect(struct inet_sock *is, const struct port_table *t,
		      const ip_addr_t *ip, u16 port);
/* Register a child of a listening socket on the listener's port. */
void port_inherit(struct inet_sock *is, const struct port_table *t);
/* Would is, with its port, conflict now (listen)? */
bool port_conflict(const struct inet_sock *is);
void port_release(struct inet_sock *is);

/* ---- ip_options.c, multicast.c, ioctl.c ---- */

int inet_setsockopt(struct inet_sock *is, int level, int name, const void *val,
		    int len);
int inet_getsockopt(struct inet_sock *is, int level, int name, void *val,
		    int *len);
int inet_device_index(const char *name);
/* IFF_*. Network lock. */
short interface_flags(const struct interface *i);
/* An int option's value to the caller, cut to *len. */
int inet_put_int(int v, void *val, int *len);

/* A multicast option: -ENOPROTOOPT if it is none.  Takes the network lock. */
int multicast_setsockopt(struct inet_sock *is, int level, int name,
			 const void *val, int len);
/* Leave all groups.  Network lock. */
void multicast_leave_all(struct inet_sock *is);

/* ---- the kinds of socket ---- */

struct socket *tcp_create(int family);
struct socket *udp_create(int family);
/* type SOCK_RAW, or SOCK_DGRAM for ICMP echo. */
struct socket *raw_create(int family, int type, int protocol);

#endif
