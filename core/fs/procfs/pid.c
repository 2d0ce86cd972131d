/* /proc/PID: the table, and what is simple about a process. */
#include "dentry.h"
#include "path.h"
#include "private.h"

static ssize_t copy_text(char *buf, const char *s)
{
	return (ssize_t)strlcpy(buf, s, PATH_MAX);
}

/* ---- memory of the process as text ---- */

/* Bytes [start, end) of its address space. */
static void show_memory(struct text *t, const struct proc_ctx *c,
			void (*range)(struct vm_space *vm, u64 *start,
				      u64 *end))
{
	struct process *p = proc_process(c);
	struct vm_space *vm = p ? process_get_vm(p) : NULL;
	char buf[512];
	u64 start, end;

	if (vm) {
		range(vm, &start, &end);
		while (start < end && !t->failed) {
			size_t n = MIN(end - start, sizeof(buf));

			n = vm_access(vm, start, buf, n, false);
			if (!n)
				break;
			text_bytes(t, buf, n);
			start += n;
		}
		vm_put(vm);
	}
	if (p)
		process_put(p);
}

/* Behind the NUL that ends what begins at start, or a page further. */
static u64 end_of_title(struct vm_space *vm, u64 start)
{
	const u64 max = start + PAGE_SIZE;
	char buf[128];

	while (start < max) {
		size_t n = vm_access(vm, start, buf, sizeof(buf), false);
		size_t len = strnlen(buf, n);

		start += len;
		if (len < n)
			return start + 1;
		if (n < sizeof(buf))
			break;
	}
	return start;
}

/*
 * Programs write titles over their arguments, and further.  Where the last byte is
 * not a NUL any more, that is one; as Linux' get_mm_proctitle shows it.
 */
static void arg_range(struct vm_space *vm, u64 *start, u64 *end)
{
	char last = '\0';

	*start = vm->arg_start;
	*end = vm->arg_end;
	if (*start < *end)
		vm_access(vm, *end - 1, &last, 1, false);
	if (last)
		*end = end_of_title(vm, *start);
}

static void env_range(struct vm_space *vm, u64 *start, u64 *end)
{
	*start = vm->env_start;
	*end = vm->env_end;
}

static void auxv_range(struct vm_space *vm, u64 *start, u64 *end)
{
	*start = vm->auxv;
	*end = vm->auxv_end;
}

static void show_pid_cmdline(struct text *t, const struct proc_ctx *c)
{
	show_memory(t, c, arg_range);
}

static void show_environ(struct text *t, const struct proc_ctx *c)
{
	show_memory(t, c, env_range);
}

static void show_auxv(struct text *t, const struct proc_ctx *c)
{
	show_memory(t, c, auxv_range);
}

/* ---- names ---- */

/* The thread of /proc/PID/task/TID, or the process's first; referenced. */
static struct thread *find_thread(const struct proc_ctx *c)
{
	return process_find_thread(c->tid ? c->tid : c->pid, NULL);
}

static void show_comm(struct text *t, const struct proc_ctx *c)
{
	struct thread *th = find_thread(c);
	struct process *p;

	if (th) {
		text_add(t, "%s\n", th->name);
		thread_put(th);
		return;
	}
	p = proc_process(c);
	if (p) {
		text_add(t, "%s\n", p->name);
		process_put(p);
	}
}

static int store_comm(const struct proc_ctx *c, char *s, size_t n)
{
	struct thread *th = find_thread(c);
	struct process *p = proc_process(c);
	int err = -EINVAL;

	if (th && p && p == current_process()) {
		if (n && s[n - 1] == '\n')
			s[n - 1] = '\0';
		strlcpy(th->name, s, sizeof(th->name));
		if (th->tid == p->pid)
			strlcpy(p->name, s, sizeof(p->name));
		err = 0;
	}
	if (th)
		thread_put(th);
	if (p)
		process_put(p);
	return err;
}

static ssize_t exe_link(const struct proc_ctx *c, char *buf)
{
	struct process *p = proc_process(c);
	ssize_t n = -ENOENT;

	if (p && p->exe && *p->exe)
		n = copy_text(buf, p->exe);
	if (p)
		process_put(p);
	return n;
}

/* ---- where it is ---- */

static int get_place(const struct proc_ctx *c, bool root, struct path *out)
{
	struct process *p = proc_process(c);
	struct fs_context *fs;
	u64 flags;

	if (!p)
		return -ENOENT;
	flags = spin_lock_irqsave(&p->lock);
	fs = p->fs;
	if (fs)
		fs_context_get(fs);
	spin_unlock_irqrestore(&p->lock, flags);
	process_put(p);
	if (!fs)
		return -ENOENT;
	spin_lock(&vfs_tree_lock);
	*out = root ? fs->root : fs->cwd;
	path_get(out);
	spin_unlock(&vfs_tree_lock);
	fs_context_put(fs);
	return 0;
}

