/*
 * Local sockets (unix(7)): streams, datagrams and their names, and descriptors that
 * travel.  What becomes of them when one end goes: local.c.
 */
#include "check.h"
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

int main(void)
{
	struct sockaddr_un un = {AF_UNIX, "/tmp/sock-test"};
	int p[2], l, c, s, fd;
	char buf[200], ctl[CMSG_SPACE(sizeof(int) * 2)];
	struct iovec v = {"f", 1};
	struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = ctl, .msg_controllen = CMSG_SPACE(sizeof(int))};
	struct cmsghdr *cm;
	struct ucred cred;
	struct stat st;
	socklen_t n = sizeof(cred);

	CALL("socketpair", socketpair(AF_UNIX, SOCK_STREAM, 0, p));
	CALL("inet pair", socketpair(AF_INET, SOCK_STREAM, 0, (int[2]){0, 0}));
	CALL("write", write(p[0], "over", 4));
	CALL("read", read(p[1], buf, 10));
	/* A descriptor travels. */
	fd = open("/dev/zero", O_RDONLY);
	cm = CMSG_FIRSTHDR(&m);
	cm->cmsg_level = SOL_SOCKET;
	cm->cmsg_type = SCM_RIGHTS;
	cm->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(cm), &fd, sizeof(int));
	CALL("send fd", sendmsg(p[0], &m, 0));
	close(fd);
	memset(ctl, 0, sizeof(ctl));
	m.msg_controllen = sizeof(ctl);
	v = (struct iovec){buf, 10};
	CALL("receive fd", recvmsg(p[1], &m, MSG_CMSG_CLOEXEC));
	cm = CMSG_FIRSTHDR(&m);
	show("control", "%d %d", cm && cm->cmsg_type == SCM_RIGHTS, cm ? (int)cm->cmsg_len : 0);
	memcpy(&fd, CMSG_DATA(cm), sizeof(int));
	{
		ssize_t r_ = read(fd, buf, 5);

		show("works", "%zd %d", r_, fcntl(fd, F_GETFD));
	}
	CALL("SO_PEERCRED", getsockopt(p[0], SOL_SOCKET, SO_PEERCRED, &cred, &n));
	show("cred", "%d", cred.pid == getpid());
	close(p[1]);
	signal(SIGPIPE, SIG_IGN);
	CALL("broken", write(p[0], "x", 1));
	CALL("end", read(p[0], buf, 1));
	close(p[0]);

	unlink(un.sun_path);
	l = socket(AF_UNIX, SOCK_STREAM, 0);
	CALL("bind", bind(l, (void *)&un, sizeof(un)));
	CALL("connect before listen", connect(socket(AF_UNIX, SOCK_STREAM, 0), (void *)&un, sizeof(un)));
	CALL("listen", listen(l, 2));
	stat(un.sun_path, &st);
	show("node", "%o", st.st_mode & S_IFMT);
	c = socket(AF_UNIX, SOCK_STREAM, 0);
	CALL("bind twice", bind(c, (void *)&un, sizeof(un)));
	CALL("connect", connect(c, (void *)&un, sizeof(un)));
	s = accept(l, NULL, NULL);
	write(c, "hi", 2);
	CALL("through", read(s, buf, 10));
	CALL("open node", open(un.sun_path, O_RDWR));
	close(s);
	close(c);
	close(l);
	c = socket(AF_UNIX, SOCK_STREAM, 0);
	CALL("stale", connect(c, (void *)&un, sizeof(un)));
	unlink(un.sun_path);
	CALL("missing", connect(c, (void *)&un, sizeof(un)));
	close(c);

	CALL("dgram pair", socketpair(AF_UNIX, SOCK_DGRAM, 0, p));
	write(p[0], "one", 3);
	write(p[0], "two!", 4);
	CALL("first", read(p[1], buf, 100));
	CALL("second", read(p[1], buf, 2));
	CALL("seqpacket", socketpair(AF_UNIX, SOCK_SEQPACKET, 0, p));
	memcpy(un.sun_path, "\0abstract-name", 14);
	l = socket(AF_UNIX, SOCK_DGRAM, 0);
	CALL("abstract", bind(l, (void *)&un, 2 + 14));
	c = socket(AF_UNIX, SOCK_DGRAM, 0);
	CALL("sendto", sendto(c, "x", 1, 0, (void *)&un, 2 + 14));
	CALL("received", read(l, buf, 10));
	return 0;
}
