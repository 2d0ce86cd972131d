/* Control messages (cmsg(3)). */
#include "socket.h"
#include "uaccess.h"

size_t cmsg_room(const struct socket_msg *m)
{
	size_t hdr = CMSG_ALIGN(sizeof(struct cmsghdr));

	return m->cmsg && m->cmsg->left > hdr ? m->cmsg->left - hdr : 0;
}

int put_cmsg(struct socket_msg *m, int level, int type, const void *data,
	     size_t len)
{
	struct cmsg_buffer *b = m->cmsg;
	struct cmsghdr c = {CMSG_LEN(len), level, type};
	size_t space;

	if (!b)
		return 0;
	if (b->left < sizeof(c)) {
		b->truncated = true;
		return 0;
	}
	/* What fits is given, as on Linux. */
	if (c.cmsg_len > b->left) {
		b->truncated = true;
		c.cmsg_len = b->left;
	}
	if (copy_to_user((char *)b->p + b->used, &c, sizeof(c)) ||
	    copy_to_user((char *)b->p + b->used + sizeof(c), data,
			 c.cmsg_len - sizeof(c)))
		return -EFAULT;
	space = MIN(CMSG_SPACE(len), b->left);
	b->used += space;
	b->left -= space;
	return 0;
}

struct cmsghdr *cmsg_next(const struct socket_msg *m, struct cmsghdr *c)
{
	char *end = (char *)m->control + m->controllen;
	char *p = c ? (char *)c + CMSG_ALIGN(c->cmsg_len) : m->control;

	if (!p || p > end || (size_t)(end - p) < sizeof(*c))
		return NULL;
	return (struct cmsghdr *)p;
}
