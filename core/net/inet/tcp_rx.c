/* Receiving on TCP sockets. */
#include "tcp.h"
#include "page.h"
#include "string.h"

/* Bytes of all sockets that were received and not read yet; atomic. */
static u64 held;

static u64 held_max(void)
{
	static u64 max;

	if (!max) {
		struct memory_stats ms;

		memory_stats(&ms);
		max = ms.total * PAGE_SIZE / 8;
	}
	return max;
}

/* Short data goes behind what is in the last buffer, if that is our own. */
#define COALESCE_MAX 512
#define COALESCE_ROOM 2048

/* A buffer of ours with room behind its data; its flags say so. */
#define PBUF_FLAG_ROOM 0x40U

static bool coalesce(struct tcp_sock *ts, struct pbuf *p)
{
	struct pbuf *t = ts->rx_tail;

	if (!t || !(t->flags & PBUF_FLAG_ROOM) ||
	    t->len + p->tot_len > COALESCE_ROOM)
		return false;
	pbuf_copy_partial(p, (u8 *)t->payload + t->len, p->tot_len, 0);
	t->len += p->tot_len;
	return true;
}

/*
 * A peer that sends many short segments must not make us hold a buffer for each:
 * when something waits already, they are gathered.
 */
static struct pbuf *gathered(struct pbuf *p)
{
	struct pbuf *t = pbuf_alloc(PBUF_RAW, COALESCE_ROOM, PBUF_RAM);

	if (!t)
		return NULL;
	t->flags |= PBUF_FLAG_ROOM;
	t->len = p->tot_len;
	pbuf_copy_partial(p, t->payload, p->tot_len, 0);
	return t;
}

err_t tcp_rx_append(struct tcp_sock *ts, struct pbuf *p)
{
	u16 n = p->tot_len;
	struct pbuf *t = NULL, *last;

	if (__atomic_load_n(&held, __ATOMIC_RELAXED) + n > held_max())
		return ERR_MEM;
	spin_lock(&ts->rx_spin);
	if (ts->rx_tail && n <= COALESCE_MAX && coalesce(ts, p)) {
		WRITE_ONCE(ts->rx_bytes, ts->rx_bytes + n);
		spin_unlock(&ts->rx_spin);
		pbuf_free(p);
		goto counted;
	}
	spin_unlock(&ts->rx_spin);
	/* Only this side appends, so the tail can only have gone meanwhile. */
	if (READ_ONCE(ts->rx_bytes) && n <= COALESCE_MAX)
		t = gathered(p);
	if (t) {
		pbuf_free(p);
		p = t;
	}
	for (last = p; last->next; last = last->next)
		;
	spin_lock(&ts->rx_spin);
	if (ts->rx_tail)
		ts->rx_tail->next = p;
	else
		ts->rx_head = p;
	ts->rx_tail = last;
	WRITE_ONCE(ts->rx_bytes, ts->rx_bytes + n);
	spin_unlock(&ts->rx_spin);
counted:
	__atomic_add_fetch(&held, n, __ATOMIC_RELAXED);
	return ERR_OK;
}

void tcp_rx_purge(struct tcp_sock *ts)
{
	struct pbuf *p;

	spin_lock(&ts->rx_spin);
	p = ts->rx_head;
	ts->rx_head = ts->rx_tail = NULL;
	__atomic_sub_fetch(&held, ts->rx_bytes, __ATOMIC_RELAXED);
	ts->rx_bytes = 0;
	ts->rx_offset = 0;
	spin_unlock(&ts->rx_spin);
	while (p) {
		struct pbuf *next = p->next;

		p->next = NULL;
		pbuf_free(p);
		p = next;
	}
}

static void open_window(struct tcp_sock *ts, u32 n)
{
	u32 left = n;

	while (left) {
		u16 k = (u16)MIN(left, 0xffffu);

		tcp_recved(ts->pcb, k);
		left -= k;
	}
	/* lwIP tells the peer of large steps only, which a small window has not. */
	if (n >= ts->rx_window / 4 && n < TCP_WND_UPDATE_THRESHOLD) {
		tcp_ack_now(ts->pcb);
		tcp_output(ts->pcb);
	}
}

