#include "guest.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* Path of the document for the hypervisor; the caller frees it. */
static char *document_path(const struct launch *l)
{
	return l->tmpdir ? xasprintf("%s/config.json", l->tmpdir)
			 : xasprintf("/proc/self/fd/%d", DOCUMENT_FD);
}

static bool write_all(int fd, const char *s, size_t n)
{
	while (n > 0) {
		ssize_t w = write(fd, s, n);

		if (w < 0 && errno == EINTR)
			continue;
		if (w <= 0)
			return false;
		s += w;
		n -= (size_t)w;
	}
	return true;
}

/*
 * The document may hold secrets: it is memory without a name, or, where the
 * user wants to see it, a file that nobody else can read.  -1 with *why.
 */
static int document_open(const struct launch *l, const char *document,
			 char **why)
{
	char *path = document_path(l);
	int fd;

	if (l->tmpdir == NULL)
		fd = memfd_create("rumprun-config", MFD_CLOEXEC);
	else if (mkdir(l->tmpdir, 0700) == 0)
		fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	else
		fd = -1;
	if (fd < 0 || !write_all(fd, document, strlen(document))) {
		if (l->tmpdir != NULL)
			fail(why, "%s %s: cannot make it: %s",
			     l->keep_tmpdir ? "-T" : "-t", l->tmpdir,
			     strerror(errno));
		else
			fail(why, "cannot write the configuration: %s",
			     strerror(errno));
		if (fd >= 0)
			close(fd);
		fd = -1;
	}
	free(path);
	return fd;
}

void guest_clean(const struct launch *l)
{
	char *path;

	if (l->tmpdir == NULL || l->keep_tmpdir)
		return;
	path = document_path(l);
	unlink(path);
	rmdir(l->tmpdir);
	free(path);
}

/* Descriptor from becomes to in the child. */
static void place(int from, int to)
{
	if (from == to)
		fcntl(to, F_SETFD, 0);
	else if (dup2(from, to) < 0)
		_exit(127);
}

static void child(char **argv, const int *ends, int document, int said,
		  pid_t parent)
{
	sigset_t none;

	/* A launcher that is killed takes its guest along. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(127);
	/* Ctrl-C is for the program, by way of us. */
	setpgid(0, 0);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	for (int c = 0; c < CHANNELS; c++)
		place(ends[c], CHANNEL_FD(c));
	place(document, DOCUMENT_FD);
	place(open("/dev/null", O_RDONLY | O_CLOEXEC), 0);
	place(said, 1);
	place(said, 2);
	execvp(argv[0], argv);
	fprintf(stderr, "cannot run %s: %s\n", argv[0], strerror(errno));
	_exit(127);
}

/* Move fd out of the way of the fixed numbers. */
static int high(int fd)
{
	int moved = fcntl(fd, F_DUPFD_CLOEXEC, DOCUMENT_FD + 1);

	close(fd);
	return moved;
}

/* A pair for each channel, and a pipe for what the hypervisor says. */
static bool connect_all(struct guest *g, int *ends, int *said, char **why)
{
	int pair[2];

	for (int c = 0; c < CHANNELS; c++) {
		if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) <
		    0)
			return fail(why, "cannot make a socket: %s",
				    strerror(errno));
		g->channel[c] = high(pair[0]);
		ends[c] = high(pair[1]);
		fcntl(g->channel[c], F_SETFL, O_NONBLOCK);
	}
	if (pipe2(pair, O_CLOEXEC) < 0)
		return fail(why, "cannot make a pipe: %s", strerror(errno));
	g->said = high(pair[0]);
	*said = high(pair[1]);
	fcntl(g->said, F_SETFL, O_NONBLOCK);
	return true;
}

static bool spawn(struct guest *g, struct strlist *argv, int document,
		  char **why)
{
	int ends[CHANNELS], said = -1;
	pid_t parent = getpid();
	bool ok;

	memset(ends, -1, sizeof(ends));
	ok = connect_all(g, ends, &said, why);
	if (ok) {
		fflush(NULL);
		g->pid = fork();
		if (g->pid == 0)
			child(argv->v, ends, document, said, parent);
		ok = g->pid > 0 || fail(why, "cannot start %s: %s", argv->v[0],
					strerror(errno));
	}
	for (int c = 0; c < CHANNELS; c++)
		if (ends[c] >= 0)
			close(ends[c]);
	if (said >= 0)
		close(said);
	return ok;
}

bool guest_start(struct guest *g, const struct launch *l, const char *document,
		 char **why)
{
	struct strlist argv = {0};
	char *path = document_path(l);
	int fd;
	bool ok;

	*g = (struct guest){.pid = -1, .said = -1};
	memset(g->channel, -1, sizeof(g->channel));
	ok = l->platform->command(l, path, &argv, why);
	free(path);
	fd = ok ? document_open(l, document, why) : -1;
	if (fd >= 0) {
		fd = high(fd);
		ok = spawn(g, &argv, fd, why);
		close(fd);
		if (!ok)
			guest_clean(l);
	} else {
		ok = false;
	}
	if (!ok)
		guest_close(g);
	strlist_clear(&argv);
	return ok;
}

void guest_close(struct guest *g)
{
	for (int c = 0; c < CHANNELS; c++) {
		if (g->channel[c] >= 0)
			close(g->channel[c]);
		g->channel[c] = -1;
	}
	if (g->said >= 0)
		close(g->said);
	g->said = -1;
}

bool guest_print(const struct launch *l, const char *document, char **why)
{
	struct strlist argv = {0};
	char *path = document_path(l), *shell;
	bool ok = l->platform->command(l, path, &argv, why);

	if (ok) {
		shell = strlist_shell(&argv);
		printf("# configuration: %s\n%s\n", document, shell);
		free(shell);
	}
	strlist_clear(&argv);
	free(path);
	return ok;
}
