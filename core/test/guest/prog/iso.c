/* An ISO 9660 image with Rock Ridge: the tree below the directory argv[1]. */
#include "check.h"
#include <dirent.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *top;

static int order(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static void file(const char *path)
{
	static char buf[10000];
	unsigned h = 2166136261u;
	struct stat st;
	int fd = open(path, O_RDONLY);
	ssize_t n;
	char *m;

	fstat(fd, &st);
	while ((n = read(fd, buf, sizeof(buf))) > 0)
		h = h * 31 + hash(buf, (size_t)n);
	show(path + strlen(top), "size %ld hash %x", (long)st.st_size, h);
	if (st.st_size) {
		m = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
		show("mapped", "%x", m == MAP_FAILED ? 0 : hash(m, (size_t)st.st_size));
		munmap(m, (size_t)st.st_size);
	}
	close(fd);
}

/* Where genisoimage moves directories that are too deep; Linux shows it, too. */
static int wanted(const struct dirent *d)
{
	return strcmp(d->d_name, "rr_moved") != 0;
}

static void tree(const char *path)
{
	struct dirent **list;
	int n = scandir(path, &list, wanted, order);
	char sub[4096], target[1024];
	struct stat st;

	show(path + strlen(top), "%d entries", n);
	for (int i = 0; i < n; i++) {
		const char *name = list[i]->d_name;

		if (!strcmp(name, ".") || !strcmp(name, ".."))
			continue;
		snprintf(sub, sizeof(sub), "%s/%s", path, name);
		lstat(sub, &st);
		if (S_ISLNK(st.st_mode)) {
			ssize_t len = readlink(sub, target, sizeof(target));

			show(sub + strlen(top), "-> %.*s", (int)len, target);
		} else if (S_ISDIR(st.st_mode)) {
			tree(sub);
		} else {
			file(sub);
		}
	}
}

int main(int argc, char **argv)
{
	top = argv[1];
	if (chdir(top))
		return 1;
	tree(top);
	CALL("missing", open("nothing", O_RDONLY));
	CALL("through a link", close(open("link-to-dir/inner.txt", O_RDONLY)));
	CALL("not a directory", open("empty/x", O_RDONLY));
	return 0;
}
