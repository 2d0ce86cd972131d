/* Files and directories in a temporary file system. */
#include "check.h"
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <unistd.h>

#define DIR_ "/tmp/files-test"

static char buf[70000];

static void opening(void)
{
	struct stat st;
	int fd;

	umask(022);
	CALL("open missing", open("nothing", O_RDONLY));
	fd = open("a", O_RDWR | O_CREAT | O_EXCL, 0666);
	WORKS("create", fd);
	CALL("create again", open("a", O_RDWR | O_CREAT | O_EXCL, 0666));
	CALL("open as directory", open("a", O_RDONLY | O_DIRECTORY));
	CALL("open dir for writing", open(".", O_WRONLY));
	CALL("create in missing", open("no/such", O_CREAT | O_WRONLY, 0666));
	CALL("through a file", open("a/b", O_RDONLY));
	CALL("empty name", open("", O_RDONLY));
	CALL("trailing slash", open("a/", O_RDONLY));
	CALL("create with slash", open("new/", O_CREAT | O_WRONLY, 0666));
	memset(buf, 'n', 300);
	buf[300] = 0;
	CALL("long name", open(buf, O_RDONLY));
	CALL("bad pointer", open((char *)1, O_RDONLY));
	fstat(fd, &st);
	show("mode", "%o", st.st_mode);
	show("links size", "%d %ld", (int)st.st_nlink, (long)st.st_size);
	CALL("write", write(fd, "hello world", 11));
	CALL("pwrite", pwrite(fd, "HE", 2, 0));
	CALL("position", lseek(fd, 0, SEEK_CUR));
	CALL("pread", pread(fd, buf, 100, 0));
	show("contents", "%.11s", buf);
	CALL("read at end", read(fd, buf, 10));
	CALL("seek set", lseek(fd, 6, SEEK_SET));
	CALL("read", read(fd, buf, 100));
	CALL("seek before start", lseek(fd, -1, SEEK_SET));
	CALL("seek bad", lseek(fd, 0, 99));
	CALL("seek end", lseek(fd, 0, SEEK_END));
	CALL("seek beyond", lseek(fd, 100000, SEEK_SET));
	CALL("write beyond", write(fd, "x", 1));
	fstat(fd, &st);
	show("size", "%ld", (long)st.st_size);
	show("sparse", "%d", st.st_blocks < 100);
	pread(fd, buf, 100, 50000);
	show("hole reads", "%d", buf[0] | buf[99]);
	CALL("negative pread", pread(fd, buf, 1, -5));
	CALL("seek data", lseek(fd, 0, SEEK_DATA));
	CALL("seek beyond the end", lseek(fd, 200000, SEEK_DATA));
	CALL("truncate", ftruncate(fd, 5));
	fstat(fd, &st);
	show("size", "%ld", (long)st.st_size);
	CALL("truncate negative", ftruncate(fd, -1));
	CALL("extend", ftruncate(fd, 5000));
	CALL("read extended", pread(fd, buf, 10, 4));
	show("zeroes", "%d %d", buf[0], buf[1]);
	CALL("fallocate", fallocate(fd, 0, 0, 8192));
	CALL("fsync", fsync(fd));
	CALL("fdatasync", fdatasync(fd));
	CALL("close", close(fd));
	CALL("close again", close(fd));
	CALL("write closed", write(fd, "x", 1));
	fd = open("a", O_WRONLY | O_APPEND);
	CALL("append", write(fd, "end", 3));
	CALL("append position", lseek(fd, 0, SEEK_CUR));
	CALL("read write-only", read(fd, buf, 1));
	close(fd);
	fd = open("a", O_RDONLY);
	CALL("write read-only", write(fd, buf, 1));
	CALL("truncate read-only", ftruncate(fd, 1));
	close(fd);
	fd = open("a", O_RDWR | O_TRUNC);
	fstat(fd, &st);
	show("truncated", "%ld", (long)st.st_size);
	close(fd);
	CALL("write faults", write(open("a", O_WRONLY), (void *)8, 10));
	CALL("read faults", read(open("/dev/zero", O_RDONLY), (void *)8, 10));
}

