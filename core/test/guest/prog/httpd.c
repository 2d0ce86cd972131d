/*
 * A minimal HTTP server on epoll: 612 bytes at /, N bytes at /N, what was posted
 * back at /echo, the count of requests at /count, what a file of /proc says at
 * its name; ends at /quit.  Serves tests and benchmarks.
 *
 *     httpd [PORT [THREADS [reuseport]]]
 *
 * With THREADS, so many serve, each its share of the connections, and one more
 * accepts; with reuseport each listens itself.  That server does not end.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

struct conn {
	int fd;
	size_t have;            /* bytes of request in buf */
	char *out;              /* what remains to be sent */
	size_t out_len, out_done;
	int out_owned, close_after;
	char buf[16384];
};

static int quit;
static long requests;
static char page[4096];
static size_t page_len;

static void drop(struct conn *c)
{
	close(c->fd);
	if (c->out_owned)
		free(c->out);
	free(c);
}

/* Send what is there; 0: all sent, 1: more later, -1: gone. */
static int flush(struct conn *c)
{
	while (c->out_done < c->out_len) {
		ssize_t n = send(c->fd, c->out + c->out_done,
				 c->out_len - c->out_done, MSG_NOSIGNAL);

		if (n < 0)
			return errno == EAGAIN ? 1 : -1;
		c->out_done += (size_t)n;
	}
	if (c->out_owned)
		free(c->out);
	c->out = NULL;
	c->out_owned = 0;
	c->out_len = c->out_done = 0;
	return c->close_after ? -1 : 0;
}

static void answer(struct conn *c, const char *body, size_t n)
{
	char *r = malloc(n + 128);
	int h = sprintf(r, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", n);

	if (body)
		memcpy(r + h, body, n);
	else
		for (size_t i = 0; i < n; i++)
			r[(size_t)h + i] = (char)('a' + i % 26);
	c->out = r;
	c->out_owned = 1;
	c->out_len = (size_t)h + n;
}

/* What follows the name of a header field, if the line has that one. */
static const char *field(const char *line, const char *name, size_t n)
{
	return strncasecmp(line, name, n) ? NULL : line + n + strspn(line + n, " ");
}
#define FIELD(line, name) field(line, name, sizeof(name) - 1)

static void answer_file(struct conn *c, char *path)
{
	static _Thread_local char text[1 << 18];
	size_t n = 0;
	ssize_t r = 0;
	int fd;

	path[strcspn(path, " ")] = 0;
	fd = open(path, O_RDONLY);
	while (fd >= 0 && (r = read(fd, text + n, sizeof(text) - n)) > 0)
		n += (size_t)r;
	close(fd);
	answer(c, text, n);
}

/* Look at the header: where the body's length and keep-alive are said. */
static size_t header(struct conn *c, const char *line, const char *end)
{
	size_t body = 0;
	const char *v;

	for (; line < end; line = strchr(line, '\n') + 1) {
		if (*line != 'C' && *line != 'c')
			continue;
		if ((v = FIELD(line, "Content-Length:")))
			body = (size_t)atol(v);
		else if ((v = FIELD(line, "Connection:")))
			/* RFC 9112, 9.3: HTTP/1.0 closes unless it asks for more. */
			c->close_after = c->close_after ?
				strncasecmp(v, "keep-alive", 10) != 0 :
				strncasecmp(v, "close", 5) == 0;
	}
	return body;
}

/* One whole request at the front of buf; returns its length, 0: not yet. */
static size_t request(struct conn *c)
{
	char *end, *line, *path, num[32];
	size_t head, body;

	c->buf[c->have] = 0;
	end = strstr(c->buf, "\r\n\r\n");
	if (!end)
		return 0;
	head = (size_t)(end - c->buf) + 4;
	line = strchr(c->buf, '\n') + 1;
	c->close_after = line - c->buf > 10 &&
			 !memcmp(line - 10, "HTTP/1.0", 8);
	body = header(c, line, end);
	if (c->have < head + body)
		return 0;
	__atomic_fetch_add(&requests, 1, __ATOMIC_RELAXED);
	path = c->buf + strcspn(c->buf, " /\r");
	path += strspn(path, " ");
	if (!strncmp(path, "/ ", 2)) {
		c->out = page;
		c->out_len = page_len;
	} else if (!strncmp(path, "/echo ", 6)) {
		answer(c, c->buf + head, body);
	} else if (!strncmp(path, "/proc/", 6)) {
		answer_file(c, path);
	} else if (!strncmp(path, "/count ", 7)) {
		answer(c, num, (size_t)sprintf(num, "%ld\n", requests));
	} else {
		quit = !strncmp(path, "/quit ", 6);
		answer(c, NULL, (size_t)atol(path + 1));
	}
	return head + body;
}

static void serve(struct conn *c)
{
	size_t n;

	for (;;) {
		ssize_t r;
		int f = flush(c);

		if (f < 0) {
			drop(c);
			return;
		}
		if (f)
			return; /* edge: EPOLLOUT comes */
		n = request(c);
		if (n) {
			memmove(c->buf, c->buf + n, c->have - n);
			c->have -= n;
			continue;
		}
		r = recv(c->fd, c->buf + c->have, sizeof(c->buf) - 1 - c->have, 0);
		if (r <= 0) {
			if (r == 0 || errno != EAGAIN)
				drop(c);
			return;
		}
		c->have += (size_t)r;
	}
}

/* From now on the epoll set knows of the connection, and whoever waits on it serves. */
static void take(int ep, int fd)
{
	struct conn *c = calloc(1, sizeof(*c));
	struct epoll_event ev = {EPOLLIN | EPOLLOUT | EPOLLET | EPOLLRDHUP,
				 {.ptr = c}};
	int one = 1;

	if (!c) {
		close(fd);
		return;
	}
	c->fd = fd;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev);
}

