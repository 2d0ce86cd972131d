/* dial IP PORT: what connect says, and whether it said it within 20 seconds. */
#include "check.h"
#include <arpa/inet.h>
#include <sys/socket.h>
#include <time.h>

int main(int argc, char **argv)
{
	struct sockaddr_in a = {.sin_family = AF_INET};
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	time_t start = time(NULL);

	if (argc != 3 || inet_pton(AF_INET, argv[1], &a.sin_addr) != 1)
		return 1;
	a.sin_port = htons(atoi(argv[2]));
	CALL("connect", connect(fd, (void *)&a, sizeof(a)));
	show("soon", "%d", time(NULL) - start < 20);
	return 0;
}
