/* /proc/sys and /proc/rumprun. */
#include "private.h"
#include "random.h"
#include "utsname.h"
#include <linux/capability.h>

/* ---- /proc/sys/kernel ---- */

static void show_hostname(struct text *t, const struct proc_ctx *c)
{
	char name[HOSTNAME_MAX + 1];

	hostname_get(name, false);
	text_add(t, "%s\n", name);
}

static int store_hostname(const struct proc_ctx *c, char *s, size_t n)
{
	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	while (n && (s[n - 1] == '\n' || s[n - 1] == '\0'))
		n--;
	hostname_set(s, n, false);
	return 0;
}

static void show_domainname(struct text *t, const struct proc_ctx *c)
{
	char name[HOSTNAME_MAX + 1];

	hostname_get(name, true);
	text_add(t, "%s\n", name);
}

static void show_ostype(struct text *t, const struct proc_ctx *c)
{
	text_add(t, "%s\n", UTS_SYSNAME);
}

static void show_osrelease(struct text *t, const struct proc_ctx *c)
{
	text_add(t, "%s\n", UTS_RELEASE);
}

static void show_osversion(struct text *t, const struct proc_ctx *c)
{
	text_add(t, "%s\n", UTS_VERSION);
}

/* RFC 4122, 4.4: a random UUID. */
static void random_uuid(u8 u[16])
{
	random_bytes(u, 16);
	u[6] = (u[6] & 0x0f) | 0x40;
	u[8] = (u[8] & 0x3f) | 0x80;
}

static void show_bytes(struct text *t, const u8 u[16])
{
	for (int i = 0; i < 16; i++)
		text_add(t, i == 4 || i == 6 || i == 8 || i == 10 ? "-%02x"
								  : "%02x",
			 u[i]);
	text_add(t, "\n");
}

static void show_uuid(struct text *t, const struct proc_ctx *c)
{
	u8 u[16];

	random_uuid(u);
	show_bytes(t, u);
}

static void show_boot_id(struct text *t, const struct proc_ctx *c)
{
	static struct mutex lock = MUTEX_INIT(lock);
	static u8 id[16]; /* lock */
	static bool made; /* lock */

	mutex_lock(&lock);
	if (!made)
		random_uuid(id);
	made = true;
	mutex_unlock(&lock);
	show_bytes(t, id);
}

static void show_entropy(struct text *t, const struct proc_ctx *c)
{
	text_add(t, "%d\n", random_ready() ? 256 : 0);
}

static void show_poolsize(struct text *t, const struct proc_ctx *c)
{
	text_add(t, "256\n");
}

/* Ids are positive ints; Linux' limit on 64-bit machines. */
static void show_pid_max(struct text *t, const struct proc_ctx *c)
{
	text_add(t, "4194304\n");
}

static void show_threads_max(struct text *t, const struct proc_ctx *c)
{
	struct memory_stats m;

	/* As many as would fill an eighth of memory with their stacks. */
	memory_stats(&m);
	text_add(t, "%lu\n", m.total * PAGE_SIZE / 8 / KSTACK_SIZE);
}

/* Addresses are chosen at random for programs, heaps included. */
static void show_randomize(struct text *t, const struct proc_ctx *c)
{
	text_add(t, "2\n");
}

static void show_cap_last(struct text *t, const struct proc_ctx *c)
{
	text_add(t, "%d\n", CAP_LAST_CAP);
}

static void show_ngroups(struct text *t, const struct proc_ctx *c)
{
	text_add(t, "%zu\n", ARRAY_SIZE(((struct process *)0)->groups));
}

static const struct proc_entry random_children[] = {
	{.name = "boot_id", .mode = PROC_FILE, .show = show_boot_id},
	{.name = "entropy_avail", .mode = PROC_FILE, .show = show_entropy},
	{.name = "poolsize", .mode = PROC_FILE, .show = show_poolsize},
	{.name = "uuid", .mode = PROC_FILE, .show = show_uuid},
	{0},
};

