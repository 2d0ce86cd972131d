/* shutdown and close of TCP sockets. */
#include "tcp.h"

int tcp_shutdown_socket(struct socket *s, int how)
{
	struct tcp_sock *ts = tcp_sk(s);
	u32 bits = how + 1; /* SHUT_RD 0 is 1, SHUT_WR 1 is 2, SHUT_RDWR both */
	int err = 0;

	mutex_lock(&s->lock);
	net_lock();
	switch (tcp_state(ts)) {
	case TCPS_LISTENING:
		/* Linux: SHUT_RD ends listening, SHUT_WR alone does nothing. */
		if (bits & RCV_SHUTDOWN)
			tcp_listen_abort(ts);
		s->listening = tcp_state(ts) == TCPS_LISTENING;
		break;
	case TCPS_CONNECTED:
		__atomic_or_fetch(&s->shutdown, bits, __ATOMIC_RELEASE);
		if ((bits & SEND_SHUTDOWN) && ts->pcb &&
		    (ts->pcb->state == ESTABLISHED ||
		     ts->pcb->state == CLOSE_WAIT)) {
			ts->fin_wanted = true;
			tcp_tx_push(ts, true);
		}
		break;
	case TCPS_CONNECTING:
		if (ts->pcb) {
			struct tcp_pcb *pcb = ts->pcb;

			tcp_events_detach(ts);
			tcp_abandon(pcb, 0);
		}
		break;
	default:
		err = -ENOTCONN;
		__atomic_or_fetch(&s->shutdown, bits, __ATOMIC_RELEASE);
		break;
	}
	net_unlock();
	mutex_unlock(&s->lock);
	socket_wake(s, EPOLLIN | EPOLLRDHUP | EPOLLOUT | EPOLLHUP);
	return err;
}

/* Everything sent and acknowledged, with the FIN.  Network lock. */
static bool closed(const struct tcp_sock *ts)
{
	const struct tcp_pcb *p = ts->pcb;

	return !p || tcp_state(ts) == TCPS_CLOSED ||
	       (!ts->tx_queued &&
		(p->state == FIN_WAIT_2 || p->state == TIME_WAIT));
}

/* A thread in close, on its stack. */
struct lingerer {
	struct list link; /* in lingerers; network lock */
	struct tcp_sock *ts;
	bool done;        /* network lock to write */
};

static struct list lingerers = LIST_INIT(lingerers);

/* lwIP has no callback for a FIN that is acknowledged: so whenever lwIP is left. */
void tcp_linger_look(void)
{
	struct lingerer *l;

	list_for_each(l, &lingerers, link)
	{
		if (l->done || !closed(l->ts))
			continue;
		WRITE_ONCE(l->done, true);
		socket_wake(&l->ts->inet.s, EPOLLOUT);
	}
}

/* socket(7), SO_LINGER: close waits until the data has arrived. */
static void linger(struct tcp_sock *ts)
{
	struct socket *s = &ts->inet.s;
	nsec_t deadline = now_ns() + s->opt.linger_seconds * NSEC_PER_SEC;
	struct lingerer me = {.ts = ts};

	net_lock();
	list_append(&lingerers, &me.link);
	net_unlock();
	/* Whatever ends it, close has done its work. */
	(void)wait_event_until(&s->wait, READ_ONCE(me.done), deadline);
	net_lock();
	list_del(&me.link);
	net_unlock();
}

static void close_connection(struct tcp_sock *ts)
{
	struct socket *s = &ts->inet.s;
	struct tcp_pcb *pcb = ts->pcb;
	bool unread = READ_ONCE(ts->rx_bytes) || pcb->refused_data;

	ts->orphan = true;
	if (tcp_state(ts) == TCPS_CONNECTING ||
	    (s->opt.linger && !s->opt.linger_seconds)) {
		/* Abortive: RFC 9293, 3.9.1 (ABORT). */
		tcp_events_detach(ts);
		tcp_abort(pcb);
		return;
	}
	if (unread && (pcb->state == ESTABLISHED || pcb->state == CLOSE_WAIT)) {
		/* RFC 2525, 2.17: tell the peer that data was lost. */
		tcp_events_detach(ts);
		tcp_abort(pcb);
		return;
	}
	ts->rx_unreported = 0;
	tcp_set_flags(pcb, TF_RXCLOSED);
	ts->fin_wanted = true;
	tcp_tx_push(ts, true);
}

void tcp_close_socket(struct socket *s)
{
	struct tcp_sock *ts = tcp_sk(s);
	bool wait;

	mutex_lock(&s->lock);
	net_lock();
	if (tcp_state(ts) == TCPS_LISTENING)
		tcp_listen_abort(ts);
	else if (ts->pcb)
		close_connection(ts);
	ts->orphan = true;
	wait = ts->pcb && s->opt.linger && s->opt.linger_seconds;
	if (!ts->pcb)
		port_release(&ts->inet);
	net_unlock();
	tcp_rx_purge(ts);
	mutex_unlock(&s->lock);
	if (wait)
		linger(ts);
}
