/* Netlink sockets: requests are answered at once into the receive queue. */
#include "netlink.h"
#include "page.h"
#include "process.h"
#include "string.h"
#include "uaccess.h"

static const struct socket_ops ops;

static struct nl_sock *nl_sk(struct socket *s)
{
	return container_of(s, struct nl_sock, s);
}

static struct socket *create(int type, int protocol)
{
	struct nl_sock *n;

	if (type != SOCK_RAW && type != SOCK_DGRAM)
		return ERR_PTR(-ESOCKTNOSUPPORT);
	if (protocol != NETLINK_ROUTE)
		return ERR_PTR(-EPROTONOSUPPORT);
	n = kzalloc(sizeof(*n), 0);
	if (!n)
		return ERR_PTR(-ENOMEM);
	socket_init(&n->s, &ops, AF_NETLINK, type, protocol);
	spin_init(&n->spin);
	list_init(&n->rx);
	return &n->s;
}

static const struct socket_family family = {AF_NETLINK, create, NULL};
SOCKET_FAMILY(family);

static u32 next_pid(void)
{
	static u32 next;
	struct process *p = current_process();
	u32 n = __atomic_fetch_add(&next, 1, __ATOMIC_RELAXED);

	/* Linux gives the process id first, then negative numbers. */
	return n == 0 && p ? (u32)p->pid : (u32)(-4096 - (s32)n);
}

static int bind(struct socket *s, struct sockaddr *sa, int len)
{
	struct nl_sock *n = nl_sk(s);
	struct sockaddr_nl *nl = (void *)sa;
	int err = 0;

	if ((size_t)len < sizeof(*nl) || nl->nl_family != AF_NETLINK)
		return -EINVAL;
	mutex_lock(&s->lock);
	if (n->pid && nl->nl_pid && n->pid != nl->nl_pid)
		err = -EINVAL;
	else if (!n->pid)
		n->pid = nl->nl_pid ? nl->nl_pid : next_pid();
	mutex_unlock(&s->lock);
	return err;
}

static int getname(struct socket *s, struct sockaddr *sa, bool peer)
{
	struct sockaddr_nl nl = {.nl_family = AF_NETLINK};

	if (!peer)
		nl.nl_pid = nl_sk(s)->pid;
	memcpy(sa, &nl, sizeof(nl));
	return sizeof(nl);
}

static int connect(struct socket *s, struct sockaddr *sa, int len, int flags)
{
	const struct sockaddr_nl *nl = (void *)sa;

	if ((size_t)len < sizeof(sa->sa_family))
		return -EINVAL;
	if (sa->sa_family == AF_UNSPEC)
		return 0;
	if ((size_t)len < sizeof(*nl) || nl->nl_family != AF_NETLINK)
		return -EINVAL;
	/* Only the kernel is there. */
	return nl->nl_pid ? -ECONNREFUSED : 0;
}

static struct nl_reply *reply_new(struct list *list)
{
	struct nl_reply *r = kmalloc(sizeof(*r) + NL_REPLY_MAX, 0);

	if (!r)
		return NULL;
	r->len = 0;
	list_append(list, &r->link);
	return r;
}

struct nlmsghdr *nl_begin(struct list *list, const struct nlmsghdr *request,
			  u32 pid, u16 type, u16 flags, size_t room)
{
	struct nl_reply *r =
	    list_empty(list) ? NULL : list_last(list, struct nl_reply, link);
	struct nlmsghdr *h;

	if (!r || NL_REPLY_MAX - r->len < room)
		r = reply_new(list);
	if (!r)
		return NULL;
	h = (void *)(r->data + r->len);
	memset(h, 0, sizeof(*h));
	h->nlmsg_len = sizeof(*h);
	h->nlmsg_type = type;
	h->nlmsg_flags = flags;
	h->nlmsg_seq = request->nlmsg_seq;
	h->nlmsg_pid = pid;
	return h;
}

void *nl_put(struct nlmsghdr *h, size_t n)
{
	void *p = (char *)h + NLMSG_ALIGN(h->nlmsg_len);

	memset(p, 0, NLMSG_ALIGN(n));
	h->nlmsg_len = NLMSG_ALIGN(h->nlmsg_len) + n;
	return p;
}

void nl_attribute(struct nlmsghdr *h, u16 type, const void *data, size_t n)
{
	struct rtattr *a = nl_put(h, RTA_LENGTH(n));

	a->rta_len = RTA_LENGTH(n);
	a->rta_type = type;
	memcpy(RTA_DATA(a), data, n);
}

void nl_end(struct list *list, struct nlmsghdr *h)
{
	/* Padding counts, as Linux has it: musl relies on whole attributes. */
	h->nlmsg_len = NLMSG_ALIGN(h->nlmsg_len);
	list_last(list, struct nl_reply, link)->len += h->nlmsg_len;
}

/* NLMSG_ERROR: the code and the request's header. */
static int answer_error(const struct nlmsghdr *req, u32 pid, int err,
			struct list *list)
{
	struct nlmsghdr *h = nl_begin(list, req, pid, NLMSG_ERROR, 0, 64);
	struct nlmsgerr *e;

	if (!h)
		return -ENOBUFS;
	e = nl_put(h, sizeof(*e));
	e->error = err;
	e->msg = *req;
	nl_end(list, h);
	return 0;
}

static void queue(struct nl_sock *n, struct list *list)
{
	struct nl_reply *r;
	u32 count = 0;

	list_for_each(r, list, link)
		count++;
	spin_lock(&n->spin);
	list_splice(&n->rx, list);
	WRITE_ONCE(n->rx_count, n->rx_count + count);
	spin_unlock(&n->spin);
	if (count)
		socket_wake(&n->s, EPOLLIN | EPOLLRDNORM);
}

