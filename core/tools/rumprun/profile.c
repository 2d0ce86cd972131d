#include "profile.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "gdbremote.h"
#include "stacks.h"
#include "unwind.h"

struct profiler {
	const struct launch *l;
	struct unwinder *u;
	char *scratch; /* becomes l->profile */
	FILE *out;
	struct profile profile;
	struct sample sample[STACKS_CPUS];
};

static bool ends_in(const char *path, const char *end)
{
	size_t n = strlen(path), m = strlen(end);

	return n > m && strcmp(path + n - m, end) == 0;
}

bool profile_file(const char *path, char **why)
{
	return ends_in(path, ".svg") || ends_in(path, ".folded") ||
	       fail(why, "the name must end in .svg (a flame graph) or .folded "
			 "(stacks for other tools)");
}

/* A new file beside the one that it is going to replace. */
static bool open_scratch(struct profiler *p, char **why)
{
	const char *path = p->l->profile;
	mode_t mask = umask(0);
	struct stat st;
	int fd;

	umask(mask);
	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
		return fail(why, "--profile %s: it is there, and no file",
			    path);
	p->scratch = xasprintf("%s.XXXXXX", path);
	fd = mkostemp(p->scratch, O_CLOEXEC);
	if (fd < 0) {
		fail(why, "--profile %s: cannot write it: %s", path,
		     strerror(errno));
		free(p->scratch);
		p->scratch = NULL;
		return false;
	}
	fchmod(fd, 0666 & ~mask);
	p->out = fdopen(fd, "w");
	return true;
}

struct profiler *profile_prepare(const struct launch *l, char **why)
{
	struct profiler *p = xcalloc(1, sizeof(*p));
	char *reason = NULL;

	p->l = l;
	p->u = unwind_new(&l->image, &reason);
	if (p->u == NULL)
		fail(why, "--profile: image %s cannot be profiled: %s",
		     l->image.path, reason);
	else if (open_scratch(p, why))
		return p;
	free(reason);
	profile_free(p);
	return NULL;
}

void profile_free(struct profiler *p)
{
	if (p == NULL)
		return;
	if (p->out != NULL)
		fclose(p->out);
	if (p->scratch != NULL)
		unlink(p->scratch);
	if (p->u != NULL)
		unwind_free(p->u);
	free(p->scratch);
	stacks_free(&p->profile);
	free(p);
}

static long long now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

/* Wait until then, or for something from the guest: that it has ended. */
static void wait_until(long long then, int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	long long left = then - now_ns();
	struct timespec t = {left / 1000000000, left % 1000000000};

	if (left > 0)
		ppoll(&p, 1, &t, NULL);
}

/* All processors at the same moment; false at the end. */
static bool take_samples(struct profiler *p, struct gdb *g)
{
	unsigned n = 0;

	if (!gdb_stop(g))
		return false;
	while (n < p->profile.cpus && unwind_sample(p->u, g, n, &p->sample[n]))
		n++;
	gdb_continue(g);
	/* A guest that went away in between was caught half. */
	for (unsigned c = 0; n == p->profile.cpus && c < n; c++)
		stacks_add(&p->profile, c, &p->sample[c], p->u);
	return n == p->profile.cpus && !g->ended;
}

/*
 * The guest's time stands still while it is looked at, so what that takes is
 * not in the profile; the interval is one of the host's time.
 */
static void sample_all(struct profiler *p, struct gdb *g)
{
	long long interval = 1000000000LL / p->profile.hz;
	long long begin = now_ns(), next = begin;

	if (!gdb_continue(g))
		return;
	do {
		next += interval;
		if (next < now_ns())
			next = now_ns() + interval;
		wait_until(next, g->fd);
	} while (take_samples(p, g));
	p->profile.seconds = (double)(now_ns() - begin) / 1e9;
}

static bool write_profile(struct profiler *p)
{
	FILE *f = p->out;
	bool ok;

	if (ends_in(p->l->profile, ".svg"))
		stacks_draw(&p->profile, f);
	else
		stacks_fold(&p->profile, f);
	p->out = NULL;
	/* What is complete comes into sight at once, or not at all. */
	ok = fflush(f) == 0 && fsync(fileno(f)) == 0;
	ok = fclose(f) == 0 && ok;
	if (ok && rename(p->scratch, p->l->profile) == 0)
		return true;
	tell("--profile %s: cannot write it: %s", p->l->profile,
	     strerror(errno));
	unlink(p->scratch);
	return false;
}

static int run(struct profiler *p, int fd)
{
	struct gdb *g = xcalloc(1, sizeof(*g));
	char *why = NULL;
	int flags = fcntl(fd, F_GETFL);

	fcntl(fd, F_SETFL, flags & ~O_NONBLOCK);
	p->profile.hz = p->l->profile_hz;
	p->profile.cpus = p->l->cpus;
	p->profile.image = xstrdup(p->l->image.path);
	if (!gdb_open(g, fd, &why)) {
		tell("--profile %s: %s", p->l->profile, why);
		unlink(p->scratch);
		return EXIT_FAILURE;
	}
	sample_all(p, g);
	return write_profile(p) ? EXIT_SUCCESS : EXIT_FAILURE;
}

pid_t profile_start(struct profiler *p, int fd, int report, char **why)
{
	pid_t pid;

	fflush(NULL);
	pid = fork();
	/* Signals that supervise takes are blocked: Ctrl-C ends the guest. */
	if (pid == 0) {
		if (report >= 0)
			close(report);
		_exit(run(p, fd));
	}
	close(fd);
	if (pid < 0) {
		fail(why, "--profile: cannot start a process: %s",
		     strerror(errno));
		return -1;
	}
	return pid;
}
