/* SO_REUSEPORT: sockets that share a port share what comes to it. */
#include "check.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#define SHARERS 3
/* By chance alone one of three would get none of so many once in 10^8 runs. */
#define PEERS 48

static struct sockaddr_in address(in_addr_t ip, unsigned port)
{
	return (struct sockaddr_in){.sin_family = AF_INET,
				    .sin_port = htons((unsigned short)port),
				    .sin_addr.s_addr = htonl(ip)};
}

/* SHARERS sockets on one port, which the first one chooses. */
static unsigned open_shared(int type, in_addr_t ip, int *fd)
{
	unsigned port = 0;
	int one = 1;

	for (int i = 0; i < SHARERS; i++) {
		struct sockaddr_in a = address(ip, port);
		socklen_t n = sizeof(a);

		fd[i] = socket(AF_INET, type | SOCK_NONBLOCK, 0);
		setsockopt(fd[i], SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one));
		CALL("bind", bind(fd[i], (void *)&a, sizeof(a)));
		if (type == SOCK_STREAM)
			CALL("listen", listen(fd[i], PEERS));
		getsockname(fd[i], (void *)&a, &n);
		port = ntohs(a.sin_port);
	}
	return port;
}

static void close_all(const int *fd, int n)
{
	while (n--)
		close(fd[n]);
}

static void show_shares(const char *what, const int *got)
{
	int sum = 0, some = 0;

	for (int i = 0; i < SHARERS; i++) {
		sum += got[i];
		some += got[i] > 0;
	}
	show(what, "%d in all, %d sockets got some", sum, some);
}

static void tcp(const char *what, in_addr_t ip)
{
	int fd[SHARERS], peer[PEERS], got[SHARERS] = {0}, c;
	unsigned port = open_shared(SOCK_STREAM, ip, fd);
	struct sockaddr_in a = address(INADDR_LOOPBACK, port);

	for (int i = 0; i < PEERS; i++) {
		peer[i] = socket(AF_INET, SOCK_STREAM, 0);
		if (connect(peer[i], (void *)&a, sizeof(a)))
			show("connect", "%s", strerror(errno));
	}
	for (int i = 0; i < SHARERS; i++) {
		while ((c = accept(fd[i], NULL, NULL)) >= 0) {
			got[i]++;
			close(c);
		}
	}
	show_shares(what, got);
	close_all(peer, PEERS);
	close_all(fd, SHARERS);
}

/* Each peer sends twice; both must come to the same socket. */
static void udp(const char *what, in_addr_t ip)
{
	int fd[SHARERS], peer[PEERS], got[SHARERS] = {0}, at[PEERS], torn = 0;
	unsigned port = open_shared(SOCK_DGRAM, ip, fd);
	struct sockaddr_in a = address(INADDR_LOOPBACK, port);

	for (int i = 0; i < PEERS; i++) {
		peer[i] = socket(AF_INET, SOCK_DGRAM, 0);
		at[i] = -1;
		connect(peer[i], (void *)&a, sizeof(a));
		send(peer[i], &i, sizeof(i), 0);
		send(peer[i], &i, sizeof(i), 0);
	}
	for (int i = 0; i < SHARERS; i++) {
		int who;

		while (recv(fd[i], &who, sizeof(who), 0) == sizeof(who)) {
			torn += at[who] >= 0 && at[who] != i;
			at[who] = i;
			got[i]++;
		}
	}
	show_shares(what, got);
	show("peers with two sockets", "%d", torn);
	close_all(peer, PEERS);
	close_all(fd, SHARERS);
}

int main(void)
{
	tcp("TCP, any address", INADDR_ANY);
	tcp("TCP, one address", INADDR_LOOPBACK);
	udp("UDP, any address", INADDR_ANY);
	udp("UDP, one address", INADDR_LOOPBACK);
	return 0;
}
