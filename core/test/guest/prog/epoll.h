/* What the programs about epoll, and about descriptors made for it, share. */
#ifndef EPOLL_H
#define EPOLL_H

#include "check.h"
#include <stdint.h>
#include <sys/epoll.h>
#include <unistd.h>

/* The call is its own label. */
#define TRY(expr) CALL(#expr, expr)
#define BAD ((void *)8)

static struct epoll_event out[64];

static inline int add(int ep, int fd, uint32_t events, uint64_t data)
{
	struct epoll_event ev = {events, {.u64 = data}};

	return epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev);
}

/* Add v to an eventfd. */
static inline void put(int fd, uint64_t v)
{
	write(fd, &v, 8);
}

/* What epoll_wait gives now, in order. */
static inline void now(const char *label, int ep, int max)
{
	char buf[400] = "";
	int n = epoll_wait(ep, out, max, 0), k = 0;

	for (int i = 0; i < n; i++)
		k += snprintf(buf + k, sizeof(buf) - k, " %x/%lld",
			      out[i].events, (long long)out[i].data.u64);
	show(label, "%d%s", n, n < 0 ? strerror(errno) : buf);
}

#endif
