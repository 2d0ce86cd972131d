/* Sending on TCP sockets. */
#include "tcp.h"
#include "page.h"
#include "string.h"
#include "thread.h"

/*
 * Short writes go into lwIP's own segment buffers: one piece for the device instead
 * of two, and no page.
 */
#define SHORT_MAX TCP_MSS
/* Pages filled before the network lock is taken for them. */
#define BATCH 16

/*
 * Is the connection able to send?  s->lock.  0, or the error, which is looked at
 * last: tcp_connection_ended sets it first.
 */
static int check_send(struct tcp_sock *ts)
{
	struct socket *s = &ts->inet.s;
	bool open = tcp_state(ts) == TCPS_CONNECTED ||
		    tcp_state(ts) == TCPS_CONNECTING;
	bool shut = socket_shutdown_bits(s) & SEND_SHUTDOWN;
	int err = socket_take_error(s);

	if (err)
		return err;
	return open && !shut ? 0 : -EPIPE;
}

static bool can_send(struct tcp_sock *ts)
{
	struct socket *s = &ts->inet.s;

	if (READ_ONCE(s->error) ||
	    (socket_shutdown_bits(s) & SEND_SHUTDOWN) ||
	    tcp_state(ts) == TCPS_CLOSED)
		return true;
	if (tcp_state(ts) == TCPS_CONNECTING)
		return false;
	if (tcp_tx_room(ts))
		return true;
	__atomic_store_n(&ts->tx_full, true, __ATOMIC_SEQ_CST);
	return tcp_tx_room(ts) != 0;
}

/* Wait for the connection or for room; drops s->lock meanwhile. */
static int wait_send(struct tcp_sock *ts, unsigned flags, nsec_t deadline)
{
	struct socket *s = &ts->inet.s;
	int err;

	/* What was held back in the hope of more must go: only that makes room. */
	if (READ_ONCE(ts->tx_ungiven)) {
		net_lock();
		tcp_tx_push(ts, true);
		net_unlock();
	}
	if (flags & MSG_DONTWAIT) {
		/* Make sure that the epoll edge comes. */
		return can_send(ts) ? 0 : -EAGAIN;
	}
	mutex_unlock(&s->lock);
	err = wait_event_until(&s->wait, can_send(ts), deadline);
	mutex_lock(&s->lock);
	return socket_wait_error(err, deadline);
}

/* Queue pieces, in their order.  Frees them if the connection is gone. */
static int queue(struct tcp_sock *ts, struct list *pieces, bool more)
{
	struct tx_piece *p, *n;
	int err = 0;

	net_lock();
	if (!ts->pcb || tcp_state(ts) == TCPS_CLOSED || ts->fin_wanted)
		err = -EPIPE;
	list_for_each_safe(p, n, pieces, link)
	{
		list_del(&p->link);
		if (err)
			tx_piece_free(p);
		else
			tcp_tx_append(ts, p);
	}
	if (!err) {
		ts->corked_now = more;
		tcp_rx_report(ts);
		tcp_tx_push(ts, false);
	}
	net_unlock();
	return err;
}

/* Up to SHORT_MAX bytes, in a piece of their own. */
static ssize_t send_short(struct tcp_sock *ts, struct iov_iter *it, size_t n,
			  bool more)
{
	struct list pieces = LIST_INIT(pieces);
	struct tx_piece *p = kmalloc(sizeof(*p) + n, 0);
	int err;

	if (!p)
		return -ENOBUFS;
	p->page = NULL;
	p->len = (u16)n;
	if (iov_copy_from(it, p->bytes, n) != n) {
		kfree(p);
		return -EFAULT;
	}
	list_append(&pieces, &p->link);
	err = queue(ts, &pieces, more);
	return err ? err : (ssize_t)n;
}

static struct tx_piece *piece_page(struct iov_iter *it, size_t n, int *err)
{
	struct tx_piece *p = kmalloc(sizeof(*p), 0);
	struct page *pg = p ? page_alloc(0, 0) : NULL;

