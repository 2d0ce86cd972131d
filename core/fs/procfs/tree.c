/* Entries as files and directories. */
#include "dentry.h"
#include "fs.h"
#include "fsfile.h"
#include "private.h"
#include "uaccess.h"
#include <linux/magic.h>

/* Positions in a directory: static entries, then dynamic ones by key. */
#define FIRST_STATIC 2
#define FIRST_DYNAMIC 0x10000

#define STORE_MAX PAGE_SIZE

static const struct inode_ops dir_inode_ops, file_inode_ops, link_inode_ops,
	magic_inode_ops;
static const struct file_ops dir_ops, file_ops;

static const struct proc_ctx *ctx_of(const struct inode *i)
{
	return i->priv;
}

bool proc_number(const char *name, size_t len, int *out)
{
	s64 n = 0;

	if (!len || len > 10 || (name[0] == '0' && len > 1))
		return false;
	for (size_t i = 0; i < len; i++) {
		if (name[i] < '0' || name[i] > '9')
			return false;
		n = n * 10 + (name[i] - '0');
	}
	*out = (int)n;
	return n <= INT32_MAX;
}

bool proc_gone(const struct proc_ctx *c)
{
	return c->pid && !process_is_there(c->pid, c->tid);
}

struct process *proc_process(const struct proc_ctx *c)
{
	return process_find(c->pid);
}

/* The same thing has the same number every time it is looked up. */
static u64 number_of(const struct proc_ctx *c)
{
	u64 h = (u64)((uintptr_t)c->entry - (uintptr_t)&proc_root) & 0xffffffff;

	h = (h ^ (u64)(u32)c->pid << 32 ^ (u32)c->tid) * 0x9e3779b97f4a7c15ull;
	h = (h ^ h >> 29 ^ (u32)c->fd) * 0xbf58476d1ce4e5b9ull;
	return (h >> 16) + 2;
}

static void set_owner(struct inode *i, const struct proc_ctx *c)
{
	struct process *p = c->pid ? proc_process(c) : NULL;

	i->uid = i->gid = 0;
	if (p) {
		i->uid = p->euid;
		i->gid = p->egid;
		process_put(p);
	}
}

static struct inode *make_inode(struct superblock *sb, const struct proc_ctx *c)
{
	const struct proc_entry *e = c->entry;
	struct inode *i = inode_new(sb, e->mode, sizeof(*c));

	if (!i)
		return NULL;
	*(struct proc_ctx *)i->priv = *c;
	i->ino = number_of(c);
	i->size = (loff_t)e->size;
	set_owner(i, c);
	if (S_ISDIR(e->mode)) {
		i->nlink = 2;
		i->ops = &dir_inode_ops;
		i->fops = &dir_ops;
	} else if (S_ISLNK(e->mode)) {
		i->ops = e->follow ? &magic_inode_ops : &link_inode_ops;
	} else {
		i->ops = &file_inode_ops;
		i->fops = &file_ops;
	}
	return i;
}

/* ---- directories ---- */

static const struct proc_entry *find_static(const struct proc_entry *children,
					    const char *name, size_t len)
{
	for (const struct proc_entry *e = children; e && e->name; e++)
		if (strlen(e->name) == len && !memcmp(e->name, name, len))
			return e;
	return NULL;
}

static int lookup(struct inode *dir, struct dentry *d)
{
	const struct proc_ctx *c = ctx_of(dir);
	struct proc_ctx found = *c;
	struct inode *inode;
	int err = 0;

	if (proc_gone(c))
		return -ENOENT;
	found.entry = find_static(c->entry->children, d->name, d->len);
	if (!found.entry)
		err = c->entry->lookup ? c->entry->lookup(c, d->name, d->len,
							  &found) : -ENOENT;
	/* As on Linux a name that is not there cannot be made: -ENOENT. */
	if (err)
		return err;
	inode = make_inode(dir->sb, &found);
	if (!inode)
		return -ENOMEM;
	dentry_instantiate(d, inode);
	return 0;
}

static bool emit_static(const struct proc_ctx *c, struct dir_emit *de)
{
	const struct proc_entry *e = c->entry->children;
	loff_t pos = FIRST_STATIC;

	for (; e && e->name; e++, pos++) {
		struct proc_ctx child = *c;

		if (pos < de->pos)
			continue;
		child.entry = e;
		if (!dir_emit(de, e->name, strlen(e->name), number_of(&child),
			      dirent_type(e->mode), pos + 1))
			return false;
	}
	return true;
}

static int iterate(struct file *f, struct dir_emit *de)
{
	const struct proc_ctx *c = ctx_of(f->inode);
	struct proc_ctx child;
	char name[16];
	u64 key;

	if (proc_gone(c))
		return -ENOENT;
	if (!dir_emit_dots(f, de) || !emit_static(c, de) || !c->entry->next)
		return 0;
	if (de->pos < FIRST_DYNAMIC)
		de->pos = FIRST_DYNAMIC;
	for (;;) {
		child = *c;
		key = (u64)de->pos - FIRST_DYNAMIC;
		if (!c->entry->next(c, &key, &child, name))
			return 0;
		if (!dir_emit(de, name, strlen(name), number_of(&child),
			      dirent_type(child.entry->mode),
			      (loff_t)(FIRST_DYNAMIC + key + 1)))
			return 0;
	}
}

/* ---- files ---- */

/* f->priv */
struct reader {
	struct mutex lock; /* the rest */
	struct text text;  /* what is kept: the whole, or a part */
	u64 start;         /* its offset */
	u64 key;           /* where the next part begins */
	bool begun, more;  /* there is text; and more of it to come */
};

