/*
 * Rarer calls on names, on tmpfs (on both sides): the *at forms, flags, links,
 * renames, directories, errors.
 */
#include "edge_fs.h"
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define DIR_ "/dev/shm/edge-names"

static char buf[100000];

static void opening(void)
{
	struct stat st;
	int fd, dir, i;

	mkdir("d", 0755);
	dir = open("d", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	show("dir flags", "%o", fcntl(dir, F_GETFL));
	show("cloexec", "%d", fcntl(dir, F_GETFD));
	fd = open("f", O_RDWR | O_CREAT | O_APPEND | O_NONBLOCK | O_SYNC, 0600);
	show("flags", "%o", fcntl(fd, F_GETFL));
	CALL("setfl", fcntl(fd, F_SETFL, O_RDONLY | O_NOATIME | O_CREAT));
	show("flags after", "%o", fcntl(fd, F_GETFL));
	close(fd);
	fd = open(".", O_TMPFILE | O_RDWR, 0640);
	WORKS("tmpfile", fd);
	CALL("tmpfile write", write(fd, "x", 1));
	fstat(fd, &st);
	show("tmpfile stat", "%o %d %ld", st.st_mode, (int)st.st_nlink,
	     (long)st.st_size);
	snprintf(buf, sizeof(buf), "/proc/self/fd/%d", fd);
	CALL("tmpfile link", linkat(AT_FDCWD, buf, AT_FDCWD, "linked",
				    AT_SYMLINK_FOLLOW));
	fstat(fd, &st);
	show("links", "%d", (int)st.st_nlink);
	close(fd);
	fd = open(".", O_TMPFILE | O_RDWR | O_EXCL, 0640);
	snprintf(buf, sizeof(buf), "/proc/self/fd/%d", fd);
	CALL("tmpfile excl link", linkat(AT_FDCWD, buf, AT_FDCWD, "linked2",
					 AT_SYMLINK_FOLLOW));
	close(fd);
	CALL("tmpfile read-only", open(".", O_TMPFILE | O_RDONLY, 0640));
	CALL("tmpfile of file", open("f", O_TMPFILE | O_RDWR, 0640));
	symlink("f", "link");
	fd = open("link", O_PATH | O_NOFOLLOW);
	WORKS("path of link", fd);
	show("path flags", "%o", fcntl(fd, F_GETFL));
	CALL("path read", read(fd, buf, 1));
	CALL("path fstat", fstat(fd, &st));
	show("is link", "%d", S_ISLNK(st.st_mode));
	CALL("readlink empty", readlinkat(fd, "", buf, 100));
	CALL("path fchmod", fchmod(fd, 0600));
	CALL("path ioctl", ioctl(fd, FIONBIO, &i));
	CALL("path dup", dup2(fd, 77));
	close(77);
	close(fd);
	CALL("nofollow creat",
	     open("link", O_CREAT | O_NOFOLLOW | O_RDWR, 0600));
	CALL("creat dir", open("d", O_CREAT | O_RDONLY, 0600));
	CALL("creat dot", open("d/.", O_CREAT | O_RDONLY, 0600));
	CALL("creat slash", open("d/", O_CREAT | O_RDONLY, 0600));
	CALL("creat root", open("/", O_CREAT | O_RDONLY, 0600));
	CALL("trunc dir", open("d", O_TRUNC | O_RDONLY));
	CALL("read dir", read(dir, buf, 10));
	CALL("write dir", write(dir, buf, 10));
	CALL("open null dirfd", openat(dir, "../f", O_RDONLY) > 0);
	CALL("absolute ignores dirfd", openat(-7, "/", O_RDONLY) > 0);
	CALL("no dirfd", openat(-7, "f", O_RDONLY));
	CALL("dots", open("d/../d/./.././f", O_RDONLY) > 0);
	CALL("above root", open("/../../..", O_RDONLY) > 0);
	memset(buf, 'a', PATH_MAX + 10);
	for (i = 1; i < PATH_MAX; i += 2)
		buf[i - 1] = '.', buf[i] = '/';
	buf[PATH_MAX - 1] = 0;
	CALL("long path", open(buf, O_RDONLY) > 0);
	buf[PATH_MAX - 1] = '/';
	buf[PATH_MAX] = 0;
	CALL("too long path", open(buf, O_RDONLY));
	memset(buf, 'a', 255);
	buf[255] = 0;
	CALL("longest name", close(open(buf, O_CREAT | O_RDWR, 0600)));
	CALL("unlink it", unlink(buf));
	buf[255] = 'a';
	buf[256] = 0;
	CALL("name too long", open(buf, O_CREAT | O_RDWR, 0600));
	CALL("mkdir too long", mkdir(buf, 0600));
	CALL("unlink too long", unlink(buf));
	CALL("stat too long", stat(buf, &st));
	close(dir);
	unlink("f");
	unlink("link");
	unlink("linked");
	rmdir("d");
}

struct open_how_ {
	unsigned long flags, mode, resolve;
};

static long openat2_(int fd, const char *name, unsigned long flags,
		     unsigned long mode, unsigned long resolve)
{
	struct open_how_ how = {flags, mode, resolve};
	long r = syscall(SYS_openat2, fd, name, &how, sizeof(how));

	if (r < 0)
		return -1;
	close((int)r);
	return 0;
}

static void resolving(void)
{
	int dir;

	mkdir("r", 0755);
	mkdir("r/s", 0755);
	close(make("r/s/f", "x"));
	symlink("s/f", "r/in");
	symlink("../..", "r/out");
	symlink("/r/s", "r/abs");
	dir = open("r", O_RDONLY | O_DIRECTORY);
	CALL("plain", openat2_(dir, "s/f", O_RDONLY, 0, 0));
	CALL("mode without creat", openat2_(dir, "s/f", O_RDONLY, 0600, 0));
	CALL("unknown flag", openat2_(dir, "s/f", 1ul << 40, 0, 0));
	CALL("unknown resolve", openat2_(dir, "s/f", 0, 0, 1 << 20));
	CALL("beneath", openat2_(dir, "s/f", O_RDONLY, 0, 8));
	CALL("beneath up", openat2_(dir, "s/../..", O_RDONLY, 0, 8));
	CALL("beneath within", openat2_(dir, "s/../s/f", O_RDONLY, 0, 8));
	CALL("beneath link", openat2_(dir, "in", O_RDONLY, 0, 8));
	CALL("beneath out", openat2_(dir, "out", O_RDONLY, 0, 8));
	CALL("beneath absolute", openat2_(dir, "/", O_RDONLY, 0, 8));
	CALL("beneath abs link", openat2_(dir, "abs", O_RDONLY, 0, 8));
	CALL("in root", openat2_(dir, "/s/f", O_RDONLY, 0, 16));
	CALL("in root up", openat2_(dir, "../../s/f", O_RDONLY, 0, 16));
	CALL("in root out", openat2_(dir, "out/s", O_RDONLY, 0, 16));
	CALL("no symlinks", openat2_(dir, "in", O_RDONLY, 0, 4));
	CALL("no symlinks ok", openat2_(dir, "s/f", O_RDONLY, 0, 4));
	CALL("no magic", openat2_(dir, "/proc/self/cwd", O_RDONLY, 0, 2));
	CALL("no xdev", openat2_(dir, "/proc", O_RDONLY, 0, 1));
	CALL("beneath and root", openat2_(dir, "s", O_RDONLY, 0, 24));
	close(dir);
	unlink("r/in");
	unlink("r/out");
	unlink("r/abs");
	unlink("r/s/f");
	rmdir("r/s");
	rmdir("r");
}

static long renameat2_(const char *a, const char *b, unsigned flags)
{
	return syscall(SYS_renameat2, AT_FDCWD, a, AT_FDCWD, b, flags);
}

static void renaming(void)
{
	struct stat st;

	close(make("a", "a"));
	close(make("b", "bb"));
	mkdir("d1", 0755);
	mkdir("d2", 0755);
	mkdir("d2/sub", 0755);
	CALL("noreplace", renameat2_("a", "b", 1));
	CALL("noreplace new", renameat2_("a", "c", 1));
	CALL("exchange", renameat2_("b", "c", 2));
	stat("b", &st);
	show("b is", "%ld", (long)st.st_size);
	CALL("exchange missing", renameat2_("b", "none", 2));
	CALL("exchange file dir", renameat2_("b", "d2", 2));
	stat("b/sub", &st);
	show("b is dir", "%d", S_ISDIR(st.st_mode));
	CALL("exchange back", renameat2_("b", "d2", 2));
	CALL("both flags", renameat2_("b", "c", 3));
	CALL("bad flag", renameat2_("b", "c", 64));
	CALL("dir over full", rename("d1", "d2"));
	CALL("dir over empty", rename("d1", "d2/sub"));
	stat("d2", &st);
	show("nlink", "%d", (int)st.st_nlink);
	CALL("dir into itself", rename("d2", "d2/sub/x"));
	CALL("dir onto parent", rename("d2/sub", "d2"));
	CALL("same", rename("b", "b"));
	link("b", "b2");
	CALL("same file", rename("b", "b2"));
	CALL("both there", access("b", F_OK) + access("b2", F_OK));
	CALL("file slash", rename("b", "new/"));
	CALL("dir slash", rename("d2/", "d3/"));
	CALL("to dot", rename("d3", "d3/."));
	CALL("from dot", rename("d3/.", "x"));
	CALL("dotdot", rename("d3/sub/..", "x"));
	CALL("onto dotdot", renameat2_("b", "d3/..", 1));
	CALL("other fs", rename("b", "/proc/x"));
	CALL("link other fs", link("b", "/tmp/edge-x"));
	CALL("into missing", rename("b", "none/b"));
	CALL("through file", rename("b", "c/b"));
	CALL("long dir", rename("d3/sub", "moved-to-a-name-that-is-longer-"
					  "than-what-fits-in-place"));
	CALL("there", access("moved-to-a-name-that-is-longer-"
			     "than-what-fits-in-place", F_OK));
	CALL("back", rename("moved-to-a-name-that-is-longer-"
			    "than-what-fits-in-place", "s"));
	CALL("there again", access("s/..", F_OK));
	rmdir("s");
	rmdir("d3");
	unlink("b");
	unlink("b2");
	unlink("c");
}

static void removing(void)
{
	struct stat st;
	char where[PATH_MAX];
	int fd;
	DIR *d;

	mkdir("gone", 0755);
	mkdir("gone/sub", 0755);
	CALL("rmdir dotdot", rmdir("gone/sub/.."));
	CALL("rmdir slash", rmdir("gone/sub/"));
	CALL("unlink slash", unlink("gone/"));
	close(make("file", ""));
	CALL("unlink file slash", unlink("file/"));
	CALL("rmdir root", rmdir("/"));
	CALL("rmdir mount", rmdir("/proc"));
	CALL("mkdir dot", mkdir(".", 0700));
	CALL("mkdir root", mkdir("/", 0700));
	CALL("mkdir proc", mkdir("/proc/x", 0700));
	CALL("creat proc", open("/proc/x", O_CREAT | O_RDWR, 0600));
	CALL("unlink proc", unlink("/proc/uptime"));
	CALL("symlink empty", symlink("", "e"));
	CALL("symlink there", symlink("x", "file"));
	CALL("mknod dir", mknod("n", S_IFDIR | 0700, 0));
	CALL("mknod bad", mknod("n", S_IFLNK | 0700, 0));
	CALL("mknod file", mknod("n", 0600, 0));
	/* Not here, where devices may be forbidden. */
	unlink("/tmp/edge-null");
	CALL("mknod null", mknod("/tmp/edge-null", S_IFCHR | 0666, 1 << 8 | 3));
	fd = open("/tmp/edge-null", O_RDWR);
	CALL("null write", write(fd, buf, 1000));
	CALL("null read", read(fd, buf, 1000));
	close(fd);
	unlink("/tmp/edge-nodev");
	CALL("mknod no device",
	     mknod("/tmp/edge-nodev", S_IFCHR | 0600, 777 << 8));
	CALL("open no device", open("/tmp/edge-nodev", O_RDONLY));
	CALL("mknod sock", mknod("sock", S_IFSOCK | 0600, 0));
	CALL("open sock", open("sock", O_RDONLY));
	stat("/tmp/edge-nodev", &st);
	show("rdev", "%lx", (long)st.st_rdev);
	fd = open("gone", O_RDONLY | O_DIRECTORY);
	d = opendir("gone");
	chdir("gone");
	CALL("remove cwd", rmdir("../gone"));
	CALL("getcwd gone", getcwd(where, sizeof(where)) ? 0 : -1);
	CALL("create in gone", open("x", O_CREAT | O_RDWR, 0600));
	CALL("mkdir in gone", mkdirat(fd, "x", 0600));
	CALL("stat gone", stat(".", &st));
	show("gone links", "%d", (int)st.st_nlink);
	CALL("open gone", open("x", O_RDONLY));
	CALL("dotdot gone", stat("..", &st));
	errno = 0;
	show("readdir gone", "%d %s", readdir(d) != NULL, strerror(errno));
	closedir(d);
	close(fd);
	CALL("out", chdir(DIR_));
	unlink("n");
	unlink("/tmp/edge-null");
	unlink("/tmp/edge-nodev");
	unlink("sock");
	unlink("file");
}

static void directories(void)
{
	char name[300];
	struct dirent *e;
	long pos[100];
	int i, n = 0, seen = 0, fd;
	unsigned char got[300] = {0};
	DIR *d;

	mkdir("many", 0755);
	for (i = 0; i < 300; i++) {
		snprintf(name, sizeof(name), "many/file-%d", i);
		close(open(name, O_CREAT | O_RDWR, 0600));
	}
	/* What stays is seen once while other entries go. */
	d = opendir("many");
	while ((e = readdir(d))) {
		if (sscanf(e->d_name, "file-%d", &i) != 1)
			continue;
		got[i]++;
		if (n < 100)
			pos[n++] = telldir(d);
		if (i % 3 == 0) {
			snprintf(name, sizeof(name), "many/%s", e->d_name);
			unlink(name);
		}
	}
	for (i = 0; i < 300; i++)
		seen += got[i] == 1;
	show("seen once", "%d", seen);
	rewinddir(d);
	for (n = 0; (e = readdir(d));)
		n++;
	show("left", "%d", n);
	rewinddir(d);
	n = 0;
	while (n < 50 && (e = readdir(d)))
		pos[n++] = telldir(d);
	seekdir(d, pos[20]);
	e = readdir(d);
	snprintf(name, sizeof(name), "%s", e->d_name);
	seekdir(d, pos[20]);
	e = readdir(d);
	show("seekdir", "%d", !strcmp(name, e->d_name));
	closedir(d);
	fd = open("many", O_RDONLY);
	CALL("small buffer", syscall(SYS_getdents64, fd, buf, 10));
	CALL("bad buffer", syscall(SYS_getdents64, fd, (void *)1, 1000));
	CALL("seek end", lseek(fd, 0, SEEK_DATA));
	close(fd);
	CALL("not empty", rmdir("many"));
	for (i = 0; i < 300; i++) {
		snprintf(name, sizeof(name), "many/file-%d", i);
		unlink(name);
	}
	CALL("empty", rmdir("many"));
}

static void stats(void)
{
	struct statx sx;
	struct stat st;
	int fd = make("f", "12345");

	memset(&sx, 0, sizeof(sx));
	CALL("statx", statx(AT_FDCWD, "f", 0, STATX_BASIC_STATS, &sx));
	show("statx is", "%o %ld %d %d", sx.stx_mode, (long)sx.stx_size,
	     (int)sx.stx_nlink, (sx.stx_mask & STATX_BASIC_STATS) ==
					STATX_BASIC_STATS);
	CALL("statx fd", statx(fd, "", AT_EMPTY_PATH, STATX_SIZE, &sx));
	CALL("statx empty", statx(fd, "", 0, STATX_SIZE, &sx));
	CALL("statx flags", statx(fd, "", 1 << 20, STATX_SIZE, &sx));
	CALL("statx missing", statx(AT_FDCWD, "no", 0, STATX_SIZE, &sx));
	CALL("fstatat flags", fstatat(AT_FDCWD, "f", &st, 1 << 20));
	CALL("stat fault", syscall(SYS_stat, "f", (void *)1));
	CALL("access mode", syscall(SYS_access, "f", 99));
	CALL("fionread", ioctl(fd, FIONREAD, &fd) == 0);
	close(3);
	unlink("f");
}

int main(void)
{
	mkdir(DIR_, 0755);
	if (chdir(DIR_))
		return 1;
	umask(022);
	opening();
	resolving();
	renaming();
	removing();
	directories();
	stats();
	CALL("leave", chdir("/"));
	CALL("all clean", rmdir(DIR_));
	return 0;
}
