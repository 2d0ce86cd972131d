/*
 * Which socket has which port, by Linux' rules for SO_REUSEADDR and SO_REUSEPORT.
 * lwIP's own check is narrower (versions, listening), so it is not used.
 */
#include "inet.h"
#include "process.h"
#include "random.h"
#include "lwip/priv/tcp_priv.h"

/* net.ipv4.ip_local_port_range */
#define EPHEMERAL_FIRST 32768u
#define EPHEMERAL_LAST 60999u
#define EPHEMERAL_COUNT (EPHEMERAL_LAST - EPHEMERAL_FIRST + 1)
#define PRIVILEGED 1024

static struct list tcp_bucket[PORT_BUCKETS], udp_bucket[PORT_BUCKETS];

const struct port_table tcp_ports = {tcp_bucket, true};
const struct port_table udp_ports = {udp_bucket, false};

static void ports_init(void)
{
	for (int i = 0; i < PORT_BUCKETS; i++) {
		list_init(&tcp_bucket[i]);
		list_init(&udp_bucket[i]);
	}
}
INITCALL(INIT_CORE, ports_init);

static struct list *bucket(const struct port_table *t, u16 port)
{
	return &t->bucket[port % PORT_BUCKETS];
}

static bool any(const ip_addr_t *a)
{
	return IP_IS_ANY_TYPE_VAL(*a) || ip_addr_isany(a);
}

/* May a packet be for both addresses? */
static bool overlap(const ip_addr_t *a, const ip_addr_t *b)
{
	if (IP_IS_ANY_TYPE_VAL(*a) || IP_IS_ANY_TYPE_VAL(*b))
		return true;
	if (IP_GET_TYPE(a) != IP_GET_TYPE(b))
		return false;
	return any(a) || any(b) || ip_addr_eq(a, b);
}

static bool conflict(const struct port_table *t, const struct inet_sock *a,
		     const ip_addr_t *ip, const struct inet_sock *b)
{
	const struct socket_options *x = &a->s.opt, *y = &b->s.opt;

	if (x->bound_device && y->bound_device &&
	    x->bound_device != y->bound_device)
		return false;
	if (!overlap(ip, &b->local))
		return false;
	if (x->reuseaddr && y->reuseaddr && !(t->tcp && b->listening))
		return false;
	if (x->reuseport && y->reuseport && a->s.owner.uid == b->s.owner.uid)
		return false;
	return true;
}

/* Connections whose socket is gone, for a bind without SO_REUSEADDR. */
static bool time_wait_conflict(const struct inet_sock *is, const ip_addr_t *ip,
			       u16 port)
{
	for (const struct tcp_pcb *p = tcp_tw_pcbs; p; p = p->next) {
		if (p->local_port == port && overlap(ip, &p->local_ip) &&
		    !(is->s.opt.reuseaddr && ip_get_option(p, SOF_REUSEADDR)))
			return true;
	}
	return false;
}

static bool in_use(const struct inet_sock *is, const struct port_table *t,
		   const ip_addr_t *ip, u16 port)
{
	const struct inet_sock *o;

	list_for_each(o, bucket(t, port), port_link)
	{
		if (o != is && o->lport == port && conflict(t, is, ip, o))
			return true;
	}
	return t->tcp && time_wait_conflict(is, ip, port);
}

static void take(struct inet_sock *is, const struct port_table *t, u16 port)
{
	is->lport = port;
	is->ports = t;
	list_append(bucket(t, port), &is->port_link);
}

int port_bind(struct inet_sock *is, const struct port_table *t,
	      const ip_addr_t *ip, u16 port)
{
	if (port) {
		if (port < PRIVILEGED && current_process() &&
		    current_process()->euid != 0)
			return -EACCES;
		if (in_use(is, t, ip, port))
			return -EADDRINUSE;
	} else {
		u32 start = (u32)random_below(EPHEMERAL_COUNT), k;

		for (k = 0; k < EPHEMERAL_COUNT; k++) {
			port = EPHEMERAL_FIRST + (start + k) % EPHEMERAL_COUNT;
			if (!in_use(is, t, ip, port))
				break;
		}
		if (k == EPHEMERAL_COUNT)
			return -EADDRINUSE;
	}
	ip_addr_copy(is->local, *ip);
	is->port_shared = false;
	take(is, t, port);
	return 0;
}

static bool tuple_used(const struct inet_sock *is, u16 lport,
		       const ip_addr_t *ip, u16 port)
{
	const struct tcp_pcb *list[] = {tcp_active_pcbs, tcp_tw_pcbs};

	for (size_t i = 0; i < ARRAY_SIZE(list); i++)
		for (const struct tcp_pcb *p = list[i]; p; p = p->next)
			if (p->local_port == lport && p->remote_port == port &&
			    ip_addr_eq(&p->remote_ip, ip) &&
			    overlap(&is->local, &p->local_ip))
				return true;
	return false;
}

/* Taken by somebody who bound it, other than by connecting from it? */
static bool reserved(const struct inet_sock *is, const struct port_table *t,
		     u16 port)
{
	const struct inet_sock *o;

	list_for_each(o, bucket(t, port), port_link)
	{
		if (o->lport == port && !(o->port_shared && t->tcp) &&
		    overlap(&is->local, &o->local))
			return true;
	}
	return false;
}

int port_bind_connect(struct inet_sock *is, const struct port_table *t,
		      const ip_addr_t *ip, u16 port)
{
	u32 start = (u32)random_below(EPHEMERAL_COUNT);

	for (u32 k = 0; k < EPHEMERAL_COUNT; k++) {
		u16 p = EPHEMERAL_FIRST + (start + k) % EPHEMERAL_COUNT;

		/* Nor the port that is connected to: ip may be our own address. */
		if (reserved(is, t, p) ||
		    (t->tcp && (p == port || tuple_used(is, p, ip, port))))
			continue;
		is->port_shared = true;
		take(is, t, p);
		return 0;
	}
	return -EADDRNOTAVAIL;
}

void port_inherit(struct inet_sock *is, const struct port_table *t)
{
	take(is, t, is->lport);
}

bool port_conflict(const struct inet_sock *is)
{
	return in_use(is, is->ports, &is->local, is->lport);
}

void port_release(struct inet_sock *is)
{
	if (is->ports)
		list_del(&is->port_link);
	is->ports = NULL;
}
