/* Who we are: what uname(2) and /proc/sys/kernel tell. */
#ifndef RR_UTSNAME_H
#define RR_UTSNAME_H

#include "types.h"

/*
 * The interface that programs find is that of Linux 6.1; some look at the
 * number before they use a call.
 */
#define UTS_SYSNAME "Linux"
#define UTS_RELEASE "6.1.0-rumprun"
#define UTS_VERSION "#1 SMP PREEMPT rumprun"
#define UTS_MACHINE "x86_64"

#define HOSTNAME_MAX 64 /* without the NUL; Linux' __NEW_UTS_LEN */

/* Its current value, NUL-terminated; domain: the NIS domain name. */
void hostname_get(char name[HOSTNAME_MAX + 1], bool domain);
/* At most HOSTNAME_MAX bytes. */
void hostname_set(const char *name, size_t n, bool domain);

#endif
