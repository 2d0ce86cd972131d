/* Who may do what: mode bits, owners, capabilities. */
#include "private.h"
#include "process.h"
#include <linux/capability.h>

/* The identity that counts. */
struct identity {
	u32 uid, gid;
	u64 caps;
};

static void identity_get(const struct process *p, unsigned flags,
			 struct identity *id)
{
	id->uid = p->fsuid;
	id->gid = p->fsgid;
	id->caps = p->cap_effective;
	if (flags & WALK_REAL_IDS) {
		/*
		 * access(2): what set-user-id programs would do for the caller.
		 */
		id->uid = p->uid;
		id->gid = p->gid;
		id->caps = p->uid ? 0 : p->cap_permitted;
	}
}

static bool has_cap(const struct identity *id, int cap)
{
	return id->caps & BIT(cap);
}

static bool in_group(const struct process *p, const struct identity *id,
		     u32 gid)
{
	if (id->gid == gid)
		return true;
	for (unsigned i = 0; i < p->ngroups; i++)
		if (p->groups[i] == gid)
			return true;
	return false;
}

/* What capabilities allow beyond the mode bits. */
static bool overridden(const struct inode *inode, int mask,
		       const struct identity *id)
{
	if (S_ISDIR(inode->mode)) {
		if (!(mask & MAY_WRITE) && has_cap(id, CAP_DAC_READ_SEARCH))
			return true;
		return has_cap(id, CAP_DAC_OVERRIDE);
	}
	if (mask == MAY_READ && has_cap(id, CAP_DAC_READ_SEARCH))
		return true;
	/* Nobody executes what has no execute bit at all. */
	if ((mask & MAY_EXEC) && !(inode->mode & 0111))
		return false;
	return has_cap(id, CAP_DAC_OVERRIDE);
}

int permission(const struct inode *inode, int mask, unsigned flags)
{
	const struct process *p = current_process();
	struct identity id;
	u32 bits = inode->mode;

	if (mask & MAY_WRITE) {
		if ((READ_ONCE(inode->sb->flags) & MS_RDONLY) &&
		    (S_ISREG(bits) || S_ISDIR(bits) || S_ISLNK(bits)))
			return -EROFS;
		if (inode->flags & INODE_IMMUTABLE)
			return -EPERM;
	}
	if (!p)
		return 0;
	identity_get(p, flags, &id);
	if (id.uid == inode->uid)
		bits >>= 6;
	else if (in_group(p, &id, inode->gid))
		bits >>= 3;
	if (!(mask & ~bits & 7) || overridden(inode, mask, &id))
		return 0;
	return -EACCES;
}

int inode_permission(const struct inode *inode, int mask)
{
	return permission(inode, mask, 0);
}

bool inode_owner_or_capable(const struct inode *inode)
{
	const struct process *p = current_process();

	return !p || p->fsuid == inode->uid || capable(CAP_FOWNER);
}

int path_writable(const struct path *p)
{
	if ((READ_ONCE(p->mount->flags) | READ_ONCE(p->mount->sb->flags)) &
	    MS_RDONLY)
		return -EROFS;
	return 0;
}

int may_create(const struct path *dir)
{
	int err;

	if (inode_is_dead(dir->dentry->inode))
		return -ENOENT;
	err = path_writable(dir);
	if (err)
		return err;
	return inode_permission(dir->dentry->inode, MAY_WRITE | MAY_EXEC);
}

/* In a directory with the sticky bit one removes only what is one's own. */
static bool sticky_forbids(const struct inode *dir, const struct inode *victim)
{
	const struct process *p = current_process();

	if (!(dir->mode & S_ISVTX) || !p)
		return false;
	return p->fsuid != victim->uid && p->fsuid != dir->uid &&
	       !capable(CAP_FOWNER);
}

int may_delete(const struct path *dir, const struct dentry *victim, bool is_dir)
{
	const struct inode *parent = dir->dentry->inode;
	int err;

	if (!victim->inode)
		return -ENOENT;
	err = path_writable(dir);
	if (!err)
		err = inode_permission(parent, MAY_WRITE | MAY_EXEC);
	if (err)
		return err;
	if (parent->flags & INODE_APPEND)
		return -EPERM;
	if (sticky_forbids(parent, victim->inode) ||
	    (victim->inode->flags & (INODE_APPEND | INODE_IMMUTABLE)))
		return -EPERM;
	if (is_dir) {
		if (!S_ISDIR(victim->inode->mode))
			return -ENOTDIR;
		if (victim->parent == victim)
			return -EBUSY;
	} else if (S_ISDIR(victim->inode->mode)) {
		return -EISDIR;
	}
	if (inode_is_dead(parent))
		return -ENOENT;
	return 0;
}
