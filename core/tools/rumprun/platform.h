/*
 * A platform is a way to run images: a hypervisor (qemu, kvm; later xen), a
 * Linux process, or something that is made to be booted elsewhere (iso).  Each
 * is one file that defines a struct platform, listed in platform.c.
 */
#ifndef RUMPRUN_PLATFORM_H
#define RUMPRUN_PLATFORM_H

#include <stdbool.h>

#include "launch.h"
#include "strlist.h"

/*
 * Descriptors that the hypervisor finds open, by fixed numbers so that its
 * command line can be printed without running it.
 */
enum channel {
	CHANNEL_STDIO,	 /* virtio port: the programs' input and output */
	CHANNEL_STDERR,	 /* virtio port: standard error */
	CHANNEL_CONTROL, /* virtio port: our commands */
	CHANNEL_LOG,	 /* what the kernel says */
	CHANNEL_COM1,	 /* serial port */
	CHANNEL_MONITOR, /* to the hypervisor itself */
	CHANNEL_PROFILE, /* to its debugger interface (--profile) */
	CHANNELS
};
#define CHANNEL_FD(c) (20 + (int)(c))
/* Here the hypervisor finds the configuration document. */
#define DOCUMENT_FD (20 + CHANNELS)

struct platform {
	const char *name;
	const char *describe;
	/* What its block devices are called in the guest, less the number. */
	const char *disk;
	/*
	 * What it makes is booted later, elsewhere: neither the addresses of
	 * network devices nor a terminal are known.
	 */
	bool elsewhere;
	/*
	 * Can it run here, and run what is asked for?  Fills in what the user
	 * left to the platform.  False with *why.
	 */
	bool (*check)(struct launch *l, char **why);
	/*
	 * Append the command to run; document is the path at which the
	 * configuration will be.  False with *why.
	 */
	bool (*command)(const struct launch *l, const char *document,
			struct strlist *argv, char **why);
	/*
	 * Instead of command, where nothing is run: make what can be booted.
	 * False with *why.
	 */
	bool (*make)(const struct launch *l, char **why);
};

extern const struct platform platform_qemu, platform_kvm, platform_iso;

/*
 * The platform of that name; NULL with *why (which tells an unknown one from
 * one that is not there yet).
 */
const struct platform *platform_find(const char *name, char **why);

#endif
