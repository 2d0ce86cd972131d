/* last_words tcp|udp IP PORT N: send N bytes, and end at once. */
#include "check.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

int main(int argc, char **argv)
{
	struct sockaddr_in a = {.sin_family = AF_INET};
	size_t n, done = 0;
	char *data;
	int fd;

	if (argc != 5 || inet_pton(AF_INET, argv[2], &a.sin_addr) != 1)
		return 2;
	a.sin_port = htons((uint16_t)atoi(argv[3]));
	n = strtoul(argv[4], NULL, 10);
	data = calloc(1, n);
	fd = socket(AF_INET, strcmp(argv[1], "udp") ? SOCK_STREAM : SOCK_DGRAM,
		    0);
	if (!data || fd < 0 || connect(fd, (void *)&a, sizeof(a))) {
		perror("connect");
		return 1;
	}
	while (done < n) {
		ssize_t k = send(fd, data + done, n - done, 0);

		if (k < 0) {
			perror("send");
			return 1;
		}
		done += (size_t)k;
	}
	return 0;
}
