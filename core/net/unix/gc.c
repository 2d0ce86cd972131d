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
#include "process.h"
#include <linux/capability.h>

static struct list in_flight = LIST_INIT(in_flight); /* flight_link; unix_lock */
static u32 sockets_in_flight;                        /* unix_lock to write */

/*
 * Closing a socket looks for garbage, but what is lost may be all that there ever
 * is to close: so does sending, when that many sockets are in flight, and then
 * twice as many as turned out to be needed.
 */
#define GC_START 1024
static u32 gc_at = GC_START; /* unix_lock to write */

/*
 * Files in flight that ordinary users sent; unix_lock to write.  Users whose ids
 * end alike share a limit.
 */
static u32 files_of[16];

static u32 *count_of(const struct unix_scm *scm)
{
	return &files_of[scm->uid % ARRAY_SIZE(files_of)];
}

int unix_may_fly(struct unix_scm *scm)
{
	scm->uid = current_process()->uid;
	if (READ_ONCE(*count_of(scm)) <= process_limit(RLIMIT_NOFILE) ||
	    capable(CAP_SYS_RESOURCE) || capable(CAP_SYS_ADMIN))
		return 0;
	return -ETOOMANYREFS;
}

void unix_gc_if_many(void)
{
	if (READ_ONCE(sockets_in_flight) >= READ_ONCE(gc_at))
		unix_gc();
}

static struct unix_sock *local(struct file *f)
{
	struct socket *s = socket_from_file(f);

	return s && s->family == AF_UNIX ? unix_sk(s) : NULL;
}

void unix_in_flight(struct unix_scm *scm)
{
	mutex_lock(&unix_lock);
	WRITE_ONCE(*count_of(scm), *count_of(scm) + scm->nr_files);
	for (unsigned i = 0; i < scm->nr_files; i++) {
		struct unix_sock *u = local(scm->files[i]);

		if (u && u->in_flight++ == 0) {
			list_append(&in_flight, &u->flight_link);
			WRITE_ONCE(sockets_in_flight, sockets_in_flight + 1);
		}
	}
	mutex_unlock(&unix_lock);
}

void unix_landed(struct unix_scm *scm)
{
	mutex_lock(&unix_lock);
	WRITE_ONCE(*count_of(scm), *count_of(scm) - scm->nr_files);
	for (unsigned i = 0; i < scm->nr_files; i++) {
		struct unix_sock *u = local(scm->files[i]);

		if (u && --u->in_flight == 0) {
			list_del(&u->flight_link);
			WRITE_ONCE(sockets_in_flight, sockets_in_flight - 1);
		}
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

/* Take the messages of sockets that nobody can reach; unix_lock held. */
static void find_garbage(struct list *gone)
{
	struct unix_sock *u;
	u32 needed = 0;

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
	list_for_each(u, &in_flight, flight_link) {
		if (u->gc_candidate)
			take_messages(u, gone);
		else
			needed++;
	}
	WRITE_ONCE(gc_at, MAX(2 * needed, (u32)GC_START));
}

void unix_gc(void)
{
	static bool running, again; /* unix_lock */
	struct list gone = LIST_INIT(gone);
	struct unix_msg *m, *n;

	mutex_lock(&unix_lock);
	/* Each socket that is freed below asks for it when it is closed. */
	again = true;
	if (running) {
		mutex_unlock(&unix_lock);
		return;
	}
	for (running = true; again;) {
		again = false;
		find_garbage(&gone);
		mutex_unlock(&unix_lock);
		/* Freeing the messages closes the files, which closes the sockets. */
		list_for_each_safe(m, n, &gone, link)
		{
			list_del(&m->link);
			unix_msg_free(m);
		}
		mutex_lock(&unix_lock);
	}
	running = false;
	mutex_unlock(&unix_lock);
}
