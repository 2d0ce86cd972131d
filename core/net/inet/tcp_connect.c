/* connect on TCP sockets. */
#include "tcp.h"
#include "string.h"
#include "lwip/ip.h"

/* AF_UNSPEC: dissolve the association; the socket can be used anew. */
static int disconnect(struct tcp_sock *ts)
{
	struct socket *s = &ts->inet.s;

	net_lock();
	if (tcp_state(ts) == TCPS_LISTENING) {
		tcp_listen_abort(ts);
	} else if (ts->pcb) {
		struct tcp_pcb *pcb = ts->pcb;

		tcp_events_detach(ts);
		tcp_abort(pcb);
	}
	tcp_state_set(ts, TCPS_CLOSED);
	ts->inet.rport = 0;
	if (!ts->inet.port_chosen) {
		port_release(&ts->inet);
		ts->inet.lport = 0;
	}
	net_unlock();
	s->listening = false;
	tcp_rx_purge(ts);
	__atomic_store_n(&s->error, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&s->shutdown, 0, __ATOMIC_RELEASE);
	ts->connect_pending = false;
	return 0;
}

/* A failed attempt leaves nothing that hinders the next. */
static void give_up(struct tcp_sock *ts)
{
	struct tcp_pcb *pcb = ts->pcb;

	if (pcb) {
		tcp_events_detach(ts);
		tcp_abandon(pcb, 0);
	}
	tcp_state_set(ts, TCPS_CLOSED);
	__atomic_store_n(&ts->inet.s.shutdown, 0, __ATOMIC_RELEASE);
	ts->inet.rport = 0;
	if (!ts->inet.port_chosen) {
		port_release(&ts->inet);
		ts->inet.lport = 0;
	}
}

static void choose_source(struct tcp_sock *ts, struct netif *n,
			  const ip_addr_t *dst, ip_addr_t *src)
{
	const ip_addr_t *a = ip_netif_get_local_ip(n, dst);

	if (!IP_IS_ANY_TYPE_VAL(ts->inet.local) && !ip_addr_isany(&ts->inet.local))
		ip_addr_copy(*src, ts->inet.local);
	else if (a)
		ip_addr_copy(*src, *a);
	else
		ip_addr_set_any(IP_IS_V6(dst), src);
}

/* lwIP: the handshake is complete. */
static err_t connected(void *arg, struct tcp_pcb *pcb, err_t err)
{
	struct tcp_sock *ts = arg;

	ip_addr_copy(ts->inet.local, pcb->local_ip);
	tcp_rx_limit(ts);
	tcp_state_set(ts, TCPS_CONNECTED);
	socket_wake(&ts->inet.s, EPOLLOUT | EPOLLWRNORM);
	return ERR_OK;
}

/* Network lock. */
static int start(struct tcp_sock *ts, ip_addr_t *dst, u16 port)
{
	struct netif *n = inet_route(&ts->inet, &ts->inet.local, dst);
	ip_addr_t src;
	err_t e;
	int err;

	if (!n)
		return -ENETUNREACH;
	choose_source(ts, n, dst, &src);
	if (!ts->inet.lport) {
		err = port_bind_connect(&ts->inet, &tcp_ports, dst, port);
		if (err)
			return err;
	} else if (!ts->inet.ports) {
		port_inherit(&ts->inet, &tcp_ports);
	}
	err = tcp_pcb_make(ts);
	if (err)
		return err;
	ip_addr_copy(ts->pcb->local_ip, src);
	ts->pcb->local_port = ts->inet.lport;
	/* As tcp_bind would, without its check of the port. */
	TCP_REG(&tcp_bound_pcbs, ts->pcb);
	ip_addr_copy(ts->inet.remote, *dst);
	ts->inet.rport = port;
	tcp_state_set(ts, TCPS_CONNECTING);
	e = tcp_connect(ts->pcb, dst, port, connected);
	if (e == ERR_USE)
		return -EADDRNOTAVAIL;
	return e == ERR_OK ? 0 : inet_error(e);
}

static int begin(struct tcp_sock *ts, struct sockaddr *sa, int len)
{
	struct socket *s = &ts->inet.s;
	ip_addr_t dst;
	u16 port;
	int err;

	if (s->family == AF_INET6 && sa->sa_family == AF_INET)
		return -EAFNOSUPPORT;
	err = inet_address_in(&ts->inet, sa, len, &dst, &port);
	if (err)
		return err;
	inet_destination(&dst);
	if (IP_IS_V4_VAL(dst) && s->family == AF_INET6 && ts->inet.v6only)
		return -ENETUNREACH;
	if (ip_addr_ismulticast(&dst) ||
	    (IP_IS_V4_VAL(dst) &&
	     ip4_addr_get_u32(ip_2_ip4(&dst)) == IPADDR_BROADCAST))
		return -ENETUNREACH;
	if (!port)
		return -ECONNREFUSED; /* as Linux: the SYN is answered so */
	net_lock();
	err = start(ts, &dst, port);
	if (err)
		give_up(ts);
	net_unlock();
	return err;
}

/* The outcome of an attempt that is over: s->lock. */
static int outcome(struct tcp_sock *ts)
{
	int err;

	ts->connect_pending = false;
	if (tcp_state(ts) == TCPS_CONNECTED)
		return 0;
	err = socket_take_error(&ts->inet.s);
	net_lock();
	give_up(ts);
	net_unlock();
	return err ? err : -ECONNABORTED;
}

int tcp_connect_socket(struct socket *s, struct sockaddr *sa, int len, int flags)
{
	struct tcp_sock *ts = tcp_sk(s);
	nsec_t deadline = socket_deadline(s->opt.sndtimeo);
	int err;

	if ((size_t)len < sizeof(sa->sa_family))
		return -EINVAL;
	mutex_lock(&s->lock);
	if (sa->sa_family == AF_UNSPEC) {
		err = disconnect(ts);
		goto out;
	}
	if (!ts->connect_pending) {
		err = -EISCONN;
		if (tcp_state(ts) != TCPS_CLOSED || ts->pcb)
			goto out;
		err = begin(ts, sa, len);
		if (err)
			goto out;
		ts->connect_pending = true;
		err = -EINPROGRESS;
		/* Also when it is over already, as over the loopback interface. */
		if (flags & O_NONBLOCK)
			goto out;
	} else {
		err = -EALREADY;
	}
	if (tcp_state(ts) == TCPS_CONNECTING) {
		int e;

		if (flags & O_NONBLOCK)
			goto out;
		mutex_unlock(&s->lock);
		e = wait_event_until(&s->wait,
				     tcp_state(ts) != TCPS_CONNECTING, deadline);
		mutex_lock(&s->lock);
		if (e == -ETIMEDOUT)
			goto out; /* EINPROGRESS or EALREADY */
		if (e) {
			err = socket_wait_error(e, deadline);
			goto out;
		}
	}
	/* Another thread may have reported it meanwhile. */
	err = ts->connect_pending ? outcome(ts) :
	      tcp_state(ts) == TCPS_CONNECTED ? 0 : -ECONNABORTED;
out:
	mutex_unlock(&s->lock);
	return err;
}
