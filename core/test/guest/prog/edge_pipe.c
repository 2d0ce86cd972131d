/* Corner cases of pipes and FIFOs. */
#include "check.h"
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define TRY(expr) CALL(#expr, expr)
#define BAD ((void *)8)
#define FIFO "/tmp/edge-fifo"
#define FILE_NAME "/tmp/edge-splice"

static char big[300000], block[10000];
static int p[2];
static volatile int signals;

static void on_pipe(int sig)
{
	signals++;
}

static int poll_of(int fd)
{
	struct pollfd pf = {fd, POLLIN | POLLOUT, 0};

	return poll(&pf, 1, 0) < 0 ? -1 : pf.revents;
}

static void arguments(void)
{
	struct stat st;
	int n;

	TRY(pipe(BAD));
	TRY(pipe2(p, O_APPEND));
	pipe(p);
	TRY(fcntl(p[0], F_GETFL) & O_ACCMODE);
	TRY(fcntl(p[1], F_GETFL) & O_ACCMODE);
	TRY(write(p[1], BAD, 1));
	TRY(write(p[1], "", 0));
	TRY(read(p[0], big, 0));
	write(p[1], "hello", 5);
	TRY(read(p[0], BAD, 5));
	TRY(read(p[0], big, 2));
	TRY(ioctl(p[1], FIONREAD, &n));
	show("left", "%d", n);
	TRY(ioctl(p[0], FIONREAD, BAD));
	TRY(ioctl(p[0], TIOCGWINSZ, big));
	TRY(pread(p[0], big, 1, 0));
	TRY(pwrite(p[1], big, 1, 0));
	TRY(ftruncate(p[1], 0));
	TRY(fsync(p[1]));
	TRY(fstat(p[0], &st));
	show("stat", "%o %ld %ld", st.st_mode, (long)st.st_size,
	     (long)st.st_blksize);
	TRY(poll_of(p[0]));
	TRY(poll_of(p[1]));
	close(p[0]);
	close(p[1]);
}

static void sizes(void)
{
	int n = 0;

	pipe2(p, O_NONBLOCK);
	TRY(fcntl(p[0], F_GETPIPE_SZ));
	TRY(fcntl(p[1], F_SETPIPE_SZ, 1));
	TRY(fcntl(p[1], F_GETPIPE_SZ));
	TRY(write(p[1], big, 5000));
	TRY(fcntl(p[1], F_SETPIPE_SZ, 20000));
	TRY(write(p[1], big, 5000));
	TRY(write(p[1], big, 5000));
	TRY(fcntl(p[1], F_SETPIPE_SZ, 4096));
	TRY(fcntl(p[1], F_SETPIPE_SZ, -1));
	TRY(fcntl(p[1], F_SETPIPE_SZ, 0));
	TRY(fcntl(0, F_SETPIPE_SZ, 4096) < 0);
	while (read(p[0], big, 999) > 0)
		n++;
	show("reads", "%d", n);
	TRY(fcntl(p[1], F_SETPIPE_SZ, 1 << 20));
	n = 0;
	while (write(p[1], big, 1) == 1)
		n++;
	show("single bytes", "%d", n);
	while (read(p[0], big, sizeof(big)) > 0)
		;
	fcntl(p[1], F_SETPIPE_SZ, 65536);
	/* Writes that do not share pages. */
	n = 0;
	while (write(p[1], big, 4095) == 4095)
		n++;
	show("4095", "%d", n);
	TRY(write(p[1], big, 1));
	TRY(write(p[1], big, 2));
	while (read(p[0], big, sizeof(big)) > 0)
		;
	n = 0;
	while (write(p[1], big, 3000) == 3000)
		n++;
	show("3000", "%d", n);
	TRY(write(p[1], big, 2000));
	TRY(read(p[0], big, 3000));
	TRY(poll_of(p[1]));
	TRY(write(p[1], big, 4096));
	TRY(write(p[1], big, 4096));
	while (read(p[0], big, sizeof(big)) > 0)
		;
	TRY(write(p[1], big, 5000));
	TRY(write(p[1], big, 65536));
	TRY(read(p[0], big, 4000));
	TRY(poll_of(p[1]));
	TRY(read(p[0], big, 97));
	TRY(poll_of(p[1]));
	close(p[0]);
	close(p[1]);
}

static void packets(void)
{
	pipe2(p, O_DIRECT | O_NONBLOCK);
	TRY(write(p[1], "abc", 3));
	TRY(write(p[1], "defgh", 5));
	TRY(write(p[1], big, 5000));
	TRY(read(p[0], big, 2));
	TRY(read(p[0], big, 100));
	TRY(read(p[0], big, 10000));
	TRY(read(p[0], big, 10000));
	TRY(read(p[0], big, 10000));
	close(p[0]);
	close(p[1]);
}

static void ends(void)
{
	struct sigaction sa = {.sa_handler = on_pipe};

	sigaction(SIGPIPE, &sa, NULL);
	pipe(p);
	write(p[1], "x", 1);
	close(p[0]);
	TRY(write(p[1], "x", 1));
	show("SIGPIPE", "%d", signals);
	TRY(poll_of(p[1]));
	TRY(write(p[1], "", 0));
	close(p[1]);
	pipe(p);
	write(p[1], "xy", 2);
	close(p[1]);
	TRY(poll_of(p[0]));
	TRY(read(p[0], big, 10));
	TRY(poll_of(p[0]));
	TRY(read(p[0], big, 10));
	close(p[0]);
}

static void *reader(void *arg)
{
	static char buf[4096];
	unsigned h = 0;
	long n, total = 0;

	while ((n = read(p[0], buf, 1 + total % sizeof(buf))) > 0) {
		h += hash(buf, n) * 0;
		for (long i = 0; i < n; i++)
			h = h * 31 + (unsigned char)buf[i];
		total += n;
	}
	show("total", "%ld %x", total, h);
	return NULL;
}

static void *half_reader(void *arg)
{
	usleep(20000);
	read(p[0], big, 70000);
	close(p[0]);
	return NULL;
}

/* Blocks of one letter, each whole. */
static void *block_writer(void *arg)
{
	char buf[4096];

	memset(buf, 'a' + (int)(long)arg, sizeof(buf));
	for (int i = 0; i < 50; i++)
		write(p[1], buf, sizeof(buf));
	return NULL;
}

static void blocking(void)
{
	struct iovec v[3] = {{big, 1000}, {big + 1000, 0}, {big + 1000, 150000}};
	pthread_t t[4];
	long torn = 0;

	for (size_t i = 0; i < sizeof(big); i++)
		big[i] = i * 7 + i / 256;
	pipe(p);
	pthread_create(&t[0], NULL, reader, NULL);
	TRY(write(p[1], big, 200000));
	TRY(writev(p[1], v, 3));
	close(p[1]);
	pthread_join(t[0], NULL);
	close(p[0]);
	/* The reader goes while the writer waits. */
	signals = 0;
	pipe(p);
	pthread_create(&t[0], NULL, half_reader, NULL);
	CALL("cut short", write(p[1], big, 300000) < 300000);
	show("SIGPIPE too", "%d", signals);
	pthread_join(t[0], NULL);
	close(p[1]);
	pipe(p);
	for (long i = 0; i < 4; i++)
		pthread_create(&t[i], NULL, block_writer, (void *)i);
	for (int i = 0; i < 200; i++) {
		long n = 0;

		while (n < 4096)
			n += read(p[0], big + n, 4096 - n);
		for (int k = 1; k < 4096; k++)
			torn += big[k] != big[0];
	}
	for (int i = 0; i < 4; i++)
		pthread_join(t[i], NULL);
	show("torn", "%ld", torn);
	close(p[0]);
	close(p[1]);
}

static void *open_writer(void *arg)
{
	int fd;

	usleep(20000);
	fd = open(FIFO, O_WRONLY);
	write(fd, "from afar", 9);
	close(fd);
	return NULL;
}

static void fifos(void)
{
	struct stat st;
	pthread_t t;
	int r, w;

	unlink(FIFO);
	TRY(mkfifo(FIFO, 0600));
	TRY(mkfifo(FIFO, 0600));
	TRY(open(FIFO, O_WRONLY | O_NONBLOCK));
	r = open(FIFO, O_RDONLY | O_NONBLOCK);
	WORKS("reader", r);
	TRY(poll_of(r));
	TRY(read(r, big, 10));
	w = open(FIFO, O_WRONLY | O_NONBLOCK);
	WORKS("writer", w);
	TRY(read(r, big, 10));
	TRY(write(w, "abc", 3));
	TRY(poll_of(r));
	close(w);
	TRY(poll_of(r));
	TRY(read(r, big, 10));
	TRY(read(r, big, 10));
	TRY(poll_of(r));
	TRY(fstat(r, &st));
	show("mode", "%o", st.st_mode);
	TRY(lseek(r, 0, SEEK_SET));
	close(r);
	pthread_create(&t, NULL, open_writer, NULL);
	r = open(FIFO, O_RDONLY);
	memset(big, 0, 20);
	TRY(read(r, big, 20));
	show("text", "%s", big);
	TRY(read(r, big, 20));
	pthread_join(t, NULL);
	close(r);
	r = open(FIFO, O_RDWR);
	TRY(write(r, "self", 4));
	TRY(read(r, big, 10));
	TRY(poll_of(r));
	unlink(FIFO);
	TRY(write(r, "gone", 4));
	close(r);
}

static void splice_arguments(int f)
{
	loff_t at = -1;
	int dir = open("/tmp", O_RDONLY);

	TRY(splice(99, NULL, 99, NULL, 0, ~0u));
	TRY(splice(99, NULL, 99, NULL, 1, ~0u));
	TRY(splice(99, NULL, p[1], NULL, 1, 0));
	TRY(splice(p[0], NULL, 99, NULL, 1, 0));
	TRY(splice(p[1], NULL, f, NULL, 1, 0));
	TRY(splice(f, NULL, p[0], NULL, 1, 0));
	TRY(splice(p[0], NULL, p[1], NULL, 1, 0));
	TRY(splice(f, NULL, f, NULL, 1, 0));
	TRY(splice(p[0], &at, f, NULL, 1, 0));
	TRY(splice(f, NULL, p[1], &at, 1, 0));
	TRY(splice(f, &at, p[1], NULL, 1, 0));
	TRY(splice(f, BAD, p[1], NULL, 1, 0));
	TRY(splice(dir, NULL, p[1], NULL, 1, 0));
	TRY(splice(p[0], NULL, f, NULL, 1, SPLICE_F_NONBLOCK));
	close(dir);
}

/* Between a file and a pipe, and from pipe to pipe. */
static void splice_files(void)
{
	int f = open(FILE_NAME, O_RDWR | O_CREAT | O_TRUNC, 0600), q[2];
	loff_t at = 3;

	pipe(p);
	pipe(q);
	splice_arguments(f);
	write(f, big, 100000);
	TRY(splice(f, NULL, p[1], NULL, 5, 0)); /* at its end */
	TRY(splice(f, &at, p[1], NULL, 10, 0));
	show("offset", "%ld", (long)at);
	TRY(splice(p[0], NULL, q[1], NULL, 4, 0));
	at = 200000;
	TRY(splice(q[0], NULL, f, &at, 3, 0));
	TRY(splice(p[0], NULL, f, NULL, 100, 0));
	show("offsets", "%ld %ld", (long)at, (long)lseek(f, 0, SEEK_CUR));
	TRY(pread(f, big + 200000, 10, 100000));
	show("the same", "%d", memcmp(big + 200000, big + 7, 6));
	TRY(pread(f, big + 200000, 10, 200000));
	show("the same", "%d", memcmp(big + 200000, big + 3, 3));
	TRY(poll_of(q[0]));
	fcntl(f, F_SETFL, O_APPEND);
	TRY(splice(q[0], NULL, f, NULL, 1, 0));
	/* All that fits, then nothing. */
	lseek(f, 0, SEEK_SET);
	TRY(splice(f, NULL, p[1], NULL, 100000, 0));
	TRY(poll_of(p[1]));
	TRY(splice(f, NULL, p[1], NULL, 1, SPLICE_F_NONBLOCK));
	TRY(read(p[0], big + 200000, 100000));
	show("the same", "%d", memcmp(big + 200000, big, 65536));
	close(p[1]);
	TRY(splice(p[0], NULL, f, NULL, 1, 0));
	fcntl(f, F_SETFL, 0);
	TRY(splice(p[0], NULL, f, NULL, 1, 0));
	close(q[0]);
	signals = 0;
	TRY(splice(f, NULL, q[1], NULL, 1, 0));
	show("SIGPIPE too", "%d", signals);
	close(p[0]);
	close(q[1]);
	close(f);
	unlink(FILE_NAME);
}

static void *feed(void *arg)
{
	int fd = (int)(long)arg;

	write(fd, big, sizeof(big));
	close(fd);
	return NULL;
}

static void *relay(void *arg)
{
	int *fds = arg;
	ssize_t n;

	while ((n = splice(fds[0], NULL, p[1], NULL, 1 << 20, 0)) > 0)
		while (n > 0)
			n -= splice(p[0], NULL, fds[1], NULL, n, 0);
	close(fds[1]);
	return NULL;
}

/* What a proxy does: from socket to socket through a pipe. */
static void splice_sockets(void)
{
	int in[2], out[2], ends[2];
	pthread_t t[2];
	size_t got = 0;
	long wrong = 0;
	ssize_t n, k;

	for (size_t i = 0; i < sizeof(big); i++)
		big[i] = i * 7 + i / 256;
	pipe(p);
	socketpair(AF_UNIX, SOCK_STREAM, 0, in);
	socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, out);
	TRY(splice(out[0], NULL, p[1], NULL, 100, 0));
	/* What a full socket does not take stays in the pipe, in order. */
	while (write(out[0], big, 4096) > 0)
		;
	write(p[1], "stays", 5);
	TRY(splice(p[0], NULL, out[0], NULL, 100, 0));
	TRY(read(p[0], big, 100));
	show("kept", "%.5s", big);
	close(out[0]);
	close(out[1]);
	socketpair(AF_UNIX, SOCK_STREAM, 0, out);
	for (size_t i = 0; i < sizeof(big); i++)
		big[i] = i * 7 + i / 256;
	ends[0] = in[1];
	ends[1] = out[0];
	pthread_create(&t[0], NULL, feed, (void *)(long)in[0]);
	pthread_create(&t[1], NULL, relay, ends);
	while ((n = read(out[1], block, sizeof(block))) > 0)
		for (k = 0; k < n; k++, got++)
			wrong += block[k] != (char)(got * 7 + got / 256);
	show("relayed", "%zu, %ld wrong", got, wrong);
	pthread_join(t[0], NULL);
	pthread_join(t[1], NULL);
	close(in[1]);
	close(out[1]);
	close(p[0]);
	close(p[1]);
}

int main(void)
{
	arguments();
	sizes();
	packets();
	ends();
	blocking();
	fifos();
	splice_files();
	splice_sockets();
	return 0;
}
