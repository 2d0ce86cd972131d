/*
 * Bytes and datagrams between guest and host.  The same program is the server in
 * the guest and the client on the host.
 *
 *     netbench serve
 *     netbench send ADDRESS PORT MIB     client to server: port 9001
 *     netbench receive ADDRESS PORT MIB  server to client: port 9002
 *     netbench ask ADDRESS PORT COUNT    datagrams there and back: UDP port 9003
 *
 * A client prints one line of JSON: {"count": MiB or answers, "wall": seconds}, and
 * for ask also "lost", "p50" and "p99", in seconds.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define SINK 9001
#define SOURCE 9002
#define ECHO 9003
#define MIB (1L << 20)
#define CHUNK 65536
#define PATIENCE 2              /* seconds until a datagram counts as lost */

static void check(int ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "netbench: %s: %s\n", what, strerror(errno));
	exit(1);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Reads n bytes, all of them; 0 if the other side ended before. */
static int read_all(int fd, void *buf, size_t n)
{
	for (char *p = buf; n > 0; ) {
		ssize_t r = read(fd, p, n);

		if (r <= 0)
			return 0;
		p += r;
		n -= (size_t)r;
	}
	return 1;
}

static int write_all(int fd, const void *buf, size_t n)
{
	for (const char *p = buf; n > 0; ) {
		ssize_t r = write(fd, p, n);

		if (r <= 0)
			return 0;
		p += r;
		n -= (size_t)r;
	}
	return 1;
}

/* Takes so many bytes and drops them; 0 if fewer come. */
static int sink(int fd, uint64_t bytes)
{
	static __thread char buf[CHUNK];

	while (bytes > 0) {
		ssize_t r = read(fd, buf, bytes < CHUNK ? bytes : CHUNK);

		if (r <= 0)
			return 0;
		bytes -= (uint64_t)r;
	}
	return 1;
}

static int source(int fd, uint64_t bytes)
{
	static __thread char buf[CHUNK];

	for (; bytes > 0; bytes -= bytes < CHUNK ? bytes : CHUNK)
		if (!write_all(fd, buf, bytes < CHUNK ? bytes : CHUNK))
			return 0;
	return 1;
}

/* ---- server ---- */

static int bound(int type, int port)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
				.sin_port = htons((uint16_t)port)};
	int s = socket(AF_INET, type, 0), one = 1;

	check(s >= 0, "socket");
	setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	check(!bind(s, (struct sockaddr *)&a, sizeof(a)), "bind");
	return s;
}

/* A client says how many bytes; they go the port's way; one byte ends it. */
struct port {
	int number, listener;
};

static void *serve_tcp(void *arg)
{
	struct port *p = arg;
	uint64_t bytes;
	int c;

	while ((c = accept(p->listener, NULL, NULL)) >= 0) {
		if (read_all(c, &bytes, sizeof(bytes)) &&
		    (p->number == SINK ? sink : source)(c, bytes))
			write_all(c, "", 1);
		close(c);
	}
	check(0, "accept");
	return NULL;
}

static void serve_udp(void)
{
	int s = bound(SOCK_DGRAM, ECHO);
	struct sockaddr_in from;
	char buf[2048];

	for (;;) {
		socklen_t len = sizeof(from);
		ssize_t n = recvfrom(s, buf, sizeof(buf), 0,
				     (struct sockaddr *)&from, &len);

		check(n >= 0, "recvfrom");
		sendto(s, buf, (size_t)n, 0, (struct sockaddr *)&from, len);
	}
}

static void serve(void)
{
	static struct port ports[] = {{SINK, 0}, {SOURCE, 0}};
	pthread_t t;

	for (int i = 0; i < 2; i++) {
		ports[i].listener = bound(SOCK_STREAM, ports[i].number);
		check(!listen(ports[i].listener, 16), "listen");
		check(!pthread_create(&t, NULL, serve_tcp, &ports[i]),
		      "thread");
	}
	puts("ready");
	fflush(stdout);
	serve_udp();
}

/* ---- client ---- */

static int connected(int type, const char *address, const char *port)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
				.sin_port = htons((uint16_t)atoi(port))};
	int s = socket(AF_INET, type, 0);

	check(s >= 0, "socket");
	check(inet_aton(address, &a.sin_addr), address);
	check(!connect(s, (struct sockaddr *)&a, sizeof(a)), "connect");
	return s;
}

static void bulk(int s, long mib, int (*way)(int, uint64_t))
{
	uint64_t bytes = (uint64_t)(mib * MIB);
	double begin = now();
	char end;

	check(write_all(s, &bytes, sizeof(bytes)) && way(s, bytes) &&
	      read_all(s, &end, 1), "transfer");
	printf("{\"count\":%ld,\"wall\":%.6f}\n", mib, now() - begin);
}

static int by_size(const void *a, const void *b)
{
	double d = *(const double *)a - *(const double *)b;

	return d < 0 ? -1 : d > 0;
}

static void ask(int s, long count)
{
	struct timeval patience = {PATIENCE, 0};
	double *took = calloc((size_t)count, sizeof(*took)), begin = now();
	long lost = 0, n;

	check(took != NULL, "memory");
	setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	for (n = 0; n < count; ) {
		long sent = n + lost, got = -1;
		double t = now();

		check(send(s, &sent, sizeof(sent), 0) == sizeof(sent), "send");
		/* An answer that comes late belongs to no question. */
		while (recv(s, &got, sizeof(got), 0) == sizeof(got) &&
		       got != sent)
			;
		if (got == sent)
			took[n++] = now() - t;
		else
			check(++lost < 10, "ten datagrams were lost");
	}
	begin = now() - begin;
	qsort(took, (size_t)n, sizeof(*took), by_size);
	printf("{\"count\":%ld,\"wall\":%.6f,\"lost\":%ld,\"p50\":%.9f,"
	       "\"p99\":%.9f}\n", n, begin, lost, took[n / 2],
	       took[n * 99 / 100]);
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	signal(SIGPIPE, SIG_IGN);
	if (!strcmp(what, "serve")) {
		serve();
	} else if (argc != 5 || atol(argv[4]) < 1) {
		fputs("usage: netbench serve | send|receive ADDRESS PORT MIB |"
		      " ask ADDRESS PORT COUNT\n", stderr);
		return 2;
	} else if (!strcmp(what, "send")) {
		bulk(connected(SOCK_STREAM, argv[2], argv[3]), atol(argv[4]),
		     source);
	} else if (!strcmp(what, "receive")) {
		bulk(connected(SOCK_STREAM, argv[2], argv[3]), atol(argv[4]),
		     sink);
	} else {
		ask(connected(SOCK_DGRAM, argv[2], argv[3]), atol(argv[4]));
	}
	return 0;
}
