/* /dev: a tmpfs with a node for each device in the image. */
#include "devfs.h"
#include "fs.h"
#include "fsfile.h"
#include "kernelfile.h"
#include "path.h"

LINKSET_DECLARE(chrdevs);

static int devfs_mount(struct superblock *sb, struct blkdev *dev,
		       const char *options)
{
	const struct fs_type *tmpfs = fs_type_find("tmpfs");

	if (!tmpfs)
		return -ENODEV;
	return tmpfs->mount(sb, dev, *options ? options : "mode=755");
}

static const struct fs_type devfs_type = {
	.name = "devtmpfs",
	.mount = devfs_mount,
};
LINKSET(fstypes, devfs_type);

static void must(int err, const char *what)
{
	if (err)
		panic("/dev: cannot make %s: error %d", what, -err);
}

/* Where the paths of open files can be asked for, they say what 0 to 2 are. */
static void add_links(void)
{
	static const struct {
		const char *name, *proc, *plain;
	} links[] = {
		{"/dev/fd", "/proc/self/fd", NULL},
		{"/dev/stdin", "/proc/self/fd/0", "std/0"},
		{"/dev/stdout", "/proc/self/fd/1", "std/1"},
		{"/dev/stderr", "/proc/self/fd/2", "std/2"},
	};
	bool proc = fs_type_find("proc") != NULL;

	for (size_t i = 0; i < ARRAY_SIZE(links); i++) {
		const char *target = proc ? links[i].proc : links[i].plain;

		if (target)
			must(vfs_symlink(target, AT_FDCWD, links[i].name),
			     links[i].name);
	}
}

static void devfs_init(void)
{
	const struct chrdev *c;
	char path[40];

	must(kernel_mkdir_p("/dev/std", 0755), "std");
	LINKSET_FOREACH(chrdevs, c) {
		ksnprintf(path, sizeof(path), "/dev/%s", c->name);
		must(vfs_mknod(AT_FDCWD, path, S_IFCHR | c->mode,
			       dev_make(c->major, c->minor), NULL),
		     c->name);
	}
	add_links();
	must(kernel_mount("tmpfs", "/dev/shm", "tmpfs", MS_NOSUID | MS_NODEV,
			  ""),
	     "shm");
}
INITCALL(INIT_FS, devfs_init);
