/* Connections of local sockets: connect, listen, accept, pair, shutdown, close. */
#include "unix.h"
#include "page.h"
#include "process.h"

static void current_cred(struct ucred *c)
{
	const struct process *p = current_process();

	c->pid = p ? p->pid : 0;
	c->uid = p ? p->euid : 0;
	c->gid = p ? p->egid : 0;
}

int unix_pair(struct socket *sa, struct socket *sb)
{
	struct unix_sock *a = unix_sk(sa), *b = unix_sk(sb), *old;

	mutex_lock(&unix_lock);
	unix_get(a);
	unix_get(b);
	old = unix_peer_set(a, b);
	old = unix_peer_set(b, a);
	(void)old; /* new sockets have no peers */
	if (sa->type != SOCK_DGRAM)
		a->state = b->state = UNIX_CONNECTED;
	current_cred(&sa->peer);
	current_cred(&sb->peer);
	mutex_unlock(&unix_lock);
	return 0;
}

int unix_listen(struct socket *s, int backlog)
{
	struct unix_sock *u = unix_sk(s);
	int err = 0;

	mutex_lock(&unix_lock);
	if (!u->addr || u->state == UNIX_CONNECTED) {
		err = -EINVAL;
	} else {
		if ((u32)backlog > u->backlog)
			socket_wake(s, EPOLLOUT); /* connects may go on */
		u->backlog = backlog;
		WRITE_ONCE(u->state, UNIX_LISTENING);
		s->listening = true;
		current_cred(&s->peer);
	}
	mutex_unlock(&unix_lock);
	return err;
}

/* unix_lock held: n becomes the listener's end of u's connection. */
static void join(struct unix_sock *u, struct unix_sock *l, struct unix_sock *n)
{
	struct unix_sock *old;

	if (l->addr)
		n->addr = unix_addr_get(l->addr);
	unix_get(u);
	old = unix_peer_set(n, u);
	unix_get(n);
	old = unix_peer_set(u, n);
	(void)old;
	n->s.peer.pid = 0;
	current_cred(&n->s.peer);
	u->s.peer = l->s.peer;
	n->s.opt.passcred = l->s.opt.passcred;
	WRITE_ONCE(n->state, UNIX_CONNECTED);
	WRITE_ONCE(u->state, UNIX_CONNECTED);
	/* The queue has n's first reference. */
	list_append(&l->accept_queue, &n->accept_link);
	WRITE_ONCE(l->accept_count, l->accept_count + 1);
}

static bool full(const struct unix_sock *l)
{
	return READ_ONCE(l->accept_count) > READ_ONCE(l->backlog);
}

/* One attempt; 1: the backlog is full. */
static int attempt(struct unix_sock *u, struct unix_sock *l,
		   struct unix_sock *n)
{
	int err = 0;

	mutex_lock(&unix_lock);
	if (u->state == UNIX_CONNECTED)
		err = -EISCONN;
	else if (u->state == UNIX_LISTENING)
		err = -EINVAL;
	else if (l->state != UNIX_LISTENING || l->dead ||
		 (socket_shutdown_bits(&l->s) & RCV_SHUTDOWN))
		err = -ECONNREFUSED;
	else if (full(l))
		err = 1;
	else
		join(u, l, n);
	mutex_unlock(&unix_lock);
	if (!err)
		waitq_wake(&l->s.wait, 1, EPOLLIN | EPOLLRDNORM);
	return err;
}

int unix_stream_connect(struct socket *s, struct sockaddr *sa, int len,
			int flags)
{
	struct unix_sock *u = unix_sk(s), *l, *n;
	nsec_t deadline = socket_deadline(s->opt.sndtimeo);
	int err;

	l = unix_find(sa, len, s->type);
	if (IS_ERR(l))
		return (int)PTR_ERR(l);
	if (s->opt.passcred && !u->addr) {
		err = unix_autobind(u);
		if (err)
			goto out_listener;
	}
	n = unix_new(s->type);
	if (!n) {
		err = -ENOMEM;
		goto out_listener;
	}
	for (;;) {
		err = attempt(u, l, n);
		if (err <= 0)
			break;
		err = -EAGAIN;
		if (flags & O_NONBLOCK)
			break;
		err = wait_event_until(&l->s.wait,
				       !full(l) ||
					   READ_ONCE(l->state) != UNIX_LISTENING,
				       deadline);
		err = socket_wait_error(err, deadline);
		if (err)
			break;
	}
	if (err)
		unix_put(n);
out_listener:
	unix_put(l);
	return err;
}