/* Serves what is in the set, until /quit; the listener l, if it is there, too. */
static void work(int ep, int l)
{
	struct epoll_event out[64];

	while (!quit) {
		int n = epoll_wait(ep, out, 64, -1);

		for (int i = 0; i < n; i++) {
			struct conn *c = out[i].data.ptr;
			int fd;

			if (c) {
				serve(c);
				continue;
			}
			while ((fd = accept4(l, NULL, NULL, SOCK_NONBLOCK)) >= 0)
				take(ep, fd);
		}
	}
}

static unsigned short port;

static int listener(int reuseport)
{
	struct sockaddr_in a = {AF_INET, htons(port), {0}};
	int l = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), one = 1;

	setsockopt(l, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (reuseport)
		setsockopt(l, SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one));
	if (bind(l, (void *)&a, sizeof(a)) || listen(l, 1024)) {
		perror("bind");
		exit(1);
	}
	return l;
}

/* Serves what comes to the listener. */
static void serve_at(int l)
{
	struct epoll_event ev = {EPOLLIN, {.ptr = NULL}};
	int ep = epoll_create1(0);

	epoll_ctl(ep, EPOLL_CTL_ADD, l, &ev);
	work(ep, l);
}

static void *worker(void *ep)
{
	work(*(int *)ep, -1);
	return NULL;
}

static void *listening_worker(void *l)
{
	serve_at(*(int *)l);
	return NULL;
}

static void announce(void)
{
	puts("listening");
	fflush(stdout);
}

/* Each thread has a listener of its own. */
static int share_port(int threads)
{
	int *l = calloc((size_t)threads, sizeof(*l));
	pthread_t t = pthread_self();

	for (int i = 0; i < threads; i++)
		l[i] = listener(1);
	announce();
	for (int i = 0; i < threads; i++) {
		if (pthread_create(&t, NULL, listening_worker, &l[i]))
			return 1;
	}
	return pthread_join(t, NULL);
}

/* Connections go to one thread after the other. */
static int share(int threads)
{
	int l = listener(0);
	int *ep = calloc((size_t)threads, sizeof(*ep)), fd;
	pthread_t t;

	announce();
	for (int i = 0; i < threads; i++) {
		ep[i] = epoll_create1(0);
		if (pthread_create(&t, NULL, worker, &ep[i]))
			return 1;
	}
	fcntl(l, F_SETFL, 0);
	for (int i = 0; (fd = accept4(l, NULL, NULL, SOCK_NONBLOCK)) >= 0; i++)
		take(ep[i % threads], fd);
	perror("accept");
	return 1;
}

int main(int argc, char **argv)
{
	int threads = argc > 2 ? atoi(argv[2]) : 0, l;

	signal(SIGPIPE, SIG_IGN);
	port = argc > 1 ? (unsigned short)atoi(argv[1]) : 80;
	page_len = (size_t)sprintf(page, "HTTP/1.1 200 OK\r\nConnection: keep-alive\r\n"
				   "Content-Length: 612\r\n\r\n");
	for (int i = 0; i < 612; i++)
		page[page_len++] = (char)('A' + i % 26);
	if (threads > 0)
		return argc > 3 ? share_port(threads) : share(threads);
	l = listener(0);
	announce();
	serve_at(l);
	puts("quit");
	return 0;
}
