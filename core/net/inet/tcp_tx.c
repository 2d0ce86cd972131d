/* The send queue of a connection (tcp.h).  All of this under the network lock. */
#include "tcp.h"
#include "page.h"

/* Without SO_SNDBUF, up to that much, scaled to memory. */
#define AUTO_MAX (256u * 1024)

static u32 tx_limit(const struct tcp_sock *ts)
{
	static u32 automatic;

	if (ts->inet.s.opt.sndbuf_locked)
		return ts->inet.s.opt.sndbuf;
	if (!automatic) {
		struct memory_stats ms;
		u32 n;

		memory_stats(&ms);
		n = (u32)MIN(ms.total * PAGE_SIZE / 128, (u64)AUTO_MAX);
		automatic = MAX(n, 16u * 1024);
	}
	return automatic;
}

u32 tcp_tx_room(const struct tcp_sock *ts)
{
	u32 limit = tx_limit(ts), queued = READ_ONCE(ts->tx_queued);

	return queued < limit ? limit - queued : 0;
}

/* sk_stream_is_writeable of Linux: free room is at least half of what is used. */
bool tcp_tx_writable(const struct tcp_sock *ts)
{
	u32 queued = READ_ONCE(ts->tx_queued);

	return tcp_tx_room(ts) && tcp_tx_room(ts) >= queued / 2;
}

void tx_piece_free(struct tx_piece *p)
{
	if (p->page)
		page_put(p->page);
	kfree(p);
}

void tcp_tx_append(struct tcp_sock *ts, struct tx_piece *p)
{
	p->given = 0;
	list_append(&ts->tx, &p->link);
	WRITE_ONCE(ts->tx_queued, ts->tx_queued + p->len);
	if (!ts->tx_ungiven)
		ts->cork_since = now_ns();
	ts->tx_ungiven += p->len;
}

static const u8 *piece_bytes(const struct tx_piece *p)
{
	return p->page ? (u8 *)page_address(p->page) + p->off : p->bytes;
}

/* The piece lwIP gets next, from the end: mostly it is the last or close to it. */
static struct tx_piece *first_ungiven(struct tcp_sock *ts)
{
	struct list *l = ts->tx.prev;
	struct tx_piece *found = NULL;

	while (l != &ts->tx) {
		struct tx_piece *p = list_entry(l, struct tx_piece, link);

		if (p->given == p->len)
			break;
		found = p;
		if (p->given)
			break;
		l = l->prev;
	}
	return found;
}

/*
 * Corked, only whole segments go, so that the rest can be filled up.
 */
static u32 may_give(const struct tcp_sock *ts, bool all)
{
	u32 mss = ts->pcb->mss;

	if (all || (!ts->cork && !ts->corked_now))
		return ts->tx_ungiven;
	return mss ? ts->tx_ungiven / mss * mss : 0;
}

void tcp_tx_push(struct tcp_sock *ts, bool all)
{
	struct tcp_pcb *pcb = ts->pcb;
	struct tx_piece *p;
	u32 n;

	if (!pcb || pcb->state == LISTEN || pcb->state == CLOSED)
		return;
	/* Bytes below this one are acknowledged: see tcp_tx_release. */
	if (ts->tx_ungiven == ts->tx_queued)
		ts->tx_una = pcb->snd_lbb;
	n = may_give(ts, all);
	if (n)
		ts->rx_unanswered = false;
	p = n ? first_ungiven(ts) : NULL;
	while (n && p) {
		u16 k = (u16)MIN((u32)(p->len - p->given), n);
		u8 flags = p->page ? 0 : TCP_WRITE_FLAG_COPY;

		/* tcp_write counts in 16 bits and keeps to the window. */
		if (k < ts->tx_ungiven)
			flags |= TCP_WRITE_FLAG_MORE;
		if (tcp_write(pcb, piece_bytes(p) + p->given, k, flags) !=
		    ERR_OK)
			break; /* later, from on_poll or on_sent */
		p->given += k;
		n -= k;
		ts->tx_ungiven -= k;
		p = p->link.next == &ts->tx ?
			NULL :
			list_entry(p->link.next, struct tx_piece, link);
	}
	if (ts->tx_ungiven)
		tcp_events_poll(ts);
	if (ts->fin_wanted)
		tcp_tx_finish(ts);
	else
		tcp_output(pcb);
}

/*
 * The first sequence number that lwIP may still send: pages below it are nobody's.
 * What is acknowledged is not enough: a segment acknowledged in part stays whole.
 */
static u32 lowest_needed(const struct tcp_pcb *pcb)
{
	const struct tcp_seg *s = pcb->unacked ? pcb->unacked : pcb->unsent;
	u32 seq;

	if (!s)
		return pcb->snd_lbb;
	seq = lwip_ntohl(s->tcphdr->seqno);
	/* After a timeout, unsent has the older ones in front. */
	if (pcb->unacked && pcb->unsent) {
		u32 u = lwip_ntohl(pcb->unsent->tcphdr->seqno);

		if (TCP_SEQ_LT(u, seq))
			seq = u;
	}
	return seq;
}

void tcp_tx_release(struct tcp_sock *ts)
{
	u32 low;
	bool room = false;

	if (!ts->pcb)
		return;
	low = lowest_needed(ts->pcb);
	while (!list_empty(&ts->tx)) {
		struct tx_piece *p = list_first(&ts->tx, struct tx_piece, link);

		if (p->given < p->len || !TCP_SEQ_LEQ(ts->tx_una + p->len, low))
			break;
		ts->tx_una += p->len;
		WRITE_ONCE(ts->tx_queued, ts->tx_queued - p->len);
		list_del(&p->link);
		tx_piece_free(p);
		room = true;
	}
	if (room && tcp_tx_writable(ts) &&
	    __atomic_exchange_n(&ts->tx_full, false, __ATOMIC_SEQ_CST))
		socket_wake(&ts->inet.s, EPOLLOUT | EPOLLWRNORM);
}

void tcp_tx_purge(struct tcp_sock *ts)
{
	struct tx_piece *p, *n;

	list_for_each_safe(p, n, &ts->tx, link)
	{
		list_del(&p->link);
		tx_piece_free(p);
	}
	ts->tx_queued = ts->tx_ungiven = 0;
}

void tcp_tx_finish(struct tcp_sock *ts)
{
	struct tcp_pcb *pcb = ts->pcb;

	if (!pcb || ts->tx_ungiven)
		return;
	ts->fin_wanted = false;
	if (ts->orphan) {
		/*
		 * lwIP answers data that was not read with a reset; the window
		 * is how it knows, but ours may be open less for other reasons.
		 */
		pcb->rcv_wnd = TCP_WND_MAX(pcb);
		tcp_close(pcb);
	} else {
		tcp_shutdown(pcb, 0, 1);
	}
}
