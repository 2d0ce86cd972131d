#include "block.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "iso9660.h"

/*
 * A path may contain commas: what is there as a whole is the image; otherwise
 * the last comma that a slash follows begins the mount point.
 */
static void split(struct block *b, const char *arg)
{
	const char *comma = NULL;
	size_t len;

	if (access(arg, F_OK) < 0)
		for (const char *s = arg; (s = strchr(s, ',')) != NULL; s++)
			if (s[1] == '/')
				comma = s;
	if (comma == NULL) {
		b->path = xstrdup(arg);
		len = strlen(arg);
		/* "IMAGE,": the documents write it so for no mount point. */
		if (len > 1 && arg[len - 1] == ',' && access(arg, F_OK) < 0)
			b->path[len - 1] = '\0';
	} else {
		b->path = xstrndup(arg, (size_t)(comma - arg));
		b->mountpoint = xstrdup(comma + 1);
	}
}

static bool check_mountpoint(const char *m, char **why)
{
	if (strcmp(m, "/") == 0)
		return fail(why, "nothing can be mounted on /");
	for (const char *s = m; (s = strstr(s, "/..")) != NULL; s += 3)
		if (s[3] == '\0' || s[3] == '/')
			return fail(why, "the mount point %s has .. in it", m);
	return true;
}

static bool named_iso(const char *path)
{
	size_t n = strlen(path);

	return n > 4 && strcasecmp(path + n - 4, ".iso") == 0;
}

static bool check_iso(struct block *b, int fd, uint64_t size, char **why)
{
	uint64_t volume;

	switch (iso9660_check(fd, size, &volume)) {
	case ISO_WHOLE:
		b->readonly = true;
		return true;
	case ISO_TRUNCATED:
		return fail(why,
			    "image %s is truncated: the ISO 9660 file system "
			    "in it has %" PRIu64 " bytes, the file %" PRIu64,
			    b->path, volume, size);
	case ISO_DAMAGED:
		return fail(why,
			    "the ISO 9660 file system in image %s is "
			    "damaged",
			    b->path);
	case ISO_NONE:
		break;
	}
	return !named_iso(b->path) ||
	       fail(why,
		    "image %s holds no ISO 9660 file system (is it "
		    "truncated?)",
		    b->path);
}

static bool look(struct block *b, int fd, char **why)
{
	struct stat st;
	off_t size;

	if (fstat(fd, &st) < 0)
		return fail(why, "cannot look at image %s: %s", b->path,
			    strerror(errno));
	if (!S_ISREG(st.st_mode) && !S_ISBLK(st.st_mode))
		return fail(why, "image %s is %s", b->path,
			    S_ISDIR(st.st_mode)
				    ? "a directory"
				    : "neither a file nor a block device");
	b->device = S_ISBLK(st.st_mode);
	size = lseek(fd, 0, SEEK_END);
	if (size == 0)
		return fail(why, "image %s is empty", b->path);
	if (size < 0)
		return fail(why, "cannot read image %s: %s", b->path,
			    strerror(errno));
	/* Root may write everything; a file that nobody may write is meant so.
	 */
	b->readonly = access(b->path, W_OK) < 0 || (st.st_mode & 0222) == 0;
	return check_iso(b, fd, (uint64_t)size, why);
}

bool block_parse(struct block *b, const char *arg, char **why)
{
	bool ok;
	int fd;

	*b = (struct block){0};
	split(b, arg);
	if (b->mountpoint != NULL && !check_mountpoint(b->mountpoint, why))
		return false;
	fd = open(b->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return fail(why, "cannot open image %s: %s", b->path,
			    strerror(errno));
	ok = look(b, fd, why);
	close(fd);
	return ok;
}

void block_free(struct block *b)
{
	free(b->path);
	free(b->mountpoint);
	*b = (struct block){0};
}
