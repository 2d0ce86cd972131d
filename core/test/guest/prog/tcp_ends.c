/* How connections of TCP end: what close waits for, and what is left in TIME-WAIT. */
#include "check.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static char block[65536];

/* A connection over the loopback interface: end[0] has connected to end[1]. */
static void connection(int family, int end[2])
{
	struct sockaddr_in6 a6 = {.sin6_family = AF_INET6,
				  .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	struct sockaddr_in a4 = {.sin_family = AF_INET,
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct sockaddr *a = family == AF_INET ? (void *)&a4 : (void *)&a6;
	socklen_t len = family == AF_INET ? sizeof(a4) : sizeof(a6);
	int l = socket(family, SOCK_STREAM, 0);

	end[0] = socket(family, SOCK_STREAM, 0);
	if (bind(l, a, len) || getsockname(l, a, &len) || listen(l, 1) ||
	    connect(end[0], a, len))
		show("connection", "%s", strerror(errno));
	end[1] = accept(l, NULL, NULL);
	close(l);
}

static unsigned port(int fd)
{
	struct sockaddr_in6 a; /* the port is where sockaddr_in has it */
	socklen_t len = sizeof(a);

	return getsockname(fd, (void *)&a, &len) ? 0 : ntohs(a.sin6_port);
}

static int64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ll + ts.tv_nsec;
}

/* ---- SO_LINGER ---- */

static int closed; /* 1: close came back with 0, -1: with an error */

static void *close_it(void *fd)
{
	int r = close(*(int *)fd);

	__atomic_store_n(&closed, r ? -1 : 1, __ATOMIC_SEQ_CST);
	return NULL;
}

/* Queue all that fits while nobody reads. */
static size_t fill(int fd)
{
	size_t sent = 0;
	ssize_t n;

	while ((n = send(fd, block, sizeof(block), MSG_DONTWAIT)) > 0)
		sent += (size_t)n;
	return sent;
}

static size_t read_all(int fd)
{
	size_t got = 0;
	ssize_t n;

	while ((n = read(fd, block, sizeof(block))) > 0)
		got += (size_t)n;
	return got;
}

static void set_linger(int fd, int seconds)
{
	CALL("SO_LINGER", setsockopt(fd, SOL_SOCKET, SO_LINGER,
				     &(struct linger){1, seconds},
				     sizeof(struct linger)));
}

static void linger_until_read(void)
{
	struct timespec a_moment = {0, 100000000};
	size_t sent;
	pthread_t t;
	int end[2];

	connection(AF_INET, end);
	set_linger(end[0], 600);
	sent = fill(end[0]);
	pthread_create(&t, NULL, close_it, &end[0]);
	nanosleep(&a_moment, NULL);
	show("close waits for the reader", "%d",
	     !__atomic_load_n(&closed, __ATOMIC_SEQ_CST));
	show("all was read", "%d", read_all(end[1]) == sent);
	/* The FIN is acknowledged by the kernel, without our closing. */
	pthread_join(t, NULL);
	show("then close came back", "%d", closed);
	close(end[1]);
}

static void linger_in_vain(void)
{
	int64_t start = now();
	int end[2];

	connection(AF_INET, end);
	set_linger(end[0], 1);
	fill(end[0]);
	CALL("close", close(end[0]));
	show("not before the time is over", "%d", now() - start >= 1000000000ll);
	close(end[1]);
}

/* Nothing is there to wait for but the answer to the FIN. */
static void linger_with_nothing(void)
{
	int end[2];

	connection(AF_INET6, end);
	set_linger(end[0], 600);
	CALL("close", close(end[0]));
	show("read", "%zu bytes", read_all(end[1]));
	close(end[1]);
}

/* ---- /proc/net/tcp ---- */

/* <linux/tcp_states.h>.  When the peer acknowledges a FIN is its own affair. */
static const char *state_name(unsigned state)
{
	switch (state) {
	case 1: return "ESTABLISHED";
	case 4:
	case 5: return "FIN-WAIT";
	case 6: return "TIME-WAIT";
	default: return "another";
	}
}

/* The entry of this connection: its state and inode, as the file has them. */
static void show_entry(const char *label, const char *path, unsigned local,
		       unsigned remote)
{
	unsigned l, r, state, uid, n = 0;
	unsigned long ino;
	char line[256];
	FILE *f = fopen(path, "r");

	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "%*d: %*[0-9A-F]:%x %*[0-9A-F]:%x %x %*s %*s %*s "
				 "%u %*u %lu", &l, &r, &state, &uid, &ino) == 5 &&
		    l == local && r == remote)
			n++, show(label, "%s, %s", state_name(state),
				  ino ? "inode" : "no inode");
	fclose(f);
	show(label, "%u entries", n);
}

static void time_wait(int family)
{
	const char *path = family == AF_INET ? "/proc/net/tcp" : "/proc/net/tcp6";
	struct timespec a_while = {1, 500000000};
	unsigned ours, theirs;
	int end[2];

	connection(family, end);
	ours = port(end[0]), theirs = port(end[1]);
	show_entry("established", path, ours, theirs);
	/* Who closes first waits. */
	close(end[0]);
	read_all(end[1]);
	show_entry("closed here", path, ours, theirs);
	close(end[1]);
	show_entry("closed there", path, theirs, ours);
	show_entry("closed on both sides", path, ours, theirs);
	nanosleep(&a_while, NULL);
	show_entry("after a while", path, ours, theirs);
}

int main(void)
{
	linger_until_read();
	linger_in_vain();
	linger_with_nothing();
	time_wait(AF_INET);
	time_wait(AF_INET6);
	return 0;
}
