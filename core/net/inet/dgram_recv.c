/* recvmsg on datagram sockets, with what control messages tell. */
#include "dgram.h"
#include "page.h"
#include "string.h"
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/ipv6.h>
#include <linux/time_types.h>

static bool readable(struct dgram_sock *ds)
{
	struct socket *s = &ds->inet.s;

	return READ_ONCE(ds->rx_count) || READ_ONCE(s->error) ||
	       (socket_shutdown_bits(s) & RCV_SHUTDOWN);
}

/* The next datagram, taken off the queue unless peeked at.  s->rx_lock. */
static struct dgram *next(struct dgram_sock *ds, bool peek)
{
	struct dgram *d = NULL;

	spin_lock(&ds->rx_spin);
	if (!list_empty(&ds->rx)) {
		d = list_first(&ds->rx, struct dgram, link);
		if (!peek) {
			list_del(&d->link);
			ds->rx_held -= d->size;
			WRITE_ONCE(ds->rx_count, ds->rx_count - 1);
		}
	}
	spin_unlock(&ds->rx_spin);
	return d;
}

static size_t copy(struct iov_iter *it, const struct pbuf *p, size_t n)
{
	size_t done = 0;

	for (; p && done < n; p = p->next) {
		size_t k = MIN((size_t)p->len, n - done), got;

		got = iov_copy_to(it, p->payload, k);
		done += got;
		if (got < k)
			break;
	}
	return done;
}

static void put_time(struct socket *s, struct socket_msg *m,
		     const struct dgram *d)
{
	struct __kernel_old_timeval tv;
	struct __kernel_timespec ts;

	if (s->opt.timestamp) {
		tv.tv_sec = d->stamp / (s64)NSEC_PER_SEC;
		tv.tv_usec = d->stamp % (s64)NSEC_PER_SEC / 1000;
		put_cmsg(m, SOL_SOCKET, SO_TIMESTAMP_OLD, &tv, sizeof(tv));
	}
	if (s->opt.timestampns) {
		ts.tv_sec = d->stamp / (s64)NSEC_PER_SEC;
		ts.tv_nsec = d->stamp % (s64)NSEC_PER_SEC;
		put_cmsg(m, SOL_SOCKET, SO_TIMESTAMPNS_OLD, &ts, sizeof(ts));
	}
}

static void put_v4(const struct inet_sock *is, struct socket_msg *m,
		   const struct dgram *d)
{
	int v;

	if (is->recvpktinfo) {
		struct in_pktinfo pi = {.ipi_ifindex = d->ifindex};
		struct interface *i;

		pi.ipi_addr.s_addr = ip4_addr_get_u32(ip_2_ip4(&d->to));
		pi.ipi_spec_dst = pi.ipi_addr;
		/* For what went to many: the address answers will have. */
		net_lock();
		i = interface_by_index(d->ifindex);
		if (i && (ip_addr_ismulticast(&d->to) ||
			  ip4_addr_isbroadcast(ip_2_ip4(&d->to), &i->netif)))
			pi.ipi_spec_dst.s_addr =
			    ip4_addr_get_u32(netif_ip4_addr(&i->netif));
		net_unlock();
		put_cmsg(m, SOL_IP, IP_PKTINFO, &pi, sizeof(pi));
	}
	v = d->ttl;
	if (is->recvttl)
		put_cmsg(m, SOL_IP, IP_TTL, &v, sizeof(v));
	if (is->recvtos)
		put_cmsg(m, SOL_IP, IP_TOS, &d->tos, 1);
}

static void put_v6(const struct inet_sock *is, struct socket_msg *m,
		   const struct dgram *d)
{
	struct in6_pktinfo pi = {.ipi6_ifindex = d->ifindex};
	struct sockaddr_in6 sin6;
	int v;

	if (is->recvpktinfo6) {
		inet_address_out(is, &d->to, 0, (void *)&sin6);
		pi.ipi6_addr = sin6.sin6_addr;
		put_cmsg(m, SOL_IPV6, IPV6_PKTINFO, &pi, sizeof(pi));
	}
	v = d->ttl;
	if (is->recvhops6)
		put_cmsg(m, SOL_IPV6, IPV6_HOPLIMIT, &v, sizeof(v));
	v = d->tos;
	if (is->recvtclass6)
		put_cmsg(m, SOL_IPV6, IPV6_TCLASS, &v, sizeof(v));
}

static ssize_t deliver(struct dgram_sock *ds, struct socket_msg *m,
		       const struct dgram *d)
{
	struct socket *s = &ds->inet.s;
	size_t len = d->p->tot_len, n = MIN(len, m->it->count);

	if (copy(m->it, d->p, n) < n)
		return -EFAULT;
	if (n < len)
		m->out |= MSG_TRUNC;
	if (m->name)
		m->namelen = inet_address_out(&ds->inet, &d->from, d->port,
					      m->name);
	put_time(s, m, d);
	if (IP_IS_V4_VAL(d->to))
		put_v4(&ds->inet, m, d);
	if (s->family == AF_INET6)
		put_v6(&ds->inet, m, d);
	return m->flags & MSG_TRUNC ? len : n;
}

ssize_t dgram_recvmsg(struct socket *s, struct socket_msg *m)
{
	struct dgram_sock *ds = dgram_sk(s);
	nsec_t deadline = socket_deadline(s->opt.rcvtimeo);
	bool peek = m->flags & MSG_PEEK;
	struct dgram *d;
	ssize_t ret;

	if (m->flags & MSG_ERRQUEUE)
		return -EAGAIN; /* errors are not queued */
	if (m->flags & MSG_OOB)
		return -EOPNOTSUPP;
	mutex_lock(&s->rx_lock);
	for (;;) {
		ret = socket_take_error(s);
		if (ret)
			goto out;
		d = next(ds, peek);
		if (d)
			break;
		ret = 0;
		if (socket_shutdown_bits(s) & RCV_SHUTDOWN)
			goto out;
		ret = -EAGAIN;
		if (m->flags & MSG_DONTWAIT)
			goto out;
		mutex_unlock(&s->rx_lock);
		ret = socket_wait_error(
		    wait_event_until(&s->wait, readable(ds), deadline),
		    deadline);
		mutex_lock(&s->rx_lock);
		if (ret)
			goto out;
	}
	/* Only this side takes from the queue, so a peeked one stays. */
	ret = deliver(ds, m, d);
	if (!peek) {
		pbuf_free(d->p);
		kfree(d);
	}
out:
	mutex_unlock(&s->rx_lock);
	return ret;
}
