/*
 * Mounting and unmounting: what is refused, what full and read-only file systems
 * say, and file systems that go while something still leads to them.
 */
#include "check.h"
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/vfs.h>
#include <unistd.h>

#define DIR_ "/dev/shm/mounts"

static char buf[100000];

static void mounting(void)
{
	struct statfs s;
	struct stat st;
	int fd, n = 0;
	ssize_t r;

	mkdir("m", 0755);
	CALL("mount type", mount("none", "m", "nofs", 0, ""));
	CALL("mount option", mount("none", "m", "tmpfs", 0, "bogus=1"));
	CALL("mount file", mount("none", "none", "tmpfs", 0, ""));
	CALL("mount", mount("none", "m", "tmpfs", MS_NOSUID,
			    "size=64k,nr_inodes=10,mode=700"));
	statfs("m", &s);
	show("statfs", "%lx %ld %ld %ld %ld %ld", (long)s.f_type,
	     (long)s.f_bsize, (long)s.f_blocks, (long)s.f_bfree,
	     (long)s.f_files, (long)s.f_ffree);
	stat("m", &st);
	show("mode", "%o", st.st_mode);
	fd = open("m/fill", O_CREAT | O_RDWR, 0600);
	while ((r = write(fd, buf, 4096)) > 0)
		n += (int)r;
	show("full", "%d %s", n, strerror(errno));
	fstat(fd, &st);
	show("kept", "%ld", (long)st.st_size);
	CALL("truncate", ftruncate(fd, 40000));
	CALL("part fits", pwrite(fd, buf, 50000, 40000));
	CALL("fallocate full", fallocate(fd, 0, 0, 100000));
	for (n = 0; n < 20; n++) {
		snprintf(buf, 100, "m/f%d", n);
		r = open(buf, O_CREAT | O_RDWR, 0600);
		if (r < 0)
			break;
		close((int)r);
	}
	show("inodes", "%d %s", n, strerror(errno));
	CALL("busy", umount("m"));
	CALL("busy dir", rmdir("m"));
	CALL("busy rename", rename("m", "m2"));
	CALL("remount ro, a writer", mount("none", "m", "tmpfs",
					   MS_REMOUNT | MS_RDONLY, ""));
	CALL("its file", pwrite(fd, buf, 1, 0));
	close(fd);
	CALL("remount ro", mount("none", "m", "tmpfs", MS_REMOUNT | MS_RDONLY,
				 ""));
	CALL("ro create", open("m/new", O_CREAT | O_RDWR, 0600));
	CALL("ro open", open("m/f0", O_RDWR));
	CALL("ro read", close(open("m/f0", O_RDONLY)));
	CALL("ro unlink", unlink("m/f0"));
	CALL("ro chmod", chmod("m/f0", 0600));
	CALL("ro access", access("m/f0", W_OK));
	CALL("ro truncate", truncate("m/f0", 0));
	CALL("ro mkdir", mkdir("m/d", 0600));
	CALL("ro rename", rename("m/f0", "m/f1"));
	CALL("ro there", close(open("m/f0", O_CREAT | O_RDONLY, 0600)));
	CALL("umount", umount("m"));
	CALL("umount again", umount("m"));
	CALL("empty", open("m/fill", O_RDONLY));
	mount("none", "m", "tmpfs", 0, "");
	mkdir("m/n", 0755);
	mount("none", "m/n", "tmpfs", 0, "");
	CALL("below", umount("m"));
	CALL("lazy", umount2("m", MNT_DETACH));
	CALL("all gone", rmdir("m"));
}

/* ---- what counts against the limits of a tmpfs ---- */

static void show_space(const char *after)
{
	struct statfs s;

	statfs("m", &s);
	show(after, "blocks %ld, inodes %ld", (long)(s.f_blocks - s.f_bfree),
	     (long)(s.f_files - s.f_ffree));
}