static ssize_t place_link(const struct proc_ctx *c, bool root, char *buf)
{
	struct path p;
	char *s;
	ssize_t n = get_place(c, root, &p);

	if (n)
		return n;
	s = path_to_string(&p, buf, PATH_MAX);
	path_put(&p);
	if (IS_ERR(s))
		return PTR_ERR(s);
	n = (ssize_t)strlen(s);
	memmove(buf, s, (size_t)n + 1);
	return n;
}

static ssize_t cwd_link(const struct proc_ctx *c, char *buf)
{
	return place_link(c, false, buf);
}

static ssize_t root_link(const struct proc_ctx *c, char *buf)
{
	return place_link(c, true, buf);
}

static int cwd_follow(const struct proc_ctx *c, struct path *p)
{
	return get_place(c, false, p);
}

static int root_follow(const struct proc_ctx *c, struct path *p)
{
	return get_place(c, true, p);
}

/* ---- the rest ---- */

static void show_cgroup(struct text *t, const struct proc_ctx *c)
{
	text_add(t, "0::/\n");
}

static void show_zero(struct text *t, const struct proc_ctx *c)
{
	text_add(t, "0\n");
}

/* What a thread has, too. */
#define COMMON_ENTRIES                                                         \
	{.name = "cgroup", .mode = PROC_FILE, .show = show_cgroup},            \
	{.name = "comm", .mode = S_IFREG | 0644, .show = show_comm,            \
	 .store = store_comm},                                                 \
	{.name = "cwd", .mode = PROC_LINK, .readlink = cwd_link,               \
	 .follow = cwd_follow},                                                \
	{.name = "environ", .mode = S_IFREG | 0400, .show = show_environ},     \
	{.name = "exe", .mode = PROC_LINK, .readlink = exe_link},              \
	{.name = "cmdline", .mode = PROC_FILE, .show = show_pid_cmdline},      \
	{.name = "auxv", .mode = S_IFREG | 0400, .show = show_auxv},           \
	{.name = "limits", .mode = PROC_FILE, .show = show_pid_limits},        \
	{.name = "maps", .mode = PROC_FILE, .show_part = show_pid_maps},       \
	{.name = "mountinfo", .mode = PROC_FILE, .show = show_mountinfo},      \
	{.name = "mounts", .mode = PROC_FILE, .show = show_mounts},            \
	{.name = "oom_score", .mode = PROC_FILE, .show = show_zero},           \
	{.name = "oom_score_adj", .mode = PROC_FILE, .show = show_zero},       \
	{.name = "root", .mode = PROC_LINK, .readlink = root_link,             \
	 .follow = root_follow},                                               \
	{.name = "smaps", .mode = PROC_FILE, .show_part = show_pid_smaps},     \
	{.name = "smaps_rollup", .mode = PROC_FILE,                            \
	 .show = show_pid_smaps_rollup},                                       \
	{.name = "stat", .mode = PROC_FILE, .show = show_pid_stat},            \
	{.name = "statm", .mode = PROC_FILE, .show = show_pid_statm},          \
	{.name = "status", .mode = PROC_FILE, .show = show_pid_status}

/* ---- /proc/PID/task ---- */

static const struct proc_entry task_children[] = {COMMON_ENTRIES, {0}};

static const struct proc_entry task_entry = {
	.mode = PROC_DIR,
	.children = task_children,
};

static int task_lookup(const struct proc_ctx *dir, const char *name, size_t len,
		       struct proc_ctx *out)
{
	struct process *owner;
	struct thread *th;
	int tid, err = -ENOENT;

	if (!proc_number(name, len, &tid))
		return -ENOENT;
	th = process_find_thread(tid, &owner);
	if (!th)
		return -ENOENT;
	if (owner->pid == dir->pid) {
		out->entry = &task_entry;
		out->tid = tid;
		err = 0;
	}
	thread_put(th);
	process_put(owner);
	return err;
}

static bool task_next(const struct proc_ctx *dir, u64 *key,
		      struct proc_ctx *out, char name[16])
{
	struct process *p = proc_process(dir);
	struct thread *th = NULL;

	if (p && *key <= INT32_MAX)
		th = process_next_thread(p, (int)*key - 1);
	if (p)
		process_put(p);
	if (!th)
		return false;
	*key = (u64)th->tid;
	out->entry = &task_entry;
	out->tid = th->tid;
	ksnprintf(name, 16, "%d", th->tid);
	thread_put(th);
	return true;
}

static const struct proc_entry children[] = {
	COMMON_ENTRIES,
	{.name = "fd", .mode = S_IFDIR | 0500, .lookup = proc_fd_lookup,
	 .next = proc_fd_next},
	{.name = "fdinfo", .mode = S_IFDIR | 0555, .lookup = proc_fdinfo_lookup,
	 .next = proc_fdinfo_next},
	{.name = "task", .mode = PROC_DIR, .lookup = task_lookup,
	 .next = task_next},
	{0},
};

const struct proc_entry proc_pid = {.mode = PROC_DIR, .children = children};
