/* Descriptors: when there are no more, and what closing one of them leaves alone. */
#include "check.h"
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* From now on there is no descriptor left, or as many as before. */
static void none_left(int yes)
{
	static struct rlimit before;
	struct rlimit none;
	int fd;

	if (!yes) {
		setrlimit(RLIMIT_NOFILE, &before);
		return;
	}
	getrlimit(RLIMIT_NOFILE, &before);
	fd = dup(0);
	none.rlim_cur = (rlim_t)fd;
	none.rlim_max = before.rlim_max;
	close(fd);
	setrlimit(RLIMIT_NOFILE, &none);
}

/* What is refused for want of a descriptor has not been done. */
static void opening(void)
{
	int fd = open("file", O_CREAT | O_RDWR, 0600);
	struct stat st;

	write(fd, "12345", 5);
	close(fd);
	none_left(1);
	CALL("open", open("file", O_RDWR | O_TRUNC));
	CALL("create", open("new", O_CREAT | O_RDWR, 0600));
	CALL("missing", open("no/such", O_RDONLY));
	CALL("dup", dup(0));
	none_left(0);
	stat("file", &st);
	show("not cut off", "%ld", (long)st.st_size);
	CALL("not created", access("new", F_OK));
	unlink("file");
}

static void accepting(void)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX, .sun_path = "socket"};
	int l = socket(AF_UNIX, SOCK_STREAM, 0), s, c;
	char buf[10] = "";

	bind(l, (struct sockaddr *)&a, sizeof(a));
	listen(l, 5);
	none_left(1);
	CALL("nobody there", accept(l, NULL, NULL));
	none_left(0);
	c = socket(AF_UNIX, SOCK_STREAM, 0);
	CALL("connect", connect(c, (struct sockaddr *)&a, sizeof(a)));
	CALL("write", write(c, "hello", 5));
	none_left(1);
	CALL("accept", accept(l, NULL, NULL));
	CALL("accept again", accept4(l, NULL, NULL, SOCK_CLOEXEC));
	none_left(0);
	s = accept4(l, NULL, NULL, SOCK_CLOEXEC);
	show("later", "%d", s >= 0);
	show("flags", "%d", fcntl(s, F_GETFD));
	CALL("read", read(s, buf, sizeof(buf)));
	close(c);
	close(s);
	c = socket(AF_UNIX, SOCK_STREAM, 0);
	connect(c, (struct sockaddr *)&a, sizeof(a));
	CALL("bad address", accept(l, (void *)1, (void *)1));
	CALL("it is gone", read(c, buf, sizeof(buf)));
	show("its descriptor is free", "%d", dup(0) == c + 1);
	close(c + 1);
	close(c);
	close(l);
	unlink(a.sun_path);
}

/* A descriptor that is a place only has no part in the process's locks. */
static void locks_stay(void)
{
	struct flock l = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	int fd = open("locked", O_CREAT | O_RDWR, 0600);
	int other = open("locked", O_RDWR);

	CALL("lock", fcntl(fd, F_SETLK, &l));
	close(open("locked", O_PATH));
	fcntl(other, F_OFD_GETLK, &l);
	show("still locked", "%d", l.l_type == F_WRLCK);
	close(open("locked", O_RDONLY));
	l.l_type = F_WRLCK;
	l.l_pid = 0;
	fcntl(other, F_OFD_GETLK, &l);
	show("no more", "%d", l.l_type == F_UNLCK);
	close(other);
	close(fd);
	unlink("locked");
}

int main(void)
{
	char dir[] = "/tmp/fds-XXXXXX";

	/* Lest accept waits for a connection. */
	alarm(60);
	if (!mkdtemp(dir) || chdir(dir))
		return 1;
	opening();
	accepting();
	locks_stay();
	CALL("leave", chdir("/"));
	CALL("all clean", rmdir(dir));
	return 0;
}