static void vectors(void)
{
	struct iovec v[3] = {{"abc", 3}, {"", 0}, {"defg", 4}};
	char x[3], y[9];
	struct iovec r[2] = {{x, 3}, {y, 9}};
	int fd = open("v", O_RDWR | O_CREAT, 0600);

	CALL("writev", writev(fd, v, 3));
	CALL("preadv", preadv(fd, r, 2, 1));
	show("parts", "%.3s %.3s", x, y);
	CALL("pwritev", pwritev(fd, v, 3, 10));
	CALL("writev none", writev(fd, v, 0));
	CALL("writev too many", writev(fd, v, 2000));
	lseek(fd, 0, SEEK_SET);
	CALL("readv", readv(fd, r, 2));
	close(fd);
}

static void names(void)
{
	struct stat st, st2;
	char where[PATH_MAX];
	int fd;

	CALL("mkdir", mkdir("d", 0777));
	CALL("mkdir again", mkdir("d", 0777));
	CALL("mkdir slash", mkdir("d2/", 0777));
	stat("d", &st);
	show("dir mode", "%o %d", st.st_mode, (int)st.st_nlink);
	close(open("d/f", O_CREAT | O_WRONLY, 0644));
	CALL("rmdir full", rmdir("d"));
	CALL("rmdir file", rmdir("d/f"));
	CALL("unlink dir", unlink("d"));
	CALL("link", link("d/f", "d/g"));
	stat("d/f", &st);
	stat("d/g", &st2);
	show("same", "%d %d", st.st_ino == st2.st_ino, (int)st.st_nlink);
	CALL("link exists", link("d/f", "d/g"));
	CALL("link dir", link("d", "dd"));
	CALL("symlink", symlink("d/f", "s"));
	CALL("readlink", readlink("s", buf, sizeof(buf)));
	CALL("readlink short", readlink("s", buf, 2));
	CALL("readlink file", readlink("d/f", buf, 10));
	lstat("s", &st);
	show("symlink", "%o %ld", st.st_mode & S_IFMT, (long)st.st_size);
	CALL("nofollow", open("s", O_RDONLY | O_NOFOLLOW));
	CALL("through", close(open("s", O_RDONLY)));
	symlink("loop2", "loop1");
	symlink("loop1", "loop2");
	CALL("loop", open("loop1", O_RDONLY));
	symlink("nowhere", "dangling");
	CALL("dangling", open("dangling", O_RDONLY));
	CALL("dangling excl", open("dangling", O_CREAT | O_EXCL | O_WRONLY, 0600));
	CALL("create through dangling", close(open("dangling", O_CREAT | O_WRONLY, 0600)));
	CALL("created", access("nowhere", F_OK));
	CALL("rename", rename("d/f", "d/h"));
	CALL("renamed", access("d/f", F_OK));
	CALL("rename over", rename("d/h", "d/g"));
	CALL("rename missing", rename("x", "y"));
	CALL("rename dir over file", rename("d", "a"));
	CALL("rename file over dir", rename("a", "d"));
	mkdir("d/sub", 0700);
	CALL("rename into itself", rename("d", "d/sub/x"));
	CALL("rename dir", rename("d/sub", "moved"));
	CALL("rmdir", rmdir("moved"));
	CALL("rmdir dot", rmdir("."));
	CALL("unlink missing", unlink("x"));
	CALL("chdir", chdir("d"));
	show("cwd", "%s", getcwd(where, sizeof(where)));
	CALL("getcwd small", getcwd(where, 3) ? 0 : -1);
	CALL("chdir up", chdir(".."));
	CALL("chdir file", chdir("a"));
	fd = open("gone", O_RDWR | O_CREAT, 0600);
	unlink("gone");
	CALL("write unlinked", write(fd, "abc", 3));
	fstat(fd, &st);
	show("unlinked", "%d %ld", (int)st.st_nlink, (long)st.st_size);
	close(fd);
	show("realpath", "%s", realpath("s/../d/./../a", where) ? where : strerror(errno));
	show("realpath a", "%s", realpath("d/../a", where));
	fd = open(".", O_RDONLY | O_DIRECTORY);
	CALL("openat", close(openat(fd, "a", O_RDONLY)));
	CALL("fstatat", fstatat(fd, "d", &st, 0));
	CALL("unlinkat dir", unlinkat(fd, "d2", AT_REMOVEDIR));
	CALL("faccessat", faccessat(fd, "a", R_OK, 0));
	CALL("bad dirfd", openat(999, "a", O_RDONLY));
	CALL("file dirfd", openat(open("a", O_RDONLY), "a", O_RDONLY));
	CALL("empty path", fstatat(fd, "", &st, AT_EMPTY_PATH));
	CALL("fchdir", fchdir(fd));
	close(fd);
}

