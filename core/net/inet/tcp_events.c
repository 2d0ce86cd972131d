/*
 * What lwIP tells about a connection, turned into socket state.  All of this runs
 * under the network lock.
 */
#include "hooks.h"
#include "tcp.h"
#include "tcp_timer.h"

static err_t on_recv(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t err)
{
	struct tcp_sock *ts = arg;
	struct socket *s = &ts->inet.s;

	if (p) {
		if (tcp_rx_append(ts, p) != ERR_OK)
			return ERR_MEM;
		/*
		 * An answer may carry the acknowledgement.  Where none came for
		 * what was received before, it does not wait for one: a
		 * peer with Nagle's algorithm would wait, too.
		 */
		if (ts->rx_unanswered)
			tcp_ack_now(pcb);
		else
			tcp_timer_delayed_ack();
		ts->rx_unanswered = true;
		if (ts->awaits_data)
			tcp_accept_enqueue(ts);
		socket_wake(s, EPOLLIN | EPOLLRDNORM);
		return ERR_OK;
	}
	/* The peer's FIN. */
	__atomic_or_fetch(&s->shutdown, RCV_SHUTDOWN, __ATOMIC_RELEASE);
	if (ts->awaits_data)
		tcp_accept_enqueue(ts);
	socket_wake(s, EPOLLIN | EPOLLRDNORM | EPOLLRDHUP |
			   (socket_shutdown_bits(s) == SHUTDOWN_MASK ? EPOLLHUP :
								       0));
	return ERR_OK;
}

static err_t on_sent(void *arg, struct tcp_pcb *pcb, u16_t len)
{
	struct tcp_sock *ts = arg;

	tcp_tx_release(ts);
	tcp_tx_push(ts, false);
	return ERR_OK;
}

/* Linux' limit for MSG_MORE and TCP_CORK: tcp(7). */
#define CORK_MAX (200 * NSEC_PER_MSEC)

u8_t lwip_hook_syn_retries(const struct tcp_pcb *pcb)
{
	const struct tcp_sock *ts = pcb->callback_arg;

	return ts && ts->syncnt ? (u8_t)ts->syncnt : TCP_SYNMAXRTX;
}

/* So often lwIP doubles the time-out (its tcp_backoff). */
#define DOUBLED_MAX 7

/*
 * For how long the oldest segment has been sent again and again, in ms: each
 * time-out was twice the one before.
 */
static u64 unacked_for(const struct tcp_pcb *pcb)
{
	s64 first = (pcb->sa >> 3) + pcb->sv;
	s64 ticks = pcb->rto - first + pcb->rtime;

	if (pcb->nrtx > DOUBLED_MAX)
		ticks += (s64)(pcb->nrtx - DOUBLED_MAX) * pcb->rto;
	return (u64)MAX(ticks, (s64)0) * TCP_SLOW_INTERVAL;
}

/* Every half second while something is held back or must not last for ever. */
static err_t on_poll(void *arg, struct tcp_pcb *pcb)
{
	struct tcp_sock *ts = arg;

	if (ts->tx_ungiven && now_ns() >= ts->cork_since + CORK_MAX)
		tcp_tx_push(ts, true);
	if (ts->user_timeout && pcb->unacked &&
	    unacked_for(pcb) >= ts->user_timeout) {
		tcp_connection_ended(ts, ETIMEDOUT);
		tcp_abort(pcb);
		return ERR_ABRT;
	}
	if (!ts->tx_ungiven && !ts->user_timeout)
		tcp_poll(pcb, NULL, 0);
	return ERR_OK;
}

/* lwIP frees the pcb after this. */
static void on_error(void *arg, err_t err)
{
	struct tcp_sock *ts = arg;
	int e;

	switch (err) {
	case ERR_RST:
		e = tcp_state(ts) == TCPS_CONNECTING ? ECONNREFUSED :
						       ECONNRESET;
		/* A reset after the peer's FIN: tcp_reset of Linux. */
		if (socket_shutdown_bits(&ts->inet.s) & RCV_SHUTDOWN)
			e = EPIPE;
		break;
	case ERR_CLSD:
		e = 0; /* both sides closed in order */
		break;
	case ERR_ABRT:
	case ERR_TIMEOUT:
	default:
		/* Retransmitted or probed in vain. */
		e = ETIMEDOUT;
		break;
	}
	tcp_connection_ended(ts, e);
}

