#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "lib.h"

#if !HAVE_EPOLL_CREATE1 || !HAVE_ACCEPT4 || !HAVE_SYS_EVENTFD_H
#error configure did not find what Linux has
#endif
#if SIZEOF_VOID_P != 8 || defined(malloc)
#error configure was misled
#endif

int main(void)
{
	int fd = epoll_create1(EPOLL_CLOEXEC);

	if (fd < 0)
		return 1;
	close(fd);
	printf("the answer is %g\n", answer());
	return 0;
}
