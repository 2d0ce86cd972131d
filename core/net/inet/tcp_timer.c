/*
 * TCP's timer: every 250 ms while a connection waits for something, once a second while
 * there are only long waits (TIME-WAIT, keep-alive), not at all while all
 * connections are quiet.  And the limit on connections in TIME-WAIT.
 */
#include "tcp_timer.h"
#include "page.h"
#include "tcp.h"
#include "lwip/priv/tcp_priv.h"

#define FAST (TCP_TMR_INTERVAL * NSEC_PER_MSEC)
#define COARSE (4 * FAST)

enum pace { PACE_OFF, PACE_COARSE, PACE_FAST };

static enum pace pace;      /* network lock, as all here */
static nsec_t last, next;

/*
 * Delayed acknowledgements: lwIP's timer would take up to 250 ms, Linux takes 40
 * (TCP_DELACK_MIN).  NSEC_FOREVER: none waits.
 */
#define DELAYED_ACK (40 * NSEC_PER_MSEC)
static nsec_t ack_due = NSEC_FOREVER;

static enum pace pcb_pace(const struct tcp_pcb *p)
{
	if (p->unacked || p->unsent || p->refused_data || p->ooseq || p->poll ||
	    (p->flags & (TF_ACK_DELAY | TF_ACK_NOW | TF_CLOSEPEND)) ||
	    p->persist_backoff)
		return PACE_FAST;
	if (p->state == ESTABLISHED || p->state == CLOSE_WAIT)
		return ip_get_option(p, SOF_KEEPALIVE) ? PACE_COARSE : PACE_OFF;
	return p->state == FIN_WAIT_2 ? PACE_COARSE : PACE_FAST;
}

/* So long after the last packet the timer does not slow down: it would cost more. */
#define LINGER (2 * NSEC_PER_SEC)

static enum pace needed_pace(void)
{
	enum pace most = tcp_tw_pcbs ? PACE_COARSE : PACE_OFF;

	if (tcp_active_pcbs && timers_active_within(LINGER))
		return PACE_FAST;
	for (const struct tcp_pcb *p = tcp_active_pcbs; p; p = p->next) {
		enum pace n = pcb_pace(p);

		most = MAX(most, n);
		if (most == PACE_FAST)
			break;
	}
	return most;
}

/*
 * As net.ipv4.tcp_max_tw_buckets of Linux: above the limit, the oldest end early.
 * lwIP puts new ones in front.
 */
static void limit_time_wait(void)
{
	static u32 limit;
	struct tcp_pcb *p, *oldest;
	u32 n = 0;

	if (!limit) {
		struct memory_stats ms;

		memory_stats(&ms);
		/* About 1/64 of memory at 256 bytes each. */
		limit = (u32)MIN(ms.total / 4, 8192ull);
		limit = MAX(limit, 256u);
	}
	for (p = tcp_tw_pcbs; p && n < limit; p = p->next) {
		tcp_time_wait_release(p);
		n++;
	}
	while (p) {
		oldest = p;
		p = p->next;
		tcp_pcb_remove(&tcp_tw_pcbs, oldest);
		tcp_free(oldest);
	}
}

void tcp_timer_run(nsec_t now)
{
	u64 missed;

	if (now >= ack_due) {
		ack_due = NSEC_FOREVER;
		tcp_fasttmr();
	}
	if (pace == PACE_OFF || now < next)
		return;
	/* The slow timer counts 500 ms a call; account for those left out. */
	missed = (now - last) / (2 * FAST);
	if (missed > 1)
		tcp_ticks += (u32)missed - 1;
	last = now;
	tcp_tmr();
	/* Two calls of tcp_tmr make one of the slow timer. */
	if (pace == PACE_COARSE)
		tcp_tmr();
	limit_time_wait();
	pace = needed_pace();
	next = now + (pace == PACE_COARSE ? COARSE : FAST);
}

nsec_t tcp_timer_next(void)
{
	enum pace want = needed_pace();
	nsec_t now = now_ns();

	if (want > pace) {
		if (pace == PACE_OFF)
			last = now;
		pace = want;
		next = now + (pace == PACE_COARSE ? COARSE : FAST);
	}
	return pace == PACE_OFF ? ack_due : MIN(next, ack_due);
}

void tcp_timer_delayed_ack(void)
{
	if (ack_due == NSEC_FOREVER) {
		ack_due = now_ns() + DELAYED_ACK;
		timers_change();
	}
}

bool tcp_timer_rests(void)
{
	return pace != PACE_FAST;
}

/* lwIP: a pcb was put on a list. */
void tcp_timer_needed(void)
{
	timers_activity();
}
