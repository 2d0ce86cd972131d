/* mirror N: N times: takes a connection on port 7, reads to its end, sends it all back. */
#include "check.h"
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

static char data[16 << 20];

static void mirror(int fd)
{
	size_t n = 0, done = 0;
	ssize_t k;

	while ((k = recv(fd, data + n, sizeof(data) - n, 0)) > 0)
		n += (size_t)k;
	while (done < n && (k = send(fd, data + done, n - done, 0)) > 0)
		done += (size_t)k;
	show("mirrored", "%zu of %zu", done, n);
	close(fd);
}

int main(int argc, char **argv)
{
	/* IPv4, too. */
	struct sockaddr_in6 a = {.sin6_family = AF_INET6, .sin6_port = htons(7)};
	int l = socket(AF_INET6, SOCK_STREAM, 0);

	CALL("bind", bind(l, (void *)&a, sizeof(a)));
	CALL("listen", listen(l, 8));
	for (int n = argc > 1 ? atoi(argv[1]) : 0; n > 0; n--)
		mirror(accept(l, NULL, NULL));
	return 0;
}
