/* The options of level IPPROTO_TCP (tcp(7)). */
#include "tcp.h"
#include "string.h"
#include <linux/tcp.h>

int inet_put_int(int v, void *val, int *len)
{
	*len = MIN(*len, (int)sizeof(v));
	memcpy(val, &v, *len);
	return 0;
}

void tcp_option_changed(struct socket *s, int name)
{
	net_lock();
	tcp_options_apply(tcp_sk(s));
	net_unlock();
}

/* s->lock and the network lock. */
static int set(struct tcp_sock *ts, int name, int v)
{
	switch (name) {
	case TCP_NODELAY:
		ts->nodelay = v != 0;
		if (v)
			tcp_tx_push(ts, true);
		return 0;
	case TCP_CORK:
		ts->cork = v != 0;
		if (!v)
			tcp_tx_push(ts, true);
		return 0;
	case TCP_QUICKACK:
		ts->quickack = v & 1;
		if (v && ts->pcb && ts->pcb->state != LISTEN &&
		    (ts->pcb->flags & TF_ACK_DELAY)) {
			tcp_ack_now(ts->pcb);
			tcp_output(ts->pcb);
		}
		return 0;
	case TCP_KEEPIDLE:
		if (v < 1 || v > 32767) /* MAX_TCP_KEEPIDLE */
			return -EINVAL;
		ts->keepidle = v;
		return 0;
	case TCP_KEEPINTVL:
		if (v < 1 || v > 32767)
			return -EINVAL;
		ts->keepintvl = v;
		return 0;
	case TCP_KEEPCNT:
		if (v < 1 || v > 127) /* MAX_TCP_KEEPCNT */
			return -EINVAL;
		ts->keepcnt = v;
		return 0;
	case TCP_USER_TIMEOUT:
		if (v < 0)
			return -EINVAL;
		ts->user_timeout = v;
		if (v)
			tcp_events_poll(ts);
		return 0;
	case TCP_MAXSEG:
		if (v && (v < 88 || v > 32767)) /* TCP_MIN_MSS, MAX_TCP_WINDOW */
			return -EINVAL;
		ts->maxseg = v;
		if (v && ts->pcb && ts->pcb->state != LISTEN &&
		    v < ts->pcb->mss)
			ts->pcb->mss = v;
		return 0;
	case TCP_DEFER_ACCEPT:
		ts->defer_accept = v < 0 ? 0 : v;
		return 0;
	case TCP_SYNCNT:
		if (v < 1 || v > 127)
			return -EINVAL;
		ts->syncnt = v;
		return 0;
	case TCP_LINGER2:
		ts->linger2 = v < 0 ? -1 : MIN(v, 120);
		return 0;
	default:
		/*
		 * TCP_FASTOPEN, TCP_MD5SIG, TCP_REPAIR, TCP_WINDOW_CLAMP,
		 * TCP_NOTSENT_LOWAT ...: not in this kernel
		 */
		return -ENOPROTOOPT;
	}
}

/* Only the one algorithm that lwIP has, RFC 5681's. */
static int set_congestion(const char *name, int len)
{
	char buf[16] = {0};

	memcpy(buf, name, MIN(len, 15));
	return strcmp(buf, "reno") ? -ENOENT : 0;
}

int tcp_setsockopt(struct socket *s, int level, int name, const void *val,
		   int len)
{
	struct tcp_sock *ts = tcp_sk(s);
	int v, err;

	if (level != SOL_TCP) {
		mutex_lock(&s->lock);
		err = inet_setsockopt(&ts->inet, level, name, val, len);
		if (!err)
			tcp_option_changed(s, name);
		mutex_unlock(&s->lock);
		return err;
	}
	if (name == TCP_CONGESTION)
		return len < 1 ? -EINVAL : set_congestion(val, len);
	if ((size_t)len < sizeof(v))
		return -EINVAL;
	memcpy(&v, val, sizeof(v));
	mutex_lock(&s->lock);
	/* Servers do this for each answer, and it only says what is to come. */
	if (name == TCP_CORK && v) {
		WRITE_ONCE(ts->cork, true);
		mutex_unlock(&s->lock);
		return 0;
	}
	net_lock();
	err = set(ts, name, v);
	if (!err)
		tcp_options_apply(ts);
	net_unlock();
	mutex_unlock(&s->lock);
	return err;
}

/* The states of <netinet/tcp.h> for those of lwIP, in lwIP's order. */
static const u8 state_number[] = {
	[CLOSED] = 7,      [LISTEN] = 10,     [SYN_SENT] = 2,  [SYN_RCVD] = 3,
	[ESTABLISHED] = 1, [FIN_WAIT_1] = 4,  [FIN_WAIT_2] = 5,
	[CLOSE_WAIT] = 8,  [CLOSING] = 11,    [LAST_ACK] = 9,  [TIME_WAIT] = 6,
};

