/* Listening TCP sockets: the backlog, accept. */
#include "tcp.h"
#include "hooks.h"
#include "lwip/prot/tcp.h"

/* Half-open connections of a listener: net.ipv4.tcp_max_syn_backlog. */
#define HALF_OPEN_MAX 512u

/* A listening pcb; ts has a port.  Network lock. */
static int start(struct tcp_sock *ts)
{
	struct tcp_pcb *pcb = tcp_new_ip_type(IP_GET_TYPE(&ts->inet.local));
	struct tcp_pcb *l;
	err_t err;

	if (!pcb)
		return -ENOBUFS;
	ip_addr_copy(pcb->local_ip, ts->inet.local);
	pcb->local_port = ts->inet.lport;
	TCP_REG(&tcp_bound_pcbs, pcb);
	l = tcp_listen_with_backlog_and_err(pcb, 0, &err);
	if (!l) {
		tcp_close(pcb);
		return inet_error(err);
	}
	tcp_events_attach_listener(ts, l);
	tcp_options_apply(ts);
	return 0;
}

static int listen_locked(struct tcp_sock *ts, int backlog)
{
	int err = 0;

	if (tcp_state(ts) == TCPS_LISTENING) {
		ts->backlog = backlog;
		return 0;
	}
	if (tcp_state(ts) != TCPS_CLOSED || ts->connect_pending)
		return -EINVAL;
	ts->inet.listening = true;
	if (!ts->inet.lport) {
		ip_addr_t any = ts->inet.local;

		err = port_bind(&ts->inet, &tcp_ports, &any, 0);
	} else if (!ts->inet.ports) {
		port_inherit(&ts->inet, &tcp_ports);
	}
	if (!err && port_conflict(&ts->inet))
		err = -EADDRINUSE;
	if (!err)
		err = start(ts);
	if (err) {
		ts->inet.listening = false;
		return err;
	}
	ts->backlog = backlog;
	tcp_state_set(ts, TCPS_LISTENING);
	return 0;
}

int tcp_listen_socket(struct socket *s, int backlog)
{
	struct tcp_sock *ts = tcp_sk(s);
	int err;

	mutex_lock(&s->lock);
	net_lock();
	err = listen_locked(ts, backlog);
	net_unlock();
	if (!err)
		s->listening = true;
	mutex_unlock(&s->lock);
	return err;
}

/* What a connection has from its listener. */
static void inherit(struct tcp_sock *c, const struct tcp_sock *l)
{
	struct inet_sock *ci = &c->inet;
	const struct inet_sock *li = &l->inet;

	ci->s.opt = li->s.opt;
	ci->s.owner = li->s.owner;
	ci->v6only = li->v6only;
	ci->tos = li->tos;
	ci->tclass = li->tclass;
	ci->ttl = li->ttl;
	ci->hops = li->hops;
	ci->port_chosen = true;
	c->nodelay = l->nodelay;
	c->cork = l->cork;
	c->keepidle = l->keepidle;
	c->keepintvl = l->keepintvl;
	c->keepcnt = l->keepcnt;
	c->user_timeout = l->user_timeout;
}

/*
 * A SYN made a new pcb: the socket is made with it, since options and limits are the
 * socket's.  An error drops the SYN silently.
 */
err_t tcp_passive_open(u8_t id, struct tcp_pcb_listen *lpcb,
		       struct tcp_pcb *pcb)
{
	struct tcp_sock *l = lpcb->ext_args[0].data, *c;

	if (!l)
		return ERR_VAL;
	c = tcp_sock_new(l->inet.s.family);
	if (!c)
		return ERR_MEM;
	inherit(c, l);
	ip_addr_copy(c->inet.local, pcb->local_ip);
	ip_addr_copy(c->inet.remote, pcb->remote_ip);
	c->inet.lport = pcb->local_port;
	c->inet.rport = pcb->remote_port;
	port_inherit(&c->inet, &tcp_ports);
	c->listener = l;
	list_append(&l->embryos, &c->accept_link);
	l->half_open++;
	tcp_events_attach(c, pcb);
	tcp_options_apply(c);
	/* The pcb's reference is the only one until it is queued. */
	socket_put(&c->inet.s);
	return ERR_OK;
}

void tcp_accept_enqueue(struct tcp_sock *c)
{
	struct tcp_sock *l = c->listener;

	c->awaits_data = false;
	if (!l || c->accept_queued)
		return;
	socket_get(&c->inet.s);
	c->accept_queued = true;
	l->half_open--;
	spin_lock(&l->rx_spin);
	list_del(&c->accept_link);
	list_append(&l->accept_queue, &c->accept_link);
	WRITE_ONCE(l->accept_count, l->accept_count + 1);
	spin_unlock(&l->rx_spin);
	/* One is enough of those that wait exclusively (accept, EPOLLEXCLUSIVE). */
	waitq_wake(&l->inet.s.wait, 1, EPOLLIN | EPOLLRDNORM);
}

