/* /proc itself: what is about the system, and a directory for each process. */
#include "private.h"

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
		return proc_root_lookup(dir, name, len, out);
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
		return proc_root_next(dir, key, out, name);
	*key = (u64)p->pid;
	out->entry = &proc_pid;
	out->pid = p->pid;
	ksnprintf(name, 16, "%d", p->pid);
	process_put(p);
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
	{.name = "net", .mode = PROC_DIR, .lookup = proc_net_lookup,
	 .next = proc_net_next},
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