u8 tcp_state_number(const struct tcp_pcb *pcb)
{
	return state_number[pcb ? pcb->state : CLOSED];
}

static u32 in_flight(const struct tcp_pcb *p)
{
	u32 n = 0;

	for (const struct tcp_seg *s = p->unacked; s; s = s->next)
		n++;
	return n;
}

static void info(struct tcp_sock *ts, struct tcp_info *i)
{
	struct tcp_pcb *p = ts->pcb;
	u32 tick = TCP_SLOW_INTERVAL * 1000; /* us */

	memset(i, 0, sizeof(*i));
	i->tcpi_state = tcp_state_number(p);
	if (!p)
		return;
	if (p->state == LISTEN) {
		i->tcpi_unacked = ts->accept_count;
		i->tcpi_sacked = ts->backlog;
		return;
	}
	i->tcpi_ca_state = p->flags & TF_RTO ? 4 : p->flags & TF_INFR ? 3 : 0;
	i->tcpi_retransmits = p->nrtx;
	i->tcpi_probes = p->persist_probe;
	i->tcpi_backoff = p->nrtx;
	if (p->flags & TF_WND_SCALE)
		i->tcpi_options |= TCPI_OPT_WSCALE;
	if (p->flags & TF_SACK)
		i->tcpi_options |= TCPI_OPT_SACK;
	i->tcpi_snd_wscale = p->snd_scale;
	i->tcpi_rcv_wscale = p->rcv_scale;
	i->tcpi_rto = p->rto * tick;
	i->tcpi_ato = TCP_FAST_INTERVAL * 1000;
	i->tcpi_snd_mss = p->mss;
	i->tcpi_rcv_mss = p->mss;
	i->tcpi_unacked = in_flight(p);
	i->tcpi_pmtu = p->mss + 40;
	i->tcpi_rcv_ssthresh = p->rcv_ann_wnd;
	/* RFC 6298's estimators, as lwIP scales them: 8 and 4. */
	i->tcpi_rtt = (p->sa >> 3) * tick;
	i->tcpi_rttvar = (p->sv >> 2) * tick;
	i->tcpi_snd_ssthresh = p->mss ? p->ssthresh / p->mss : 0;
	i->tcpi_snd_cwnd = p->mss ? p->cwnd / p->mss : 0;
	i->tcpi_advmss = TCP_MSS;
	i->tcpi_rcv_space = p->rcv_wnd;
	i->tcpi_notsent_bytes = ts->tx_ungiven + (p->snd_lbb - p->snd_nxt);
	i->tcpi_snd_wnd = p->snd_wnd;
}

static int get(struct tcp_sock *ts, int name, int *v)
{
	switch (name) {
	case TCP_NODELAY:
		*v = ts->nodelay;
		return 0;
	case TCP_CORK:
		*v = ts->cork;
		return 0;
	case TCP_QUICKACK:
		*v = ts->quickack;
		return 0;
	case TCP_KEEPIDLE:
		*v = ts->keepidle;
		return 0;
	case TCP_KEEPINTVL:
		*v = ts->keepintvl;
		return 0;
	case TCP_KEEPCNT:
		*v = ts->keepcnt;
		return 0;
	case TCP_USER_TIMEOUT:
		*v = ts->user_timeout;
		return 0;
	case TCP_MAXSEG:
		/* 536 until something is known: RFC 9293, 3.7.1 */
		*v = ts->pcb && tcp_state(ts) == TCPS_CONNECTED ? ts->pcb->mss :
		     ts->maxseg					? ts->maxseg :
								  536;
		return 0;
	case TCP_DEFER_ACCEPT:
		*v = ts->defer_accept;
		return 0;
	case TCP_SYNCNT:
		*v = ts->syncnt ? ts->syncnt : TCP_SYNMAXRTX;
		return 0;
	case TCP_LINGER2:
		*v = ts->linger2 ? ts->linger2 : 60;
		return 0;
	default:
		return -ENOPROTOOPT;
	}
}

int tcp_getsockopt(struct socket *s, int level, int name, void *val, int *len)
{
	struct tcp_sock *ts = tcp_sk(s);
	int v, err;

	if (level != SOL_TCP)
		return inet_getsockopt(&ts->inet, level, name, val, len);
	if (name == TCP_CONGESTION) {
		char buf[16] = "reno";

		*len = MIN(*len, (int)sizeof(buf));
		memcpy(val, buf, *len);
		return 0;
	}
	if (name == TCP_INFO) {
		struct tcp_info ti;

		net_lock();
		info(ts, &ti);
		net_unlock();
		*len = MIN(*len, (int)sizeof(ti));
		memcpy(val, &ti, *len);
		return 0;
	}
	net_lock();
	err = get(ts, name, &v);
	net_unlock();
	return err ? err : inet_put_int(v, val, len);
}
