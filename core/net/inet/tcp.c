/* TCP sockets: making them, binding, state, poll. */
#include "tcp.h"
#include "page.h"
#include "uaccess.h"
#include <linux/if.h>
#include <asm/ioctls.h>
#include <linux/sockios.h>

/* What a new socket shows on Linux: net.ipv4.tcp_rmem[1], tcp_wmem[1]. */
#define RCVBUF_SHOWN 131072
#define SNDBUF_SHOWN 16384

struct tcp_sock *tcp_sock_new(int family)
{
	struct tcp_sock *ts = kzalloc(sizeof(*ts), 0);

	if (!ts)
		return NULL;
	inet_init(&ts->inet, &tcp_socket_ops, family, SOCK_STREAM, SOL_TCP);
	ts->inet.s.opt.rcvbuf = RCVBUF_SHOWN;
	ts->inet.s.opt.sndbuf = SNDBUF_SHOWN;
	spin_init(&ts->rx_spin);
	list_init(&ts->tx);
	list_init(&ts->accept_queue);
	list_init(&ts->embryos);
	list_init(&ts->accept_link);
	list_init(&ts->dead_link);
	/* tcp(7): tcp_keepalive_time, _intvl, _probes */
	ts->keepidle = 7200;
	ts->keepintvl = 75;
	ts->keepcnt = 9;
	ts->quickack = true;
	return ts;
}

struct socket *tcp_create(int family)
{
	struct tcp_sock *ts = tcp_sock_new(family);

	return ts ? &ts->inet.s : ERR_PTR(-ENOBUFS);
}

static void destroy(struct socket *s)
{
	struct tcp_sock *ts = tcp_sk(s);

	/* The pcb had a reference, so it is gone; so is what it pointed to. */
	tcp_rx_purge(ts);
	kfree(ts);
}

void tcp_options_apply(struct tcp_sock *ts)
{
	struct socket_options *o = &ts->inet.s.opt;
	struct tcp_pcb *p = ts->pcb;
	bool v6;
	int ttl;

	if (!p)
		return;
	if (o->reuseaddr)
		ip_set_option(p, SOF_REUSEADDR);
	else
		ip_reset_option(p, SOF_REUSEADDR);
	if (o->keepalive)
		ip_set_option(p, SOF_KEEPALIVE);
	else
		ip_reset_option(p, SOF_KEEPALIVE);
	v6 = IP_IS_V6_VAL(p->local_ip);
	ttl = v6 ? ts->inet.hops : ts->inet.ttl;
	p->ttl = ttl > 0 ? (u8_t)ttl : TCP_TTL;
	p->tos = v6 ? ts->inet.tclass : ts->inet.tos;
	p->netif_idx = (u8_t)o->bound_device;
	if (p->state == LISTEN)
		return;
	p->keep_idle = ts->keepidle * 1000;
	p->keep_intvl = ts->keepintvl * 1000;
	p->keep_cnt = ts->keepcnt;
	if (ts->nodelay)
		tcp_nagle_disable(p);
	else
		tcp_nagle_enable(p);
	tcp_rx_limit(ts);
	timers_activity(); /* keep-alive may have to be timed now */
}

int tcp_pcb_make(struct tcp_sock *ts)
{
	u8_t type = IP_GET_TYPE(&ts->inet.local);
	struct tcp_pcb *pcb = tcp_new_ip_type(type);

	if (!pcb)
		return -ENOBUFS;
	ip_addr_copy(pcb->local_ip, ts->inet.local);
	ts->rx_window = ts->rx_surplus = 0;
	tcp_events_attach(ts, pcb);
	tcp_options_apply(ts);
	return 0;
}