static void discard(struct list *list)
{
	struct nl_reply *r, *n;

	list_for_each_safe(r, n, list, link)
	{
		list_del(&r->link);
		kfree(r);
	}
}

/* Answer every request in buf. */
static int requests(struct nl_sock *n, u8 *buf, size_t len)
{
	struct list replies = LIST_INIT(replies);
	int err = 0;

	while (!err && len >= sizeof(struct nlmsghdr)) {
		struct nlmsghdr *h = (void *)buf;
		size_t step;
		int e;

		if (h->nlmsg_len < sizeof(*h) || h->nlmsg_len > len)
			break;
		step = MIN((size_t)NLMSG_ALIGN(h->nlmsg_len), len);
		/* Control messages are no requests. */
		if ((h->nlmsg_flags & NLM_F_REQUEST) &&
		    h->nlmsg_type >= NLMSG_MIN_TYPE) {
			e = rtnetlink_answer(h, h->nlmsg_len, n->pid, &replies);
			if (e == -ENOBUFS)
				err = e;
			else if (e || (h->nlmsg_flags & NLM_F_ACK))
				err = answer_error(h, n->pid, e, &replies);
		}
		buf += step;
		len -= step;
	}
	if (err)
		discard(&replies);
	else
		queue(n, &replies);
	return err;
}

/* A request is a header and a few attributes. */
#define REQUEST_MAX 4096
/* Answers that nobody reads are not piled up. */
#define BACKLOG_MAX 64

static ssize_t sendmsg(struct socket *s, struct socket_msg *m)
{
	struct nl_sock *n = nl_sk(s);
	const struct sockaddr_nl *nl = (void *)m->name;
	size_t len = m->it->count;
	u8 *buf;
	int err = 0;

	if (m->flags & MSG_OOB)
		return -EOPNOTSUPP;
	if (m->namelen && ((size_t)m->namelen < sizeof(*nl) ||
			   nl->nl_family != AF_NETLINK))
		return -EINVAL;
	if (m->namelen && nl->nl_pid)
		return -ECONNREFUSED;
	if (len > REQUEST_MAX)
		return -EMSGSIZE;
	if (READ_ONCE(n->rx_count) > BACKLOG_MAX)
		return -ENOBUFS;
	buf = kmalloc(len ? len : 1, 0);
	if (!buf)
		return -ENOBUFS;
	if (iov_copy_from(m->it, buf, len) != len)
		err = -EFAULT;
	mutex_lock(&s->lock);
	if (!err && !n->pid)
		n->pid = next_pid();
	if (!err)
		err = requests(n, buf, len);
	mutex_unlock(&s->lock);
	kfree(buf);
	return err ? err : (ssize_t)len;
}

static struct nl_reply *first(struct nl_sock *n, bool peek)
{
	struct nl_reply *r = NULL;

	spin_lock(&n->spin);
	if (!list_empty(&n->rx)) {
		r = list_first(&n->rx, struct nl_reply, link);
		if (!peek) {
			list_del(&r->link);
			WRITE_ONCE(n->rx_count, n->rx_count - 1);
		}
	}
	spin_unlock(&n->spin);
	return r;
}

static ssize_t recvmsg(struct socket *s, struct socket_msg *m)
{
	struct nl_sock *n = nl_sk(s);
	nsec_t deadline = socket_deadline(s->opt.rcvtimeo);
	struct sockaddr_nl from = {.nl_family = AF_NETLINK};
	bool peek = m->flags & MSG_PEEK;
	struct nl_reply *r;
	size_t k;
	ssize_t ret;

	mutex_lock(&s->rx_lock);
	while (!(r = first(n, peek))) {
		ret = -EAGAIN;
		if (m->flags & MSG_DONTWAIT)
			goto out;
		mutex_unlock(&s->rx_lock);
		ret = socket_wait_error(wait_event_until(&s->wait,
							 READ_ONCE(n->rx_count),
							 deadline),
					deadline);
		mutex_lock(&s->rx_lock);
		if (ret)
			goto out;
	}
	k = MIN(r->len, m->it->count);
	ret = iov_copy_to(m->it, r->data, k) == k ? (ssize_t)k : -EFAULT;
	if (ret >= 0 && k < r->len)
		m->out |= MSG_TRUNC;
	if (ret >= 0 && (m->flags & MSG_TRUNC))
		ret = r->len;
	if (m->name) {
		memcpy(m->name, &from, sizeof(from));
		m->namelen = sizeof(from);
	}
	if (!peek)
		kfree(r);
out:
	mutex_unlock(&s->rx_lock);
	return ret;
}

static u32 poll(struct socket *s, struct poll_table *pt)
{
	u32 ev = EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND;

	poll_wait(pt, &s->wait);
	if (READ_ONCE(nl_sk(s)->rx_count))
		ev |= EPOLLIN | EPOLLRDNORM;
	return ev;
}

/* Options are about notifications and extended errors: there are none. */
static int nl_setsockopt(struct socket *s, int level, int name, const void *val,
			 int len)
{
	return -ENOPROTOOPT;
}

static void close(struct socket *s)
{
}

static void destroy(struct socket *s)
{
	discard(&nl_sk(s)->rx);
	kfree(nl_sk(s));
}

static const struct socket_ops ops = {
	.bind = bind,
	.connect = connect,
	.getname = getname,
	.sendmsg = sendmsg,
	.recvmsg = recvmsg,
	.poll = poll,
	.setsockopt = nl_setsockopt,
	.close = close,
	.destroy = destroy,
};
