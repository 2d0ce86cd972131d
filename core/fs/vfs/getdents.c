/* getdents64, getdents; what directories have in common. */
#include "private.h"
#include "syscall.h"
#include "uaccess.h"
#include <linux/fs.h>

/* Linux' records, which no user-space header of it has. */
struct linux_dirent64 {
	u64 d_ino;
	s64 d_off;
	u16 d_reclen;
	u8 d_type;
	char d_name[];
};

struct linux_dirent {
	u64 d_ino;
	u64 d_off;
	u16 d_reclen;
	char d_name[]; /* NUL, padding, and d_type in the last byte */
};

/*
 * Entries are collected in a buffer of the kernel's and copied out at the end,
 * so that the program's memory is not touched with the directory locked.
 */
struct collector {
	struct dir_emit de;
	char *buf;
	size_t size, used;
	bool old;   /* struct linux_dirent */
	bool small; /* the first entry did not fit */
};

#define COLLECT_MAX (32 * 1024u) /* more than C libraries ask for */

ssize_t directory_read(struct file *f, struct iov_iter *it, loff_t *pos)
{
	return -EISDIR;
}

loff_t directory_seek(struct file *f, loff_t off, int whence)
{
	if (whence == SEEK_CUR)
		off += f->pos;
	else if (whence != SEEK_SET)
		return -EINVAL;
	if (off < 0)
		return -EINVAL;
	f->pos = off;
	return off;
}

bool dir_emit_dots(struct file *f, struct dir_emit *de)
{
	struct inode *parent;
	u64 ino;

	if (de->pos == 0 &&
	    !dir_emit(de, ".", 1, f->inode->ino, dirent_type(S_IFDIR), 1))
		return false;
	if (de->pos > 1)
		return true;
	spin_lock(&vfs_tree_lock);
	parent = f->dentry->parent->inode;
	ino = parent ? parent->ino : f->inode->ino;
	spin_unlock(&vfs_tree_lock);
	return dir_emit(de, "..", 2, ino, dirent_type(S_IFDIR), 2);
}

static bool collect(struct dir_emit *de, const char *name, size_t len, u64 ino,
		    unsigned type)
{
	struct collector *c = container_of(de, struct collector, de);
	size_t head = c->old ? offsetof(struct linux_dirent, d_name)
			     : offsetof(struct linux_dirent64, d_name);
	/* The old form has the type behind the NUL. */
	size_t n = ALIGN_UP(head + len + 1 + c->old, sizeof(u64));
	char *record = c->buf + c->used;

	if (n > c->size - c->used) {
		c->small = c->used == 0;
		return false;
	}
	memset(record, 0, n);
	if (c->old) {
		struct linux_dirent *d = (void *)record;

		d->d_ino = ino;
		d->d_off = (u64)de->pos;
		d->d_reclen = (u16)n;
		memcpy(d->d_name, name, len);
		record[n - 1] = (char)type;
	} else {
		struct linux_dirent64 *d = (void *)record;

		d->d_ino = ino;
		d->d_off = de->pos;
		d->d_reclen = (u16)n;
		d->d_type = (u8)type;
		memcpy(d->d_name, name, len);
	}
	c->used += n;
	return true;
}

/* Positions are locked. */
static long iterate(struct file *f, struct collector *c)
{
	struct inode *dir = f->inode;
	int err = -ENOENT;

	c->de.emit = collect;
	c->de.pos = f->pos;
	mutex_lock(&dir->lock);
	if (!inode_is_dead(dir))
		err = f->ops->iterate(f, &c->de);
	mutex_unlock(&dir->lock);
	f->pos = c->de.pos;
	inode_accessed(f);
	if (c->used)
		return (long)c->used;
	return err ? err : c->small ? -EINVAL : 0;
}

static long getdents(int fd, void __user *ubuf, unsigned size, bool old)
{
	struct collector c = {.old = old};
	struct file *f = fd_get(fd);
	loff_t start;
	long n;

	if (!f)
		return -EBADF;
	if (!f->ops->iterate) {
		file_put(f);
		return -ENOTDIR;
	}
	c.size = MIN(size, COLLECT_MAX);
	c.buf = kmalloc(MAX(c.size, (size_t)1), ALLOC_WAIT);
	if (!c.buf) {
		file_put(f);
		return -ENOMEM;
	}
	mutex_lock(&f->pos_lock);
	start = f->pos;
	n = iterate(f, &c);
	if (n > 0 && copy_to_user(ubuf, c.buf, (size_t)n)) {
		f->pos = start;
		n = -EFAULT;
	}
	mutex_unlock(&f->pos_lock);
	kfree(c.buf);
	file_put(f);
	return n;
}

static long sys_getdents64(int fd, void __user *ubuf, unsigned size)
{
	return getdents(fd, ubuf, size, false);
}
SYSCALL(__NR_getdents64, sys_getdents64);

static long sys_getdents(int fd, void __user *ubuf, unsigned size)
{
	return getdents(fd, ubuf, size, true);
}
SYSCALL(__NR_getdents, sys_getdents);