/*
 * lwIP is about to free the pcb, for whatever reason.  It may call on_error yet, so
 * the socket must stay until lwIP is left.
 */
static struct list dead = LIST_INIT(dead); /* of dead_link; network lock */

static void on_destroy(u8_t id, void *data)
{
	struct tcp_sock *ts = data;

	if (!ts)
		return;
	ts->pcb = NULL;
	tcp_tx_purge(ts);
	if (ts->listener && !ts->accept_queued) {
		/* A half-open connection ended; nobody else knows of it. */
		list_del(&ts->accept_link);
		ts->listener->half_open--;
		ts->listener = NULL;
		ts->orphan = true;
	}
	if (ts->orphan)
		port_release(&ts->inet);
	list_append(&dead, &ts->dead_link);
}

void tcp_reap(void)
{
	while (!list_empty(&dead)) {
		struct tcp_sock *ts =
		    list_first(&dead, struct tcp_sock, dead_link);

		list_del(&ts->dead_link);
		tcp_connection_ended(ts, 0);
		socket_put(&ts->inet.s);
	}
}

static const struct tcp_ext_arg_callbacks callbacks = {
	.destroy = on_destroy,
	.passive_open = tcp_passive_open,
};

/* pcb is ts' from now on, and keeps it. */
static void attach(struct tcp_sock *ts, struct tcp_pcb *pcb)
{
	socket_get(&ts->inet.s);
	ts->pcb = pcb;
	tcp_ext_arg_set_callbacks(pcb, 0, &callbacks);
	tcp_ext_arg_set(pcb, 0, ts);
	tcp_arg(pcb, ts);
}

void tcp_events_attach(struct tcp_sock *ts, struct tcp_pcb *pcb)
{
	attach(ts, pcb);
	tcp_recv(pcb, on_recv);
	tcp_sent(pcb, on_sent);
	tcp_err(pcb, on_error);
	/* Our poll function is set only while needed: it keeps the timer going. */
	pcb->poll = ts->user_timeout ? on_poll : NULL;
	pcb->pollinterval = 1;
}

void tcp_events_attach_listener(struct tcp_sock *ts, struct tcp_pcb *pcb)
{
	attach(ts, pcb);
	tcp_accept(pcb, tcp_accept_ready);
}

/* Have on_poll called; tcp_tx.c holds something back. */
void tcp_events_poll(struct tcp_sock *ts)
{
	if (ts->pcb && ts->pcb->state != LISTEN && !ts->pcb->poll) {
		tcp_poll(ts->pcb, on_poll, 1);
		timers_activity();
	}
}

void tcp_events_detach(struct tcp_sock *ts)
{
	struct tcp_pcb *pcb = ts->pcb;

	if (!pcb)
		return;
	tcp_ext_arg_set(pcb, 0, NULL);
	tcp_arg(pcb, NULL);
	if (pcb->state != LISTEN) {
		tcp_recv(pcb, NULL);
		tcp_sent(pcb, NULL);
		tcp_err(pcb, NULL);
		tcp_poll(pcb, NULL, 0);
	}
	on_destroy(0, ts);
}

void tcp_time_wait_release(struct tcp_pcb *pcb)
{
	struct tcp_sock *ts = tcp_ext_arg_get(pcb, 0);

	if (ts && ts->orphan)
		tcp_events_detach(ts);
}

void tcp_connection_ended(struct tcp_sock *ts, int err)
{
	struct socket *s = &ts->inet.s;
	u32 ev = EPOLLHUP | EPOLLIN | EPOLLOUT | EPOLLRDHUP;

	if (tcp_state(ts) == TCPS_CLOSED || tcp_state(ts) == TCPS_LISTENING)
		return;
	if (err)
		__atomic_store_n(&s->error, err, __ATOMIC_RELEASE);
	__atomic_store_n(&s->shutdown, SHUTDOWN_MASK, __ATOMIC_RELEASE);
	tcp_state_set(ts, TCPS_CLOSED);
	if (!ts->inet.port_chosen)
		port_release(&ts->inet);
	socket_wake(s, err ? ev | EPOLLERR : ev);
}