/* A symbolic link to a name of len bytes. */
static int long_link(size_t len, const char *name)
{
	char target[PATH_MAX];

	memset(target, 'x', len);
	target[len] = '\0';
	return symlink(target, name);
}

static void counting(void)
{
	struct stat st;
	int fd, n;

	mkdir("m", 0755);
	mount("none", "m", "tmpfs", 0, "size=64k,nr_inodes=30");
	show_space("nothing");
	CALL("link of 127", long_link(127, "m/short"));
	show_space("a short link");
	lstat("m/short", &st);
	show("its blocks", "%ld", (long)st.st_blocks);
	CALL("link of 128", long_link(128, "m/long"));
	show_space("a long link");
	lstat("m/long", &st);
	show("its blocks", "%ld", (long)st.st_blocks);
	CALL("link of 4095", long_link(4095, "m/longest"));
	CALL("another name", link("m/longest", "m/longest2"));
	show_space("two names");
	CALL("one less", unlink("m/longest"));
	show_space("one name");
	CALL("no such directory", long_link(1000, "m/none/l"));
	CALL("there is one", long_link(1000, "m/long"));
	show_space("in vain");
	CALL("rename over", rename("m/longest2", "m/long"));
	show_space("renamed");
	fd = open("m/file", O_CREAT | O_RDWR, 0600);
	CALL("a byte", pwrite(fd, "x", 1, 100000));
	show_space("a file");
	CALL("unlink", unlink("m/file"));
	show_space("no name");
	close(fd);
	show_space("closed");
	fd = open("m", O_TMPFILE | O_RDWR, 0600);
	show_space("without a name");
	close(fd);
	CALL("mkdir", mkdir("m/d", 0700));
	CALL("mknod", mknod("m/fifo", S_IFIFO | 0600, 0));
	show_space("directory and FIFO");
	for (n = 0; n < 40; n++) {
		snprintf(buf, 100, "m/l%d", n);
		if (long_link(300, buf))
			break;
	}
	show("long links", "%d %s", n, strerror(errno));
	CALL("a short one fits", symlink("x", "m/s"));
	CALL("a file without data", (fd = open("m/e", O_CREAT | O_RDWR,
					       0600)) < 0);
	CALL("a byte of it", write(fd, "x", 1));
	close(fd);
	show_space("full");
	while (n--) {
		snprintf(buf, 100, "m/l%d", n);
		unlink(buf);
	}
	show_space("emptied");
	CALL("umount counted", umount("m"));
	CALL("gone counted", rmdir("m"));
}

/* ---- what is written while there turns out to be no room ---- */

#define PUNCHES 1500

static int written;

static void *allocate_in_vain(void *arg)
{
	int fd = *(int *)arg;

	while (!__atomic_load_n(&written, __ATOMIC_ACQUIRE))
		fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, 100 * 4096);
	return NULL;
}

/* Of a file that is mapped meanwhile, in a tmpfs of 64 pages. */
static void no_room(void)
{
	volatile char *p;
	int fd, lost = 0;
	pthread_t t;

	mkdir("m", 0755);
	mount("none", "m", "tmpfs", 0, "size=256k");
	fd = open("m/file", O_CREAT | O_RDWR, 0600);
	CALL("size", ftruncate(fd, 40 * 4096));
	CALL("no room", fallocate(fd, 0, 0, 100 * 4096));
	p = mmap(NULL, 40 * 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	pthread_create(&t, NULL, allocate_in_vain, &fd);
	for (int i = 0; i < PUNCHES; i++) {
		int page = i % 40 * 4096;

		fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, page,
			  4096);
		sched_yield();
		p[page] = 'x';
		sched_yield();
		lost += p[page] != 'x';
	}
	__atomic_store_n(&written, 1, __ATOMIC_RELEASE);
	pthread_join(t, NULL);
	show("lost", "%d", lost);
	munmap((void *)p, 40 * 4096);
	close(fd);
	CALL("umount with room", umount("m"));
	CALL("gone with room", rmdir("m"));
}

