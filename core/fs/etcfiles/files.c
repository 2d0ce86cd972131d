/*
 * What programs expect to find in /etc, and the directories that they expect to
 * be there.  The texts are the files under data/.
 */
#include "config.h"
#include "kernelfile.h"
#include "linkset.h"
#include "log.h"
#include "path.h"
#include "string.h"
#include <linux/fcntl.h>

/* The bytes of data/file, between name and name_end. */
#define EMBED(name, file)                                                      \
	__asm__(".section .rodata." #name ",\"a\"\n"                           \
		".hidden " #name "\n.hidden " #name "_end\n"                   \
		".global " #name "\n.global " #name "_end\n" #name ":\n"       \
		".incbin \"" file "\"\n" #name "_end:\n.byte 0\n.previous\n"); \
	extern const char name[], name##_end[]

EMBED(etc_passwd, "passwd");
EMBED(etc_group, "group");
EMBED(etc_hosts, "hosts");
EMBED(etc_nsswitch, "nsswitch.conf");
EMBED(etc_services, "services");
EMBED(etc_protocols, "protocols");
EMBED(etc_os_release, "os-release");
EMBED(etc_shells, "shells");

static const struct {
	const char *path, *start, *end;
} files[] = {
	{"/etc/passwd", etc_passwd, etc_passwd_end},
	{"/etc/group", etc_group, etc_group_end},
	{"/etc/hosts", etc_hosts, etc_hosts_end},
	{"/etc/nsswitch.conf", etc_nsswitch, etc_nsswitch_end},
	{"/etc/services", etc_services, etc_services_end},
	{"/etc/protocols", etc_protocols, etc_protocols_end},
	{"/etc/os-release", etc_os_release, etc_os_release_end},
	{"/etc/shells", etc_shells, etc_shells_end},
};

static const struct {
	const char *path;
	u32 mode;
} directories[] = {
	{"/etc", 0755},	      {"/home", 0755},	   {"/root", 0700},
	{"/run", 0755},	      {"/usr/bin", 0755},  {"/usr/share", 0755},
	{"/var/cache", 0755}, {"/var/lib", 0755},  {"/var/log", 0755},
	{"/var/spool", 0755}, {"/var/tmp", 01777},
};

/*
 * Universal time as a file of time zone data: RFC 8536.  The version 1 block
 * (section 3.1: one type, four bytes of designations) is followed by the same
 * in version 2, and the footer (section 3.3).
 */
#define TZIF_BLOCK                                                             \
	"TZif2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"                               \
	"\0\0\0\0\0\0\0\0"     /* no UT, standard indicators */            \
	"\0\0\0\0\0\0\0\0"     /* no leap seconds, transitions */          \
	"\0\0\0\1\0\0\0\4"     /* types, bytes of designations */          \
	"\0\0\0\0\0\0UTC\0"   /* offset 0, no DST, index 0 */

static const char localtime[] = TZIF_BLOCK TZIF_BLOCK "\nUTC0\n";
_Static_assert(sizeof(localtime) - 1 == 2 * 54 + 6, "RFC 8536, 3.1 to 3.3");

static void must(int err, const char *what)
{
	if (err)
		panic("cannot make %s: error %d", what, -err);
}

/* mkdir takes no set-id bits but takes the sticky one. */
static void make_directories(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(directories); i++)
		must(kernel_mkdir_p(directories[i].path, directories[i].mode),
		     directories[i].path);
	must(vfs_symlink("/run", AT_FDCWD, "/var/run"), "/var/run");
	must(vfs_symlink("/proc/self/mounts", AT_FDCWD, "/etc/mtab"),
	     "/etc/mtab");
}

static void write_hostname(void)
{
	const char *name = json_get_string(config(), "hostname");
	char line[256];
	int n = ksnprintf(line, sizeof(line), "%s\n", name ? name : "rumprun");

	n = MIN(n, (int)sizeof(line) - 1);
	must(kernel_write_file("/etc/hostname", line, (size_t)n, 0644),
	     "/etc/hostname");
}

static void etcfiles_init(void)
{
	make_directories();
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		must(kernel_write_file(files[i].path, files[i].start,
				       (size_t)(files[i].end - files[i].start),
				       0644),
		     files[i].path);
	must(kernel_write_file("/etc/localtime", localtime,
			       sizeof(localtime) - 1, 0644),
	     "/etc/localtime");
	/* Name servers come with the network's configuration. */
	must(kernel_write_file("/etc/resolv.conf", "", 0, 0644),
	     "/etc/resolv.conf");
	write_hostname();
}
INITCALL(INIT_FS, etcfiles_init);
