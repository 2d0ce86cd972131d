/* Socket addresses between the program and the kernel. */
#include "private.h"
#include "string.h"
#include "uaccess.h"

int sockaddr_import(struct sockaddr_storage *ss, const void __user *p, int len)
{
	memset(ss, 0, sizeof(*ss));
	if (len < 0 || (size_t)len > sizeof(*ss))
		return -EINVAL;
	if (len && copy_from_user(ss, p, len))
		return -EFAULT;
	return 0;
}

int sockaddr_export(const struct sockaddr_storage *ss, int len, void __user *p,
		    int __user *ulen)
{
	int room;

	if (get_user(room, ulen))
		return -EFAULT;
	if (room < 0)
		return -EINVAL;
	if (MIN(room, len) && copy_to_user(p, ss, MIN(room, len)))
		return -EFAULT;
	/* The whole length, also when it was cut: accept(2). */
	return put_user(len, ulen);
}
