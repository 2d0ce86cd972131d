#include "run.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void child(char **argv, int out, int err)
{
	int null = open("/dev/null", O_RDONLY);
	int code;

	dup2(null, 0);
	dup2(out, 1);
	dup2(out, 2);
	execvp(argv[0], argv);
	/* err closes on a successful exec: the parent reads nothing then. */
	code = errno;
	if (write(err, &code, sizeof(code)) < 0)
		_exit(126);
	_exit(127);
}

/* Everything that fd yields, as a string. */
static char *slurp(int fd)
{
	size_t len = 0, room = 4096;
	char *buf = xmalloc(room);
	ssize_t n;

	for (;;) {
		n = read(fd, buf + len, room - len - 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		len += (size_t)n;
		if (room - len < 1024)
			buf = xrealloc(buf, room *= 2);
	}
	buf[len] = '\0';
	return buf;
}

bool run(const struct strlist *argv, char **output, int *status, char **why)
{
	int out[2], err[2], code = 0, st;
	ssize_t n;
	pid_t pid;

	if (pipe2(out, O_CLOEXEC) < 0)
		return fail(why, "cannot run %s: %s", argv->v[0],
			    strerror(errno));
	if (pipe2(err, O_CLOEXEC) < 0) {
		close(out[0]);
		close(out[1]);
		return fail(why, "cannot run %s: %s", argv->v[0],
			    strerror(errno));
	}
	fflush(NULL);
	pid = fork();
	if (pid == 0)
		child(argv->v, out[1], err[1]);
	close(out[1]);
	close(err[1]);
	if (pid < 0) {
		close(out[0]);
		close(err[0]);
		return fail(why, "cannot run %s: %s", argv->v[0],
			    strerror(errno));
	}
	*output = slurp(out[0]);
	n = read(err[0], &code, sizeof(code));
	close(out[0]);
	close(err[0]);
	while (waitpid(pid, &st, 0) < 0 && errno == EINTR)
		continue;
	if (n == (ssize_t)sizeof(code)) {
		free(*output);
		*output = NULL;
		return fail(why, "cannot run %s: %s%s", argv->v[0],
			    strerror(code),
			    code == ENOENT ? " (is it installed?)" : "");
	}
	*status = WIFSIGNALED(st) ? 128 + WTERMSIG(st) : WEXITSTATUS(st);
	return true;
}

bool command_exists(const char *name)
{
	const char *path = getenv("PATH");
	char *copy = xstrdup(path ? path : "/usr/bin:/bin"), *save = NULL;
	bool found = false;

	for (char *dir = strtok_r(copy, ":", &save); dir && !found;
	     dir = strtok_r(NULL, ":", &save)) {
		char *file = xasprintf("%s/%s", dir, name);

		found = access(file, X_OK) == 0;
		free(file);
	}
	free(copy);
	return found;
}
