/* TCP's timer (tcp_timer.c).  All under the network lock. */
#ifndef RR_INET_TCP_TIMER_H
#define RR_INET_TCP_TIMER_H

#include "types.h"

/* Run it if it is due. */
void tcp_timer_run(nsec_t now);
/* When it is due; NSEC_FOREVER: there is nothing to time. */
nsec_t tcp_timer_next(void);
/* An acknowledgement waits for data to go with: not longer than 40 ms. */
void tcp_timer_delayed_ack(void);
/* Is it slowed down or off, so that new work must start it? */
bool tcp_timer_rests(void);

#endif
