/*
 * Rarer calls on files, on tmpfs (on both sides): permissions, locks, positions,
 * limits, seals, errors.
 */
#include "edge_fs.h"
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#define DIR_ "/dev/shm/edge-fs"

static char buf[100000];

static void identity(uid_t uid)
{
	/* All threads at once is what the library does; here is one. */
	if (setegid(uid ? 1000 : 0) + seteuid(uid))
		show("seteuid", "%s", strerror(errno));
}

static void permissions(void)
{
	struct stat st;
	struct timespec t[2] = {{1, 2}, {3, 4}};
	struct timespec now[2] = {{0, UTIME_NOW}, {0, UTIME_NOW}};
	struct timespec omit[2] = {{0, UTIME_OMIT}, {0, UTIME_OMIT}};
	struct timespec bad[2] = {{0, 1000000000}, {0, 0}};
	int fd;

	umask(0);
	mkdir("sticky", 01777);
	mkdir("closed", 0711);
	mkdir("group", 02775);
	chown("group", 0, 1000);
	close(make("sticky/root", "x"));
	close(make("closed/f", "x"));
	close(make("ro", "x"));
	chmod("ro", 0444);
	fd = make("suid", "x");
	fchmod(fd, 06755);
	close(fd);
	CALL("root writes ro", close(open("ro", O_RDWR)));
	CALL("root access x", access("ro", X_OK));
	identity(1000);
	CALL("user reads ro", close(open("ro", O_RDONLY)));
	CALL("user writes ro", open("ro", O_RDWR));
	CALL("user truncs ro", open("ro", O_RDONLY | O_TRUNC));
	CALL("user creates", open("sticky/u", O_CREAT | O_RDWR, 0644) > 0);
	CALL("user in closed", close(open("closed/f", O_RDONLY)));
	CALL("user lists closed", open("closed", O_RDONLY));
	CALL("user creates closed", open("closed/g", O_CREAT | O_RDWR, 0644));
	CALL("user removes closed", unlink("closed/f"));
	CALL("sticky unlink", unlink("sticky/root"));
	CALL("sticky rename", rename("sticky/root", "sticky/u"));
	CALL("chmod other's", chmod("ro", 0666));
	CALL("chown other's", chown("ro", 1000, -1));
	CALL("chown own", chown("sticky/u", 0, -1));
	CALL("chown own group", chown("sticky/u", -1, 1000));
	CALL("chown nothing", chown("sticky/u", -1, -1));
	CALL("access real", access("closed", R_OK));
	CALL("access effective",
	     faccessat(AT_FDCWD, "closed", R_OK, AT_EACCESS));
	CALL("utimes other's", utimensat(AT_FDCWD, "ro", t, 0));
	CALL("utimes now other's", utimensat(AT_FDCWD, "ro", NULL, 0));
	CALL("utimes own", utimensat(AT_FDCWD, "sticky/u", t, 0));
	stat("sticky/u", &st);
	show("times", "%ld.%ld %ld.%ld", (long)st.st_atim.tv_sec,
	     st.st_atim.tv_nsec, (long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
	CALL("utimes omit", utimensat(AT_FDCWD, "ro", omit, 0));
	CALL("utimes bad", utimensat(AT_FDCWD, "sticky/u", bad, 0));
	CALL("utimes now", utimensat(AT_FDCWD, "sticky/u", now, 0));
	CALL("setgid inherited", mkdir("group/d", 0755));
	stat("group/d", &st);
	show("group dir", "%o %d", st.st_mode, (int)st.st_gid);
	close(open("group/f", O_CREAT | O_RDWR, 0644));
	stat("group/f", &st);
	show("group file", "%o %d %d", st.st_mode, (int)st.st_uid,
	     (int)st.st_gid);
	CALL("noatime other's", open("ro", O_RDONLY | O_NOATIME));
	CALL("mknod", mknod("sticky/dev", S_IFCHR | 0600, 1 << 8 | 3));
	CALL("chroot", chroot("."));
	CALL("write suid", open("suid", O_WRONLY));
	identity(0);
	fd = open("suid", O_WRONLY);
	write(fd, "y", 1);
	fstat(fd, &st);
	show("suid by root", "%o", st.st_mode);
	fchown(fd, 1000, 1000);
	fstat(fd, &st);
	show("suid chowned", "%o %d", st.st_mode, (int)st.st_uid);
	fchmod(fd, 06777);
	fchmod(fd, 06777 | 01000);
	fstat(fd, &st);
	show("all bits", "%o", st.st_mode);
	identity(1000);
	write(fd, "z", 1);
	fstat(fd, &st);
	show("suid after write", "%o", st.st_mode);
	identity(0);
	close(fd);
	symlink("ro", "l");
	CALL("lchown", lchown("l", 7, 8));
	lstat("l", &st);
	show("link owner", "%d %d", (int)st.st_uid, (int)st.st_gid);
	stat("l", &st);
	show("target owner", "%d", (int)st.st_uid);
	CALL("chmod bad", fchmodat(AT_FDCWD, "none", 0600, 0));
	unlink("l");
	rmdir("group/d");
	unlink("group/f");
	unlink("sticky/root");
	unlink("sticky/u");
	unlink("closed/f");
	unlink("ro");
	unlink("suid");
	rmdir("sticky");
	rmdir("closed");
	rmdir("group");
	umask(022);
}

static void lock(const char *label, int fd, int cmd, int type, long start,
		 long len)
{
	struct flock l = {.l_type = (short)type, .l_start = start,
			  .l_len = len};
	int r;

	errno = 0;
	r = fcntl(fd, cmd, &l);
	if (r < 0)
		show(label, "%s", strerror(errno));
	else
		show(label, "%d: %d %ld %ld %d", r, l.l_type, (long)l.l_start,
		     (long)l.l_len, l.l_pid == -1);
}

static void *locker(void *arg)
{
	int fd = *(int *)arg;
	struct flock l = {.l_type = F_WRLCK, .l_len = 10};

	CALL("waited", fcntl(fd, F_OFD_SETLKW, &l));
	return NULL;
}

static void *flocker(void *arg)
{
	CALL("flock waited", flock(*(int *)arg, LOCK_EX));
	return NULL;
}

static void locking(void)
{
	int a = make("lock", "0123456789"), b = open("lock", O_RDWR);
	int r = open("lock", O_RDONLY);
	struct flock all = {.l_type = F_UNLCK};
	pthread_t t;

	lock("set", a, F_SETLK, F_WRLCK, 0, 0);
	lock("own", b, F_GETLK, F_WRLCK, 0, 0);
	lock("unlock part", a, F_SETLK, F_UNLCK, 5, 2);
	lock("ofd sees", b, F_OFD_GETLK, F_RDLCK, 5, 2);
	lock("ofd free", b, F_OFD_SETLK, F_WRLCK, 5, 2);
	lock("ofd taken", b, F_OFD_SETLK, F_WRLCK, 5, 3);
	lock("posix sees ofd", a, F_GETLK, F_WRLCK, 6, 1);
	lock("read by writer", r, F_SETLK, F_WRLCK, 100, 1);
	lock("write by reader", r, F_SETLK, F_RDLCK, 100, 1);
	lock("bad type", a, F_SETLK, 77, 0, 0);
	lock("get unlock", a, F_GETLK, F_UNLCK, 0, 0);
	lock("negative", a, F_SETLK, F_RDLCK, -1, 1);
	lock("negative length", a, F_SETLK, F_RDLCK, 10, -5);
	lock("too negative", a, F_SETLK, F_RDLCK, 3, -5);
	lock("overflow", a, F_SETLK, F_RDLCK, LONG_MAX, 2);
	close(r); /* drops all of the process's */
	lock("after close", b, F_OFD_SETLK, F_WRLCK, 0, 0);
	lock("ofd unlock", b, F_OFD_SETLK, F_UNLCK, 0, 0);
	lock("ofd hold", a, F_OFD_SETLK, F_WRLCK, 0, 5);
	pthread_create(&t, NULL, locker, &b);
	usleep(20000);
	fcntl(a, F_OFD_SETLK, &all);
	pthread_join(t, NULL);
	lock("held by b", a, F_OFD_GETLK, F_WRLCK, 0, 0);
	close(b);
	lock("gone with b", a, F_OFD_GETLK, F_WRLCK, 0, 0);
	b = open("lock", O_RDWR);
	CALL("flock sh", flock(a, LOCK_SH));
	CALL("flock sh sh", flock(b, LOCK_SH | LOCK_NB));
	CALL("flock ex", flock(a, LOCK_EX | LOCK_NB));
	CALL("flock un", flock(b, LOCK_UN));
	CALL("flock ex now", flock(a, LOCK_EX | LOCK_NB));
	CALL("flock bad", flock(a, 77));
	CALL("flock none", flock(999, LOCK_SH));
	pthread_create(&t, NULL, flocker, &b);
	usleep(20000);
	flock(a, LOCK_UN);
	pthread_join(t, NULL);
	close(b);
	CALL("flock after close", flock(a, LOCK_EX | LOCK_NB));
	close(a);
	unlink("lock");
}

static void moving(void)
{
	int in = make("in", ""), out = make("out", ""), p[2], i;
	off_t off = 10, off2;
	struct stat st;

	for (i = 0; i < (int)sizeof(buf); i++)
		buf[i] = (char)(i * 7);
	write(in, buf, sizeof(buf));
	CALL("sendfile at", sendfile(out, in, &off, 50000));
	show("offset", "%ld %ld", (long)off, (long)lseek(in, 0, SEEK_CUR));
	lseek(in, 99990, SEEK_SET);
	CALL("sendfile end", sendfile(out, in, NULL, 50000));
	CALL("sendfile nothing", sendfile(out, in, NULL, 50000));
	off = -1;
	CALL("sendfile negative", sendfile(out, in, &off, 1));
	CALL("sendfile bad ptr", sendfile(out, in, (void *)1, 1));
	CALL("sendfile fds", sendfile(out, 999, NULL, 1));
	pread(out, buf, 50010, 0);
	show("sent", "%x", hash(buf, 50010));
	close(out);
	out = open("out", O_RDWR | O_APPEND);
	CALL("sendfile append", sendfile(out, in, NULL, 5));
	close(out);
	out = open("out", O_RDONLY);
	CALL("sendfile ro", sendfile(out, in, NULL, 5));
	close(out);
	out = open("out", O_RDWR | O_TRUNC);
	off = 100;
	off2 = 5000;
	CALL("copy range", copy_file_range(in, &off, out, &off2, 20000, 0));
	show("offsets", "%ld %ld", (long)off, (long)off2);
	fstat(out, &st);
	show("copied", "%ld", (long)st.st_size);
	CALL("copy flags", copy_file_range(in, &off, out, &off2, 1, 1));
	off = 0;
	off2 = 5;
	CALL("copy overlap", copy_file_range(in, &off, in, &off2, 100, 0));
	pipe(p);
	CALL("copy pipe", copy_file_range(in, NULL, p[1], NULL, 100, 0));
	lseek(in, 0, SEEK_SET);
	CALL("sendfile pipe", sendfile(p[1], in, NULL, 3000));
	CALL("from pipe", sendfile(out, p[0], NULL, 10));
	CALL("read pipe", read(p[0], buf, 5000));
	CALL("pread pipe", pread(p[0], buf, 10, 0));
	CALL("lseek pipe", lseek(p[0], 0, SEEK_CUR));
	CALL("ftruncate pipe", ftruncate(p[1], 0));
	CALL("fsync pipe", fsync(p[1]));
	CALL("fallocate pipe", fallocate(p[1], 0, 0, 10));
	CALL("fadvise pipe", posix_fadvise(p[1], 0, 0, POSIX_FADV_NORMAL));
	CALL("getdents file", syscall(SYS_getdents64, in, buf, 1000));
	close(p[0]);
	close(p[1]);
	/* holes */
	ftruncate(out, 0);
	pwrite(out, "x", 1, 100000);
	CALL("data", lseek(out, 0, SEEK_DATA));
	CALL("hole", lseek(out, 100000, SEEK_HOLE));
	CALL("hole at 0", lseek(out, 0, SEEK_HOLE));
	CALL("data at end", lseek(out, 100001, SEEK_DATA));
	CALL("fallocate", fallocate(out, 0, 200000, 8192));
	fstat(out, &st);
	show("allocated", "%ld %ld", (long)st.st_size, (long)st.st_blocks);
	CALL("keep size", fallocate(out, FALLOC_FL_KEEP_SIZE, 300000, 4096));
	fstat(out, &st);
	show("kept", "%ld %ld", (long)st.st_size, (long)st.st_blocks);
	CALL("punch", fallocate(out, FALLOC_FL_KEEP_SIZE |
				FALLOC_FL_PUNCH_HOLE, 90000, 110000));
	fstat(out, &st);
	show("punched", "%ld %ld", (long)st.st_size, (long)st.st_blocks);
	pread(out, buf, 1, 100000);
	show("punched byte", "%d", buf[0]);
	CALL("punch grow", fallocate(out, FALLOC_FL_PUNCH_HOLE, 0, 1));
	CALL("fallocate zero", fallocate(out, 0, 0, 0));
	CALL("fallocate negative", fallocate(out, 0, -1, 5));
	CALL("fadvise", posix_fadvise(out, 0, 0, POSIX_FADV_WILLNEED));
	CALL("fadvise bad", posix_fadvise(out, 0, 0, 99));
	CALL("readahead", readahead(out, 0, 1000));
	CALL("sync range", sync_file_range(out, 0, 100, 0));
	CALL("sync range bad", sync_file_range(out, -1, 100, 0));
	CALL("lseek huge", lseek(out, 1l << 40, SEEK_SET) > 0);
	CALL("lseek over", lseek(out, LONG_MAX, SEEK_CUR));
	close(in);
	close(out);
	unlink("in");
	unlink("out");
}

static void limits(void)
{
	struct rlimit old, l;
	int fd = make("big", ""), i;
	long r[6], e[6];
	sigset_t s, p;

	getrlimit(RLIMIT_FSIZE, &old);
	l = old;
	l.rlim_cur = 1000;
	sigemptyset(&s);
	sigaddset(&s, SIGXFSZ);
	sigprocmask(SIG_BLOCK, &s, NULL);
	setrlimit(RLIMIT_FSIZE, &l);
	/* Nothing is printed under the limit: it holds for the output, too. */
#define TRY(n, expr) (errno = 0, r[n] = (expr), e[n] = errno)
	TRY(0, write(fd, buf, 3000));
	TRY(1, write(fd, buf, 3000));
	TRY(2, ftruncate(fd, 2000));
	TRY(3, ftruncate(fd, 900));
	TRY(4, fallocate(fd, 0, 0, 2000));
	TRY(5, pwrite(fd, buf, 10, 2000));
	sigpending(&p);
	setrlimit(RLIMIT_FSIZE, &old);
	for (i = 0; i < 6; i++)
		show("limited", "%ld %s", r[i], strerror((int)e[i]));
	show("xfsz", "%d", sigismember(&p, SIGXFSZ));
	signal(SIGXFSZ, SIG_IGN);
	sigprocmask(SIG_UNBLOCK, &s, NULL);
	close(fd);
	unlink("big");
	getrlimit(RLIMIT_NOFILE, &old);
	l = old;
	l.rlim_cur = 10;
	setrlimit(RLIMIT_NOFILE, &l);
	CALL("dup over", dup2(0, 10));
	CALL("dupfd over", fcntl(0, F_DUPFD, 10));
	CALL("dupfd", fcntl(0, F_DUPFD, 8));
	CALL("dupfd again", fcntl(0, F_DUPFD, 8));
	CALL("dupfd full", fcntl(0, F_DUPFD, 8));
	close(8);
	close(9);
	setrlimit(RLIMIT_NOFILE, &old);
	CALL("dup3 same", dup3(0, 0, 0));
	CALL("dup3 flags", dup3(0, 50, 1));
	CALL("dup3", dup3(0, 50, O_CLOEXEC));
	show("dup3 cloexec", "%d", fcntl(50, F_GETFD));
	CALL("dup2 high", dup2(0, 1000));
	CALL("close range", syscall(SYS_close_range, 50, 1000, 0));
	CALL("closed", fcntl(50, F_GETFD));
	CALL("closed too", fcntl(1000, F_GETFD));
	CALL("close range bad", syscall(SYS_close_range, 51, 50, 0));
	CALL("dup2 bad", dup2(999, 50));
	CALL("dup2 negative", dup2(0, -1));
	CALL("fcntl bad", fcntl(0, 9999));
}

static void sealing(void)
{
	int fd = memfd_create("seal", MFD_ALLOW_SEALING), fd2;
	char *m;

	CALL("memfd write", write(fd, "abc", 3));
	CALL("seals", fcntl(fd, F_GET_SEALS));
	m = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	CALL("seal write busy", fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
	munmap(m, 4096);
	CALL("seal shrink", fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK));
	CALL("shrink", ftruncate(fd, 1));
	CALL("grow", ftruncate(fd, 5000));
	CALL("seal grow", fcntl(fd, F_ADD_SEALS, F_SEAL_GROW));
	CALL("grow again", ftruncate(fd, 6000));
	CALL("write beyond", pwrite(fd, "x", 1, 5000));
	CALL("write within", pwrite(fd, "x", 1, 4999));
	CALL("seal write", fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
	CALL("sealed write", pwrite(fd, "x", 1, 0));
	m = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	show("sealed mmap", "%s", m == MAP_FAILED ? strerror(errno) : "ok");
	m = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
	show("sealed read", "%.3s", m);
	CALL("mprotect", mprotect(m, 4096, PROT_READ | PROT_WRITE));
	munmap(m, 4096);
	CALL("seal seal", fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL));
	CALL("seal more", fcntl(fd, F_ADD_SEALS, F_SEAL_GROW));
	show("seals now", "%x", fcntl(fd, F_GET_SEALS));
	fd2 = memfd_create("plain", MFD_CLOEXEC);
	CALL("plain seal", fcntl(fd2, F_ADD_SEALS, F_SEAL_GROW));
	CALL("memfd flags", memfd_create("x", 0x8000));
	snprintf(buf, 100, "/proc/self/fd/%d", fd);
	CALL("memfd name", readlink(buf, buf + 200, 100));
	show("memfd link", "%.*s", 21, buf + 200);
	close(fd);
	close(fd2);
}

static void waiting(void)
{
	struct pollfd p[4] = {{.events = POLLIN}, {.events = POLLIN | POLLOUT},
			      {.fd = 999, .events = POLLIN},
			      {.fd = -1, .events = POLLIN, .revents = 7}};
	struct timeval tv = {0, 1000};
	int fd = make("f", "x"), e[2];
	fd_set r, w, x;

	pipe(e);
	p[0].fd = e[0];
	p[1].fd = fd;
	CALL("poll", poll(p, 4, 0));
	show("events", "%x %x %x %x", p[0].revents, p[1].revents, p[2].revents,
	     p[3].revents);
	CALL("poll empty", poll(p, 1, 1));
	write(e[1], "x", 1);
	CALL("poll data", poll(p, 1, 1000));
	FD_ZERO(&r);
	FD_ZERO(&w);
	FD_ZERO(&x);
	FD_SET(e[0], &r);
	FD_SET(e[1], &w);
	FD_SET(fd, &r);
	FD_SET(fd, &x);
	CALL("select", select(e[1] + 1, &r, &w, &x, &tv));
	show("sets", "%d %d %d %d", FD_ISSET(e[0], &r), FD_ISSET(fd, &r),
	     FD_ISSET(e[1], &w), FD_ISSET(fd, &x));
	read(e[0], buf, 1);
	FD_ZERO(&r);
	FD_SET(e[0], &r);
	CALL("select none", select(e[1] + 1, &r, NULL, NULL, &tv));
	show("set", "%d", FD_ISSET(e[0], &r));
	FD_SET(900, &r);
	CALL("select bad", select(901, &r, NULL, NULL, &tv));
	CALL("select negative", select(-1, NULL, NULL, NULL, &tv));
	close(e[1]);
	CALL("poll hup", poll(p, 1, 0));
	show("hup", "%x", p[0].revents);
	CALL("poll bad pointer", poll((void *)1, 2, 0));
	close(e[0]);
	close(fd);
	unlink("f");
}

int main(void)
{
	mkdir(DIR_, 0755);
	if (chdir(DIR_))
		return 1;
	umask(022);
	permissions();
	locking();
	moving();
	limits();
	sealing();
	waiting();
	CALL("leave", chdir("/"));
	CALL("all clean", rmdir(DIR_));
	return 0;
}
