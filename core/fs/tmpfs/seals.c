/* Seals: what may no longer be done to a file (fcntl(2), F_ADD_SEALS). */
#include "fsfile.h"
#include "private.h"
#include "vm.h"

#define ALL_SEALS                                                              \
	(F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE |            \
	 F_SEAL_FUTURE_WRITE)

static long add_seals(struct file *f, unsigned long seals)
{
	struct inode *inode = f->inode;
	struct tmpfs_inode *t = tmpfs_inode(inode);
	long err = 0;

	if (!file_writable(f))
		return -EPERM;
	if (seals & ~(unsigned long)ALL_SEALS)
		return -EINVAL;
	mutex_lock(&inode->lock);
	if (t->seals & F_SEAL_SEAL)
		err = -EPERM;
	else if ((seals & F_SEAL_WRITE) &&
		 !mapping_forbid_writers(inode->mapping))
		err = -EBUSY;
	if (!err) {
		t->seals |= (u32)seals;
		if (t->seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE))
			inode->flags |= INODE_NO_WRITE;
		if (t->seals & F_SEAL_GROW)
			inode->flags |= INODE_NO_GROW;
		if (t->seals & F_SEAL_SHRINK)
			inode->flags |= INODE_NO_SHRINK;
	}
	mutex_unlock(&inode->lock);
	return err;
}

long tmpfs_fcntl(struct file *f, unsigned cmd, unsigned long arg)
{
	switch (cmd) {
	case F_ADD_SEALS:
		return add_seals(f, arg);
	case F_GET_SEALS:
		return (long)READ_ONCE(tmpfs_inode(f->inode)->seals);
	default:
		return -EINVAL;
	}
}

int tmpfs_mmap(struct file *f, struct vma *vma)
{
	if ((vma->flags & VMA_SHARED) &&
	    (READ_ONCE(f->inode->flags) & INODE_NO_WRITE)) {
		if (vma->flags & VMA_WRITE)
			return -EPERM;
		vma->flags &= ~VMA_MAYWRITE;
	}
	return generic_mmap(f, vma);
}
