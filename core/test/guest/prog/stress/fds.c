/*
 * Descriptors that others replace and close while they are used.  Nobody else
 * has these: they are far above those that the system gives by itself.
 */
#include "stress.h"
#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define FIRST 900
#define SLOTS 8

void fd_round_begin(void)
{
	for (int i = 0; i < SLOTS; i++)
		must(fcntl(FIRST + i, F_GETFD) == -1 && errno == EBADF);
}

void fd_round_end(void)
{
	for (int i = 0; i < SLOTS; i++)
		must(!close(FIRST + i) || errno == EBADF);
}

static void put(struct worker *w, int slot)
{
	int fd[2] = {-1, -1};

	switch (draw(w, 3)) {
	case 0: must(!pipe2(fd, O_NONBLOCK)); break;
	case 1:
		must(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fd));
		break;
	default: fd[0] = eventfd(0, EFD_NONBLOCK);
	}
	must(fd[0] >= 0);
	/* EBUSY: Linux, while another thread is opening that number. */
	must(dup3(fd[0], slot, draw(w, 2) ? O_CLOEXEC : 0) == slot ||
	     errno == EBUSY);
	must(!close(fd[0]));
	if (fd[1] >= 0)
		must(!close(fd[1]));
}

static void use(struct worker *w, int slot)
{
	struct pollfd p = {slot, POLLIN | POLLOUT, 0};
	struct stat st;
	char buf[16];
	ssize_t r;
	int copy;

	switch (draw(w, 5)) {
	case 0:
		r = again(read(slot, buf, sizeof(buf)));
		must(r >= 0 || errno == EAGAIN || errno == EBADF);
		break;
	case 1:
		r = again(write(slot, "12345678", 8));
		must(r == 8 || errno == EAGAIN || errno == EBADF ||
		     errno == EPIPE);
		break;
	case 2:
		r = again(poll(&p, 1, (int)draw(w, 2)));
		must(r == 0 || r == 1);
		break;
	case 3: must(!fstat(slot, &st) || errno == EBADF); break;
	default:
		copy = fcntl(slot, F_DUPFD_CLOEXEC, 0);
		must(copy >= 0 || errno == EBADF);
		if (copy >= 0)
			must(copy < FIRST && !close(copy));
	}
}

static void fds(struct worker *w)
{
	for (unsigned i = between(w, 10, 60); i; i--) {
		int slot = FIRST + (int)draw(w, SLOTS);

		switch (draw(w, 4)) {
		case 0: put(w, slot); break;
		case 1: must(!close(slot) || errno == EBADF); break;
		default: use(w, slot);
		}
	}
}

const struct op fd_ops[] = {
	{"fds", fds}, {0},
};
