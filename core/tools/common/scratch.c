#include "scratch.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* For the signal handler; reads it while signals are blocked elsewhere. */
static const struct scratch *active;

static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
#define SIGNALS (sizeof(signals) / sizeof(signals[0]))

/* Only what a signal handler may do: unlink and rmdir. */
static void discard(const struct scratch *s)
{
	for (size_t i = 0; i < s->files.n; i++)
		unlink(s->files.v[i]);
	if (s->watched != NULL)
		unlink(s->watched);
	if (s->dir != NULL)
		rmdir(s->dir);
}

static void on_signal(int sig)
{
	if (active != NULL)
		discard(active);
	/* SA_RESETHAND: this time it ends us. */
	raise(sig);
}

static sigset_t block(void)
{
	sigset_t set, old;

	sigemptyset(&set);
	for (size_t i = 0; i < SIGNALS; i++)
		sigaddset(&set, signals[i]);
	sigprocmask(SIG_BLOCK, &set, &old);
	return old;
}

static void unblock(sigset_t old)
{
	sigprocmask(SIG_SETMASK, &old, NULL);
}

bool scratch_make(struct scratch *s, char **why)
{
	struct sigaction sa = {.sa_handler = on_signal,
			       .sa_flags = SA_RESETHAND};
	const char *tmp = getenv("TMPDIR");
	sigset_t old;
	char *dir;

	if (tmp == NULL || *tmp == '\0')
		tmp = "/tmp";
	dir = xasprintf("%s/%s.XXXXXX", tmp, progname);
	old = block();
	if (mkdtemp(dir) == NULL) {
		unblock(old);
		fail(why, "cannot make a temporary directory in %s: %s", tmp,
		     strerror(errno));
		free(dir);
		return false;
	}
	s->dir = dir;
	active = s;
	for (size_t i = 0; i < SIGNALS; i++)
		sigaction(signals[i], &sa, NULL);
	unblock(old);
	return true;
}

char *scratch_file(struct scratch *s, const char *fmt, ...)
{
	va_list ap;
	char *name, *path;
	sigset_t old;

	va_start(ap, fmt);
	name = xvasprintf(fmt, ap);
	va_end(ap);
	path = xasprintf("%s/%s", s->dir, name);
	free(name);
	old = block();
	strlist_add(&s->files, path);
	unblock(old);
	return path;
}

void scratch_watch(struct scratch *s, const char *path)
{
	sigset_t old = block();

	free(s->watched);
	s->watched = path ? xstrdup(path) : NULL;
	unblock(old);
}

void scratch_remove(struct scratch *s)
{
	sigset_t old = block();

	discard(s);
	active = NULL;
	strlist_clear(&s->files);
	free(s->watched);
	free(s->dir);
	*s = (struct scratch){0};
	unblock(old);
}