static struct unix_sock *dequeue(struct unix_sock *l)
{
	struct unix_sock *n = NULL;

	mutex_lock(&unix_lock);
	if (!list_empty(&l->accept_queue)) {
		n = list_first(&l->accept_queue, struct unix_sock, accept_link);
		list_del(&n->accept_link);
		WRITE_ONCE(l->accept_count, l->accept_count - 1);
	}
	mutex_unlock(&unix_lock);
	return n;
}

struct socket *unix_accept(struct socket *s, int flags)
{
	struct unix_sock *l = unix_sk(s), *n;
	nsec_t deadline = socket_deadline(s->opt.rcvtimeo);
	int err;

	for (;;) {
		if (READ_ONCE(l->state) != UNIX_LISTENING)
			return ERR_PTR(-EINVAL);
		n = dequeue(l);
		if (n)
			break;
		if (socket_shutdown_bits(s) & RCV_SHUTDOWN)
			return ERR_PTR(-EINVAL);
		if (flags & O_NONBLOCK)
			return ERR_PTR(-EAGAIN);
		err = wait_event_exclusive_until(
		    &s->wait,
		    READ_ONCE(l->accept_count) ||
			(socket_shutdown_bits(s) & RCV_SHUTDOWN),
		    deadline);
		if (err)
			return ERR_PTR(socket_wait_error(err, deadline));
	}
	/* Whoever waits for room in the backlog. */
	socket_wake(s, EPOLLOUT);
	return &n->s;
}

static void add_shutdown(struct unix_sock *u, u32 bits)
{
	__atomic_or_fetch(&u->s.shutdown, bits, __ATOMIC_RELEASE);
	socket_wake(&u->s, EPOLLIN | EPOLLOUT | EPOLLRDHUP |
			       (socket_shutdown_bits(&u->s) == SHUTDOWN_MASK ?
				    EPOLLHUP :
				    0));
}

int unix_shutdown(struct socket *s, int how)
{
	struct unix_sock *u = unix_sk(s), *p = unix_peer(u);
	u32 bits = how + 1, other = 0;

	add_shutdown(u, bits);
	/* Connections end at the other side, too: our RD is its WR. */
	if (p && s->type != SOCK_DGRAM) {
		if (bits & RCV_SHUTDOWN)
			other |= SEND_SHUTDOWN;
		if (bits & SEND_SHUTDOWN)
			other |= RCV_SHUTDOWN;
		add_shutdown(p, other);
	}
	if (p)
		unix_put(p);
	return 0;
}

/* The other end of a connection that u leaves. */
static void leave(struct unix_sock *u, struct unix_sock *p, bool unread)
{
	if (u->s.type == SOCK_DGRAM) {
		struct unix_sock *back = NULL;

		/* A pair's other half learns it by ECONNREFUSED when it sends. */
		mutex_lock(&unix_lock);
		if (p->peer == u)
			back = unix_peer_set(p, NULL);
		mutex_unlock(&unix_lock);
		if (back) {
			socket_set_error(&p->s, ECONNRESET);
			unix_put(back);
		}
		return;
	}
	if (unread)
		__atomic_store_n(&p->s.error, ECONNRESET, __ATOMIC_RELEASE);
	add_shutdown(p, SHUTDOWN_MASK);
}

void unix_close(struct socket *s)
{
	struct unix_sock *u = unix_sk(s), *p, *c, *old;
	bool unread;

	unix_unname(u);
	mutex_lock(&unix_lock);
	u->dead = true;
	unread = READ_ONCE(u->rx_count) != 0;
	WRITE_ONCE(u->state, UNIX_CLOSED);
	mutex_unlock(&unix_lock);
	__atomic_or_fetch(&s->shutdown, SHUTDOWN_MASK, __ATOMIC_RELEASE);
	/* Those in the backlog: nobody will ever accept them. */
	while ((c = dequeue(u))) {
		p = unix_peer(c);
		if (p) {
			leave(c, p, true);
			unix_put(p);
		}
		c->s.ops->close(&c->s);
		unix_put(c);
	}
	socket_wake(s, EPOLLHUP | EPOLLIN | EPOLLOUT);
	p = unix_peer(u);
	if (p) {
		leave(u, p, unread);
		mutex_lock(&unix_lock);
		old = unix_peer_set(u, NULL);
		mutex_unlock(&unix_lock);
		if (old)
			unix_put(old);
		unix_put(p);
	}
	unix_purge(u);
	unix_room(u);
	if (unix_gc_needed())
		unix_gc();
}
