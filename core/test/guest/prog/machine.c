/*
 * machine [-m MIB] FILE...: a service that a machine is tried with (Machine.pm).
 * Every request is answered with the files; GET /quit and SIGTERM end it with
 * status 7.  -m: use so much memory before.
 */
#include "check.h"
#include <netinet/in.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

static void on_term(int sig)
{
	_exit(7);
}

static int use_memory(size_t mib)
{
	size_t n = mib << 20;
	char *p = mmap(NULL, n, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED) {
		perror("mmap");
		return 0;
	}
	for (size_t i = 0; i < n; i += 4096)
		*(size_t *)(p + i) = i;
	for (size_t i = 0; i < n; i += 16 * 4096)
		if (*(size_t *)(p + i) != i) {
			printf("memory at %zu is not what was written\n", i);
			return 0;
		}
	munmap(p, n);
	printf("used %zu MiB\n", mib);
	return 1;
}

static void send_all(int fd, const char *p, size_t n)
{
	while (n) {
		ssize_t done = write(fd, p, n);

		if (done <= 0)
			return;
		p += done;
		n -= (size_t)done;
	}
}

static void send_file(int fd, const char *path)
{
	static char buf[65536];
	FILE *f = fopen(path, "r");
	size_t n;

	if (!f) {
		perror(path);
		return;
	}
	while ((n = fread(buf, 1, sizeof(buf), f)) > 0)
		send_all(fd, buf, n);
	fclose(f);
}

static void answer(int fd, char **files)
{
	static const char head[] = "HTTP/1.0 200 OK\r\n\r\n";
	char request[2048] = "";
	size_t n = 0;
	ssize_t got;

	while (n < sizeof(request) - 1 &&
	       (got = read(fd, request + n, sizeof(request) - 1 - n)) > 0) {
		n += (size_t)got;
		request[n] = '\0';
		if (strstr(request, "\r\n\r\n"))
			break;
	}
	if (!strncmp(request, "GET /quit ", 10))
		_exit(7);
	send_all(fd, head, sizeof(head) - 1);
	while (*files)
		send_file(fd, *files++);
}

int main(int argc, char **argv)
{
	struct sockaddr_in here = {.sin_family = AF_INET,
				   .sin_port = htons(80)};
	int s = socket(AF_INET, SOCK_STREAM, 0), c;

	signal(SIGTERM, on_term);
	signal(SIGPIPE, SIG_IGN);
	if (argc > 2 && !strcmp(argv[1], "-m")) {
		if (!use_memory((size_t)atol(argv[2])))
			return 1;
		argv += 2;
	}
	if (bind(s, (struct sockaddr *)&here, sizeof(here)) || listen(s, 8)) {
		perror("bind");
		return 1;
	}
	puts("serving");
	fflush(stdout);
	while ((c = accept(s, NULL, NULL)) >= 0) {
		answer(c, argv + 1);
		close(c);
	}
	perror("accept");
	return 1;
}
