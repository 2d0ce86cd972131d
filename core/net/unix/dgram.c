/* Datagram and sequenced packet sockets: messages with boundaries. */
#include "unix.h"
#include "page.h"

int unix_dgram_connect(struct socket *s, struct sockaddr *sa, int len,
		       int flags)
{
	struct unix_sock *u = unix_sk(s), *p = NULL, *old;
	int err = 0;

	if ((size_t)len < sizeof(sa->sa_family))
		return -EINVAL;
	if (sa->sa_family != AF_UNSPEC) {
		p = unix_find(sa, len, s->type);
		if (IS_ERR(p))
			return (int)PTR_ERR(p);
	}
	mutex_lock(&unix_lock);
	/* One that is connected takes messages from its peer only. */
	if (p && p->peer && p->peer != u) {
		err = -EPERM;
		old = p;
	} else {
		old = unix_peer_set(u, p);
	}
	mutex_unlock(&unix_lock);
	if (old)
		unix_put(old);
	return err;
}

/* Where a message goes, with a reference. */
static struct unix_sock *target(struct unix_sock *u, struct socket_msg *m)
{
	struct unix_sock *p;

	if (m->namelen)
		return unix_find(m->name, m->namelen, u->s.type);
	p = unix_peer(u);
	return p ? p : ERR_PTR(-ENOTCONN);
}

static bool room_at(struct unix_sock *u, struct unix_sock *p)
{
	return READ_ONCE(p->peer) == u || READ_ONCE(p->dead) ||
	       (socket_shutdown_bits(&p->s) & RCV_SHUTDOWN) ||
	       READ_ONCE(p->rx_count) <= READ_ONCE(p->backlog);
}

static bool room_for(struct unix_sock *u, size_t n)
{
	return (u64)READ_ONCE(u->sent) + unix_msg_charge(n) <=
		       u->s.opt.sndbuf ||
	       !READ_ONCE(u->sent) ||
	       (socket_shutdown_bits(&u->s) & SEND_SHUTDOWN);
}

/* Room in the receiver's queue, and in our buffer. */
static int wait_room(struct unix_sock *u, struct unix_sock *p, size_t n,
		     unsigned flags, nsec_t deadline)
{
	int err = 0;

	while (!err && !(room_for(u, n) && room_at(u, p))) {
		if (flags & MSG_DONTWAIT)
			return -EAGAIN;
		if (!room_for(u, n))
			err = wait_event_until(&u->s.wait, room_for(u, n),
					       deadline);
		else
			err = wait_event_until(&p->s.wait, room_at(u, p),
					       deadline);
	}
	return socket_wait_error(err, deadline);
}

/* May u send to p? */
static int check_target(struct unix_sock *u, struct unix_sock *p, bool named)
{
	struct unix_sock *old = NULL;
	int err = 0;

	if (socket_shutdown_bits(&u->s) & SEND_SHUTDOWN)
		return -EPIPE;
	mutex_lock(&unix_lock);
	if (p->dead) {
		err = -ECONNREFUSED;
		/* The connection is dissolved. */
		if (!named && u->peer == p && u->s.type == SOCK_DGRAM)
			old = unix_peer_set(u, NULL);
		if (u->s.type != SOCK_DGRAM)
			err = -EPIPE;
	} else if (p->peer && p->peer != u && u->s.type == SOCK_DGRAM) {
		err = -EPERM;
	} else if (socket_shutdown_bits(&p->s) & RCV_SHUTDOWN) {
		err = -EPIPE;
	}
	mutex_unlock(&unix_lock);
	if (old)
		unix_put(old);
	return err;
}

static ssize_t send_to(struct unix_sock *u, struct unix_sock *p,
		       struct socket_msg *m)
{
	size_t n = m->it->count;
	struct unix_msg *msg;
	int err;

	msg = unix_msg_new(u, m, n, true);
	if (IS_ERR(msg))
		return PTR_ERR(msg);
	/* Again, for what happened while we waited and copied. */
	err = check_target(u, p, m->namelen);
	if (err) {
		if (msg->scm) {
			unix_scm_free(msg->scm);
			msg->scm = NULL;
		}
		unix_msg_free(msg);
		return err;
	}
	unix_msg_queue(p, msg);
	if (READ_ONCE(p->dead))
		unix_purge(p);
	return n;
}

