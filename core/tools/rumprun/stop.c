/* rumprun stop: ask guests to stop; kill those that do not. */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "address.h"
#include "clock.h"
#include "commands.h"
#include "options.h"
#include "state.h"

#define GRACE_SECONDS 10
/* The supervisor kills the guest by then; this is for one that hangs itself. */
#define SPARE_MS 5000

enum found { UNKNOWN, ENDED, RUNS };

/* What there is of name, and its supervisor as struct entry has it. */
static enum found find(const char *name, pid_t *supervisor)
{
	size_t n;
	struct entry *all = entries_read(&n), *e = entry_find(all, n, name);
	enum found found = !e ? UNKNOWN : e->runs ? RUNS : ENDED;

	*supervisor = e ? e->holder : 0;
	entries_free(all, n);
	return found;
}

/* Wait until the lock is free; false after ms milliseconds. */
static bool gone(const char *name, pid_t pid, long long ms)
{
	const struct timespec pause = {0, 20000000};
	long long end = clock_ms() + ms;
	pid_t now;

	while (find(name, &now) == RUNS && now == pid) {
		if (clock_ms() > end)
			return false;
		nanosleep(&pause, NULL);
	}
	return true;
}

static bool stop(const char *name, unsigned seconds)
{
	union sigval grace = {.sival_int = (int)seconds};
	pid_t pid;

	switch (find(name, &pid)) {
	case UNKNOWN:
		tell("there is no guest %s (rumprun ps lists them)", name);
		return false;
	case ENDED:
		return true;
	case RUNS:
		break;
	}
	if (pid == 0) {
		tell("cannot stop %s: it was started in another PID namespace "
		     "(a container?); stop it there", name);
		return false;
	}
	if (sigqueue(pid, SIGTERM, grace) < 0 && errno != ESRCH) {
		tell("cannot stop %s: %s", name, strerror(errno));
		return false;
	}
	if (gone(name, pid, seconds * 1000LL + SPARE_MS))
		return true;
	/* The guest dies with its supervisor. */
	kill(pid, SIGKILL);
	return gone(name, pid, SPARE_MS);
}

int command_stop(int argc, char **argv)
{
	static const struct option longs[] = {
		{"time", required_argument, NULL, 't'},
		{"help", no_argument, NULL, 'h'},
		{0},
	};
	unsigned seconds = GRACE_SECONDS;
	int c, status = EXIT_SUCCESS;

	/* -S was sudo for the original's Xen. */
	while ((c = getopt_long(argc, argv, "t:Sh", longs, NULL)) != -1) {
		if (c == 'S')
			continue;
		if (c == 'h')
			return options_usage(true), EXIT_SUCCESS;
		if (c != 't')
			return EXIT_REFUSED;
		if (!number_parse(optarg, 0, 86400, &seconds))
			die(EXIT_REFUSED,
			    "stop -t %s: it must be a number of "
			    "seconds",
			    optarg);
	}
	if (optind == argc)
		die(EXIT_REFUSED, "stop: name a guest (rumprun ps lists them)");
	for (; optind < argc; optind++)
		if (!stop(argv[optind], seconds))
			status = EXIT_FAILURE;
	return status;
}
