/* Has the kernel commit a crime (guest/kern/crimes.c); debug.t. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	int fd = open("/dev/crimes", O_WRONLY);

	if (fd < 0) {
		perror("/dev/crimes");
		return 1;
	}
	for (int i = 1; i < argc; i++)
		if (write(fd, argv[i], strlen(argv[i])) < 0) {
			perror(argv[i]);
			return 1;
		}
	puts("not found");
	return 0;
}
