/* socket and socketpair. */
#include "private.h"
#include "syscall.h"
#include "uaccess.h"

LINKSET_DECLARE(socket_families);

const struct socket_family *socket_family_find(int family)
{
	const struct socket_family *f;

	LINKSET_FOREACH(socket_families, f)
	{
		if (f->family == family)
			return f;
	}
	return NULL;
}

static struct socket *create(int family, int type, int protocol,
			     const struct socket_family **fp)
{
	const struct socket_family *f;

	if (type & ~(SOCK_TYPE_MASK | SOCK_CLOEXEC | SOCK_NONBLOCK))
		return ERR_PTR(-EINVAL);
	type &= SOCK_TYPE_MASK;
	if (family < 0 || family >= AF_MAX)
		return ERR_PTR(-EAFNOSUPPORT);
	if (type <= 0 || type > 10) /* SOCK_PACKET is the last one */
		return ERR_PTR(-EINVAL);
	f = socket_family_find(family);
	if (!f)
		return ERR_PTR(-EAFNOSUPPORT);
	*fp = f;
	return f->create(type, protocol);
}

static long sys_socket(int family, int type, int protocol)
{
	const struct socket_family *f;
	struct socket *s = create(family, type, protocol, &f);

	if (IS_ERR(s))
		return PTR_ERR(s);
	return socket_install(s, type);
}
SYSCALL(__NR_socket, sys_socket);

static void discard(struct socket *s)
{
	s->ops->close(s);
	socket_put(s);
}

static long sys_socketpair(int family, int type, int protocol, int __user *usv)
{
	const struct socket_family *f;
	struct socket *a, *b;
	int sv[2], err;

	a = create(family, type, protocol, &f);
	if (IS_ERR(a))
		return PTR_ERR(a);
	b = create(family, type, protocol, &f);
	if (IS_ERR(b)) {
		discard(a);
		return PTR_ERR(b);
	}
	err = f->pair ? f->pair(a, b) : -EOPNOTSUPP;
	if (err) {
		discard(a);
		discard(b);
		return err;
	}
	sv[0] = socket_install(a, type);
	if (sv[0] < 0) {
		discard(b);
		return sv[0];
	}
	sv[1] = socket_install(b, type);
	if (sv[1] < 0) {
		fd_close(sv[0]);
		return sv[1];
	}
	if (copy_to_user(usv, sv, sizeof(sv))) {
		fd_close(sv[0]);
		fd_close(sv[1]);
		return -EFAULT;
	}
	return 0;
}
SYSCALL(__NR_socketpair, sys_socketpair);
