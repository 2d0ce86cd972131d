/*
 * What the command line asks for.  options.c fills this in, the platform turns
 * it into a hypervisor's command line.
 */
#ifndef RUMPRUN_LAUNCH_H
#define RUMPRUN_LAUNCH_H

#include <stdbool.h>
#include <stddef.h>

#include "rrimage.h"
#include "strlist.h"

struct platform;

/* One address of an interface (-W). */
struct address {
	bool inet6;
	bool dynamic;	 /* DHCP or, with inet6, router advertisements */
	char *addr;	 /* static only */
	unsigned prefix; /* static only */
	char *gw;	 /* static only; may be NULL */
};

enum backend { BACKEND_USER, BACKEND_TAP, BACKEND_BRIDGE };

/* One network interface (-I) and its addresses (-W). */
struct iface {
	char *tag;
	char *name; /* in the guest */
	char *mac;  /* "52:54:00:..." */
	bool mac_given; /* otherwise by chance */
	enum backend backend;
	struct strlist options; /* for the hypervisor, key=value */
	struct address *addresses;
	size_t naddresses;
};

/* A port of the host that leads to one of the guest (--publish). */
struct publish {
	char *arg;	/* as on the command line, for messages */
	char *host;	/* IPv4 address; NULL: every address of the host */
	unsigned port;	/* 0 until publish_reserve chose one */
	unsigned guest; /* port in the guest */
	bool udp;
};

/* A block device (-b). */
struct block {
	char *path;
	char *mountpoint; /* NULL: a device only */
	bool readonly;
	bool device; /* a block device of the host, not a file */
};

struct launch {
	const struct platform *platform;
	struct rrimage image;
	struct strlist args; /* argv of the program, the image's path first */

	struct iface *ifaces;
	size_t nifaces;
	struct publish *publishes;
	size_t npublishes;
	struct block *blocks;
	size_t nblocks;
	struct strlist env; /* NAME=VALUE */
	struct strlist raw; /* for the hypervisor as it is */

	char *name;	   /* -N, or NULL */
	char *output;	   /* -o, or NULL */
	char *config_file; /* JSON to begin with, or NULL */
	char *status_file; /* or NULL */
	char *profile;	   /* --profile, or NULL */
	unsigned profile_hz;
	char *tmpdir;	   /* -t or -T, or NULL */
	char *machine;	   /* or NULL: the platform chooses */
	char *cpu;	   /* or NULL */
	char *accel;	   /* kvm or tcg; or NULL: the platform chooses */
	unsigned memory;   /* MiB */
	unsigned cpus;
	bool memory_given;
	unsigned gdb;	   /* port, 0: none */
	bool keep_tmpdir;
	bool interactive;
	bool paused;
	bool print; /* the commands; run none */
};

void launch_free(struct launch *l);

#endif
