/* setsockopt and getsockopt. */
#include "private.h"
#include "page.h"
#include "string.h"
#include "syscall.h"
#include "uaccess.h"

/* Options longer than this do not exist, except filters, which we refuse. */
#define INLINE 256

static long sys_setsockopt(int fd, int level, int name, void __user *uval,
			   int len)
{
	struct file *f;
	struct socket *s;
	u64 val[INLINE / sizeof(u64)] = {0};
	int err;

	if (len < 0)
		return -EINVAL;
	s = socket_from_fd(fd, &f);
	if (IS_ERR(s))
		return PTR_ERR(s);
	if ((size_t)len > sizeof(val))
		len = sizeof(val);
	if (len && copy_from_user(val, uval, len)) {
		file_put(f);
		return -EFAULT;
	}
	if (level == SOL_SOCKET)
		err = socket_setsockopt(s, name, val, len);
	else if (s->ops->setsockopt)
		err = s->ops->setsockopt(s, level, name, val, len);
	else
		err = -EOPNOTSUPP;
	file_put(f);
	return err;
}
SYSCALL(__NR_setsockopt, sys_setsockopt);

static long sys_getsockopt(int fd, int level, int name, void __user *uval,
			   int __user *ulen)
{
	struct file *f;
	struct socket *s;
	u64 val[INLINE / sizeof(u64)] = {0};
	int len, err;

	s = socket_from_fd(fd, &f);
	if (IS_ERR(s))
		return PTR_ERR(s);
	err = -EFAULT;
	if (get_user(len, ulen))
		goto out;
	err = -EINVAL;
	if (len < 0)
		goto out;
	if ((size_t)len > sizeof(val))
		len = sizeof(val);
	if (level == SOL_SOCKET)
		err = socket_getsockopt(s, name, val, &len);
	else if (s->ops->getsockopt)
		err = s->ops->getsockopt(s, level, name, val, &len);
	else
		err = -EOPNOTSUPP;
	if (err)
		goto out;
	if ((len && copy_to_user(uval, val, len)) || put_user(len, ulen))
		err = -EFAULT;
out:
	file_put(f);
	return err;
}
SYSCALL(__NR_getsockopt, sys_getsockopt);