static int name_order(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static void directories(void)
{
	struct dirent **list, *e;
	char name[40];
	DIR *d;
	int n, seen = 0;
	long pos;

	mkdir("many", 0755);
	for (int i = 0; i < 300; i++) {
		snprintf(name, sizeof(name), "many/file-%d", i);
		close(open(name, O_CREAT | O_WRONLY, 0600));
	}
	n = scandir("many", &list, NULL, name_order);
	show("scandir", "%d %s %s %s", n, list[0]->d_name, list[1]->d_name,
	     list[n - 1]->d_name);
	show("types", "%d %d", list[0]->d_type == DT_DIR, list[2]->d_type == DT_REG);
	d = opendir("many");
	for (int i = 0; i < 100; i++)
		readdir(d);
	pos = telldir(d);
	e = readdir(d);
	snprintf(name, sizeof(name), "%s", e->d_name);
	while (readdir(d))
		;
	seekdir(d, pos);
	show("seekdir", "%d", !strcmp(readdir(d)->d_name, name));
	rewinddir(d);
	/* Removing while reading: every name still comes. */
	while ((e = readdir(d))) {
		if (e->d_name[0] == '.')
			continue;
		snprintf(name, sizeof(name), "many/%s", e->d_name);
		seen += !unlink(name);
	}
	closedir(d);
	show("removed", "%d", seen);
	CALL("rmdir", rmdir("many"));
	show("opendir file", "%s", opendir("a") ? "ok" : strerror(errno));
}

static void attributes(void)
{
	struct timespec ts[2] = {{1000000000, 5}, {1100000000, 7}};
	struct statvfs vfs;
	struct stat st;

	CALL("chmod", chmod("a", 0640));
	CALL("as root: chown", chown("a", 12, 34));
	CALL("utimensat", utimensat(AT_FDCWD, "a", ts, 0));
	stat("a", &st);
	show("as root: owner", "%d %d", st.st_uid, st.st_gid);
	show("attributes", "%o %ld %ld", st.st_mode, (long)st.st_atime,
	     (long)st.st_mtime);
	show("nanoseconds", "%ld", st.st_mtim.tv_nsec);
	ts[0].tv_nsec = UTIME_OMIT;
	ts[1].tv_nsec = UTIME_NOW;
	CALL("utimes now", utimensat(AT_FDCWD, "a", ts, 0));
	stat("a", &st);
	show("now", "%ld %d", (long)st.st_atime, st.st_mtime > 1500000000);
	CALL("utimes bad", utimensat(AT_FDCWD, "a", (struct timespec[2]){{0, 2000000000}, {0, 0}}, 0));
	CALL("access read", access("a", R_OK | W_OK));
	CALL("access execute", access("a", X_OK));
	CALL("access bad", access("a", 99));
	umask(077);
	close(open("u", O_CREAT | O_WRONLY, 0777));
	stat("u", &st);
	show("umask", "%o %o", st.st_mode & 0777, umask(022));
	CALL("statvfs", statvfs(".", &vfs));
	show("name max", "%lu", vfs.f_namemax);
	CALL("mkfifo", mkfifo("fifo", 0600));
	stat("fifo", &st);
	show("fifo", "%o", st.st_mode);
	CALL("fifo no reader", open("fifo", O_WRONLY | O_NONBLOCK));
	CALL("truncate dir", truncate("d", 0));
	CALL("statx", stat("/", &st));
	show("root", "%o", st.st_mode & S_IFMT);
}

static void descriptors(void)
{
	struct flock l = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 10};
	int fd = open("a", O_RDWR), fd2, n;

	fd2 = dup(fd);
	write(fd, "12345", 5);
	CALL("shared position", lseek(fd2, 0, SEEK_CUR));
	CALL("dup2", dup2(fd, 50));
	CALL("dup2 same", dup2(50, 50));
	CALL("dup3 same", dup3(50, 50, 0));
	CALL("dup2 bad", dup2(99, 51));
	CALL("dupfd", fcntl(fd, F_DUPFD, 60));
	CALL("dupfd cloexec", fcntl(fd, F_DUPFD_CLOEXEC, 60));
	CALL("getfd", fcntl(61, F_GETFD));
	CALL("setfd", fcntl(61, F_SETFD, 0));
	CALL("getfd", fcntl(61, F_GETFD));
	show("getfl", "%x", fcntl(fd, F_GETFL) & (O_ACCMODE | O_APPEND | O_NONBLOCK));
	CALL("setfl", fcntl(fd, F_SETFL, O_APPEND | O_NONBLOCK));
	show("getfl", "%x", fcntl(fd2, F_GETFL) & (O_ACCMODE | O_APPEND | O_NONBLOCK));
	CALL("bad fcntl", fcntl(fd, 9999));
	CALL("lock", fcntl(fd, F_SETLK, &l));
	CALL("getlk", fcntl(fd, F_GETLK, &l));
	show("unlocked for us", "%d", l.l_type == F_UNLCK);
	CALL("flock", flock(fd, LOCK_EX));
	CALL("flock other", flock(open("a", O_RDWR), LOCK_EX | LOCK_NB));
	CALL("flock un", flock(fd, LOCK_UN));
	CALL("FIONREAD", ioctl(fd, FIONREAD, &n));
	CALL("TIOCGWINSZ", ioctl(fd, TIOCGWINSZ, buf));
	CALL("ioctl bad", ioctl(99, FIONREAD, &n));
	for (n = 0; n < 5000 && open("a", O_RDONLY) >= 0; n++)
		;
	show("too many", "%s", strerror(errno));
	CALL("close_range", syscall(436, 70, ~0u, 0));
	close(fd);
}

