/* A process's current directory, root and umask. */
#include "private.h"
#include "process.h"
#include "refs.h"

struct fs_context *fs_context_new(void)
{
	struct fs_context *fs = kzalloc(sizeof(*fs), ALLOC_WAIT);

	if (!fs)
		return NULL;
	fs->refs = 1;
	fs->umask = 022;
	fs_current_root(&fs->root);
	fs->cwd = fs->root;
	path_get(&fs->cwd);
	return fs;
}

struct fs_context *fs_context_copy(struct fs_context *from)
{
	struct fs_context *fs = kzalloc(sizeof(*fs), ALLOC_WAIT);

	if (!fs)
		return NULL;
	fs->refs = 1;
	spin_lock(&vfs_tree_lock);
	fs->umask = from->umask;
	fs->root = from->root;
	fs->cwd = from->cwd;
	path_get(&fs->root);
	path_get(&fs->cwd);
	spin_unlock(&vfs_tree_lock);
	return fs;
}

void fs_context_get(struct fs_context *fs)
{
	ref_get(&fs->refs);
}

void fs_context_put(struct fs_context *fs)
{
	if (!ref_put(&fs->refs))
		return;
	path_put(&fs->root);
	path_put(&fs->cwd);
	kfree(fs);
}

int fs_context_chdir(struct fs_context *fs, const char *path)
{
	struct path p;
	int err = path_lookup(AT_FDCWD, path, WALK_FOLLOW | WALK_DIRECTORY, &p);

	if (err)
		return err;
	path_put(&fs->cwd);
	fs->cwd = p;
	return 0;
}

void fs_current_root(struct path *p)
{
	struct process *cur = current_process();

	spin_lock(&vfs_tree_lock);
	p->mount = root_mount;
	p->dentry = root_mount->sb->root;
	walk_cross_mounts(p);
	if (cur && cur->fs)
		*p = cur->fs->root;
	path_get(p);
	spin_unlock(&vfs_tree_lock);
}

void fs_current_cwd(struct path *p)
{
	struct process *cur = current_process();

	if (!cur || !cur->fs) {
		fs_current_root(p);
		return;
	}
	spin_lock(&vfs_tree_lock);
	*p = cur->fs->cwd;
	path_get(p);
	spin_unlock(&vfs_tree_lock);
}

u32 fs_current_umask(void)
{
	struct process *cur = current_process();

	return cur && cur->fs ? READ_ONCE(cur->fs->umask) : 0;
}
