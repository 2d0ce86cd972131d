/* UDP sockets. */
#include "dgram.h"
#include "hooks.h"
#include "udp_sockets.h"
#include "string.h"
#include <linux/in.h>
#include <linux/udp.h>

struct list udp_sockets = LIST_INIT(udp_sockets);

static const struct socket_ops udp_ops;

static bool to_one(void)
{
	const ip_addr_t *to = ip_current_dest_addr();

	return !ip_addr_ismulticast(to) &&
	       !ip_addr_isbroadcast(to, ip_current_netif());
}

static bool shares(const struct inet_sock *a, const struct inet_sock *b)
{
	return b->s.opt.reuseport && a->lport == b->lport && !b->rport &&
	       ip_addr_eq(&a->local, &b->local) &&
	       a->s.opt.bound_device == b->s.opt.bound_device;
}

/*
 * Of the sockets that share a port (SO_REUSEPORT) the one for this peer, always the
 * same as long as they are the same; lwIP knows but the last one.
 */
static struct dgram_sock *one_of(struct dgram_sock *ds, const ip_addr_t *from,
				 u16 port)
{
	const struct inet_sock *is = &ds->inet;
	struct dgram_sock *o;
	u64 n = 0;

	list_for_each(o, &udp_sockets, link)
		n += shares(is, &o->inet);
	n = lwip_flow_hash(&is->local, is->lport, from, port) % n;
	list_for_each(o, &udp_sockets, link)
	{
		if (shares(is, &o->inet) && !n--)
			return o;
	}
	return ds;
}

static void input(void *arg, struct udp_pcb *pcb, struct pbuf *p,
		  const ip_addr_t *from, u16_t port)
{
	struct dgram_sock *ds = arg;

	if (shares(&ds->inet, &ds->inet) && to_one())
		ds = one_of(ds, from, port);
	dgram_input(ds, p, from, port);
}

struct socket *udp_create(int family)
{
	struct dgram_sock *ds =
	    dgram_new(&udp_ops, family, SOCK_DGRAM, IPPROTO_UDP);

	if (!ds)
		return ERR_PTR(-ENOBUFS);
	net_lock();
	list_append(&udp_sockets, &ds->link);
	net_unlock();
	return &ds->inet.s;
}

/* The options that lwIP looks at.  s->lock, network lock. */
static void apply_options(struct dgram_sock *ds)
{
	struct inet_sock *is = &ds->inet;
	struct udp_pcb *p = ds->udp;

	if (!p)
		return;
	/* Ports are ours to check: lwIP shall not. */
	ip_set_option(p, SOF_REUSEADDR | SOF_BROADCAST);
	p->netif_idx = (u8_t)is->s.opt.bound_device;
	p->flags = is->mcast_loop ? p->flags | UDP_FLAGS_MULTICAST_LOOP :
				    p->flags & ~UDP_FLAGS_MULTICAST_LOOP;
}

/* A pcb on the socket's port. */
static int attach(struct dgram_sock *ds)
{
	struct inet_sock *is = &ds->inet;
	u8_t type = IP_GET_TYPE(&is->local);
	err_t err;

	if (is->v6only && type == IPADDR_TYPE_ANY)
		type = IPADDR_TYPE_V6;
	ds->udp = udp_new_ip_type(type);
	if (!ds->udp)
		return -ENOBUFS;
	apply_options(ds);
	err = udp_bind(ds->udp, &is->local, is->lport);
	if (err != ERR_OK) {
		udp_remove(ds->udp);
		ds->udp = NULL;
		return inet_error(err);
	}
	udp_recv(ds->udp, input, ds);
	return 0;
}

static void detach(struct dgram_sock *ds)
{
	if (ds->udp)
		udp_remove(ds->udp);
	ds->udp = NULL;
	port_release(&ds->inet);
}

static int bind_locked(struct dgram_sock *ds, const ip_addr_t *ip, u16 port)
{
	int err = port_bind(&ds->inet, &udp_ports, ip, port);

	if (err)
		return err;
	err = attach(ds);
	if (err) {
		port_release(&ds->inet);
		ds->inet.lport = 0;
	}
	return err;
}

static int bind(struct socket *s, struct sockaddr *sa, int len)
{
	struct dgram_sock *ds = dgram_sk(s);
	ip_addr_t ip;
	u16 port;
	int err;

	if (s->family == AF_INET6 && len >= 2 && sa->sa_family == AF_INET)
		return -EAFNOSUPPORT;
	err = inet_address_in(&ds->inet, sa, len, &ip, &port);
	if (err)
		return err;
	if (ds->inet.v6only && IP_IS_V4_VAL(ip) && s->family == AF_INET6)
		return -EINVAL;
	mutex_lock(&s->lock);
	net_lock();
	if (ds->inet.lport)
		err = -EINVAL;
	else if (!ds->inet.freebind && !inet_address_local(&ip))
		err = -EADDRNOTAVAIL;
	else
		err = bind_locked(ds, &ip, port);
	if (!err)
		ds->inet.port_chosen = port != 0;
	net_unlock();
	mutex_unlock(&s->lock);
	return err;
}

