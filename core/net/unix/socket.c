/* Local sockets as objects. */
#include "unix.h"
#include "page.h"
#include "string.h"
#include "uaccess.h"
#include <asm/ioctls.h>
#include <linux/sockios.h>

struct mutex unix_lock = MUTEX_INIT(unix_lock);
static spinlock_t unix_peers = SPINLOCK_INIT;
static struct list all = LIST_INIT(all); /* of all_link; unix_lock */

/* The list of all is private to this file. */
struct listed {
	struct unix_sock u;
	struct list all_link;
};

struct unix_sock *unix_new(int type)
{
	const struct socket_ops *ops = type == SOCK_STREAM ? &unix_stream_ops :
				       type == SOCK_DGRAM  ? &unix_dgram_ops :
							     &unix_seqpacket_ops;
	struct listed *l = kzalloc(sizeof(*l), 0);
	struct unix_sock *u = l ? &l->u : NULL;

	if (!u)
		return NULL;
	socket_init(&u->s, ops, AF_UNIX, type, 0);
	mutex_init(&u->bind_lock);
	spin_init(&u->spin);
	list_init(&u->rx);
	list_init(&u->addr_link);
	list_init(&u->accept_queue);
	list_init(&u->accept_link);
	list_init(&u->flight_link);
	list_init(&u->blocked);
	list_init(&u->blocked_link);
	u->backlog = UNIX_DGRAM_QUEUE;
	mutex_lock(&unix_lock);
	list_append(&all, &l->all_link);
	mutex_unlock(&unix_lock);
	return u;
}

static void destroy(struct socket *s)
{
	struct unix_sock *u = unix_sk(s);
	struct listed *l = container_of(u, struct listed, u);

	mutex_lock(&unix_lock);
	list_del(&l->all_link);
	mutex_unlock(&unix_lock);
	unix_purge(u);
	if (u->addr)
		unix_addr_put(u->addr);
	kfree(l);
}

struct unix_sock *unix_next(struct unix_sock *u)
{
	struct list *n = u ? container_of(u, struct listed, u)->all_link.next :
			     all.next;

	return n == &all ? NULL : &list_entry(n, struct listed, all_link)->u;
}

static struct socket *create(int type, int protocol)
{
	struct unix_sock *u;

	if (protocol && protocol != AF_UNIX)
		return ERR_PTR(-EPROTONOSUPPORT);
	if (type == SOCK_RAW) /* as BSD, says Linux */
		type = SOCK_DGRAM;
	if (type != SOCK_STREAM && type != SOCK_DGRAM && type != SOCK_SEQPACKET)
		return ERR_PTR(-ESOCKTNOSUPPORT);
	u = unix_new(type);
	return u ? &u->s : ERR_PTR(-ENOMEM);
}

static const struct socket_family family = {AF_UNIX, create, unix_pair};
SOCKET_FAMILY(family);

struct unix_sock *unix_peer(struct unix_sock *u)
{
	struct unix_sock *p;

	spin_lock(&unix_peers);
	p = u->peer;
	if (p)
		unix_get(p);
	spin_unlock(&unix_peers);
	return p;
}

struct unix_sock *unix_peer_set(struct unix_sock *u, struct unix_sock *p)
{
	struct unix_sock *old;

	spin_lock(&unix_peers);
	old = u->peer;
	u->peer = p;
	list_del(&u->blocked_link);
	spin_unlock(&unix_peers);
	return old;
}

static bool full(const struct unix_sock *u, const struct unix_sock *p)
{
	return READ_ONCE(p->peer) != u &&
	       READ_ONCE(p->rx_count) > READ_ONCE(p->backlog);
}

/*
 * Who polls u does not wait at p itself, which is gone as soon as u has another
 * peer.
 */
