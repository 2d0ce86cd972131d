/*
 * The end of the guest.  What programs have sent before they ended is the
 * kernel's to deliver, as close(2) and exit(2) promise; there is no kernel
 * once the power is off.
 */
#include "init.h"
#include "log.h"
#include "stack.h"
#include "string.h"
#include "sync.h"
#include "tcp.h"
#include "lwip/etharp.h"
#include "lwip/priv/nd6_priv.h"

/*
 * Who takes nothing for so long is given up: after the segment was sent again four
 * times (RFC 6298: 1 + 2 + 4 + 8 s); and once somebody waits for the power to go off,
 * as soon as daemons are (kern/init/run.c).
 */
#define PATIENCE (20 * NSEC_PER_SEC)
#define PATIENCE_SHUTDOWN (3 * NSEC_PER_SEC)

/* A device does not say when it has sent a frame: it is asked so often. */
#define STEP NSEC_PER_MSEC

/* What has not left yet. */
struct rest {
	u64 bytes;            /* not acknowledged */
	unsigned connections; /* whose FIN is not acknowledged */
	unsigned frames;      /* at a device, or waiting for it or for an address */
};

static void add_connections(struct rest *r)
{
	for (const struct tcp_pcb *p = tcp_active_pcbs; p; p = p->next) {
		const struct tcp_sock *ts = tcp_ext_arg_get(p, 0);

		/* The others belong to programs that did not end, or to nobody. */
		if (!ts || !ts->orphan ||
		    (p->state == FIN_WAIT_2 && !ts->tx_queued))
			continue;
		r->bytes += ts->tx_queued;
		r->connections++;
	}
}

static void add_frames(struct rest *r)
{
	struct interface *i;

	list_for_each(i, &interfaces, link)
		r->frames += i->at_device + i->waiting_count;
	r->frames += (unsigned)etharp_packets_wait();
	for (unsigned k = 0; k < LWIP_ND6_NUM_NEIGHBORS; k++)
		r->frames += neighbor_cache[k].q != NULL;
}

static struct rest look(void)
{
	struct rest r = {0};

	net_lock();
	interfaces_flush(true);
	(void)interfaces_poll();
	add_connections(&r);
	add_frames(&r);
	net_unlock();
	return r;
}

static void wait_until(nsec_t t)
{
	do
		sleep_prepare(false);
	while (!sleep_until(t));
	sleep_cancel();
}

void net_drain(void)
{
	struct rest last = {0}, r;
	nsec_t since = now_ns(), now;

	for (;;) {
		r = look();
		if (!r.bytes && !r.connections && !r.frames)
			return;
		now = now_ns();
		if (memcmp(&r, &last, sizeof(r))) {
			last = r;
			since = now;
		}
		if (now - since >= (shutdown_requested() ? PATIENCE_SHUTDOWN :
							   PATIENCE))
			break;
		wait_until(now + STEP);
	}
	if (r.bytes)
		kmsg("%lu bytes that programs sent were not taken by their "
		     "receivers; connections: %u", r.bytes, r.connections);
}
