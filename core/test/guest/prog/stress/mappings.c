/* Files in memory: what is written one way is read by all others. */
#include "stress.h"
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define RW (PROT_READ | PROT_WRITE)
#define PAGES 32

int touch(volatile char *p, bool write); /* memory.c */

static char *map(int fd, size_t pages, int prot, int flags)
{
	char *p = mmap(NULL, pages * PAGE, prot, flags, fd, 0);

	must(p != MAP_FAILED);
	return p;
}

/* Write a page by a call or through the mapping; look at it from all sides. */
static void write_page(struct worker *w, int fd, char *a, char *b, unsigned i)
{
	uint64_t key = next_random(&w->random);
	char buf[PAGE];

	pattern(key, 0, buf, PAGE);
	if (draw(w, 2))
		must(again(pwrite(fd, buf, PAGE, i * PAGE)) == PAGE);
	else
		memcpy(a + i * PAGE, buf, PAGE);
	must(!memcmp(b + i * PAGE, buf, PAGE));
	must(!memcmp(a + i * PAGE, buf, PAGE));
	memset(buf, 0, PAGE);
	must(again(pread(fd, buf, PAGE, i * PAGE)) == PAGE);
	must(is_pattern(key, 0, buf, PAGE));
}

/* What lies beyond a file's end is not there, and zero when the end moves. */
static void cut(struct worker *w, int fd, char *a, unsigned pages)
{
	unsigned i = draw(w, pages);
	struct stat st;

	must(!ftruncate(fd, i * PAGE));
	must(!fstat(fd, &st) && st.st_size == (off_t)(i * PAGE));
	must(touch(a + i * PAGE, draw(w, 2)) == SIGBUS);
	must(!ftruncate(fd, pages * PAGE));
	for (; i < pages; i++)
		must(!a[i * PAGE] && !a[i * PAGE + PAGE - 1]);
}

static void punch(struct worker *w, int fd, char *a, unsigned pages)
{
	unsigned i = draw(w, pages);

	must(!fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
			i * PAGE, PAGE));
	must(!a[i * PAGE] && !a[i * PAGE + PAGE - 1]);
}

static void mapping(struct worker *w)
{
	unsigned pages = between(w, 1, PAGES);
	char name[64], *a, *b, *private;
	bool early;
	int fd = draw(w, 2) ? memfd_create("stress", MFD_CLOEXEC)
			    : open(file_name(w, name, "mapped"),
				   O_RDWR | O_CREAT, 0600);

	must(fd >= 0);
	(void)unlink(file_name(w, name, "mapped"));
	must(!ftruncate(fd, pages * PAGE));
	a = map(fd, pages, RW, MAP_SHARED);
	b = map(fd, pages, PROT_READ, MAP_SHARED);
	private = map(fd, pages, RW, MAP_PRIVATE);
	private[0] = 'p';
	for (unsigned step = between(w, 1, 16); step; step--) {
		unsigned what = draw(w, 8);

		if (what == 0)
			cut(w, fd, a, pages);
		else if (what == 1)
			punch(w, fd, a, pages);
		else
			write_page(w, fd, a, b, draw(w, pages));
		if (!draw(w, 8))
			must(!msync(a, pages * PAGE, MS_SYNC));
	}
	must(!munmap(private, pages * PAGE));
	early = draw(w, 2);
	if (early)
		must(!close(fd));
	must(!munmap(a, pages * PAGE));
	must(!munmap(b, pages * PAGE));
	if (!early)
		must(!close(fd));
}

/* ---- a large file that fills memory; every page says which one it is ---- */

static void check_disk_page(const char *p, uint64_t nr)
{
	for (size_t i = 0; i < PAGE; i += 8)
		must(!memcmp(p + i, &nr, 8));
}

static void disk(struct worker *w)
{
	char buf[4 * PAGE], *p;
	struct stat st;
	uint64_t pages;
	int fd;

	if (!disk_file)
		return;
	fd = open(disk_file, O_RDONLY);
	must(fd >= 0 && !fstat(fd, &st));
	pages = (uint64_t)st.st_size / PAGE;
	if (draw(w, 2)) {
		p = map(fd, pages, PROT_READ, draw(w, 2) ? MAP_SHARED
							 : MAP_PRIVATE);
		for (unsigned n = 16; n; n--) {
			uint64_t i = draw(w, (unsigned)pages);

			check_disk_page(p + i * PAGE, i);
		}
		must(!munmap(p, pages * PAGE));
	} else {
		for (unsigned n = 8; n; n--) {
			uint64_t i = draw(w, (unsigned)pages - 3);

			must(again(pread(fd, buf, sizeof(buf),
					 (off_t)(i * PAGE))) == sizeof(buf));
			for (unsigned k = 0; k < 4; k++)
				check_disk_page(buf + k * PAGE, i + k);
		}
	}
	close(fd);
}

const struct op mapping_ops[] = {
	{"mapping", mapping}, {"disk", disk}, {0},
};
