/*
 * Sending on UDP sockets.
 *
 * MSG_MORE and UDP_CORK (udp(7)) put the data of several calls into one datagram: it
 * grows in ds->pending.  The first call says where it goes; what the others say
 * about that is not looked at.  A call that fails loses what was held back.
 */
#include "udp_sockets.h"
#include "string.h"
#include "lwip/prot/ip4.h"
#include "lwip/prot/ip6.h"
#include "lwip/prot/udp.h"

/*
 * RFC 768 with RFC 791's 16-bit length.  RFC 8200's does not count the header, but
 * the 16 bits of a pbuf's length do.
 */
static size_t max_payload(const ip_addr_t *to)
{
	return 65535 - UDP_HLEN - (IP_IS_V6(to) ? IP6_HLEN : IP_HLEN);
}

static void set_ttl(struct dgram_sock *ds, const struct dgram_target *t)
{
	struct inet_sock *is = &ds->inet;
	bool v6 = IP_IS_V6_VAL(t->to);
	int ttl = v6 ? is->hops : is->ttl;
	int mttl = v6 ? is->mcast_hops : is->mcast_ttl;

	if (t->ttl >= 0)
		ttl = mttl = t->ttl;
	ds->udp->ttl = ttl < 0 ? UDP_TTL : (u8_t)ttl;
	ds->udp->mcast_ttl = mttl < 0 ? 1 : (u8_t)mttl;
	ds->udp->tos = t->tos >= 0 ? (u8_t)t->tos : v6 ? is->tclass : is->tos;
}

void udp_pending_drop(struct dgram_sock *ds)
{
	if (ds->pending)
		pbuf_free(ds->pending);
	ds->pending = NULL;
	ds->pending_len = 0;
}

/* Room for len bytes; a datagram that grows does so in large steps. */
static int reserve(struct dgram_sock *ds, size_t len)
{
	struct pbuf *old = ds->pending, *p;

	if (old && len <= old->tot_len)
		return 0;
	if (old) {
		len = MAX(len, 2 * (size_t)old->tot_len);
		len = MIN(len, max_payload(&ds->pending_to.to));
	}
	p = pbuf_alloc(PBUF_TRANSPORT, (u16_t)len, PBUF_RAM);
	if (!p)
		return -ENOBUFS;
	if (old) {
		memcpy(p->payload, old->payload, ds->pending_len);
		pbuf_free(old);
	}
	ds->pending = p;
	return 0;
}

/* The message's bytes behind what is there. */
static int append(struct dgram_sock *ds, struct socket_msg *m, size_t n)
{
	size_t len = ds->pending_len + n;
	int err;

	if (len > max_payload(&ds->pending_to.to))
		return -EMSGSIZE;
	err = reserve(ds, len);
	if (err)
		return err;
	if (iov_copy_from(m->it, (u8 *)ds->pending->payload + ds->pending_len,
			  n) != n)
		return -EFAULT;
	ds->pending_len = len;
	return 0;
}

/* Find the way, and send unless there will be more. */
static int output(struct dgram_sock *ds, bool more)
{
	struct dgram_target *t = &ds->pending_to;
	struct netif *netif;
	int err;

	net_lock();
	err = dgram_route(ds, t, ds->pending_len + UDP_HLEN + IP_HLEN, &netif);
	if (!err)
		err = udp_autobind(ds);
	if (!err && !more) {
		pbuf_realloc(ds->pending, (u16_t)ds->pending_len);
		set_ttl(ds, t);
		err = inet_error(udp_sendto_if_src(ds->udp, ds->pending, &t->to,
						   t->port, netif, &t->src));
	}
	net_unlock();
	if (!more)
		udp_pending_drop(ds);
	return err;
}

void udp_uncork(struct dgram_sock *ds)
{
	if (ds->pending)
		output(ds, false); /* as Linux: nobody learns of a failure */
}

static int send(struct dgram_sock *ds, struct socket_msg *m, size_t n)
{
	struct socket *s = &ds->inet.s;
	struct dgram_target *t = &ds->pending_to;
	int err = socket_take_error(s);

	if (!err && (socket_shutdown_bits(s) & SEND_SHUTDOWN))
		err = -EPIPE;
	if (!err && !ds->pending) {
		err = dgram_target(ds, m, t);
		if (!err && !t->port)
			err = -EINVAL;
	}
	if (!err)
		err = append(ds, m, n);
	if (!err)
		err = output(ds, ds->cork || (m->flags & MSG_MORE));
	if (err)
		udp_pending_drop(ds);
	return err;
}

ssize_t udp_sendmsg(struct socket *s, struct socket_msg *m)
{
	size_t n = m->it->count;
	int err;

	if (s->family == AF_INET && n > 0xffff)
		return -EMSGSIZE; /* whatever waits stays */
	if (m->flags & MSG_OOB)
		return -EOPNOTSUPP;
	mutex_lock(&s->lock);
	err = send(dgram_sk(s), m, n);
	mutex_unlock(&s->lock);
	if (err == -EPIPE)
		return socket_epipe(m->flags);
	return err ? err : (ssize_t)n;
}