static const struct proc_entry kernel_children[] = {
	{.name = "cap_last_cap", .mode = PROC_FILE, .show = show_cap_last},
	{.name = "domainname", .mode = PROC_FILE, .show = show_domainname},
	{.name = "hostname", .mode = S_IFREG | 0644, .show = show_hostname,
	 .store = store_hostname},
	{.name = "ngroups_max", .mode = PROC_FILE, .show = show_ngroups},
	{.name = "osrelease", .mode = PROC_FILE, .show = show_osrelease},
	{.name = "ostype", .mode = PROC_FILE, .show = show_ostype},
	{.name = "pid_max", .mode = PROC_FILE, .show = show_pid_max},
	{.name = "random", .mode = PROC_DIR, .children = random_children},
	{.name = "randomize_va_space", .mode = PROC_FILE,
	 .show = show_randomize},
	{.name = "threads-max", .mode = PROC_FILE, .show = show_threads_max},
	{.name = "version", .mode = PROC_FILE, .show = show_osversion},
	{0},
};

/* ---- /proc/sys/vm, net, fs ---- */

/* Heuristic: what is obviously too much is refused. */
static void show_overcommit(struct text *t, const struct proc_ctx *c)
{
	text_add(t, "0\n");
}

static void show_max_map_count(struct text *t, const struct proc_ctx *c)
{
	text_add(t, "65530\n");
}

static void show_mmap_min(struct text *t, const struct proc_ctx *c)
{
	text_add(t, "%lu\n", (u64)PROGRAM_START);
}

static void show_swappiness(struct text *t, const struct proc_ctx *c)
{
	text_add(t, "0\n");
}

static void show_somaxconn(struct text *t, const struct proc_ctx *c)
{
	text_add(t, "4096\n");
}

/* A file needs about a KiB; a tenth of memory, as on Linux. */
static void show_file_max(struct text *t, const struct proc_ctx *c)
{
	struct memory_stats m;

	memory_stats(&m);
	text_add(t, "%lu\n", MAX(m.total * PAGE_SIZE / 1024 / 10, 8192ul));
}

static void show_nr_open(struct text *t, const struct proc_ctx *c)
{
	text_add(t, "1048576\n");
}

static void show_pipe_max(struct text *t, const struct proc_ctx *c)
{
	text_add(t, "1048576\n");
}

static const struct proc_entry vm_children[] = {
	{.name = "max_map_count", .mode = PROC_FILE,
	 .show = show_max_map_count},
	{.name = "mmap_min_addr", .mode = PROC_FILE, .show = show_mmap_min},
	{.name = "overcommit_memory", .mode = PROC_FILE,
	 .show = show_overcommit},
	{.name = "swappiness", .mode = PROC_FILE, .show = show_swappiness},
	{0},
};

static const struct proc_entry net_core_children[] = {
	{.name = "somaxconn", .mode = PROC_FILE, .show = show_somaxconn},
	{0},
};

static const struct proc_entry net_children[] = {
	{.name = "core", .mode = PROC_DIR, .children = net_core_children},
	{0},
};

static const struct proc_entry fs_children[] = {
	{.name = "file-max", .mode = PROC_FILE, .show = show_file_max},
	{.name = "nr_open", .mode = PROC_FILE, .show = show_nr_open},
	{.name = "pipe-max-size", .mode = PROC_FILE, .show = show_pipe_max},
	{0},
};

const struct proc_entry proc_sys_children[] = {
	{.name = "fs", .mode = PROC_DIR, .children = fs_children},
	{.name = "kernel", .mode = PROC_DIR, .children = kernel_children},
	{.name = "net", .mode = PROC_DIR, .children = net_children},
	{.name = "vm", .mode = PROC_DIR, .children = vm_children},
	{0},
};

/* ---- /proc/rumprun: the kernel's own figures, for tests ---- */

static void show_pages(struct text *t, const struct proc_ctx *c)
{
	struct memory_stats m;

	memory_stats(&m);
	text_add(t, "total %lu\nfree %lu\ncached %lu\nshared %lu\n", m.total,
		 m.free, m.cached, m.shared);
	text_add(t, "dirty %lu\nanon %lu\nslab %lu\ntables %lu\n", m.dirty,
		 m.anon, m.slab, m.tables);
	text_add(t, "low %lu\n", m.low_watermark);
}

const struct proc_entry proc_rumprun_children[] = {
	{.name = "pages", .mode = PROC_FILE, .show = show_pages},
	{0},
};