void tcp_rx_report(struct tcp_sock *ts)
{
	u32 n = __atomic_exchange_n(&ts->rx_unreported, 0, __ATOMIC_RELAXED);
	u32 kept = MIN(n, ts->rx_surplus);

	if (!ts->pcb || ts->pcb->state == LISTEN)
		return;
	ts->rx_surplus -= kept;
	open_window(ts, n - kept);
}

/*
 * Half of SO_RCVBUF, as on Linux, which takes the rest for bookkeeping.  But at least
 * three segments: lwIP moves the window's edge by one or more, a quarter of the window may
 * be read and not reported, and there must still be room for what the peer sends.
 */
static u32 window_max(const struct tcp_sock *ts)
{
	u32 most = TCP_WND_MAX(ts->pcb);
	u32 asked = MAX(ts->inet.s.opt.rcvbuf / 2, 3u * TCP_MSS);

	return ts->inet.s.opt.rcvbuf_locked ? MIN(asked, most) : most;
}

void tcp_rx_limit(struct tcp_sock *ts)
{
	struct tcp_pcb *pcb = ts->pcb;
	u32 had = ts->rx_window, now, kept;

	/* Whether it is scaled is known only with the peer's SYN. */
	if (!pcb || pcb->state < SYN_RCVD)
		return;
	now = window_max(ts);
	WRITE_ONCE(ts->rx_window, now);
	if (!had) {
		pcb->rcv_wnd = pcb->rcv_ann_wnd = now;
	} else if (now < had) {
		/* What is offered stays so (RFC 9293, 3.8.6). */
		ts->rx_surplus += had - now;
	} else {
		kept = MIN(now - had, ts->rx_surplus);
		ts->rx_surplus -= kept;
		open_window(ts, now - had - kept);
	}
}

/*
 * The window is opened again in larger steps: a tour through the network lock for every
 * read of a few bytes would be wasted, and the peer needs no news of so little.
 */
static void consumed(struct tcp_sock *ts, u32 n)
{
	__atomic_sub_fetch(&held, n, __ATOMIC_RELAXED);
	if (__atomic_add_fetch(&ts->rx_unreported, n, __ATOMIC_RELAXED) <
	    READ_ONCE(ts->rx_window) / 4)
		return;
	net_lock();
	tcp_rx_report(ts);
	net_unlock();
}

/* The part of the queue at offset bytes from its beginning: s->rx_lock. */
static struct pbuf *at(struct tcp_sock *ts, u32 *offset, u16 *len)
{
	struct pbuf *p;

	spin_lock(&ts->rx_spin);
	for (p = ts->rx_head; p && *offset >= p->len; p = p->next)
		*offset -= p->len;
	*len = p ? p->len : 0;
	spin_unlock(&ts->rx_spin);
	return p;
}

/* Take n bytes off the front: s->rx_lock. */
static void drop(struct tcp_sock *ts, u32 n)
{
	struct pbuf *p, *done = NULL;

	spin_lock(&ts->rx_spin);
	WRITE_ONCE(ts->rx_bytes, ts->rx_bytes - n);
	n += ts->rx_offset;
	while ((p = ts->rx_head) && n >= p->len) {
		n -= p->len;
		ts->rx_head = p->next;
		if (!p->next)
			ts->rx_tail = NULL;
		p->next = done;
		done = p;
	}
	ts->rx_offset = n;
	spin_unlock(&ts->rx_spin);
	while ((p = done)) {
		done = p->next;
		p->next = NULL;
		pbuf_free(p);
	}
}

/*
 * Copy from the queue, from skip bytes on (for MSG_PEEK), to the program.  Returns the
 * bytes; fewer than there are only for a fault.
 */