/* A mount goes at the second call, if nobody has used it since the first. */
static void expiring(void)
{
	struct stat st;
	int fd;

	mkdir("m", 0755);
	mount("none", "m", "tmpfs", 0, "");
	close(open("m/file", O_CREAT | O_RDWR, 0600));
	CALL("expire and force", umount2("m", MNT_EXPIRE | MNT_FORCE));
	CALL("expire and detach", umount2("m", MNT_EXPIRE | MNT_DETACH));
	CALL("of nothing", umount2("none", MNT_EXPIRE | MNT_DETACH));
	CALL("unknown flag", umount2("none", 0x100));
	CALL("no mount", umount2("m/file", MNT_EXPIRE));
	CALL("the root", umount2("/", MNT_EXPIRE));
	fd = open("m/file", O_RDWR);
	CALL("expire busy", umount2("m", MNT_EXPIRE));
	CALL("still busy", umount2("m", MNT_EXPIRE));
	close(fd);
	CALL("mark", umount2("m", MNT_EXPIRE));
	CALL("busy again", (fd = open("m/file", O_RDWR)) < 0);
	CALL("in use", umount2("m", MNT_EXPIRE));
	close(fd);
	CALL("mark after use", umount2("m", MNT_EXPIRE));
	CALL("a look", stat("m/file", &st));
	CALL("mark after a look", umount2("m", MNT_EXPIRE));
	CALL("a look in vain", stat("m/none", &st));
	CALL("mark after that", umount2("m", MNT_EXPIRE));
	CALL("the mount itself", stat("m", &st));
	CALL("mark after it", umount2("m", MNT_EXPIRE));
	/* The list of mounts is no use of them. */
	fd = open("/proc/self/mountinfo", O_RDONLY);
	while (read(fd, buf, sizeof(buf)) > 0)
		;
	close(fd);
	sync();
	CALL("a try to mount", mount("none", "m", "nofs", 0, ""));
	CALL("mark after a try", umount2("m", MNT_EXPIRE));
	mkdir("m/d", 0700);
	mount("none", "m/d", "tmpfs", 0, "");
	CALL("one below", umount2("m", MNT_EXPIRE));
	CALL("unmount below", umount("m/d"));
	CALL("mark again", umount2("m", MNT_EXPIRE));
	CALL("expired", umount2("m", MNT_EXPIRE));
	CALL("gone", open("m/file", O_RDONLY));
	mount("none", "m", "tmpfs", 0, "");
	CALL("mark another", umount2("m", MNT_EXPIRE));
	CALL("plainly", umount("m"));
	CALL("expired is gone", rmdir("m"));
}

/* ---- nobody who reads the list of mounts has one in use ---- */

#define UNMOUNTS 1500

static int listed;

static void *list_mounts(void *arg)
{
	char text[4096];

	while (!__atomic_load_n(&listed, __ATOMIC_ACQUIRE)) {
		int fd = open("/proc/self/mounts", O_RDONLY);

		while (read(fd, text, sizeof(text)) > 0)
			;
		close(fd);
		sync();
	}
	return NULL;
}

static void listing(void)
{
	int busy = 0;
	pthread_t t;

	mkdir("m", 0755);
	pthread_create(&t, NULL, list_mounts, NULL);
	for (int i = 0; i < UNMOUNTS; i++) {
		mount("none", "m", "tmpfs", 0, "");
		if (umount("m")) {
			busy++;
			umount2("m", MNT_DETACH);
		}
	}
	__atomic_store_n(&listed, 1, __ATOMIC_RELEASE);
	pthread_join(t, NULL);
	show("unmounted while listed", "%d failed", busy);
	CALL("nothing in use", rmdir("m"));
}

