/* /proc/PID/fd and fdinfo. */
#include "file.h"
#include "fs.h"
#include "path.h"
#include "private.h"

/* File c->fd of the process, referenced; NULL: none (any more). */
static struct file *get_file(const struct proc_ctx *c, int fd, bool *cloexec)
{
	struct process *p = proc_process(c);
	struct fdtable *files = p ? process_get_files(p) : NULL;
	struct file *f = NULL;

	if (files) {
		f = fdtable_lookup(files, fd);
		if (cloexec)
			*cloexec = fdtable_cloexec(files, fd);
		fdtable_put(files);
	}
	if (p)
		process_put(p);
	return f;
}

/* What there is to say about a file without a path. */
static ssize_t object_name(struct file *f, char *buf)
{
	const char *kind = f->ops->kind ? f->ops->kind : "unknown";
	struct stat st;

	memset(&st, 0, sizeof(st));
	if (f->ops->stat && !f->ops->stat(f, &st) && st.st_ino)
		return ksnprintf(buf, PATH_MAX, "%s:[%lu]", kind, st.st_ino);
	return ksnprintf(buf, PATH_MAX, "anon_inode:[%s]", kind);
}

static ssize_t fd_readlink(const struct proc_ctx *c, char *buf)
{
	struct file *f = get_file(c, c->fd, NULL);
	struct path p;
	ssize_t n;
	char *s;

	if (!f)
		return -ENOENT;
	if (f->dentry) {
		p.mount = f->mount;
		p.dentry = f->dentry;
		s = path_to_string(&p, buf, PATH_MAX);
		n = IS_ERR(s) ? PTR_ERR(s) : (ssize_t)strlen(s);
		if (n >= 0)
			memmove(buf, s, (size_t)n + 1);
	} else {
		n = object_name(f, buf);
	}
	file_put(f);
	return n;
}

static int fd_follow(const struct proc_ctx *c, struct path *p)
{
	struct file *f = get_file(c, c->fd, NULL);
	int err = 0;

	if (!f)
		return -ENOENT;
	if (f->dentry) {
		p->mount = f->mount;
		p->dentry = f->dentry;
		path_get(p);
	} else {
		/* Pipes and sockets have no place that could be opened. */
		err = -ENXIO;
	}
	file_put(f);
	return err;
}

static void show_info(struct text *t, const struct proc_ctx *c)
{
	bool cloexec = false;
	struct file *f = get_file(c, c->fd, &cloexec);

	if (!f)
		return;
	text_add(t, "pos:\t%ld\nflags:\t0%o\nmnt_id:\t%d\n",
		 f->ops->seek ? READ_ONCE(f->pos) : 0,
		 (unsigned)f->flags | (cloexec ? O_CLOEXEC : 0),
		 f->mount ? f->mount->id : 0);
	if (f->inode)
		text_add(t, "ino:\t%lu\n", f->inode->ino);
	file_put(f);
}

/* st_size is what Linux says, for lack of a length. */
#define FD_ENTRY(bits)                                                         \
	{.mode = S_IFLNK | (bits), .readlink = fd_readlink,                    \
	 .follow = fd_follow, .size = 64}

/* The mode of a link says what the file is open for: 1 to read, 2 to write. */
static const struct proc_entry fd_entries[] = {
	FD_ENTRY(0), FD_ENTRY(0500), FD_ENTRY(0300), FD_ENTRY(0700)};

static const struct proc_entry *fd_entry(const struct file *f)
{
	if (f->flags & O_PATH)
		return &fd_entries[0];
	return &fd_entries[(file_readable(f) ? 1 : 0) |
			   (file_writable(f) ? 2 : 0)];
}

static const struct proc_entry info_files = {
	.mode = S_IFREG | 0444,
	.show = show_info,
};

static const struct proc_entry *info_entry(const struct file *f)
{
	return &info_files;
}

typedef const struct proc_entry *(*entry_fn)(const struct file *f);

/* Into *out what the directory has of descriptor fd; false: it is not open. */
static bool choose(const struct proc_ctx *dir, int fd, entry_fn entry,
		   struct proc_ctx *out)
{
	struct file *f = get_file(dir, fd, NULL);

	if (!f)
		return false;
	out->entry = entry(f);
	out->fd = fd;
	file_put(f);
	return true;
}

static int lookup(const struct proc_ctx *dir, const char *name, size_t len,
		  entry_fn entry, struct proc_ctx *out)
{
	int fd;

	if (!proc_number(name, len, &fd) || !choose(dir, fd, entry, out))
		return -ENOENT;
	return 0;
}

/* The first open descriptor from fd on, or -1. */
static int next_fd(const struct proc_ctx *dir, u64 fd)
{
	struct process *p = proc_process(dir);
	struct fdtable *files = p ? process_get_files(p) : NULL;
	int found = -1;

	if (files) {
		found = fd <= INT32_MAX ? fd_next(files, (int)fd) : -1;
		fdtable_put(files);
	}
	if (p)
		process_put(p);
	return found;
}

static bool next(const struct proc_ctx *dir, u64 *key, entry_fn entry,
		 struct proc_ctx *out, char name[16])
{
	int fd;

	/* One that is closed meanwhile is passed over. */
	for (;; ++*key) {
		fd = next_fd(dir, *key);
		if (fd < 0)
			return false;
		*key = (u64)fd;
		if (choose(dir, fd, entry, out))
			break;
	}
	ksnprintf(name, 16, "%d", fd);
	return true;
}

int proc_fd_lookup(const struct proc_ctx *dir, const char *name, size_t len,
		   struct proc_ctx *out)
{
	return lookup(dir, name, len, fd_entry, out);
}

bool proc_fd_next(const struct proc_ctx *dir, u64 *key, struct proc_ctx *out,
		  char name[16])
{
	return next(dir, key, fd_entry, out, name);
}

int proc_fdinfo_lookup(const struct proc_ctx *dir, const char *name, size_t len,
		       struct proc_ctx *out)
{
	return lookup(dir, name, len, info_entry, out);
}

bool proc_fdinfo_next(const struct proc_ctx *dir, u64 *key,
		      struct proc_ctx *out, char name[16])
{
	return next(dir, key, info_entry, out, name);
}