static int open_file(struct inode *inode, struct file *f)
{
	struct reader *r;

	if (!S_ISREG(inode->mode))
		return 0;
	r = kzalloc(sizeof(*r), ALLOC_WAIT);
	if (!r)
		return -ENOMEM;
	mutex_init(&r->lock);
	f->priv = r;
	return 0;
}

static void release_file(struct file *f)
{
	struct reader *r = f->priv;

	if (r)
		kfree(r->text.buf);
	kfree(r);
}

/* Have the next part in place of what there is; lock held. */
static int next_part(struct reader *r, const struct proc_ctx *c)
{
	const struct proc_entry *e = c->entry;
	bool gone = proc_gone(c);

	r->start += r->text.len;
	r->text.len = 0;
	r->text.failed = false;
	r->more = false;
	if (!gone && e->show_part)
		r->more = e->show_part(&r->text, c, &r->key);
	else if (!gone)
		e->show(&r->text, c);
	if (gone || (!r->text.len && proc_gone(c)))
		return -ESRCH;
	return r->text.failed ? -ENOMEM : 0;
}

/* Have the text at pos, if it is so long; lock held.  0 or -errno. */
static int have_text(struct reader *r, const struct proc_ctx *c, u64 pos)
{
	int err = 0;

	/* Whoever reads from the start sees how things are now. */
	if (!r->begun || pos == 0 || pos < r->start) {
		r->text.len = 0;
		r->start = r->key = 0;
		r->begun = r->more = true;
	}
	while (!err && r->more && pos - r->start >= r->text.len)
		err = next_part(r, c);
	if (err)
		r->begun = false;
	return err;
}

static ssize_t read_file(struct file *f, struct iov_iter *it, loff_t *pos)
{
	const struct proc_ctx *c = ctx_of(f->inode);
	struct reader *r = f->priv;
	ssize_t n;
	u64 off;

	if (!c->entry->show && !c->entry->show_part)
		return -EINVAL;
	mutex_lock(&r->lock);
	n = have_text(r, c, (u64)*pos);
	off = (u64)*pos - r->start;
	if (!n && off < r->text.len && it->count) {
		size_t want = MIN(r->text.len - off, it->count);

		n = (ssize_t)iov_copy_to(it, r->text.buf + off, want);
		if (!n)
			n = -EFAULT;
		else
			*pos += n;
	}
	mutex_unlock(&r->lock);
	return n;
}

static ssize_t write_file(struct file *f, struct iov_iter *it, loff_t *pos)
{
	const struct proc_ctx *c = ctx_of(f->inode);
	size_t n = MIN(it->count, (size_t)STORE_MAX - 1);
	char *s;
	int err;

	if (!c->entry->store)
		return -EIO;
	s = kmalloc(n + 1, ALLOC_WAIT);
	if (!s)
		return -ENOMEM;
	if (iov_copy_from(it, s, n) < n) {
		kfree(s);
		return -EFAULT;
	}
	s[n] = '\0';
	err = c->entry->store(c, s, n);
	kfree(s);
	if (err)
		return err;
	*pos += (loff_t)n;
	return (ssize_t)n;
}

static int truncate_file(struct file *f, loff_t size)
{
	return 0;
}

static int set_attributes(struct inode *inode, const struct attr *a)
{
	/* open(O_TRUNC) of a setting; its owner and mode stay. */
	if (a->valid & (ATTR_MODE | ATTR_UID | ATTR_GID))
		return -EPERM;
	return 0;
}

/* ---- links ---- */

static ssize_t read_link(struct inode *inode, char *buf)
{
	const struct proc_ctx *c = ctx_of(inode);

	return c->entry->readlink(c, buf);
}

static int follow_link(struct inode *inode, struct path *p)
{
	const struct proc_ctx *c = ctx_of(inode);

	return c->entry->follow(c, p);
}

static const struct inode_ops dir_inode_ops = {.lookup = lookup,
					       .setattr = set_attributes};
static const struct inode_ops file_inode_ops = {.open = open_file,
						.setattr = set_attributes};
static const struct inode_ops link_inode_ops = {.readlink = read_link,
						.setattr = set_attributes};
static const struct inode_ops magic_inode_ops = {
	.readlink = read_link,
	.follow = follow_link,
	.setattr = set_attributes,
};
static const struct file_ops dir_ops = DIRECTORY_FILE_OPS(iterate);
static const struct file_ops file_ops = {
	.read = read_file,
	.write = write_file,
	.seek = generic_seek,
	.truncate = truncate_file,
	.release = release_file,
};

/* ---- the file systems ---- */

/* A name that is in use outlives what it names. */
static bool still_there(const struct dentry *d)
{
	return !proc_gone(ctx_of(d->inode));
}

static const struct super_ops super_ops = {.no_dcache = true,
					   .valid = still_there};

static int mount_tree(struct superblock *sb, const struct proc_entry *root,
		      u64 magic, const char *options)
{
	struct proc_ctx c = {.entry = root};

	sb->ops = &super_ops;
	sb->magic = magic;
	return root_make(sb, make_inode(sb, &c));
}

static int proc_mount(struct superblock *sb, struct blkdev *dev,
		      const char *options)
{
	return mount_tree(sb, &proc_root, PROC_SUPER_MAGIC, options);
}

static int sysfs_mount(struct superblock *sb, struct blkdev *dev,
		       const char *options)
{
	return mount_tree(sb, &sysfs_root, SYSFS_MAGIC, options);
}

static const struct fs_type proc_type = {.name = "proc", .mount = proc_mount};
static const struct fs_type sysfs_type = {.name = "sysfs",
					  .mount = sysfs_mount};
LINKSET(fstypes, proc_type);
LINKSET(fstypes, sysfs_type);