/* A socket has its name, and so the file system, in use. */
static void bound_socket(void)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX, .sun_path = "m/socket"};
	int s = socket(AF_UNIX, SOCK_STREAM, 0);

	mkdir("m", 0755);
	mount("none", "m", "tmpfs", 0, "");
	CALL("bind", bind(s, (struct sockaddr *)&a, sizeof(a)));
	CALL("bound", umount("m"));
	CALL("unlink", unlink(a.sun_path));
	CALL("still bound", umount("m"));
	close(s);
	CALL("closed", umount("m"));
	s = socket(AF_UNIX, SOCK_STREAM, 0);
	mount("none", "m", "tmpfs", 0, "");
	bind(s, (struct sockaddr *)&a, sizeof(a));
	CALL("lazily", umount2("m", MNT_DETACH));
	CALL("the socket stays", listen(s, 1));
	close(s);
	CALL("gone", rmdir("m"));
}

/* The error is EINVAL in older Linux, ENOENT in newer. */
static const char *refused(const char *at)
{
	if (!mount("none", at, "tmpfs", 0, ""))
		return "done";
	return errno == EINVAL || errno == ENOENT ? "refused" : strerror(errno);
}

/* What is out of the tree takes no more mounts. */
static void on_detached(void)
{
	int home = open(".", O_PATH | O_DIRECTORY);

	mkdir("m", 0755);
	mount("none", "m", "tmpfs", 0, "");
	CALL("go there", chdir("m"));
	mkdir("d", 0755);
	CALL("detach", umount2(".", MNT_DETACH));
	show("mount below", "%s", refused("d"));
	show("mount on it", "%s", refused("."));
	CALL("unmount it", umount("."));
	CALL("come back", fchdir(home));
	CALL("nothing left", rmdir("m"));
	close(home);
}

/* ---- unmounted while names in it are looked up, and forgotten ---- */

#define ROUNDS 150

static int done;

/* A link leads out of the file system that goes meanwhile. */
static void *follow(void *arg)
{
	struct stat st;

	while (!__atomic_load_n(&done, __ATOMIC_ACQUIRE)) {
		stat("m/out/no-such-name", &st);
		stat("m/d/../d/no-such-name", &st);
	}
	return NULL;
}

/* More names that are not there than are kept. */
static void *crowd(void *arg)
{
	struct stat st;
	char name[32];

	for (unsigned i = 0; !__atomic_load_n(&done, __ATOMIC_ACQUIRE); i++) {
		snprintf(name, sizeof(name), "no-%u", i);
		stat(name, &st);
	}
	return NULL;
}

static void come_and_go(void)
{
	pthread_t t[2];
	int failed = 0;

	mkdir("m", 0755);
	pthread_create(&t[0], NULL, follow, NULL);
	pthread_create(&t[1], NULL, crowd, NULL);
	for (int i = 0; i < ROUNDS; i++) {
		if (mount("none", "m", "tmpfs", 0, ""))
			failed++;
		mkdir("m/d", 0755);
		symlink(DIR_, "m/out");
		for (int k = 0; k < 50; k++) {
			snprintf(buf, 32, "m/d/%d", k);
			close(open(buf, O_CREAT | O_RDWR, 0600));
		}
		if (umount2("m", i % 2 ? MNT_DETACH : 0)) {
			if (errno != EBUSY || umount2("m", MNT_DETACH))
				failed++;
		}
	}
	__atomic_store_n(&done, 1, __ATOMIC_RELEASE);
	pthread_join(t[0], NULL);
	pthread_join(t[1], NULL);
	show("come and go", "%d failed", failed);
	CALL("all are gone", rmdir("m"));
}

int main(int argc, char **argv)
{
	/* On Linux (an argument says so) mounts are for this program alone. */
	if (argc > 1 && (unshare(CLONE_NEWNS) ||
			 mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL)))
		return 1;
	mkdir(DIR_, 0755);
	if (chdir(DIR_))
		return 1;
	umask(022);
	mounting();
	counting();
	no_room();
	expiring();
	listing();
	bound_socket();
	on_detached();
	come_and_go();
	CALL("leave", chdir("/"));
	CALL("all clean", rmdir(DIR_));
	return 0;
}