static void moving(void)
{
	int in = open("in", O_RDWR | O_CREAT, 0600), out, p[2];
	off_t off = 100;

	for (size_t i = 0; i < sizeof(buf); i++)
		buf[i] = (char)(i * 7);
	CALL("write big", write(in, buf, sizeof(buf)));
	out = open("out", O_RDWR | O_CREAT, 0600);
	CALL("sendfile", sendfile(out, in, &off, 60000));
	show("offset", "%ld", (long)off);
	CALL("sendfile rest", sendfile(out, in, &off, 60000));
	CALL("sendfile end", sendfile(out, in, &off, 60000));
	memset(buf, 0, sizeof(buf));
	CALL("read back", pread(out, buf, sizeof(buf), 0));
	show("hash", "%x", hash(buf, sizeof(buf)));
	off = 0;
	CALL("copy_file_range", copy_file_range(in, &off, out, NULL, 5000, 0));
	pipe(p);
	off = 0;
	CALL("sendfile pipe", sendfile(p[1], in, &off, 3000));
	CALL("read pipe", read(p[0], buf, sizeof(buf)));
	show("hash", "%x", hash(buf, 3000));
	CALL("sendfile from pipe", sendfile(out, p[0], NULL, 10));
	CALL("punch", fallocate(in, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 4096, 8192));
	pread(in, buf, 20000, 0);
	show("hash", "%x", hash(buf, 20000));
	CALL("fadvise", posix_fadvise(in, 0, 0, POSIX_FADV_SEQUENTIAL));
	CALL("memfd", write(memfd_create("m", 0), "x", 1));
	close(in);
	close(out);
}

static void devices(void)
{
	struct stat st;
	int fd = open("/dev/null", O_RDWR);

	CALL("null write", write(fd, buf, 1000));
	CALL("null read", read(fd, buf, 1000));
	stat("/dev/null", &st);
	show("null", "%o %lx", st.st_mode & (S_IFMT | 0777), (long)st.st_rdev);
	memset(buf, 1, 100);
	CALL("zero", read(open("/dev/zero", O_RDONLY), buf, 100));
	show("zeroes", "%x", hash(buf, 100));
	CALL("full", write(open("/dev/full", O_WRONLY), buf, 1));
	CALL("urandom", read(open("/dev/urandom", O_RDONLY), buf, 100));
	CALL("getentropy", getentropy(buf, 256));
	CALL("getentropy 257", getentropy(buf, 257));
}

int main(void)
{
	mkdir(DIR_, 0755);
	if (chdir(DIR_))
		return 1;
	opening();
	vectors();
	names();
	directories();
	attributes();
	descriptors();
	moving();
	devices();
	return 0;
}
