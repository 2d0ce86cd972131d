/* /proc itself: what is about the system, and a directory for each process. */
#include "private.h"
#include "socket.h"

LINKSET_DECLARE(proc_net);

/* ---- /proc/self, /proc/thread-self ---- */

static ssize_t self_link(const struct proc_ctx *c, char *buf)
{
	if (!current_process())
		return -ENOENT;
	return ksnprintf(buf, PATH_MAX, "%d", current_process()->pid);
}

static ssize_t thread_self_link(const struct proc_ctx *c, char *buf)
{
	if (!current_process())
		return -ENOENT;
	return ksnprintf(buf, PATH_MAX, "%d/task/%d", current_process()->pid,
			 current_thread()->tid);
}

/* ---- processes ---- */

static int pid_lookup(const struct proc_ctx *dir, const char *name, size_t len,
		      struct proc_ctx *out)
{
	struct process *p;
	int pid;

	if (!proc_number(name, len, &pid))
		return -ENOENT;
	p = process_find(pid);
	if (!p)
		return -ENOENT;
	process_put(p);
	out->entry = &proc_pid;
	out->pid = pid;
	out->tid = 0;
	return 0;
}

static bool pid_next(const struct proc_ctx *dir, u64 *key, struct proc_ctx *out,
		     char name[16])
{
	struct process *p = *key > INT32_MAX
				    ? NULL : process_next((int)*key - 1);

	if (!p)
		return false;
	*key = (u64)p->pid;
	out->entry = &proc_pid;
	out->pid = p->pid;
	ksnprintf(name, 16, "%d", p->pid);
	process_put(p);
	return true;
}

/* ---- /proc/net: what the protocols tell ---- */

#define NET_TEXT_START 4096u

static const struct proc_net_file *nth_net_file(u64 n)
{
	const struct proc_net_file *f;

	LINKSET_FOREACH(proc_net, f)
		if (n-- == 0)
			return f;
	return NULL;
}

static void show_net(struct text *t, const struct proc_ctx *c)
{
	const struct proc_net_file *f = nth_net_file((u64)c->fd);
	size_t size = NET_TEXT_START, n;
	char *buf;

	/* What it would have needed is known only afterwards. */
	for (; f && size <= TEXT_MAX; size = n + n / 4) {
		buf = kmalloc(size, ALLOC_WAIT);
		if (!buf)
			break;
		n = f->show(buf, size);
		if (n < size) {
			text_bytes(t, buf, n);
			kfree(buf);
			return;
		}
		kfree(buf);
	}
	t->failed = true;
}

static const struct proc_entry net_file = {.mode = PROC_FILE, .show = show_net};

static int net_lookup(const struct proc_ctx *dir, const char *name, size_t len,
		      struct proc_ctx *out)
{
	const struct proc_net_file *f;

	for (int i = 0; (f = nth_net_file((u64)i)) != NULL; i++)
		if (strlen(f->name) == len && !memcmp(f->name, name, len)) {
			out->entry = &net_file;
			out->fd = i;
			return 0;
		}
	return -ENOENT;
}

static bool net_next(const struct proc_ctx *dir, u64 *key, struct proc_ctx *out,
		     char name[16])
{
	const struct proc_net_file *f = nth_net_file(*key);

	if (!f)
		return false;
	out->entry = &net_file;
	out->fd = (int)*key;
	strlcpy(name, f->name, 16);
	return true;
}

/* On Linux a link to self/net, where the name spaces differ; here is one. */
static ssize_t mounts_link(const struct proc_ctx *c, char *buf)
{
	return (ssize_t)strlcpy(buf, "self/mounts", PATH_MAX);
}

static const struct proc_entry children[] = {
	{.name = "cmdline", .mode = PROC_FILE, .show = show_cmdline},
	{.name = "cpuinfo", .mode = PROC_FILE, .show = show_cpuinfo},
	{.name = "filesystems", .mode = PROC_FILE, .show = show_filesystems},
	{.name = "loadavg", .mode = PROC_FILE, .show = show_loadavg},
	{.name = "meminfo", .mode = PROC_FILE, .show = show_meminfo},
	{.name = "mounts", .mode = PROC_LINK, .readlink = mounts_link},
	{.name = "net", .mode = PROC_DIR, .lookup = net_lookup,
	 .next = net_next},
	{.name = "rumprun", .mode = PROC_DIR,
	 .children = proc_rumprun_children},
	{.name = "self", .mode = PROC_LINK, .readlink = self_link},
	{.name = "stat", .mode = PROC_FILE, .show = show_stat},
	{.name = "sys", .mode = PROC_DIR, .children = proc_sys_children},
	{.name = "thread-self", .mode = PROC_LINK,
	 .readlink = thread_self_link},
	{.name = "uptime", .mode = PROC_FILE, .show = show_uptime},
	{.name = "version", .mode = PROC_FILE, .show = show_version},
	{0},
};

const struct proc_entry proc_root = {
	.name = "proc",
	.mode = PROC_DIR,
	.children = children,
	.lookup = pid_lookup,
	.next = pid_next,
};
