/* What the configuration document wants mounted (core/PROTOCOL.md, 4). */
#include "log.h"
#include "private.h"
#include "config.h"
#include "kernelfile.h"

/* What an error number means to somebody who wrote a configuration. */
static const char *reason(int err)
{
	switch (-err) {
	case ENOENT:
		return "there is no such device";
	case ENODEV:
		return "no such file system is in this image";
	case EINVAL:
		return "it holds no file system that this image knows, or the "
		       "options are wrong";
	case EBUSY:
		return "the device is mounted already";
	case EIO:
		return "it cannot be read";
	case ENOMEM:
		return "there is not enough memory";
	case ENOTDIR:
		return "the mount point is not a directory";
	case EROFS:
		return "the mount point cannot be made on a read-only file "
		       "system";
	default:
		return NULL;
	}
}

static void mount_or_die(const char *source, const char *point,
			 const char *type, u64 flags, const char *options)
{
	int err = point[0] == '/' ? kernel_mount(source, point, type, flags,
						 options)
				  : -ENOTDIR;
	const char *why = reason(err);

	if (!err) {
		kdebug("%s is mounted at %s", source, point);
		return;
	}
	if (why)
		config_error("cannot mount %s at %s: %s", source, point, why);
	config_error("cannot mount %s at %s: error %d", source, point, -err);
}

/* Options that are flags of the mount, of those separated by commas. */
static u64 take_flags(const char *options, char *rest, size_t size)
{
	static const struct {
		const char *name;
		u64 flag;
	} known[] = {{"ro", MS_RDONLY},	    {"rw", 0},
		     {"nosuid", MS_NOSUID}, {"nodev", MS_NODEV},
		     {"noexec", MS_NOEXEC}, {"noatime", MS_NOATIME}};
	size_t used = 0;
	u64 flags = 0;

	*rest = '\0';
	while (*options) {
		size_t len = 0, i;

		while (options[len] && options[len] != ',')
			len++;
		for (i = 0; i < ARRAY_SIZE(known); i++)
			if (strlen(known[i].name) == len &&
			    !memcmp(known[i].name, options, len))
				break;
		if (i < ARRAY_SIZE(known)) {
			flags |= known[i].flag;
		} else if (len && used + len + 2 <= size) {
			used += (size_t)ksnprintf(rest + used, size - used,
						  "%s%.*s", used ? "," : "",
						  (int)len, options);
		}
		options += len;
		if (*options == ',')
			options++;
	}
	return flags;
}

static void mount_entry(const struct json *e, const char *source,
			const char *type)
{
	const char *point = json_get_string(e, "mountpoint");
	const char *options = json_get_string(e, "options");
	char rest[256];
	u64 flags = take_flags(options ? options : "", rest, sizeof(rest));

	mount_or_die(source, point, type, flags, rest);
}

static void mount_block(const struct json *e)
{
	const char *path = json_get_string(e, "path");
	const char *type = json_get_string(e, "fstype");

	if (!path)
		config_error("\"blk\": an entry has no \"path\"");
	/* Without a mount point it is only a device. */
	if (json_get_string(e, "mountpoint"))
		mount_entry(e, path, type ? type : "blk");
}

static void mount_other(const struct json *e)
{
	const char *source = json_get_string(e, "source");
	const char *type = json_get_string(e, "fstype");

	if (!source || !json_get_string(e, "mountpoint"))
		config_error("\"mount\": an entry needs \"source\" and "
			     "\"mountpoint\"");
	mount_entry(e, source, type ? type : source);
}

static void for_each(const char *key, void (*fn)(const struct json *e))
{
	const struct json *list = json_get(config(), key);

	if (!list || list->type != JSON_ARRAY)
		return;
	for (const struct json *e = list->child; e; e = e->next)
		fn(e);
}

static void config_mounts(void)
{
	if (block_add_nodes)
		block_add_nodes();
	for_each("blk", mount_block);
	for_each("mount", mount_other);
}
INITCALL(INIT_CONFIG, config_mounts);
