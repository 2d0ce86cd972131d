/* rumprun logs: what a guest printed. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "commands.h"
#include "options.h"
#include "state.h"

/* Copy what there is from fd on; false when our reader is gone. */
static bool copy(int fd)
{
	char buf[16384];
	ssize_t n, w;

	while ((n = read(fd, buf, sizeof(buf))) > 0)
		for (ssize_t at = 0; at < n; at += w)
			if ((w = write(1, buf + at, (size_t)(n - at))) <= 0)
				return false;
	return true;
}

static int open_console(const struct entry *e, const char *name)
{
	char *path = xasprintf("%s/%s", e->dir, name);
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	free(path);
	return fd;
}

/* Was the file that we read moved away because it had become large? */
static bool rotated(const struct entry *e, int fd)
{
	char *path = xasprintf("%s/console", e->dir);
	struct stat now, ours;
	bool moved = stat(path, &now) == 0 && fstat(fd, &ours) == 0 &&
		     now.st_ino != ours.st_ino;

	free(path);
	return moved;
}

static bool runs(const char *name)
{
	size_t n;
	struct entry *all = entries_read(&n), *e = entry_find(all, n, name);
	bool yes = e != NULL && e->runs;

	entries_free(all, n);
	return yes;
}

static void follow(const struct entry *e, int fd)
{
	const struct timespec pause = {0, 100000000};
	bool last = false;

	while (copy(fd)) {
		if (rotated(e, fd)) {
			int next = open_console(e, "console");

			/* What came between our read and the renaming. */
			copy(fd);
			if (next >= 0) {
				dup2(next, fd);
				close(next);
			}
			continue;
		}
		if (last)
			break;
		/* Once more after its end: it may have printed since. */
		last = !runs(e->name);
		if (!last)
			nanosleep(&pause, NULL);
	}
}

int command_logs(int argc, char **argv)
{
	static const struct option longs[] = {
		{"follow", no_argument, NULL, 'f'},
		{"help", no_argument, NULL, 'h'},
		{0},
	};
	bool f = false;
	struct entry *all, *e;
	size_t n;
	int c, fd;

	while ((c = getopt_long(argc, argv, "fh", longs, NULL)) != -1) {
		if (c == 'h')
			return options_usage(true), EXIT_SUCCESS;
		if (c != 'f')
			return EXIT_REFUSED;
		f = true;
	}
	if (optind + 1 != argc)
		die(EXIT_REFUSED, "logs: name one guest (rumprun ps -a lists "
				  "them)");
	all = entries_read(&n);
	e = entry_find(all, n, argv[optind]);
	if (e == NULL)
		die(EXIT_REFUSED,
		    "there is no guest %s (rumprun ps -a lists "
		    "them)",
		    argv[optind]);
	fd = open_console(e, "console.1");
	if (fd >= 0) {
		copy(fd);
		close(fd);
	}
	fd = open_console(e, "console");
	if (fd < 0)
		die(EXIT_REFUSED, "cannot read what %s printed: %s", e->name,
		    strerror(errno));
	if (f)
		follow(e, fd);
	else
		copy(fd);
	close(fd);
	entries_free(all, n);
	return EXIT_SUCCESS;
}
