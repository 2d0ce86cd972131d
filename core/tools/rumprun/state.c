#include "state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "platform.h"
#include "statedir.h"

#define CONSOLE_MAX ((size_t)1 << 20)

bool json_write(const char *path, const json_t *value, char **why)
{
	char *new = xasprintf("%s.new", path);
	bool ok = json_dump_file(value, new, JSON_INDENT(2)) == 0 &&
		  rename(new, path) == 0;

	if (!ok) {
		fail(why, "cannot write %s: %s", path, strerror(errno));
		unlink(new);
	}
	free(new);
	return ok;
}

static void save(struct state *s)
{
	char *path = xasprintf("%s/state.json", s->dir), *why = NULL;

	if (!json_write(path, s->facts, &why))
		tell("%s", why);
	free(why);
	free(path);
}

static int open_in(const struct state *s, const char *name, int flags)
{
	char *path = xasprintf("%s/%s", s->dir, name);
	int fd = open(path, flags | O_CLOEXEC, 0600);

	free(path);
	return fd;
}

/*
 * Entries are made and removed by one at a time: else a new one, before it is
 * locked, looks like one that nobody holds.  A file descriptor that ends the turn
 * when it is closed, or -1.
 */
static int take_turn(const char *dir)
{
	struct flock fl = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	char *path = xasprintf("%s/.lock", dir);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	free(path);
	if (fd < 0)
		return -1;
	while (fcntl(fd, F_SETLKW, &fl) < 0) {
		if (errno != EINTR) {
			close(fd);
			return -1;
		}
	}
	return fd;
}

/* Make and lock the entry; 0, or errno (EAGAIN: somebody has it). */
static int lock(struct state *s)
{
	struct flock fl = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

	if (mkdir(s->dir, 0700) < 0 && errno != EEXIST)
		return errno;
	s->lock = open_in(s, "lock", O_RDWR | O_CREAT);
	if (s->lock < 0)
		return errno;
	if (fcntl(s->lock, F_SETLK, &fl) < 0)
		return errno == EACCES ? EAGAIN : errno;
	return 0;
}

/* In the directory of all entries; 0 or errno, as lock. */
static int enter(struct state *s, const char *dir)
{
	int turn = take_turn(dir), error;

	if (turn < 0)
		return errno;
	entries_prune();
	error = lock(s);
	close(turn);
	return error;
}

bool state_claim(struct state *s, const struct launch *l, char **why)
{
	const char *image = base_name(l->image.path);
	size_t len = strlen(image);
	char *dir;
	int error;

	*s = (struct state){.lock = -1, .console = -1};
	if (!state_dir_make(why))
		return false;
	if (len > 4 && strcmp(image + len - 4, ".bin") == 0)
		len -= 4;
	s->name =
		l->name ? xstrdup(l->name)
			: xasprintf("%.*s-%d", (int)len, image, (int)getpid());
	dir = state_dir();
	s->dir = xasprintf("%s/%s", dir, s->name);
	error = enter(s, dir);
	free(dir);
	if (error == EAGAIN)
		return fail(why, "-N %s: a guest of that name is running",
			    s->name);
	if (error != 0)
		return fail(why, "cannot make the entry %s: %s", s->dir,
			    strerror(error));
	s->console = open_in(s, "console", O_WRONLY | O_CREAT | O_TRUNC);
	dir = xasprintf("%s/console.1", s->dir);
	unlink(dir);
	free(dir);
	s->facts = json_object();
	return true;
}

static json_t *now(void)
{
	char text[32];
	time_t t = time(NULL);
	struct tm tm;

	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&t, &tm));
	return json_string(text);
}

static json_t *ports(const struct launch *l)
{
	json_t *a = json_array();

	for (size_t i = 0; i < l->npublishes; i++) {
		const struct publish *p = &l->publishes[i];

		json_array_append_new(
			a, json_pack("{s:s, s:i, s:i, s:s}", "host",
				     p->host ? p->host : "0.0.0.0", "port",
				     (int)p->port, "guest", (int)p->guest,
				     "protocol", p->udp ? "udp" : "tcp"));
	}
	return a;
}

void state_running(struct state *s, const struct launch *l, pid_t pid)
{
	char *image = realpath(l->image.path, NULL);

	json_object_set_new(s->facts, "name", json_string(s->name));
	json_object_set_new(s->facts, "platform",
			    json_string(l->platform->name));
	json_object_set_new(s->facts, "image",
			    json_string(image ? image : l->image.path));
	json_object_set_new(s->facts, "memory", json_integer(l->memory));
	json_object_set_new(s->facts, "pid", json_integer(getpid()));
	json_object_set_new(s->facts, "hypervisor", json_integer(pid));
	json_object_set_new(s->facts, "started", now());
	json_object_set_new(s->facts, "ports", ports(l));
	free(image);
	save(s);
}

void state_console(struct state *s, const char *bytes, size_t n)
{
	if (s->console < 0)
		return;
	if (s->console_size > CONSOLE_MAX) {
		char *old = xasprintf("%s/console", s->dir);
		char *older = xasprintf("%s/console.1", s->dir);

		rename(old, older);
		free(old);
		free(older);
		close(s->console);
		s->console =
			open_in(s, "console", O_WRONLY | O_CREAT | O_TRUNC);
		s->console_size = 0;
	}
	/* A full disk must not stop the guest. */
	if (write(s->console, bytes, n) > 0)
		s->console_size += n;
}

void state_end(struct state *s, const struct outcome *o)
{
	char *text;

	if (o->cause != CAUSE_NONE && s->facts != NULL) {
		text = outcome_text(o);
		json_object_set_new(s->facts, "ended", now());
		json_object_set_new(s->facts, "cause",
				    json_string(outcome_word(o)));
		json_object_set_new(s->facts, "number",
				    json_integer(o->number));
		json_object_set_new(s->facts, "status",
				    json_integer(outcome_status(o)));
		json_object_set_new(s->facts, "text", json_string(text));
		save(s);
		free(text);
	}
	json_decref(s->facts);
	if (s->console >= 0)
		close(s->console);
	if (s->lock >= 0)
		close(s->lock);
	free(s->name);
	free(s->dir);
	*s = (struct state){.lock = -1, .console = -1};
}
