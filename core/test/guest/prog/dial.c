/*
 * dial IP PORT [N]: what connect says, and whether it said it within 20 seconds.
 * N: TCP_SYNCNT.
 */
#include "check.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <time.h>

int main(int argc, char **argv)
{
	struct sockaddr_in a = {.sin_family = AF_INET};
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	time_t start = time(NULL);

	if (argc < 3 || inet_pton(AF_INET, argv[1], &a.sin_addr) != 1)
		return 1;
	a.sin_port = htons(atoi(argv[2]));
	if (argc > 3) {
		int n = atoi(argv[3]);

		CALL("TCP_SYNCNT", setsockopt(fd, IPPROTO_TCP, TCP_SYNCNT, &n,
					      sizeof(n)));
	}
	CALL("connect", connect(fd, (void *)&a, sizeof(a)));
	show("soon", "%d", time(NULL) - start < 20);
	return 0;
}