int udp_autobind(struct dgram_sock *ds)
{
	ip_addr_t any = ds->inet.local;

	return ds->inet.lport ? 0 : bind_locked(ds, &any, 0);
}

static int disconnect(struct dgram_sock *ds)
{
	struct inet_sock *is = &ds->inet;

	if (!is->rport)
		return 0;
	udp_disconnect(ds->udp);
	is->rport = 0;
	if (is->s.family == AF_INET6)
		is->local = *IP_ANY_TYPE;
	else
		ip_addr_set_any(0, &is->local);
	ip_addr_copy(ds->udp->local_ip, is->local);
	if (!is->port_chosen) {
		detach(ds);
		is->lport = 0;
	}
	return 0;
}

static int connect_locked(struct dgram_sock *ds, const ip_addr_t *ip, u16 port)
{
	struct inet_sock *is = &ds->inet;
	struct dgram_target t = {.to = *ip, .port = port, .src = *IP_ANY_TYPE};
	struct netif *n;
	int err;

	if (ip_addr_ismulticast(ip))
		t.ifindex = IP_IS_V6(ip) ? is->mcast_if6 : is->mcast_if;
	err = dgram_route(ds, &t, 0, &n);
	if (err)
		return err;
	err = udp_autobind(ds);
	if (err)
		return err;
	udp_disconnect(ds->udp);
	err = inet_error(udp_connect(ds->udp, ip, port));
	if (err)
		return err;
	ip_addr_copy(is->remote, *ip);
	is->rport = port;
	/* From now on only what is sent to this address of ours arrives. */
	ip_addr_copy(is->local, t.src);
	ip_addr_copy(ds->udp->local_ip, t.src);
	return 0;
}

static int connect(struct socket *s, struct sockaddr *sa, int len, int flags)
{
	struct dgram_sock *ds = dgram_sk(s);
	ip_addr_t ip;
	u16 port;
	int err;

	if ((size_t)len < sizeof(sa->sa_family))
		return -EINVAL;
	mutex_lock(&s->lock);
	net_lock();
	if (sa->sa_family == AF_UNSPEC) {
		err = disconnect(ds);
	} else {
		err = inet_address_in(&ds->inet, sa, len, &ip, &port);
		if (!err) {
			inet_destination(&ip);
			err = connect_locked(ds, &ip, port);
		}
	}
	net_unlock();
	mutex_unlock(&s->lock);
	return err;
}

static int set_cork(struct dgram_sock *ds, const void *val, int len)
{
	int v;

	if ((size_t)len < sizeof(v))
		return -EINVAL;
	memcpy(&v, val, sizeof(v));
	mutex_lock(&ds->inet.s.lock);
	ds->cork = v != 0;
	if (!v)
		udp_uncork(ds);
	mutex_unlock(&ds->inet.s.lock);
	return 0;
}

static int udp_setsockopt(struct socket *s, int level, int name,
			  const void *val, int len)
{
	struct dgram_sock *ds = dgram_sk(s);
	int err;

	if (level == SOL_UDP) /* not UDP_SEGMENT, UDP_GRO, UDP_ENCAP ... */
		return name == UDP_CORK ? set_cork(ds, val, len) : -ENOPROTOOPT;
	mutex_lock(&s->lock);
	err = inet_setsockopt(&ds->inet, level, name, val, len);
	net_lock();
	apply_options(ds);
	net_unlock();
	mutex_unlock(&s->lock);
	return err;
}

static int udp_getsockopt(struct socket *s, int level, int name, void *val,
			  int *len)
{
	if (level == SOL_UDP)
		return name == UDP_CORK ?
			       inet_put_int(dgram_sk(s)->cork, val, len) :
			       -ENOPROTOOPT;
	return inet_getsockopt(inet_sk(s), level, name, val, len);
}

static void option_changed(struct socket *s, int name)
{
	net_lock();
	apply_options(dgram_sk(s));
	net_unlock();
}

static void close(struct socket *s)
{
	struct dgram_sock *ds = dgram_sk(s);

	net_lock();
	ds->closed = true;
	list_del(&ds->link);
	multicast_leave_all(&ds->inet);
	detach(ds);
	net_unlock();
	udp_pending_drop(ds);
	dgram_purge(ds);
}

static const struct socket_ops udp_ops = {
	.bind = bind,
	.connect = connect,
	.getname = inet_getname,
	.shutdown = dgram_shutdown,
	.sendmsg = udp_sendmsg,
	.recvmsg = dgram_recvmsg,
	.poll = dgram_poll,
	.ioctl = dgram_ioctl,
	.setsockopt = udp_setsockopt,
	.getsockopt = udp_getsockopt,
	.option_changed = option_changed,
	.close = close,
	.destroy = dgram_destroy,
	.device_index = inet_device_index,
};