	*err = -ENOBUFS;
	if (!pg) {
		kfree(p);
		return NULL;
	}
	p->page = pg;
	p->off = 0;
	/* A fault in the middle: what was copied is sent. */
	p->len = (u16)iov_copy_from(it, page_address(pg), n);
	if (!p->len) {
		tx_piece_free(p);
		*err = -EFAULT;
		return NULL;
	}
	return p;
}

/* Up to n bytes through pages. */
static ssize_t send_pages(struct tcp_sock *ts, struct iov_iter *it, size_t n,
			  bool more)
{
	struct list pieces = LIST_INIT(pieces);
	size_t done = 0;
	int err = 0;

	n = MIN(n, BATCH * PAGE_SIZE);
	while (done < n) {
		size_t k = MIN(n - done, PAGE_SIZE);
		struct tx_piece *p = piece_page(it, k, &err);

		if (!p)
			break;
		list_append(&pieces, &p->link);
		done += p->len;
		if (p->len < k)
			break;
	}
	if (!done)
		return err;
	/* The caller has more if the iterator has. */
	err = queue(ts, &pieces, more || (done == n && it->count));
	return err ? err : (ssize_t)done;
}

static ssize_t send_some(struct tcp_sock *ts, struct iov_iter *it, bool more)
{
	size_t room = tcp_tx_room(ts), n = MIN(room, it->count);

	if (n <= SHORT_MAX)
		return send_short(ts, it, n, more || n < it->count);
	return send_pages(ts, it, n, more);
}

ssize_t tcp_sendmsg(struct socket *s, struct socket_msg *m)
{
	struct tcp_sock *ts = tcp_sk(s);
	nsec_t deadline = socket_deadline(s->opt.sndtimeo);
	bool more = m->flags & MSG_MORE;
	ssize_t done = 0, ret = 0;

	if (m->flags & MSG_OOB)
		return -EOPNOTSUPP;
	mutex_lock(&s->lock);
	for (;;) {
		ret = check_send(ts);
		if (ret || (!m->it->count && tcp_state(ts) == TCPS_CONNECTED))
			break;
		if (tcp_state(ts) == TCPS_CONNECTING || !tcp_tx_room(ts)) {
			ret = wait_send(ts, m->flags, deadline);
			if (ret)
				break;
			continue;
		}
		ret = send_some(ts, m->it, more);
		if (ret < 0)
			break;
		done += ret;
		ret = 0;
		if (!m->it->count)
			break;
		cond_resched();
	}
	mutex_unlock(&s->lock);
	if (done)
		return done;
	return ret == -EPIPE ? socket_epipe(m->flags) : ret;
}

ssize_t tcp_send_page(struct socket *s, struct page *pg, size_t off, size_t n,
		      unsigned flags)
{
	struct tcp_sock *ts = tcp_sk(s);
	nsec_t deadline = socket_deadline(s->opt.sndtimeo);
	struct list pieces = LIST_INIT(pieces);
	struct tx_piece *p;
	ssize_t ret;

	mutex_lock(&s->lock);
	for (;;) {
		ret = check_send(ts);
		if (ret || (tcp_state(ts) == TCPS_CONNECTED && tcp_tx_room(ts)))
			break;
		ret = wait_send(ts, flags, deadline);
		if (ret)
			break;
	}
	if (ret)
		goto out;
	n = MIN(n, (size_t)tcp_tx_room(ts));
	ret = -ENOBUFS;
	p = kmalloc(sizeof(*p), 0);
	if (!p)
		goto out;
	page_get(pg);
	p->page = pg;
	p->off = (u16)off;
	p->len = (u16)n;
	list_append(&pieces, &p->link);
	ret = queue(ts, &pieces, flags & MSG_MORE);
	if (!ret)
		ret = n;
out:
	mutex_unlock(&s->lock);
	return ret == -EPIPE ? socket_epipe(flags) : ret;
}
