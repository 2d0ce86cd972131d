/* ICMP errors about packets of ours (icmp_errors.c). */
#ifndef RR_INET_ICMP_ERRORS_H
#define RR_INET_ICMP_ERRORS_H

/* Begin to listen to them.  Network lock, at start-up. */
void icmp_errors_init(void);

#endif
