/* Files and names: what was written is there, until it is removed. */
#include "stress.h"
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_SIZE 30000

struct copy {
	int fd;
	size_t size;
	char data[MAX_SIZE];
};

static void write_some(struct worker *w, struct copy *c)
{
	size_t at = draw(w, MAX_SIZE), n = between(w, 1, MAX_SIZE - at);

	pattern(w->random, 0, c->data + at, n);
	must(again(pwrite(c->fd, c->data + at, n, (off_t)at)) == (ssize_t)n);
	if (at + n > c->size)
		c->size = at + n;
}

static void read_some(struct worker *w, struct copy *c)
{
	static _Thread_local char buf[MAX_SIZE];
	size_t at = draw(w, MAX_SIZE), n = between(w, 1, MAX_SIZE), want;

	want = at >= c->size ? 0 : c->size - at < n ? c->size - at : n;
	must(again(pread(c->fd, buf, n, (off_t)at)) == (ssize_t)want);
	must(!memcmp(buf, c->data + at, want));
}

static void resize(struct worker *w, struct copy *c)
{
	size_t size = draw(w, MAX_SIZE);

	must(!ftruncate(c->fd, (off_t)size));
	if (size < c->size)
		memset(c->data + size, 0, c->size - size);
	c->size = size;
}

static void allocate(struct worker *w, struct copy *c)
{
	size_t at = draw(w, MAX_SIZE), n = between(w, 1, MAX_SIZE - at);
	bool punch = draw(w, 2);

	must(!fallocate(c->fd, punch ? FALLOC_FL_PUNCH_HOLE |
			FALLOC_FL_KEEP_SIZE : 0, (off_t)at, (off_t)n));
	if (punch)
		memset(c->data + at, 0, n);
	else if (at + n > c->size)
		c->size = at + n;
}

static void file(struct worker *w)
{
	static _Thread_local struct copy c;
	char name[64], other[64];
	struct stat st;

	memset(&c, 0, sizeof(c));
	c.fd = open(file_name(w, name, "a"), O_RDWR | O_CREAT | O_EXCL, 0600);
	must(c.fd >= 0);
	for (unsigned step = between(w, 1, 16); step; step--) {
		switch (draw(w, 6)) {
		case 0: case 1: write_some(w, &c); break;
		case 2: resize(w, &c); break;
		case 3: allocate(w, &c); break;
		default: read_some(w, &c);
		}
		must(!fstat(c.fd, &st) && (size_t)st.st_size == c.size);
	}
	must(!rename(name, file_name(w, other, "b")));
	must(open(name, O_RDONLY) == -1 && errno == ENOENT);
	must(!link(other, name) && !stat(name, &st) && st.st_nlink == 2);
	must(!unlink(other) && !unlink(name));
	must(!fstat(c.fd, &st) && !st.st_nlink);
	read_some(w, &c);
	close(c.fd);
}

/* ---- many names in one directory, which others change meanwhile ---- */

static unsigned count_own(const char *dir, const char *own)
{
	unsigned n = 0;
	DIR *d = opendir(dir);
	struct dirent *e;

	must(d);
	while ((e = readdir(d)))
		n += !strncmp(e->d_name, own, strlen(own));
	closedir(d);
	return n;
}

static void names(struct worker *w)
{
	char own[64], name[80], moved[80];
	unsigned n = between(w, 1, 30);

	file_name(w, own, "n");
	for (unsigned i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "%s%u", own, i);
		must(i % 3 ? !mkdir(name, 0700) : !symlink(own, name));
	}
	must(count_own(".", own) == n);
	for (unsigned i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "%s%u", own, i);
		snprintf(moved, sizeof(moved), "%s-%u", own, i);
		must(!rename(name, moved));
	}
	must(count_own(".", own) == n);
	for (unsigned i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "%s-%u", own, i);
		must(i % 3 ? !rmdir(name) : !unlink(name));
	}
	must(!count_own(".", own));
}

/* ---- a file that everybody appends to, one at a time ---- */

static void append(struct worker *w)
{
	/* Two kinds of locks, unknown to each other: a file for each. */
	static unsigned inside[2]; /* atomic */
	unsigned how = draw(w, 2);
	struct flock l = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	struct stat before, after;
	int fd = open(how ? "flocked" : "locked",
		      O_RDWR | O_CREAT | O_APPEND, 0600);

	must(fd >= 0);
	must(!(how ? again(flock(fd, LOCK_EX))
		   : again(fcntl(fd, F_OFD_SETLKW, &l))));
	must(__atomic_add_fetch(&inside[how], 1, __ATOMIC_SEQ_CST) == 1);
	must(!fstat(fd, &before));
	write_all(fd, "record", 6);
	dawdle(w);
	must(!fstat(fd, &after) && after.st_size == before.st_size + 6);
	if (after.st_size > 60000)
		must(!ftruncate(fd, 0));
	must(__atomic_sub_fetch(&inside[how], 1, __ATOMIC_SEQ_CST) == 0);
	close(fd); /* gives the lock back */
}

/* They are there from the beginning, so that no round leaves them. */
void file_begin(void)
{
	close(creat("locked", 0600));
	close(creat("flocked", 0600));
}

void file_end(void)
{
	must(!unlink("locked") && !unlink("flocked"));
}

const struct op file_ops[] = {
	{"file", file}, {"names", names}, {"locked-file", append}, {0},
};
