/*
 * Sockets that nobody can reach any more because only messages in each other's
 * queues hold them (unix(7) lets a socket be sent to itself).
 *
 * A socket whose file has no other references than those in messages may be garbage.
 * Of these candidates, those that are found in the queue of a socket that is
 * not one are reachable, and all that hangs off them; what is left goes.
 */
#include "unix.h"
#include "log.h"

static struct list in_flight = LIST_INIT(in_flight); /* flight_link; unix_lock */

static struct unix_sock *local(struct file *f)
{
	struct socket *s = socket_from_file(f);

	return s && s->family == AF_UNIX ? unix_sk(s) : NULL;
}

void unix_in_flight(struct unix_scm *scm)
{
	mutex_lock(&unix_lock);
	for (unsigned i = 0; i < scm->nr_files; i++) {
		struct unix_sock *u = local(scm->files[i]);

		if (u && u->in_flight++ == 0)
			list_append(&in_flight, &u->flight_link);
	}
	mutex_unlock(&unix_lock);
}

void unix_landed(struct unix_scm *scm)
{
	mutex_lock(&unix_lock);
	for (unsigned i = 0; i < scm->nr_files; i++) {
		struct unix_sock *u = local(scm->files[i]);

		if (u && --u->in_flight == 0)
			list_del(&u->flight_link);
	}
	mutex_unlock(&unix_lock);
}

bool unix_gc_needed(void)
{
	return !list_empty(&in_flight);
}

/* Call fn for every local socket in u's queue, and in those not accepted yet. */
static void each_queued(struct unix_sock *u,
			void (*fn)(struct unix_sock *found))
{
	struct unix_sock *c;
	struct unix_msg *m;

	spin_lock(&u->spin);
	list_for_each(m, &u->rx, link)
	{
		for (unsigned i = 0; m->scm && i < m->scm->nr_files; i++) {
			struct unix_sock *f = local(m->scm->files[i]);

			if (f)
				fn(f);
		}
	}
	spin_unlock(&u->spin);
	list_for_each(c, &u->accept_queue, accept_link)
		each_queued(c, fn);
}

static void forget_one(struct unix_sock *u)
{
	if (u->gc_candidate)
		u->gc_refs--;
}

/* To the end of the list, where the walk that found it comes by. */
static void reach(struct unix_sock *u)
{
	if (!u->gc_candidate)
		return;
	u->gc_candidate = false;
	list_del(&u->flight_link);
	list_append(&in_flight, &u->flight_link);
}

/* What is queued at u, and at those that wait to be accepted by it. */
static void take_messages(struct unix_sock *u, struct list *gone)
{
	struct unix_sock *c;

	spin_lock(&u->spin);
	list_splice(gone, &u->rx);
	WRITE_ONCE(u->rx_count, 0);
	u->rx_bytes = 0;
	spin_unlock(&u->spin);
	list_for_each(c, &u->accept_queue, accept_link)
		take_messages(c, gone);
}

void unix_gc(void)
{
	struct list gone = LIST_INIT(gone);
	struct unix_sock *u;
	struct unix_msg *m, *n;

	mutex_lock(&unix_lock);
	list_for_each(u, &in_flight, flight_link)
	{
		struct file *f = u->s.file;

		u->gc_refs = u->in_flight;
		u->gc_candidate =
		    f && (u32)__atomic_load_n(&f->refs, __ATOMIC_ACQUIRE) ==
			     u->in_flight;
	}
	/* References from candidates do not count. */
	list_for_each(u, &in_flight, flight_link)
		if (u->gc_candidate)
			each_queued(u, forget_one);
	list_for_each(u, &in_flight, flight_link)
		if (u->gc_candidate && u->gc_refs)
			u->gc_candidate = false;
	/* What a reachable socket holds is reachable. */
	list_for_each(u, &in_flight, flight_link)
		if (!u->gc_candidate)
			each_queued(u, reach);
	list_for_each(u, &in_flight, flight_link)
		if (u->gc_candidate)
			take_messages(u, &gone);
	mutex_unlock(&unix_lock);
	/* Freeing the messages closes the files, which closes the sockets. */
	list_for_each_safe(m, n, &gone, link)
	{
		list_del(&m->link);
		unix_msg_free(m);
	}
}
