/*
 * Tells whoever connects to port 9 what /proc/meminfo says.  nginx cannot:
 * files of /proc have no size.
 */
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

int main(void)
{
	struct sockaddr_in any = {
		.sin_family = AF_INET,
		.sin_port = htons(9),
	};
	int s = socket(AF_INET, SOCK_STREAM, 0);
	char buf[4096];

	if (s < 0 || bind(s, (struct sockaddr *)&any, sizeof(any)) < 0 ||
	    listen(s, 8) < 0)
		return 1;
	for (;;) {
		int c = accept(s, NULL, NULL);
		int f = open("/proc/meminfo", O_RDONLY);
		ssize_t n;

		if (c < 0 || f < 0)
			return 1;
		while ((n = read(f, buf, sizeof(buf))) > 0)
			if (write(c, buf, n) != n)
				break;
		close(f);
		close(c);
	}
}
