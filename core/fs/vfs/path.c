/* Paths as text: taken in from the program, given out. */
#include "private.h"
#include "process.h"
#include "uaccess.h"

/* A whole page for the few paths that are long. */
static char *long_path_from_user(const char __user *upath)
{
	char *name = kmalloc(PATH_MAX, ALLOC_WAIT);
	ssize_t n;

	if (!name)
		return ERR_PTR(-ENOMEM);
	n = strncpy_from_user(name, upath, PATH_MAX);
	if (n >= 0)
		return name;
	kfree(name);
	return ERR_PTR(n);
}

char *path_from_user(const char __user *upath, unsigned flags)
{
	char buf[128], *name;
	ssize_t n = strncpy_from_user(buf, upath, sizeof(buf));

	if (n == -ENAMETOOLONG)
		return long_path_from_user(upath);
	if (n == 0 && !(flags & WALK_EMPTY))
		n = -ENOENT;
	if (n < 0)
		return ERR_PTR(n);
	name = kmalloc((size_t)n + 1, ALLOC_WAIT);
	if (!name)
		return ERR_PTR(-ENOMEM);
	memcpy(name, buf, (size_t)n + 1);
	return name;
}

/* Put n bytes in front of *p, which does not go below buf. */
static bool prepend(char *buf, char **p, const char *s, size_t n)
{
	if ((size_t)(*p - buf) < n)
		return false;
	*p -= n;
	memcpy(*p, s, n);
	return true;
}

/* The names from p up to the root; vfs_tree_lock held. */
static bool prepend_path(struct path p, const struct path *root, char *buf,
			 char **end)
{
	char *start = *end;

	while (p.dentry != root->dentry || p.mount != root->mount) {
		if (p.dentry == p.mount->sb->root) {
			if (!p.mount->parent)
				break;
			p.dentry = p.mount->point;
			p.mount = p.mount->parent;
			continue;
		}
		/* The root of an object without a path. */
		if (p.dentry->parent == p.dentry)
			return prepend(buf, end, p.dentry->name,
				       p.dentry->len);
		if (!prepend(buf, end, p.dentry->name, p.dentry->len) ||
		    !prepend(buf, end, "/", 1))
			return false;
		p.dentry = p.dentry->parent;
	}
	if (*end == start && !prepend(buf, end, "/", 1))
		return false;
	if (p.dentry != root->dentry || p.mount != root->mount)
		return prepend(buf, end, "(unreachable)", 13);
	return true;
}

char *path_to_string(const struct path *p, char *buf, size_t size)
{
	struct process *cur = current_process();
	struct path root = {root_mount, root_mount->sb->root};
	char *end = buf + size;
	bool fits = prepend(buf, &end, "", 1);

	spin_lock(&vfs_tree_lock);
	walk_cross_mounts(&root);
	if (cur && cur->fs)
		root = cur->fs->root;
	if (p->dentry->parent != p->dentry &&
	    !(p->dentry->flags & DENTRY_HASHED))
		fits = fits && prepend(buf, &end, " (deleted)", 10);
	fits = fits && prepend_path(*p, &root, buf, &end);
	spin_unlock(&vfs_tree_lock);
	return fits ? end : ERR_PTR(-ENAMETOOLONG);
}
