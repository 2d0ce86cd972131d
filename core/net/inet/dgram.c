/* The receive queue of datagram sockets. */
#include "dgram.h"
#include "page.h"
#include "uaccess.h"
#include <asm/ioctls.h>
#include "lwip/ip.h"

struct dgram_sock *dgram_new(const struct socket_ops *ops, int family, int type,
			     int protocol)
{
	struct dgram_sock *ds = kzalloc(sizeof(*ds), 0);

	if (!ds)
		return NULL;
	inet_init(&ds->inet, ops, family, type, protocol);
	spin_init(&ds->rx_spin);
	list_init(&ds->rx);
	list_init(&ds->link);
	ds->checksum_offset = -1;
	return ds;
}

static void dgram_free(struct dgram *d)
{
	pbuf_free(d->p);
	kfree(d);
}

void dgram_purge(struct dgram_sock *ds)
{
	struct list all = LIST_INIT(all);
	struct dgram *d, *n;

	spin_lock(&ds->rx_spin);
	list_splice(&all, &ds->rx);
	ds->rx_held = ds->rx_count = 0;
	spin_unlock(&ds->rx_spin);
	list_for_each_safe(d, n, &all, link)
		dgram_free(d);
}

void dgram_destroy(struct socket *s)
{
	struct dgram_sock *ds = dgram_sk(s);

	dgram_purge(ds);
	kfree(ds);
}

/* Device buffers are larger than what is in them; count what they pin. */
#define BUFFER_SIZE 2048

static u32 memory_of(const struct pbuf *p)
{
	u32 n = sizeof(struct dgram);

	for (; p; p = p->next)
		n += p->flags & PBUF_FLAG_IS_CUSTOM ? BUFFER_SIZE :
						      sizeof(*p) + p->len;
	return n;
}

static void describe(struct dgram *d, const ip_addr_t *from, u16 port)
{
	ip_addr_copy(d->from, *from);
	ip_addr_copy(d->to, *ip_current_dest_addr());
	d->port = port;
	d->ifindex = ip_current_input_netif()->num + 1;
	d->stamp = (s64)now_ns() + realtime_offset();
	if (ip_current_is_v6()) {
		const struct ip6_hdr *h = ip6_current_header();

		d->ttl = IP6H_HOPLIM(h);
		d->tos = IP6H_TC(h);
	} else {
		const struct ip_hdr *h = ip4_current_header();

		d->ttl = IPH_TTL(h);
		d->tos = IPH_TOS(h);
	}
}

void dgram_input(struct dgram_sock *ds, struct pbuf *p, const ip_addr_t *from,
		 u16 port)
{
	struct dgram *d = kmalloc(sizeof(*d), 0);
	bool taken = false;

	if (d) {
		d->p = p;
		d->size = memory_of(p);
		describe(d, from, port);
	}
	spin_lock(&ds->rx_spin);
	/* Linux takes one more when the buffer is not full yet. */
	if (d && ds->rx_held < ds->inet.s.opt.rcvbuf && !ds->closed) {
		list_append(&ds->rx, &d->link);
		ds->rx_held += d->size;
		WRITE_ONCE(ds->rx_count, ds->rx_count + 1);
		taken = true;
	} else {
		ds->drops++;
	}
	spin_unlock(&ds->rx_spin);
	if (taken) {
		socket_wake(&ds->inet.s, EPOLLIN | EPOLLRDNORM);
		return;
	}
	kfree(d);
	pbuf_free(p);
}

u32 dgram_poll(struct socket *s, struct poll_table *pt)
{
	struct dgram_sock *ds = dgram_sk(s);
	u32 shut, ev = EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND;

	poll_wait(pt, &s->wait);
	shut = socket_shutdown_bits(s);
	if (READ_ONCE(s->error))
		ev |= EPOLLERR;
	if (shut & RCV_SHUTDOWN)
		ev |= EPOLLRDHUP | EPOLLIN | EPOLLRDNORM;
	if (shut == SHUTDOWN_MASK)
		ev |= EPOLLHUP;
	if (READ_ONCE(ds->rx_count))
		ev |= EPOLLIN | EPOLLRDNORM;
	return ev;
}

int dgram_shutdown(struct socket *s, int how)
{
	int err = 0;

	mutex_lock(&s->lock);
	__atomic_or_fetch(&s->shutdown, how + 1, __ATOMIC_RELEASE);
	/* As Linux: it takes effect, but is an error without a peer. */
	if (!inet_sk(s)->rport)
		err = -ENOTCONN;
	mutex_unlock(&s->lock);
	socket_wake(s, EPOLLIN | EPOLLRDHUP | EPOLLHUP);
	return err;
}

int dgram_ioctl(struct socket *s, unsigned cmd, unsigned long arg)
{
	struct dgram_sock *ds = dgram_sk(s);
	int v = 0;

	switch (cmd) {
	case FIONREAD: /* of the next datagram */
		spin_lock(&ds->rx_spin);
		if (!list_empty(&ds->rx))
			v = list_first(&ds->rx, struct dgram, link)->p->tot_len;
		spin_unlock(&ds->rx_spin);
		return put_user(v, (int __user *)arg);
	case TIOCOUTQ:
		return put_user(v, (int __user *)arg);
	default:
		return -ENOTTY;
	}
}