bool unix_room_or_block(struct unix_sock *u, struct unix_sock *p)
{
	if (!full(u, p))
		return true;
	spin_lock(&unix_peers);
	if (u->peer == p) {
		list_del(&u->blocked_link);
		list_append(&p->blocked, &u->blocked_link);
	}
	spin_unlock(&unix_peers);
	/* Whoever made room before that has not seen us. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return !full(u, p);
}

void unix_room(struct unix_sock *u)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (list_empty(&u->blocked))
		return;
	spin_lock(&unix_peers);
	while (!list_empty(&u->blocked)) {
		struct unix_sock *b = list_first(&u->blocked, struct unix_sock,
						 blocked_link);

		list_del(&b->blocked_link);
		/* It has us as its peer, so it is not gone. */
		socket_wake(&b->s, EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND);
	}
	spin_unlock(&unix_peers);
}

bool unix_writable(const struct unix_sock *u)
{
	return (u64)READ_ONCE(u->sent) * 4 <= u->s.opt.sndbuf;
}

static u32 poll(struct socket *s, struct poll_table *pt)
{
	struct unix_sock *u = unix_sk(s);
	u32 shut, ev = 0;

	poll_wait(pt, &s->wait);
	if (READ_ONCE(u->state) == UNIX_LISTENING)
		return READ_ONCE(u->accept_count) ? EPOLLIN | EPOLLRDNORM : 0;
	shut = socket_shutdown_bits(s);
	if (READ_ONCE(s->error))
		ev |= EPOLLERR;
	if (shut == SHUTDOWN_MASK)
		ev |= EPOLLHUP;
	if (shut & RCV_SHUTDOWN)
		ev |= EPOLLRDHUP | EPOLLIN | EPOLLRDNORM;
	if (READ_ONCE(u->rx_count))
		ev |= EPOLLIN | EPOLLRDNORM;
	if (s->type != SOCK_DGRAM && READ_ONCE(u->state) == UNIX_CLOSED)
		ev |= EPOLLHUP;
	if (unix_writable(u))
		ev |= EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND;
	return ev;
}

/* A datagram socket is not writable while its peer's queue is full. */
static u32 dgram_poll(struct socket *s, struct poll_table *pt)
{
	u32 ev = poll(s, pt);
	struct unix_sock *p = unix_peer(unix_sk(s));

	if (!p)
		return ev;
	if (!unix_room_or_block(unix_sk(s), p))
		ev &= ~(EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND);
	unix_put(p);
	return ev;
}

static int ioctl(struct socket *s, unsigned cmd, unsigned long arg)
{
	struct unix_sock *u = unix_sk(s);
	int v = 0;

	switch (cmd) {
	case FIONREAD:
		if (u->state == UNIX_LISTENING)
			return -EINVAL;
		spin_lock(&u->spin);
		if (s->type != SOCK_DGRAM)
			v = (int)u->rx_bytes;
		else if (!list_empty(&u->rx))
			v = (int)list_first(&u->rx, struct unix_msg, link)->len;
		spin_unlock(&u->spin);
		break;
	case TIOCOUTQ:
		v = (int)READ_ONCE(u->sent);
		break;
	default:
		return -ENOTTY;
	}
	return put_user(v, (int __user *)arg);
}

#define COMMON                                                                 \
	.bind = unix_bind, .getname = unix_getname, .shutdown = unix_shutdown, \
	.ioctl = ioctl, .close = unix_close, .destroy = destroy

const struct socket_ops unix_stream_ops = {
	COMMON,
	.connect = unix_stream_connect,
	.listen = unix_listen,
	.accept = unix_accept,
	.sendmsg = unix_stream_send,
	.recvmsg = unix_stream_receive,
	.poll = poll,
};

const struct socket_ops unix_seqpacket_ops = {
	COMMON,
	.connect = unix_stream_connect,
	.listen = unix_listen,
	.accept = unix_accept,
	.sendmsg = unix_seqpacket_send,
	.recvmsg = unix_seqpacket_receive,
	.poll = poll,
};

const struct socket_ops unix_dgram_ops = {
	COMMON,
	.connect = unix_dgram_connect,
	.sendmsg = unix_dgram_send,
	.recvmsg = unix_dgram_receive,
	.poll = dgram_poll,
};
