/* Stream sockets: bytes without boundaries. */
#include "unix.h"
#include "thread.h"
#include "page.h"

/* A write is cut into messages of at most that much. */
#define CHUNK (16 * PAGE_SIZE)

static bool can_send(struct unix_sock *u, struct unix_sock *p)
{
	return READ_ONCE(u->sent) < u->s.opt.sndbuf || READ_ONCE(p->dead) ||
	       (socket_shutdown_bits(&u->s) & SEND_SHUTDOWN) ||
	       (socket_shutdown_bits(&p->s) & RCV_SHUTDOWN);
}

static int wait_room(struct unix_sock *u, struct unix_sock *p, unsigned flags,
		     nsec_t deadline)
{
	struct socket *s = &u->s;
	int err;

	if (can_send(u, p))
		return 0;
	if (flags & MSG_DONTWAIT)
		return -EAGAIN;
	mutex_unlock(&s->lock);
	err = wait_event_until(&s->wait, can_send(u, p), deadline);
	mutex_lock(&s->lock);
	return socket_wait_error(err, deadline);
}

/* The part of n that fits; at least a byte, as a message may overrun. */
static size_t part(const struct unix_sock *u, size_t n)
{
	u32 sent = READ_ONCE(u->sent), limit = u->s.opt.sndbuf;
	size_t room = limit > sent + 256 ? limit - sent - 256 : 1;

	room = MAX(room, PAGE_SIZE);
	room = MIN(room, CHUNK);
	return MIN(n, room);
}

ssize_t unix_stream_send(struct socket *s, struct socket_msg *m)
{
	struct unix_sock *u = unix_sk(s), *p;
	nsec_t deadline = socket_deadline(s->opt.sndtimeo);
	size_t done = 0;
	ssize_t err = 0;

	if (m->flags & MSG_OOB)
		return -EOPNOTSUPP;
	if (m->namelen)
		return READ_ONCE(u->state) == UNIX_CONNECTED ? -EISCONN :
							       -EOPNOTSUPP;
	if (m->control)
		unix_gc_if_many();
	p = unix_peer(u);
	if (!p)
		/* It had one, and shut down; or it never had. */
		return socket_shutdown_bits(s) & SEND_SHUTDOWN ?
			       socket_epipe(m->flags) :
			       -ENOTCONN;
	mutex_lock(&s->lock);
	while (m->it->count) {
		struct unix_msg *msg;
		size_t n;

		err = -EPIPE;
		if ((socket_shutdown_bits(s) & SEND_SHUTDOWN) ||
		    READ_ONCE(p->dead) ||
		    (socket_shutdown_bits(&p->s) & RCV_SHUTDOWN))
			break;
		err = wait_room(u, p, m->flags, deadline);
		if (err)
			break;
		n = part(u, m->it->count);
		msg = unix_msg_new(u, m, n, !done);
		if (IS_ERR(msg)) {
			err = PTR_ERR(msg);
			break;
		}
		unix_msg_queue(p, msg);
		done += n;
		cond_resched();
	}
	mutex_unlock(&s->lock);
	/* Closed between the look and the queueing: nobody would free it. */
	if (READ_ONCE(p->dead))
		unix_purge(p);
	unix_put(p);
	if (done)
		return done;
	return err == -EPIPE ? socket_epipe(m->flags) : err;
}

/* The message that the byte at offset skip of the queue is in. */
static struct unix_msg *at(struct unix_sock *u, size_t *skip)
{
	struct unix_msg *m;

	spin_lock(&u->spin);
	list_for_each(m, &u->rx, link)
	{
		size_t left = m->len - m->done;

		if (*skip < left) {
			spin_unlock(&u->spin);
			return m;
		}
		*skip -= left;
	}
	spin_unlock(&u->spin);
	return NULL;
}

static void consume(struct unix_sock *u, struct unix_msg *m, size_t n)
{
	bool empty;

	spin_lock(&u->spin);
	m->done += n;
	u->rx_bytes -= n;
	empty = m->done == m->len;
	if (empty) {
		list_del(&m->link);
		WRITE_ONCE(u->rx_count, u->rx_count - 1);
	}
	spin_unlock(&u->spin);
	if (empty)
		unix_msg_free(m);
}

static bool same_writer(const struct unix_msg *m, const struct ucred *c)
{
	return m->cred.pid == c->pid && m->cred.uid == c->uid &&
	       m->cred.gid == c->gid;
}

static bool readable(struct unix_sock *u, size_t have)
{
	return READ_ONCE(u->rx_bytes) > have || socket_rx_ended(&u->s);
}

/*
 * A read ends before bytes that other control data goes with: credentials of another
 * writer, or descriptors.
 */
ssize_t unix_stream_receive(struct socket *s, struct socket_msg *m)
{
	struct unix_sock *u = unix_sk(s);
	nsec_t deadline = socket_deadline(s->opt.rcvtimeo);
	bool peek = m->flags & MSG_PEEK;
	size_t done = 0, target, want = m->it->count;
	struct ucred writer = {0};
	int err = 0;

	if (READ_ONCE(u->state) != UNIX_CONNECTED)
		return -EINVAL;
	if (m->flags & MSG_OOB)
		return -EOPNOTSUPP;
	m->namelen = 0;
	target = m->flags & MSG_WAITALL ? want :
					  MIN((size_t)s->opt.rcvlowat, want);
	mutex_lock(&s->rx_lock);
	while (done < want) {
		size_t skip = peek ? done : 0, n, got;
		struct unix_msg *msg = at(u, &skip);
		bool files;

		if (!msg) {
			if (done && done >= target)
				break;
			err = socket_take_error(s);
			if (err || (socket_shutdown_bits(s) & RCV_SHUTDOWN)) {
				/* Bytes may have come before what ended it. */
				if (READ_ONCE(u->rx_bytes) <=
				    (peek ? done : 0))
					break;
				if (err)
					socket_set_error(s, -err);
				continue;
			}
			err = -EAGAIN;
			if (m->flags & MSG_DONTWAIT)
				break;
			mutex_unlock(&s->rx_lock);
			err = socket_wait_error(
			    wait_event_until(&s->wait,
					     readable(u, peek ? done : 0),
					     deadline),
			    deadline);
			mutex_lock(&s->rx_lock);
			if (err)
				break;
			continue;
		}
		if (done && (msg->scm || (s->opt.passcred &&
					  !same_writer(msg, &writer))))
			break;
		files = msg->scm != NULL;
		if (!done && m->name) {
			struct sockaddr_un *sun = (void *)m->name;

			if (msg->from) {
				*sun = msg->from->sun;
				m->namelen = msg->from->len;
			}
		}
		n = MIN(msg->len - msg->done - skip, want - done);
		got = unix_msg_copy(msg, msg->done + skip, m->it, n);
		if (got < n && !got) {
			err = -EFAULT;
			break;
		}
		if (!done) {
			writer = msg->cred;
			err = unix_scm_receive(u, msg, m, peek);
		}
		done += got;
		if (!peek)
			consume(u, msg, got);
		if (err || got < n || files)
			break;
		if (done >= target && !READ_ONCE(u->rx_bytes))
			break;
	}
	mutex_unlock(&s->rx_lock);
	return done ? (ssize_t)done : err;
}
