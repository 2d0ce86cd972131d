/* filesystems, mounts, mountinfo. */
#include "dentry.h"
#include "fs.h"
#include "path.h"
#include "private.h"

LINKSET_DECLARE(fstypes);

void show_filesystems(struct text *t, const struct proc_ctx *c)
{
	const struct fs_type *f;

	LINKSET_FOREACH(fstypes, f)
		if (!f->internal)
			text_add(t, "%s\t%s\n",
				 f->needs_device ? "" : "nodev", f->name);
}

static void show_flags(struct text *t, u64 flags)
{
	static const struct {
		u64 flag;
		const char *name;
	} names[] = {{MS_NOSUID, ",nosuid"},   {MS_NODEV, ",nodev"},
		     {MS_NOEXEC, ",noexec"},   {MS_NOATIME, ",noatime"},
		     {MS_NODIRATIME, ",nodiratime"}};

	text_add(t, flags & MS_RDONLY ? "ro" : "rw");
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (flags & names[i].flag)
			text_add(t, "%s", names[i].name);
	if (!(flags & (MS_NOATIME | MS_STRICTATIME)))
		text_add(t, ",relatime");
}

static void show_options(struct text *t, struct superblock *sb)
{
	char options[128] = "";

	if (sb->ops->show_options)
		sb->ops->show_options(sb, options, sizeof(options));
	text_add(t, "%s", options);
}

/* Where m is mounted, as the reader sees it; false: not below his root. */
static bool show_point(struct text *t, struct mount *m, char *buf)
{
	struct path p = {m, m->sb->root};
	char *s = path_to_string(&p, buf, PATH_MAX);

	if (IS_ERR(s) || *s != '/')
		return false;
	text_path(t, s);
	return true;
}

struct lines {
	struct text *t;
	char *buf; /* PATH_MAX */
	void (*line)(struct text *t, struct mount *m, char *buf);
};

static void add_line(struct mount *m, void *arg)
{
	struct lines *l = arg;
	struct text *t = l->t;
	size_t start = t->len;

	l->line(t, m, l->buf);
	/* A line without an end is one that is not to be seen. */
	if (t->len && t->buf[t->len - 1] != '\n')
		t->len = start;
}

static void each_mount(struct text *t,
		       void (*line)(struct text *t, struct mount *m, char *buf))
{
	struct lines l = {t, kmalloc(PATH_MAX, ALLOC_WAIT), line};

	if (!l.buf) {
		t->failed = true;
		return;
	}
	mounts_each(add_line, &l);
	kfree(l.buf);
}

static void mounts_line(struct text *t, struct mount *m, char *buf)
{
	text_path(t, m->sb->source);
	text_add(t, " ");
	if (!show_point(t, m, buf))
		return;
	text_add(t, " %s ", m->sb->type->name);
	show_flags(t, m->flags);
	show_options(t, m->sb);
	text_add(t, " 0 0\n");
}

void show_mounts(struct text *t, const struct proc_ctx *c)
{
	each_mount(t, mounts_line);
}

static void mountinfo_line(struct text *t, struct mount *m, char *buf)
{
	int parent;

	spin_lock(&vfs_tree_lock);
	parent = m->parent ? m->parent->id : 0;
	spin_unlock(&vfs_tree_lock);
	text_add(t, "%d %d %u:%u / ", m->id, parent, dev_major(m->sb->dev),
		 dev_minor(m->sb->dev));
	if (!show_point(t, m, buf))
		return;
	text_add(t, " ");
	show_flags(t, m->flags);
	text_add(t, " - %s ", m->sb->type->name);
	text_path(t, m->sb->source);
	text_add(t, m->sb->flags & MS_RDONLY ? " ro" : " rw");
	show_options(t, m->sb);
	text_add(t, "\n");
}

void show_mountinfo(struct text *t, const struct proc_ctx *c)
{
	each_mount(t, mountinfo_line);
}
