/*
 * From a path to what it names: the walk, where it begins, and what is done to names.
 */
#ifndef RR_PATH_H
#define RR_PATH_H

#include "mount.h"
#include <linux/limits.h>

struct attr;

#define WALK_FOLLOW 1u      /* follow a symbolic link at the end, too */
#define WALK_DIRECTORY 2u   /* -ENOTDIR if it is none */
#define WALK_EMPTY 4u       /* "" means the starting point (AT_EMPTY_PATH) */
#define WALK_PARENT 8u      /* stop before the last component */
#define WALK_REAL_IDS 16u   /* permissions by real uid and gid (access(2)) */
/* openat2(2): */
#define WALK_NO_XDEV 32u
#define WALK_NO_MAGICLINKS 64u
#define WALK_NO_SYMLINKS 128u
#define WALK_BENEATH 256u
#define WALK_IN_ROOT 512u

/*
 * From a path of the program: name is the kernel's copy.  dirfd: AT_FDCWD or a
 * descriptor of a directory.  *p gets references.  0 or -errno.
 */
int path_lookup(int dirfd, const char *name, unsigned flags, struct path *p);
/*
 * For calls that make or remove a name: the directory in *p, and the last
 * component: *last within name, *len long (trailing slashes not counted:
 * *slash).  "." and ".." and "/" have *len 1, 2, 0.
 */
struct path_last {
	const char *name;
	size_t len;
	bool slash; /* slashes follow */
};
int path_parent(int dirfd, const char *name, unsigned flags, struct path *p,
		struct path_last *last);
/*
 * Take the program's path in: a string from kmalloc that the caller frees with
 * kfree; ERR_PTR: -EFAULT, -ENAMETOOLONG, -ENOENT (empty, unless flags has
 * WALK_EMPTY), -ENOMEM.
 */
char *path_from_user(const char __user *upath, unsigned flags);
/*
 * The absolute path as seen from the process's root, into buf from its end
 * backwards: a pointer into buf, or ERR_PTR(-ENAMETOOLONG).  " (deleted)" is
 * appended where the name has gone; "(unreachable)" is put in front where the
 * root is not above.
 */
char *path_to_string(const struct path *p, char *buf, size_t size);

/* ---- current directory, root, umask ---- */

struct fs_context {
	s32 refs;              /* atomic */
	u32 umask;             /* atomic */
	struct path cwd, root; /* vfs_tree_lock */
};

/* "/" and 022; one reference.  NULL: no memory. */
struct fs_context *fs_context_new(void);
struct fs_context *fs_context_copy(struct fs_context *fs); /* for fork */
void fs_context_get(struct fs_context *fs);
void fs_context_put(struct fs_context *fs);
/* Change the directory of a context that is not in use yet; 0 or -errno. */
int fs_context_chdir(struct fs_context *fs, const char *path);
/* With references; of kernel threads: the root of everything. */
void fs_current_root(struct path *p);
void fs_current_cwd(struct path *p);
u32 fs_current_umask(void);

/* ---- operations on names; path strings are the kernel's ---- */

int vfs_mkdir(int dirfd, const char *name, u32 mode);
/*
 * mode with S_IFIFO, S_IFSOCK, S_IFCHR, S_IFBLK or S_IFREG.  bind(2) of an
 * AF_UNIX socket makes S_IFSOCK (-EEXIST: it says EADDRINUSE), with *out, if
 * not NULL, the new place, referenced, in whose inode's special it leaves the
 * socket.
 */
int vfs_mknod(int dirfd, const char *name, u32 mode, u64 rdev,
	      struct path *out);
int vfs_symlink(const char *target, int dirfd, const char *name);
int vfs_unlink(int dirfd, const char *name);
int vfs_rmdir(int dirfd, const char *name);
int vfs_link(int olddirfd, const char *oldname, int newdirfd,
	     const char *newname, unsigned walk_flags);
int vfs_rename(int olddirfd, const char *oldname, int newdirfd,
	       const char *newname, unsigned flags);
/* Change attributes (permission checked by the caller). 0 or -errno. */
int vfs_setattr(const struct path *p, struct attr *a);

#endif