static size_t copy(struct tcp_sock *ts, struct iov_iter *it, u32 skip,
		   bool discard)
{
	size_t done = 0;

	while (it->count) {
		u32 off = ts->rx_offset + skip + (u32)done;
		u16 len;
		struct pbuf *p = at(ts, &off, &len);
		size_t n, got;

		if (!p)
			break;
		n = MIN((size_t)(len - off), it->count);
		got = n;
		if (discard)
			iov_advance(it, n);
		else
			got = iov_copy_to(it, (u8 *)p->payload + off, n);
		done += got;
		if (got < n)
			break;
	}
	return done;
}

static bool readable(struct tcp_sock *ts, u32 have)
{
	struct socket *s = &ts->inet.s;

	return READ_ONCE(ts->rx_bytes) > have || socket_rx_ended(s) ||
	       tcp_state(ts) == TCPS_CLOSED;
}

/*
 * Nothing is queued: why, or 0 to wait, or 1 for the end of the stream.  Looked at
 * in the other order than tcp_connection_ended sets it, which tells why first.
 */
static int why_empty(struct tcp_sock *ts)
{
	struct socket *s = &ts->inet.s;
	bool closed = tcp_state(ts) == TCPS_CLOSED;
	bool at_end = socket_shutdown_bits(s) & RCV_SHUTDOWN;
	int err = socket_take_error(s);

	if (err)
		return err;
	if (at_end)
		return 1;
	return closed ? -ENOTCONN : 0;
}

ssize_t tcp_recvmsg(struct socket *s, struct socket_msg *m)
{
	struct tcp_sock *ts = tcp_sk(s);
	nsec_t deadline = socket_deadline(s->opt.rcvtimeo);
	bool peek = m->flags & MSG_PEEK, fault = false;
	size_t target, done = 0;
	int err = 0;

	if (m->flags & MSG_ERRQUEUE)
		return -EAGAIN;
	if (m->flags & MSG_OOB)
		return -EINVAL; /* there is never urgent data */
	if (tcp_state(ts) == TCPS_LISTENING)
		return -ENOTCONN;
	m->namelen = 0;
	target = m->flags & MSG_WAITALL ? m->it->count :
					  MIN((size_t)s->opt.rcvlowat,
					      m->it->count);
	mutex_lock(&s->rx_lock);
	for (;;) {
		u32 skip = peek ? (u32)done : 0;
		u32 avail = READ_ONCE(ts->rx_bytes);

		if (avail > skip && m->it->count) {
			size_t want = MIN((size_t)(avail - skip), m->it->count);
			size_t n = copy(ts, m->it, skip, m->flags & MSG_TRUNC);

			done += n;
			if (!peek && n) {
				drop(ts, (u32)n);
				consumed(ts, (u32)n);
			}
			fault = n < want;
			if (fault)
				break;
		}
		/* Without room it is only asked whether there is something. */
		if (!m->it->count ? done || avail : done && done >= target)
			break;
		if (done && (socket_rx_ended(s) ||
			     tcp_state(ts) == TCPS_CLOSED)) {
			/* Bytes may have come before what ended it. */
			if (READ_ONCE(ts->rx_bytes) > (peek ? done : 0))
				continue;
			break;
		}
		if (!done) {
			/* Look again: data precedes the news in the queue. */
			if (READ_ONCE(ts->rx_bytes))
				continue;
			err = why_empty(ts);
			if (err && READ_ONCE(ts->rx_bytes)) {
				if (err < 0)
					socket_set_error(s, -err);
				continue;
			}
			if (err)
				break;
		}
		err = -EAGAIN;
		if (m->flags & MSG_DONTWAIT)
			break;
		mutex_unlock(&s->rx_lock);
		err = socket_wait_error(
		    wait_event_until(&s->wait,
				     readable(ts, peek ? (u32)done : 0),
				     deadline),
		    deadline);
		mutex_lock(&s->rx_lock);
		if (err)
			break;
	}
	mutex_unlock(&s->rx_lock);
	if (done)
		return done;
	if (fault)
		return -EFAULT;
	return err == 1 ? 0 : err;
}
