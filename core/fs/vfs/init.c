/* Start-up: the root file system, and what belongs on it. */
#include "kernelfile.h"
#include "private.h"

/* What is mounted where if it is baked in. */
static const struct {
	const char *type, *point;
	u64 flags;
} standard[] = {
	{"devtmpfs", "/dev", MS_NOSUID},
	{"proc", "/proc", MS_NOSUID | MS_NODEV | MS_NOEXEC},
	{"sysfs", "/sys", MS_NOSUID | MS_NODEV | MS_NOEXEC},
};

static void mount_standard(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(standard); i++) {
		const char *type = standard[i].type;
		int err;

		if (!fs_type_find(type))
			continue;
		err = kernel_mount(type, standard[i].point, type,
				   standard[i].flags, "");
		if (err)
			panic("cannot mount %s: error %d", type, -err);
	}
}

static void vfs_init(void)
{
	int err;

	dcache_init();
	mounts_init();
	err = vfs_mount("tmpfs", NULL, "tmpfs", 0, "mode=755");
	if (err)
		panic("no root file system: error %d", -err);
	mount_standard();
	err = kernel_mkdir_p("/tmp", 01777);
	if (err)
		panic("cannot make /tmp: error %d", -err);
}
INITCALL(INIT_CORE, vfs_init);
