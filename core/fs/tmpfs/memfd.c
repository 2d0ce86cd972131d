/* memfd_create(2): files of tmpfs without a place in the tree. */
#include "fsfile.h"
#include "log.h"
#include "mount.h"
#include "private.h"
#include "syscall.h"
#include "uaccess.h"
#include <linux/memfd.h>

#define PREFIX "/memfd:"
#define SUFFIX " (deleted)"
#define MEMFD_NAME_MAX (NAME_MAX - 6) /* Linux counts "memfd:" to the name */

static struct mount *memfd_mount; /* made once, when first needed; lock */
static struct mutex memfd_lock = MUTEX_INIT(memfd_lock);

static struct mount *get_mount(void)
{
	struct mount *m;

	mutex_lock(&memfd_lock);
	m = memfd_mount;
	if (!m) {
		m = mount_internal("tmpfs");
		if (!IS_ERR(m))
			memfd_mount = m;
	}
	mutex_unlock(&memfd_lock);
	return m;
}

static struct file *memfd_new(const char *name, unsigned flags)
{
	struct mount *m = get_mount();
	struct inode *inode;
	struct file *f;

	if (IS_ERR(m))
		return (void *)m;
	inode = tmpfs_inode_new(m->sb, NULL, S_IFREG | 0777);
	if (IS_ERR(inode))
		return (void *)inode;
	inode->nlink = 0;
	if (flags & MFD_ALLOW_SEALING)
		tmpfs_inode(inode)->seals = 0;
	f = vfs_open_inode(m, inode, name, O_RDWR | O_LARGEFILE);
	inode_put(inode);
	return f;
}

static long sys_memfd_create(const char __user *uname, unsigned flags)
{
	char name[sizeof(PREFIX) + MEMFD_NAME_MAX + sizeof(SUFFIX)];
	const size_t prefix = sizeof(PREFIX) - 1;
	struct file *f;
	ssize_t n;

	if (flags & ~(unsigned)(MFD_CLOEXEC | MFD_ALLOW_SEALING))
		return -EINVAL;
	memcpy(name, PREFIX, prefix);
	n = strncpy_from_user(name + prefix, uname, MEMFD_NAME_MAX + 1);
	if (n < 0)
		return n == -ENAMETOOLONG ? -EINVAL : n;
	memcpy(name + prefix + n, SUFFIX, sizeof(SUFFIX));
	f = memfd_new(name, flags);
	if (IS_ERR(f))
		return PTR_ERR(f);
	return fd_install(f, flags & MFD_CLOEXEC ? O_CLOEXEC : 0);
}
SYSCALL(__NR_memfd_create, sys_memfd_create);
