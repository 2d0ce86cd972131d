/*
 * What boot.t runs in a guest; the first argument says what to do.
 *
 *     streams    a line on standard output, one on standard error
 *     cat        copy standard input to standard output, then say so
 *     count      write N times 'x'
 *     tty        isatty of 0, 1, 2 and the window size
 *     resize     wait for SIGWINCH, then the same
 *     signals    wait for SIGINT, say so, wait for SIGTERM, exit with 7
 *     serve      answer connections on TCP port N
 *     crash      write to address 0
 */
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static volatile sig_atomic_t got;

static void on_signal(int sig)
{
	got = sig;
}

static void wait_signal(const char *ready)
{
	struct sigaction sa = {.sa_handler = on_signal};
	sigset_t all, none;

	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGWINCH, &sa, NULL);
	sigfillset(&all);
	sigemptyset(&none);
	sigprocmask(SIG_BLOCK, &all, NULL);
	puts(ready);
	fflush(stdout);
	while (!got)
		sigsuspend(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static int cat(void)
{
	char buf[4096];
	size_t total = 0;
	ssize_t n;

	while ((n = read(0, buf, sizeof(buf))) > 0) {
		total += (size_t)n;
		for (ssize_t at = 0, w; at < n; at += w)
			if ((w = write(1, buf + at, (size_t)(n - at))) <= 0)
				return 1;
	}
	fprintf(stderr, "%zu bytes\n", total);
	return n < 0;
}

static int count(size_t n)
{
	char buf[65536];

	memset(buf, 'x', sizeof(buf));
	while (n > 0) {
		ssize_t w = write(1, buf, n < sizeof(buf) ? n : sizeof(buf));

		if (w <= 0)
			return 1;
		n -= (size_t)w;
	}
	return 0;
}

static int tty(void)
{
	struct winsize ws = {0};

	ioctl(1, TIOCGWINSZ, &ws);
	printf("tty %d %d %d size %d %d\n", isatty(0), isatty(1), isatty(2),
	       ws.ws_row, ws.ws_col);
	return 0;
}

static int signals(void)
{
	wait_signal("ready");
	printf("signal %d\n", got);
	got = 0;
	wait_signal("again");
	printf("signal %d\n", got);
	return 7;
}

static int serve(int port)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
				.sin_port = htons((unsigned short)port)};
	int s = socket(AF_INET, SOCK_STREAM, 0), c;
	char buf[256];
	ssize_t n;

	if (bind(s, (struct sockaddr *)&a, sizeof(a)) || listen(s, 5)) {
		perror("serve");
		return 1;
	}
	puts("listening");
	fflush(stdout);
	while ((c = accept(s, NULL, NULL)) >= 0) {
		n = read(c, buf, sizeof(buf));
		if (n > 0 && write(c, buf, (size_t)n) == n)
			puts("served");
		fflush(stdout);
		close(c);
	}
	return 1;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	long n = argc > 2 ? atol(argv[2]) : 0;

	if (strcmp(what, "streams") == 0) {
		puts("to standard output");
		fputs("to standard error\n", stderr);
		return 3;
	}
	if (strcmp(what, "cat") == 0)
		return cat();
	if (strcmp(what, "count") == 0)
		return count((size_t)n);
	if (strcmp(what, "tty") == 0)
		return tty();
	if (strcmp(what, "resize") == 0)
		return wait_signal("ready"), tty();
	if (strcmp(what, "signals") == 0)
		return signals();
	if (strcmp(what, "serve") == 0)
		return serve((int)n);
	if (strcmp(what, "crash") == 0)
		*(volatile int *)(argc == 1 ? argv : NULL) = 1;
	return 9;
}