static int bind(struct socket *s, struct sockaddr *sa, int len)
{
	struct tcp_sock *ts = tcp_sk(s);
	ip_addr_t ip;
	u16 port;
	int err;

	if (s->family == AF_INET6 && len >= 2 && sa->sa_family == AF_INET)
		return -EAFNOSUPPORT;
	err = inet_address_in(&ts->inet, sa, len, &ip, &port);
	if (err)
		return err;
	if (ts->inet.v6only && IP_IS_V4_VAL(ip) && s->family == AF_INET6)
		return -EINVAL;
	mutex_lock(&s->lock);
	net_lock();
	if (ts->inet.lport || tcp_state(ts) != TCPS_CLOSED)
		err = -EINVAL;
	else if (!ts->inet.freebind && !inet_address_local(&ip))
		err = -EADDRNOTAVAIL;
	else
		err = port_bind(&ts->inet, &tcp_ports, &ip, port);
	if (!err)
		ts->inet.port_chosen = port != 0;
	net_unlock();
	mutex_unlock(&s->lock);
	return err;
}

u32 tcp_poll_socket(struct socket *s, struct poll_table *pt)
{
	struct tcp_sock *ts = tcp_sk(s);
	u32 state, shut, ev = 0;

	poll_wait(pt, &s->wait);
	state = tcp_state(ts);
	if (state == TCPS_LISTENING)
		return READ_ONCE(ts->accept_count) ? EPOLLIN | EPOLLRDNORM : 0;
	shut = socket_shutdown_bits(s);
	if (shut == SHUTDOWN_MASK || state == TCPS_CLOSED)
		ev |= EPOLLHUP;
	if (shut & RCV_SHUTDOWN)
		ev |= EPOLLIN | EPOLLRDNORM | EPOLLRDHUP;
	if (state != TCPS_CONNECTING) {
		if (READ_ONCE(ts->rx_bytes) >= (u32)s->opt.rcvlowat)
			ev |= EPOLLIN | EPOLLRDNORM;
		if (shut & SEND_SHUTDOWN) {
			ev |= EPOLLOUT | EPOLLWRNORM;
		} else if (tcp_tx_writable(ts)) {
			ev |= EPOLLOUT | EPOLLWRNORM;
		} else {
			/* Room may appear between the look and the mark. */
			__atomic_store_n(&ts->tx_full, true, __ATOMIC_SEQ_CST);
			if (tcp_tx_writable(ts))
				ev |= EPOLLOUT | EPOLLWRNORM;
		}
	}
	if (READ_ONCE(s->error))
		ev |= EPOLLERR;
	return ev;
}

/* SIOCOUTQ: not acknowledged; SIOCOUTQNSD: not sent. */
int tcp_ioctl(struct socket *s, unsigned cmd, unsigned long arg)
{
	struct tcp_sock *ts = tcp_sk(s);
	int v = 0;

	if (cmd != FIONREAD && cmd != TIOCOUTQ && cmd != SIOCOUTQNSD &&
	    cmd != SIOCATMARK)
		return -ENOTTY;
	if (tcp_state(ts) == TCPS_LISTENING)
		return -EINVAL;
	if (cmd == FIONREAD) {
		v = READ_ONCE(ts->rx_bytes);
	} else if (cmd == TIOCOUTQ) {
		v = READ_ONCE(ts->tx_queued);
	} else if (cmd == SIOCOUTQNSD) {
		net_lock();
		v = ts->tx_ungiven;
		if (ts->pcb)
			v += ts->pcb->snd_lbb - ts->pcb->snd_nxt;
		net_unlock();
	}
	return put_user(v, (int __user *)arg);
}

const struct socket_ops tcp_socket_ops = {
	.bind = bind,
	.connect = tcp_connect_socket,
	.listen = tcp_listen_socket,
	.accept = tcp_accept_socket,
	.getname = inet_getname,
	.shutdown = tcp_shutdown_socket,
	.sendmsg = tcp_sendmsg,
	.recvmsg = tcp_recvmsg,
	.send_page = tcp_send_page,
	.poll = tcp_poll_socket,
	.ioctl = tcp_ioctl,
	.setsockopt = tcp_setsockopt,
	.getsockopt = tcp_getsockopt,
	.option_changed = tcp_option_changed,
	.close = tcp_close_socket,
	.destroy = destroy,
	.device_index = inet_device_index,
};