ssize_t unix_dgram_send(struct socket *s, struct socket_msg *m)
{
	struct unix_sock *u = unix_sk(s), *p;
	nsec_t deadline = socket_deadline(s->opt.sndtimeo);
	ssize_t ret;

	if (m->flags & MSG_OOB)
		return -EOPNOTSUPP;
	if (m->control)
		unix_gc_if_many();
	ret = socket_take_error(s);
	if (ret)
		return ret;
	/* Linux: sk_sndbuf - 32 */
	if (m->it->count > s->opt.sndbuf - 32)
		return -EMSGSIZE;
	if (s->opt.passcred && !u->addr) {
		ret = unix_autobind(u);
		if (ret)
			return ret;
	}
	p = target(u, m);
	if (IS_ERR(p))
		return PTR_ERR(p);
	ret = check_target(u, p, m->namelen);
	if (!ret)
		ret = wait_room(u, p, m->it->count, m->flags, deadline);
	if (!ret)
		ret = send_to(u, p, m);
	unix_put(p);
	return ret == -EPIPE ? socket_epipe(m->flags) : ret;
}

ssize_t unix_seqpacket_send(struct socket *s, struct socket_msg *m)
{
	if (READ_ONCE(unix_sk(s)->state) != UNIX_CONNECTED)
		return socket_shutdown_bits(s) & SEND_SHUTDOWN ?
			       socket_epipe(m->flags) :
			       -ENOTCONN;
	m->namelen = 0;
	return unix_dgram_send(s, m);
}

static struct unix_msg *first(struct unix_sock *u, bool peek)
{
	struct unix_msg *msg = NULL;

	spin_lock(&u->spin);
	if (!list_empty(&u->rx)) {
		msg = list_first(&u->rx, struct unix_msg, link);
		if (!peek) {
			list_del(&msg->link);
			WRITE_ONCE(u->rx_count, u->rx_count - 1);
			u->rx_bytes -= msg->len;
		}
	}
	spin_unlock(&u->spin);
	return msg;
}

static bool readable(struct unix_sock *u)
{
	return READ_ONCE(u->rx_count) || socket_rx_ended(&u->s);
}

static ssize_t deliver(struct unix_sock *u, struct unix_msg *msg,
		       struct socket_msg *m, bool peek)
{
	size_t n = MIN(msg->len, m->it->count);
	int err;

	if (m->name && msg->from) {
		*(struct sockaddr_un *)m->name = msg->from->sun;
		m->namelen = msg->from->len;
	}
	if (unix_msg_copy(msg, 0, m->it, n) < n)
		return -EFAULT;
	if (n < msg->len)
		m->out |= MSG_TRUNC;
	if (u->s.type == SOCK_SEQPACKET)
		m->out |= MSG_EOR;
	err = unix_scm_receive(u, msg, m, peek);
	if (err)
		return err;
	return m->flags & MSG_TRUNC ? (ssize_t)msg->len : (ssize_t)n;
}

ssize_t unix_dgram_receive(struct socket *s, struct socket_msg *m)
{
	struct unix_sock *u = unix_sk(s);
	nsec_t deadline = socket_deadline(s->opt.rcvtimeo);
	bool peek = m->flags & MSG_PEEK;
	struct unix_msg *msg;
	ssize_t ret;

	if (m->flags & MSG_OOB)
		return -EOPNOTSUPP;
	m->namelen = 0;
	mutex_lock(&s->rx_lock);
	while (!(msg = first(u, peek))) {
		int err = socket_take_error(s);

		ret = err;
		if (err || (socket_shutdown_bits(s) & RCV_SHUTDOWN)) {
			/* A message may have come before what ended it. */
			if (!READ_ONCE(u->rx_count))
				goto out;
			if (err)
				socket_set_error(s, -err);
			continue;
		}
		ret = -EAGAIN;
		if (m->flags & MSG_DONTWAIT)
			goto out;
		mutex_unlock(&s->rx_lock);
		ret = socket_wait_error(
		    wait_event_until(&s->wait, readable(u), deadline), deadline);
		mutex_lock(&s->rx_lock);
		if (ret)
			goto out;
	}
	ret = deliver(u, msg, m, peek);
	if (!peek) {
		unix_msg_free(msg);
		/* Senders wait for room in this queue. */
		socket_wake(s, EPOLLOUT | EPOLLWRNORM);
		unix_room(u);
	}
out:
	mutex_unlock(&s->rx_lock);
	return ret;
}

ssize_t unix_seqpacket_receive(struct socket *s, struct socket_msg *m)
{
	if (READ_ONCE(unix_sk(s)->state) != UNIX_CONNECTED)
		return -ENOTCONN;
	return unix_dgram_receive(s, m);
}
