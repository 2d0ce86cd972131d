/* The places that calls with a path or a descriptor are about. */
#include "private.h"

unsigned walk_flags(int flags)
{
	return (flags & AT_SYMLINK_NOFOLLOW ? 0 : WALK_FOLLOW) |
	       (flags & AT_EMPTY_PATH ? WALK_EMPTY : 0);
}

int lookup_at(int dirfd, const char __user *upath, int flags, struct path *p)
{
	unsigned walk = walk_flags(flags);
	char *name = path_from_user(upath, walk);
	int err;

	if (IS_ERR(name))
		return PTR_ERR(name);
	err = path_lookup(dirfd, name, walk, p);
	kfree(name);
	return err;
}

int path_of_descriptor(int fd, bool raw, struct path *p)
{
	struct file *f = raw ? fd_get_raw(fd) : fd_get(fd);

	if (!f)
		return -EBADF;
	if (!f->dentry) {
		file_put(f);
		return -EINVAL;
	}
	p->mount = f->mount;
	p->dentry = f->dentry;
	path_get(p);
	file_put(f);
	return 0;
}
