/* Names of local sockets: paths and the abstract name space. */
#include "unix.h"
#include "dentry.h"
#include "fs.h"
#include "page.h"
#include "path.h"
#include "process.h"
#include "refs.h"
#include "string.h"

#define PATH_OFFSET offsetof(struct sockaddr_un, sun_path)
#define BUCKETS 64

static struct list abstract[BUCKETS]; /* of addr_link; unix_lock */

static void names_init(void)
{
	for (int i = 0; i < BUCKETS; i++)
		list_init(&abstract[i]);
}
INITCALL(INIT_CORE, names_init);

struct unix_addr *unix_addr_get(struct unix_addr *a)
{
	ref_get(&a->refs);
	return a;
}

void unix_addr_put(struct unix_addr *a)
{
	if (ref_put(&a->refs))
		kfree(a);
}

static struct unix_addr *addr_new(const struct sockaddr *sa, int len)
{
	struct unix_addr *a = kzalloc(sizeof(*a), 0);

	if (!a)
		return NULL;
	a->refs = 1;
	a->len = len;
	memcpy(&a->sun, sa, len);
	return a;
}

static int check(const struct sockaddr *sa, int len)
{
	if (len < (int)PATH_OFFSET || len > (int)sizeof(struct sockaddr_un))
		return -EINVAL;
	return sa->sa_family == AF_UNIX ? 0 : -EINVAL;
}

static bool is_abstract(const struct sockaddr *sa)
{
	return !((const struct sockaddr_un *)sa)->sun_path[0];
}

/* The path, NUL-terminated: path[UNIX_PATH_MAX + 1]. */
static void path_of(const struct sockaddr *sa, int len, char *path)
{
	size_t n = len - PATH_OFFSET;

	memcpy(path, ((const struct sockaddr_un *)sa)->sun_path, n);
	path[n] = 0;
}

static struct list *bucket(const struct sockaddr *sa, int len)
{
	const u8 *p = (const u8 *)sa;
	u32 h = 2166136261u; /* FNV-1a */

	for (int i = PATH_OFFSET; i < len; i++)
		h = (h ^ p[i]) * 16777619u;
	return &abstract[h % BUCKETS];
}

/* unix_lock held.  Names of different types are different. */
static struct unix_sock *abstract_find(const struct sockaddr *sa, int len,
				       int type)
{
	struct unix_sock *u;

	list_for_each(u, bucket(sa, len), addr_link)
	{
		if (u->addr->len == len && !memcmp(&u->addr->sun, sa, len) &&
		    (!type || u->s.type == type))
			return u;
	}
	return NULL;
}

static int bind_abstract(struct unix_sock *u, struct unix_addr *a)
{
	int err = 0;

	mutex_lock(&unix_lock);
	if (abstract_find((void *)&a->sun, a->len, u->s.type)) {
		err = -EADDRINUSE;
	} else {
		u->addr = a;
		list_append(bucket((void *)&a->sun, a->len), &u->addr_link);
	}
	mutex_unlock(&unix_lock);
	return err;
}

static int bind_path(struct unix_sock *u, struct unix_addr *a)
{
	char path[UNIX_PATH_MAX + 1];
	struct inode *inode;
	struct path at;
	int err;

	path_of((void *)&a->sun, a->len, path);
	/* getsockname shows the terminating NUL. */
	a->len = (int)(PATH_OFFSET + strlen(path) + 1);
	memset(&a->sun, 0, sizeof(a->sun));
	a->sun.sun_family = AF_UNIX;
	memcpy(a->sun.sun_path, path, MIN(strlen(path) + 1, (size_t)UNIX_PATH_MAX));
	err = vfs_mknod(AT_FDCWD, path, S_IFSOCK | 0777, 0, &at);
	if (err)
		return err == -EEXIST ? -EADDRINUSE : err;
	inode = at.dentry->inode;
	mutex_lock(&inode->lock);
	inode->special = u;
	mutex_unlock(&inode->lock);
	u->at = at;
	mutex_lock(&unix_lock);
	u->addr = a;
	mutex_unlock(&unix_lock);
	return 0;
}

/* Linux makes the node before it sees that the socket has a name already. */
static int rebind_error(const struct unix_addr *a)
{
	char name[UNIX_PATH_MAX + 1];
	struct path p;
	int err;

	if (!a->sun.sun_path[0])
		return -EINVAL;
	path_of((void *)&a->sun, a->len, name);
	err = path_lookup(AT_FDCWD, name, 0, &p);
	if (!err) {
		path_put(&p);
		return -EADDRINUSE;
	}
	return err == -ENOENT ? -EINVAL : err;
}

