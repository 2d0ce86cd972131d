/* Addresses and readiness of sockets, for the guest test programs. */
#ifndef PORTS_H
#define PORTS_H

#include "check.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <unistd.h>

#define E(x) CALL(#x, x)
static int pollof(int fd)
{
	struct pollfd p = {fd, POLLIN | POLLOUT | POLLRDHUP | POLLPRI, 0};
	poll(&p, 1, 0);
	return p.revents;
}
#define P(fd) printf("  poll(%s) %x\n", #fd, pollof(fd))
/*
 * Each run has its own ports: connections of the last may be in TIME-WAIT.
 */
static int own(int port)
{
	return 10000 + getpid() % 140 * 150 + port % 1000 % 150;
}

static struct sockaddr_in A(int port)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
				.sin_port = htons(own(port)),
				.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	return a;
}

#endif
