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

/* Everything sent and acknowledged, with the FIN. */
static bool closed(struct tcp_sock *ts)
{
	struct tcp_pcb *p = READ_ONCE(ts->pcb);

	return !p || tcp_state(ts) == TCPS_CLOSED ||
	       (!READ_ONCE(ts->tx_queued) &&
		(p->state == FIN_WAIT_2 || p->state == TIME_WAIT));
}

/* The pcb may vanish while it is looked at: so under the network lock. */
static bool closed_locked(struct tcp_sock *ts)
{
	bool c;

	net_lock();
	c = closed(ts);
	net_unlock();
	return c;
}

/* socket(7), SO_LINGER: close waits until the data has arrived. */
static void linger(struct tcp_sock *ts)
{
	struct socket *s = &ts->inet.s;
	nsec_t deadline = now_ns() + s->opt.linger_seconds * NSEC_PER_SEC;
	struct waiter w;

	waiter_init(&w);
	waitq_add(&s->wait, &w);
	while (!closed_locked(ts)) {
		/*
		 * The condition takes a mutex, so it cannot be looked at between
		 * sleep_prepare and sleep: short sleeps make up for a wake-up
		 * that came in between.
		 */
		nsec_t step = MIN(deadline, now_ns() + 50 * NSEC_PER_MSEC);
		int err;

		sleep_prepare(true);
		err = sleep_until(step);
		sleep_cancel();
		if (err == -ERESTARTSYS || now_ns() >= deadline)
			break;
	}
	waitq_remove(&s->wait, &w);
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
