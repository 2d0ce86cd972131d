/* client HOST PORT: TCP and UDP conversations with a server on the host. */
#include "check.h"
#include <netdb.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

static int dial(const char *host, const char *port, int type)
{
	struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = type}, *ai;
	int fd, e = getaddrinfo(host, port, &hints, &ai);

	if (e) {
		show("getaddrinfo", "%s", gai_strerror(e));
		return -1;
	}
	fd = socket(ai->ai_family, ai->ai_socktype, 0);
	CALL("connect", connect(fd, ai->ai_addr, ai->ai_addrlen));
	freeaddrinfo(ai);
	return fd;
}

int main(int argc, char **argv)
{
	static char buf[100000];
	size_t got = 0;
	ssize_t n;
	unsigned h = 0;
	int fd = dial(argv[1], argv[2], SOCK_STREAM);

	CALL("send", send(fd, "upper hello\n", 12, 0));
	n = recv(fd, buf, 12, MSG_WAITALL);
	show("answer", "%.*s", (int)(n > 0 ? n - 1 : 0), buf);
	CALL("send", send(fd, "stream 3000000\n", 15, 0));
	while (got < 3000000 && (n = recv(fd, buf, sizeof(buf), 0)) > 0) {
		for (ssize_t i = 0; i < n; i++)
			h = h * 31 + (unsigned char)buf[i];
		got += (size_t)n;
	}
	show("stream", "%zu %x", got, h);
	CALL("send", send(fd, "count 2000000\n", 14, 0));
	memset(buf, 'u', sizeof(buf));
	for (int i = 0; i < 20; i++) {
		size_t off = 0;

		while (off < sizeof(buf) && (n = send(fd, buf + off, sizeof(buf) - off, 0)) > 0)
			off += (size_t)n;
	}
	n = recv(fd, buf, sizeof(buf), 0);
	show("uploaded", "%.*s", (int)(n > 0 ? n - 1 : 0), buf);
	close(fd);
	fd = dial(argv[1], argv[3], SOCK_STREAM);
	close(fd);
	fd = dial(argv[1], argv[2], SOCK_DGRAM);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &(struct timeval){5, 0}, sizeof(struct timeval));
	CALL("send", send(fd, "datagram", 8, 0));
	n = recv(fd, buf, sizeof(buf), 0);
	show("datagram", "%.*s", (int)(n > 0 ? n : 0), buf);
	return 0;
}