/* lwIP: the handshake is complete. */
err_t tcp_accept_ready(void *arg, struct tcp_pcb *pcb, err_t err)
{
	struct tcp_sock *c = arg;

	if (!pcb)
		return ERR_OK; /* no memory for a pcb: the SYN comes again */
	if (!c->listener)
		return ERR_ABRT;
	tcp_state_set(c, TCPS_CONNECTED);
	if (c->listener->defer_accept)
		c->awaits_data = true;
	else
		tcp_accept_enqueue(c);
	return ERR_OK;
}

/* A connection that was never accepted: reset, as Linux does. */
static void abort_child(struct tcp_sock *c, int reset)
{
	struct tcp_pcb *pcb = c->pcb;

	c->orphan = true;
	if (pcb) {
		tcp_events_detach(c);
		tcp_abandon(pcb, reset);
	} else {
		port_release(&c->inet);
	}
}

/*
 * Too many that nobody accepts: the SYN is dropped and will come again (listen(2)).
 * The count may pass the backlog by those half-open.
 */
static bool backlog_full(const struct tcp_sock *l)
{
	return l->accept_count > l->backlog;
}

/*
 * Too many half-open ones: the oldest gives way (RFC 4987, 3.4).  A peer that is
 * there answers within a round trip, and a flood of SYNs has no answers: so
 * connections are made in spite of it.
 */
static void limit_half_open(struct tcp_sock *l)
{
	if (l->half_open >= MAX(l->backlog, HALF_OPEN_MAX))
		abort_child(list_first(&l->embryos, struct tcp_sock,
				       accept_link), 0);
}

/*
 * Sockets that share a port (SO_REUSEPORT) get connections in turn.  lwIP moves what
 * it finds to the front of its list.  Of those with a wildcard address it takes the last
 * one, so that each has its turn; but of those with the same other one the
 * first, which therefore goes to the end.
 */
static void next_in_turn(struct tcp_pcb_listen *l)
{
	struct tcp_pcb_listen *last = l;

	if (!l->next || IP_IS_ANY_TYPE_VAL(l->local_ip) ||
	    ip_addr_isany(&l->local_ip))
		return;
	while (last->next)
		last = last->next;
	TCP_RMV(&tcp_listen_pcbs.listen_pcbs, l);
	l->next = NULL;
	l->pprev = &last->next;
	last->next = l;
}

err_t lwip_hook_tcp_input(struct tcp_pcb *pcb, struct tcp_hdr *hdr)
{
	struct tcp_sock *l;

	if (pcb->state != LISTEN ||
	    (TCPH_FLAGS(hdr) & (TCP_SYN | TCP_ACK)) != TCP_SYN)
		return ERR_OK;
	next_in_turn((struct tcp_pcb_listen *)pcb);
	l = tcp_ext_arg_get(pcb, 0);
	if (!l)
		return ERR_OK;
	if (backlog_full(l))
		return ERR_MEM;
	limit_half_open(l);
	return ERR_OK;
}

static struct tcp_sock *dequeue(struct tcp_sock *l)
{
	struct tcp_sock *c = NULL;

	net_lock();
	spin_lock(&l->rx_spin);
	if (!list_empty(&l->accept_queue)) {
		c = list_first(&l->accept_queue, struct tcp_sock, accept_link);
		list_del(&c->accept_link);
		WRITE_ONCE(l->accept_count, l->accept_count - 1);
	}
	spin_unlock(&l->rx_spin);
	if (c)
		c->listener = NULL;
	net_unlock();
	return c;
}

struct socket *tcp_accept_socket(struct socket *s, int flags)
{
	struct tcp_sock *l = tcp_sk(s), *c;
	nsec_t deadline = socket_deadline(s->opt.rcvtimeo);
	int err;

	for (;;) {
		if (tcp_state(l) != TCPS_LISTENING)
			return ERR_PTR(-EINVAL);
		if (READ_ONCE(l->accept_count)) {
			c = dequeue(l);
			if (c)
				return &c->inet.s;
			continue;
		}
		if (flags & O_NONBLOCK)
			return ERR_PTR(-EAGAIN);
		err = wait_event_exclusive_until(
		    &s->wait,
		    READ_ONCE(l->accept_count) ||
			tcp_state(l) != TCPS_LISTENING,
		    deadline);
		if (err)
			return ERR_PTR(socket_wait_error(err, deadline));
	}
}

void tcp_listen_abort(struct tcp_sock *l)
{
	struct tcp_pcb *pcb = l->pcb;
	struct tcp_sock *c, *n;

	tcp_state_set(l, TCPS_CLOSED);
	l->inet.listening = false;
	list_for_each_safe(c, n, &l->embryos, accept_link)
		abort_child(c, 0);
	list_for_each_safe(c, n, &l->accept_queue, accept_link)
	{
		spin_lock(&l->rx_spin);
		list_del(&c->accept_link);
		l->accept_count--;
		spin_unlock(&l->rx_spin);
		c->listener = NULL;
		abort_child(c, 1);
		socket_put(&c->inet.s);
	}
	if (pcb) {
		tcp_events_detach(l);
		tcp_close(pcb);
	}
	socket_wake(&l->inet.s, EPOLLHUP | EPOLLIN);
}