int unix_autobind(struct unix_sock *u)
{
	static u32 next;
	int err = 0;

	mutex_lock(&u->bind_lock);
	for (u32 tries = 0; !u->addr; tries++) {
		static const char digit[] = "0123456789abcdef";
		struct sockaddr_un sun = {.sun_family = AF_UNIX};
		u32 n = __atomic_add_fetch(&next, 1, __ATOMIC_RELAXED);
		struct unix_addr *a;

		/* unix(7), autobind: a NUL and five hexadecimal digits. */
		for (int i = 5; i >= 1; i--, n >>= 4)
			sun.sun_path[i] = digit[n & 15];
		a = addr_new((void *)&sun, PATH_OFFSET + 6);
		err = a ? bind_abstract(u, a) : -ENOMEM;
		if (err)
			kfree(a);
		if (err == -EADDRINUSE && tries > 0xfffff)
			err = -ENOSPC; /* all of them are taken */
		if (err && err != -EADDRINUSE)
			break;
	}
	mutex_unlock(&u->bind_lock);
	return err;
}

int unix_bind(struct socket *s, struct sockaddr *sa, int len)
{
	struct unix_sock *u = unix_sk(s);
	struct unix_addr *a;
	int err;

	if (len == (int)sizeof(sa->sa_family) && sa->sa_family == AF_UNIX)
		return u->addr ? -EINVAL : unix_autobind(u);
	err = check(sa, len);
	if (err)
		return err;
	if (len == (int)PATH_OFFSET)
		return -EINVAL;
	a = addr_new(sa, len);
	if (!a)
		return -ENOMEM;
	mutex_lock(&u->bind_lock);
	if (u->addr)
		err = rebind_error(a);
	else
		err = is_abstract(sa) ? bind_abstract(u, a) : bind_path(u, a);
	mutex_unlock(&u->bind_lock);
	if (err)
		unix_addr_put(a);
	return err;
}

static struct unix_sock *find_path(const struct sockaddr *sa, int len, int type)
{
	char name[UNIX_PATH_MAX + 1];
	struct unix_sock *u = NULL;
	struct inode *inode;
	struct path p;
	int err;

	path_of(sa, len, name);
	err = path_lookup(AT_FDCWD, name, WALK_FOLLOW, &p);
	if (err)
		return ERR_PTR(err);
	inode = p.dentry->inode;
	err = inode_permission(inode, MAY_WRITE);
	if (!err && (inode->mode & S_IFMT) != S_IFSOCK)
		err = -ECONNREFUSED;
	if (!err) {
		mutex_lock(&inode->lock);
		u = inode->special;
		if (u)
			unix_get(u);
		mutex_unlock(&inode->lock);
		if (!u)
			err = -ECONNREFUSED;
	}
	if (u && u->s.type != type) {
		unix_put(u);
		err = -EPROTOTYPE;
	}
	path_put(&p);
	return err ? ERR_PTR(err) : u;
}

struct unix_sock *unix_find(const struct sockaddr *sa, int len, int type)
{
	struct unix_sock *u;
	int err = check(sa, len);

	if (err)
		return ERR_PTR(err);
	if (len == (int)PATH_OFFSET)
		return ERR_PTR(-EINVAL);
	if (!is_abstract(sa))
		return find_path(sa, len, type);
	mutex_lock(&unix_lock);
	u = abstract_find(sa, len, type);
	if (u)
		unix_get(u);
	mutex_unlock(&unix_lock);
	return u ? u : ERR_PTR(-ECONNREFUSED);
}

int unix_getname(struct socket *s, struct sockaddr *sa, bool peer)
{
	struct unix_sock *u = unix_sk(s), *of = u;
	int len = sizeof(sa->sa_family);

	mutex_lock(&unix_lock);
	if (peer)
		of = u->peer;
	sa->sa_family = AF_UNIX;
	if (!of)
		len = -ENOTCONN;
	else if (of->addr)
		memcpy(sa, &of->addr->sun, len = of->addr->len);
	mutex_unlock(&unix_lock);
	return len;
}

void unix_unname(struct unix_sock *u)
{
	struct path at;

	mutex_lock(&u->bind_lock);
	at = u->at;
	memset(&u->at, 0, sizeof(u->at));
	if (at.dentry) {
		struct inode *inode = at.dentry->inode;

		mutex_lock(&inode->lock);
		if (inode->special == u)
			inode->special = NULL;
		mutex_unlock(&inode->lock);
	}
	mutex_lock(&unix_lock);
	list_del(&u->addr_link);
	mutex_unlock(&unix_lock);
	mutex_unlock(&u->bind_lock);
	path_put(&at);
}
