#include "run_guest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "document.h"
#include "guest.h"
#include "platform.h"
#include "state.h"
#include "supervise.h"

/* For --status-file. */
static void write_status(const struct launch *l, const char *name,
			 const struct outcome *o)
{
	char *text, *why = NULL;
	json_t *j;

	if (l->status_file == NULL)
		return;
	text = outcome_text(o);
	j = json_pack("{s:s, s:s, s:i, s:i, s:s}", "name", name, "cause",
		      outcome_word(o), "number", o->number, "status",
		      outcome_status(o), "text", text);
	if (!json_write(l->status_file, j, &why))
		tell("--status-file: %s", why);
	json_decref(j);
	free(why);
	free(text);
}

/*
 * Supervise one guest; false with *why if it could not be started.  *name is
 * what it was called, and the caller frees it.
 */
static bool run_one(const struct launch *l, struct audience *a, char **name,
		    struct outcome *o, char **why)
{
	struct console c = {0};
	struct state s;
	struct guest g;
	char *document;
	bool ok;

	if (a->terminal)
		c = console_here();
	document = document_make(l, &c, why);
	if (document == NULL)
		return false;
	ok = state_claim(&s, l, why);
	if (ok) {
		*name = xstrdup(s.name);
		if (a->report >= 0)
			dprintf(a->report, "%s\n", s.name);
		supervise_signals();
		ok = guest_start(&g, l, document, why);
	}
	free(document);
	if (ok) {
		state_running(&s, l, g.pid);
		*o = supervise(l, &g, &s, a);
		write_status(l, s.name, o);
		guest_close(&g);
		guest_clean(l);
	}
	state_end(&s, ok ? o : &(struct outcome){CAUSE_REFUSED, 0});
	return ok;
}

/* Say what the exit status alone does not. */
static void remark(const char *name, const struct outcome *o)
{
	char *text;

	if (o->cause == CAUSE_EXIT)
		return;
	text = outcome_text(o);
	tell("%s: %s", name, text);
	free(text);
}

static int foreground(const struct launch *l, struct profiler *p)
{
	struct audience a = {.terminal = true, .report = -1, .profiler = p};
	struct outcome o = {CAUSE_NONE, 0};
	char *name = NULL, *why = NULL;

	if (!run_one(l, &a, &name, &o, &why)) {
		profile_free(p);
		die(EXIT_REFUSED, "%s", why);
	}
	profile_free(p);
	remark(name, &o);
	free(name);
	return outcome_status(&o);
}

/* The detached supervisor; tells report how things went. */
static void background(const struct launch *l, struct profiler *p, int report)
{
	struct audience a = {
		.terminal = false, .report = report, .profiler = p};
	struct outcome o = {CAUSE_NONE, 0};
	char *name = NULL, *why = NULL, *text;
	int null = open("/dev/null", O_RDWR);

	for (int fd = 0; fd < 3; fd++)
		dup2(null, fd);
	if (null > 2)
		close(null);
	if (!run_one(l, &a, &name, &o, &why)) {
		dprintf(report, "refused %s\n", why);
	} else if (a.report >= 0) {
		text = outcome_text(&o);
		dprintf(report, "ended %d %s\n", outcome_status(&o), text);
		free(text);
	}
	profile_free(p);
	_exit(0);
}

/* All that the supervisor reports: the name, then how it went. */
static void hear(int fd, char *buf, size_t size)
{
	size_t len = 0;
	ssize_t n;

	while (len < size - 1) {
		n = read(fd, buf + len, size - 1 - len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		len += (size_t)n;
	}
	buf[len] = '\0';
}

/* Show what the guest printed before its early end. */
static void show_console(const char *name)
{
	size_t n;
	struct entry *all = entries_read(&n), *e = entry_find(all, n, name);
	char *path, buf[4096];
	FILE *f;

	if (e != NULL) {
		path = xasprintf("%s/console", e->dir);
		f = fopen(path, "re");
		while (f != NULL && (n = fread(buf, 1, sizeof(buf), f)) > 0)
			fwrite(buf, 1, n, stderr);
		if (f != NULL)
			fclose(f);
		free(path);
	}
	entries_free(all, n);
}

static int judge(char *heard)
{
	int status, at = 0;
	char *name = heard;

	/* Without a name, the first line is the reason. */
	if (strncmp(heard, "refused ", 8) != 0) {
		heard += strcspn(heard, "\n");
		if (*heard == '\n')
			*heard++ = '\0';
	}
	heard[strcspn(heard, "\n")] = '\0';

	if (strcmp(heard, "started") == 0) {
		printf("%s\n", name);
		return EXIT_SUCCESS;
	}
	if (strncmp(heard, "refused ", 8) == 0)
		die(EXIT_REFUSED, "%s", heard + 8);
	if (sscanf(heard, "ended %d %n", &status, &at) != 1 || at == 0)
		die(EXIT_REFUSED, "the supervisor of the guest died");
	/* A short program that did its work is no failure. */
	if (status == 0) {
		printf("%s\n", name);
		return EXIT_SUCCESS;
	}
	show_console(name);
	tell("%s ended at once: %s", name, heard + at);
	return status;
}

/*
 * Twice forked, so that the supervisor is nobody's child and has no terminal;
 * we stay until it says that the guest runs, or does not.
 */
static int detach(const struct launch *l, struct profiler *p)
{
	char heard[2048];
	int report[2];
	pid_t pid;

	if (pipe2(report, O_CLOEXEC) < 0)
		die(EXIT_REFUSED, "cannot make a pipe: %s", strerror(errno));
	fflush(NULL);
	pid = fork();
	if (pid < 0)
		die(EXIT_REFUSED, "cannot start a process: %s",
		    strerror(errno));
	if (pid == 0) {
		close(report[0]);
		setsid();
		if (fork() == 0)
			background(l, p, report[1]);
		_exit(0);
	}
	close(report[1]);
	waitpid(pid, NULL, 0);
	hear(report[0], heard, sizeof(heard));
	close(report[0]);
	return judge(heard);
}

/* Print what would be done. */
static int print(const struct launch *l)
{
	struct console c = console_here();
	char *why = NULL, *document = document_make(l, &c, &why);

	if (document == NULL || !guest_print(l, document, &why))
		die(EXIT_REFUSED, "%s", why);
	free(document);
	return EXIT_SUCCESS;
}

int run_guest(const struct launch *l)
{
	struct profiler *p = NULL;
	char *why = NULL;

	if (l->print)
		return print(l);
	if (l->profile != NULL) {
		p = profile_prepare(l, &why);
		if (p == NULL)
			die(EXIT_REFUSED, "%s", why);
	}
	return l->interactive ? foreground(l, p) : detach(l, p);
}
