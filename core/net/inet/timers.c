/*
 * lwIP's timers, without ticking while there is nothing to time.
 *
 * lwIP counts in calls of its timer functions.  Some matter only while packets move
 * (the ages of ARP and neighbour entries): they rest when nothing happened for a
 * while, and are made up for by as many calls when something does.
 */
#include "stack.h"
#include "hooks.h"
#include "lwip/dhcp.h"
#include "lwip/etharp.h"
#include "lwip/igmp.h"
#include "lwip/ip4_frag.h"
#include "lwip/ip6_frag.h"
#include "lwip/mld6.h"
#include "lwip/nd6.h"
#include "lwip/prot/dhcp.h"
#include "lwip/prot/ip4.h"
#include "lwip/prot/ip6.h"
#include "lwip/priv/nd6_priv.h"
#include "lwip/priv/tcp_priv.h"
#include "lwip/timeouts.h"
#include "tcp_timer.h"

/* How long the ages of neighbours go on being counted after the last packet. */
#define RESTLESS (15 * NSEC_PER_SEC)
/* At most so many calls are made up for: older entries are gone by then. */
#define CATCH_UP_MAX 2000

static nsec_t last_activity;  /* network lock, as all of this file */
static nsec_t fragments4_until, fragments6_until;
static bool touched, resting, changed;

/* Note what timers_activity saw; a coarse time will do. */
static void note_activity(nsec_t now)
{
	if (touched)
		last_activity = now;
	touched = false;
}

bool timers_active_within(nsec_t t)
{
	return touched || now_ns() < last_activity + t;
}

static bool active(void)
{
	return timers_active_within(RESTLESS);
}

static bool router_solicitation(void)
{
	struct netif *n;

	NETIF_FOREACH(n)
	{
		if (n->rs_count && netif_is_up(n))
			return true;
	}
	return false;
}

static bool nd6_needed(void)
{
	return active() || router_solicitation();
}

static bool reassembly4(void)
{
	return now_ns() < fragments4_until;
}

static bool reassembly6(void)
{
	return now_ns() < fragments6_until;
}

static bool dhcp_used(void)
{
	struct netif *n;

	NETIF_FOREACH(n)
	{
		if (netif_dhcp_data(n))
			return true;
	}
	return false;
}

static bool dhcp_waits(void)
{
	struct netif *n;

	NETIF_FOREACH(n)
	{
		struct dhcp *d = netif_dhcp_data(n);

		if (d && d->request_timeout)
			return true;
	}
	return false;
}

static bool igmp_needed(void)
{
	struct netif *n;

	NETIF_FOREACH(n)
	{
		struct igmp_group *g = netif_igmp_data(n);

		for (; g; g = g->next)
			if (g->timer)
				return true;
	}
	return false;
}

static bool mld6_needed(void)
{
	struct netif *n;

	NETIF_FOREACH(n)
	{
		struct mld_group *g = netif_mld6_data(n);

		for (; g; g = g->next)
			if (g->timer)
				return true;
	}
	return false;
}

struct net_timer {
	u32 interval; /* ms, as lwIP demands */
	void (*fn)(void);
	bool (*needed)(void);
	bool catch_up; /* counts the time that passed while it rested */
	nsec_t next;
};

static struct net_timer timers[] = {
	{IP_TMR_INTERVAL, ip_reass_tmr, reassembly4, false, 0},
	{ARP_TMR_INTERVAL, etharp_tmr, active, true, 0},
	{DHCP_COARSE_TIMER_MSECS, dhcp_coarse_tmr, dhcp_used, true, 0},
	{DHCP_FINE_TIMER_MSECS, dhcp_fine_tmr, dhcp_waits, false, 0},
	{IGMP_TMR_INTERVAL, igmp_tmr, igmp_needed, false, 0},
	{ND6_TMR_INTERVAL, nd6_tmr, nd6_needed, true, 0},
	{IP6_REASS_TMR_INTERVAL, ip6_reass_tmr, reassembly6, false, 0},
	{MLD6_TMR_INTERVAL, mld6_tmr, mld6_needed, false, 0},
};

void timers_init(void)
{
	nsec_t now = now_ns();

	for (size_t i = 0; i < ARRAY_SIZE(timers); i++)
		timers[i].next = now + timers[i].interval * NSEC_PER_MSEC;
	last_activity = now;
}

static void run(struct net_timer *t, nsec_t now)
{
	nsec_t step = t->interval * NSEC_PER_MSEC;
	u64 calls = 1;

	if (t->catch_up)
		calls = MIN((now - t->next) / step + 1, (u64)CATCH_UP_MAX);
	t->next = now + step;
	while (calls--)
		t->fn();
}

static void run_all(nsec_t now)
{
	note_activity(now);
	for (size_t i = 0; i < ARRAY_SIZE(timers); i++) {
		struct net_timer *t = &timers[i];

		if (now >= t->next && t->needed())
			run(t, now);
	}
	tcp_timer_run(now);
}

/* When something will be due, NSEC_FOREVER if nothing will. */
static nsec_t find_next(nsec_t now)
{
	nsec_t next = tcp_timer_next();

	for (size_t i = 0; i < ARRAY_SIZE(timers); i++) {
		struct net_timer *t = &timers[i];

		if (!t->needed())
			continue;
		/* It rested; without making up for it, a period begins now. */
		if (t->next <= now && !t->catch_up)
			t->next = now + t->interval * NSEC_PER_MSEC;
		next = MIN(next, t->next);
	}
	resting = !active() || tcp_timer_rests();
	changed = false;
	return next;
}

/*
 * All is looked at only when something is due or has changed: as long as nothing
 * rests, packets that pass by change nothing.
 */
nsec_t timers_run(void)
{
	static nsec_t next;
	nsec_t now = now_ns();

	if (now >= next || changed || resting) {
		run_all(now);
		next = find_next(now);
	}
	return next;
}

void timers_activity(void)
{
	if (resting)
		changed = true;
	touched = true;
}

void timers_change(void)
{
	changed = true;
}

bool timers_changed(void)
{
	bool c = changed;

	changed = false;
	return c;
}

int lwip_hook_ip4_input(struct pbuf *p, struct netif *inp)
{
	const struct ip_hdr *h = p->payload;

	if (p->len >= sizeof(*h) &&
	    (h->_offset & PP_HTONS(IP_OFFMASK | IP_MF))) {
		fragments4_until =
		    now_ns() + (IP_REASS_MAXAGE + 2) * NSEC_PER_SEC;
		changed = true;
	}
	return 0; /* go on */
}

int lwip_hook_ip6_input(struct pbuf *p, struct netif *inp)
{
	const struct ip6_hdr *h = p->payload;

	if (p->len >= sizeof(*h) && IP6H_NEXTH(h) == IP6_NEXTH_FRAGMENT) {
		fragments6_until =
		    now_ns() + (IPV6_REASS_MAXAGE + 2) * NSEC_PER_SEC;
		changed = true;
	}
	return 0;
}
