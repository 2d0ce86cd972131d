/* QEMU's monitor protocol (QMP), as far as we need it. */
#ifndef RUMPRUN_MONITOR_H
#define RUMPRUN_MONITOR_H

#include <stdbool.h>
#include <stddef.h>

#include "sink.h"

struct monitor {
	bool greeted;	   /* QEMU took the command line and runs */
	bool control_open; /* the guest listens to our commands */
	struct sink out;
	char line[65536];
	size_t len;
};

/* Bytes from QEMU. */
void monitor_feed(struct monitor *m, const char *bytes, size_t n);
/* Send a command without arguments, e.g. "system_powerdown". */
void monitor_send(struct monitor *m, const char *command);

#endif
