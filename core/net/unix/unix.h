/*
 * Local sockets (unix(7)).
 *
 * A message lies in the receiver's queue and counts against the sender's buffer
 * until it is read.  Locks, outermost first:
 *   u->bind_lock (mutex)  naming a socket; above inode locks
 *   s->lock, s->rx_lock   as socket.h says
 *   unix_lock (mutex)     connections: peers, states, backlogs, names, file
 *                         descriptors on the way
 *   unix_peers (spin)     to read a peer without unix_lock
 *   u->spin               the queue
 * Nothing is copied to or from the program, and no file is released, under
 * unix_lock and below.
 */
#ifndef RR_UNIX_H
#define RR_UNIX_H

#include "mount.h"
#include "socket.h"
#include <linux/un.h>

struct unix_sock;

/* A name, shared by a listener and its connections. */
struct unix_addr {
	s32 refs; /* atomic */
	int len;  /* of sun, as getsockname gives it */
	struct sockaddr_un sun;
};

enum unix_state { UNIX_CLOSED, UNIX_CONNECTED, UNIX_LISTENING };

/* File descriptors and credentials that travel with a message. */
struct unix_scm {
	struct list link; /* while it is being freed */
	u32 uid;          /* who sent them */
	unsigned nr_files;
	struct file *files[];
};

struct unix_msg {
	struct list link;         /* unix_sock.rx */
	struct unix_sock *sender; /* referenced: where it is charged */
	struct unix_addr *from;   /* sender's name when sent; may be NULL */
	struct ucred cred;
	bool has_cred;
	struct unix_scm *scm;     /* NULL: no files */
	size_t len;
	size_t done;              /* read already (streams); s->rx_lock */
	u32 charge;
	struct page **pages;      /* NULL: bytes[] */
	u8 bytes[];
};

struct unix_sock {
	struct socket s;
	struct mutex bind_lock;
	enum unix_state state;    /* unix_lock to write */
	struct unix_sock *peer;   /* referenced; unix_lock and unix_peers to write */
	struct unix_addr *addr;   /* unix_lock to write; only set once */
	struct path at;           /* of a path name, referenced; bind_lock */
	struct list addr_link;    /* abstract names; unix_lock */
	spinlock_t spin;
	struct list rx;           /* of unix_msg; spin */
	u32 rx_count;
	size_t rx_bytes;
	u32 sent;                 /* charge of our messages on the way; atomic */
	bool dead;                /* unix_lock */
	/* Listening; unix_lock. */
	struct list accept_queue, accept_link;
	u32 accept_count, backlog;
	/*
	 * Datagrams: connected sockets that were polled while this one's queue was
	 * full, and our place among those of our peer; unix_peers.
	 */
	struct list blocked, blocked_link;
	/* Garbage collection; unix_lock. */
	u32 in_flight;            /* times that our file is in a message */
	struct list flight_link;
	u32 gc_refs;
	bool gc_candidate;
};

static inline struct unix_sock *unix_sk(struct socket *s)
{
	return container_of(s, struct unix_sock, s);
}
static inline void unix_get(struct unix_sock *u)
{
	socket_get(&u->s);
}
static inline void unix_put(struct unix_sock *u)
{
	socket_put(&u->s);
}

extern struct mutex unix_lock;

/* ---- socket.c ---- */

extern const struct socket_ops unix_stream_ops, unix_dgram_ops,
    unix_seqpacket_ops;
/* NULL: no memory. */
struct unix_sock *unix_new(int type);
/* The peer with a reference, or NULL. */
struct unix_sock *unix_peer(struct unix_sock *u);
/* unix_lock held.  Takes over a reference to p; the old peer's is returned. */
struct unix_sock *unix_peer_set(struct unix_sock *u, struct unix_sock *p)
    __must_check;
/*
 * Is there room for u's datagrams at its peer p?  If not, u is woken when there may
 * be (unix_room), unless it has another peer by then.
 */
bool unix_room_or_block(struct unix_sock *u, struct unix_sock *p);
/* u's queue has room, or nobody will read it any more. */
void unix_room(struct unix_sock *u);
/* May u send more?  unix_writable of Linux. */
bool unix_writable(const struct unix_sock *u);
/* Next socket after u for /proc/net/unix (NULL: the first).  unix_lock. */
struct unix_sock *unix_next(struct unix_sock *u);

/* ---- name.c ---- */

int unix_bind(struct socket *s, struct sockaddr *sa, int len);
/* Give it an abstract name if it has none (SO_PASSCRED, autobind). */
int unix_autobind(struct unix_sock *u);
/*
 * The socket of that name, of this type, with a reference; ERR_PTR: -ECONNREFUSED,
 * -EPROTOTYPE, -EACCES, -ENOENT ...
 */
struct unix_sock *unix_find(const struct sockaddr *sa, int len, int type);
int unix_getname(struct socket *s, struct sockaddr *sa, bool peer);
/* The socket is closed: its name is free (a node in the file system stays). */
void unix_unname(struct unix_sock *u);
struct unix_addr *unix_addr_get(struct unix_addr *a);
void unix_addr_put(struct unix_addr *a);

/* ---- connection.c ---- */

int unix_stream_connect(struct socket *s, struct sockaddr *sa, int len,
			int flags);
int unix_listen(struct socket *s, int backlog);
struct socket *unix_accept(struct socket *s, int flags);
int unix_pair(struct socket *a, struct socket *b);
int unix_shutdown(struct socket *s, int how);
void unix_close(struct socket *s);

/* ---- message.c ---- */

/*
 * A message of up to n bytes from m->it with what control data says, charged to u;
 * ERR_PTR: -EFAULT, -ENOBUFS, -EPERM (credentials), -EBADF ...
 */
struct unix_msg *unix_msg_new(struct unix_sock *u, struct socket_msg *m,
			      size_t n, bool with_control);
void unix_msg_free(struct unix_msg *msg);
/* Copy n bytes from off on; bytes done. */
size_t unix_msg_copy(const struct unix_msg *msg, size_t off,
		     struct iov_iter *it, size_t n);
/* What counts of a message of n bytes. */
u32 unix_msg_charge(size_t n);
/* Put it into to's queue and tell. */
void unix_msg_queue(struct unix_sock *to, struct unix_msg *msg);
/* Drop everything that is queued. */
void unix_purge(struct unix_sock *u);

/* ---- scm.c ---- */

/* What the control messages of m carry; 0 or -errno. */
int unix_scm_send(struct unix_msg *msg, const struct socket_msg *m);
/*
 * Give credentials (if asked for) and descriptors to the receiver.  peek: the
 * files stay in the message, too.  0 or -EFAULT.
 */
int unix_scm_receive(struct unix_sock *u, struct unix_msg *msg,
		     struct socket_msg *m, bool peek);
void unix_scm_free(struct unix_scm *scm);

/* ---- gc.c ---- */

/*
 * May the current process send these?  -ETOOMANYREFS: an ordinary user has more than
 * RLIMIT_NOFILE on the way already.
 */
int unix_may_fly(struct unix_scm *scm);
/* Files enter or leave a queue; takes unix_lock. */
void unix_in_flight(struct unix_scm *scm);
void unix_landed(struct unix_scm *scm);
/* Free sockets that only messages of each other keep. */
void unix_gc(void);
/*
 * The same if so many are on the way that some may be such.  Closes files, so that no
 * locks are held.
 */
void unix_gc_if_many(void);
/* Are there sockets on the way at all? */
bool unix_gc_needed(void);

/* ---- stream.c, dgram.c ---- */

ssize_t unix_stream_send(struct socket *s, struct socket_msg *m);
ssize_t unix_stream_receive(struct socket *s, struct socket_msg *m);
ssize_t unix_dgram_send(struct socket *s, struct socket_msg *m);
ssize_t unix_dgram_receive(struct socket *s, struct socket_msg *m);
ssize_t unix_seqpacket_send(struct socket *s, struct socket_msg *m);
ssize_t unix_seqpacket_receive(struct socket *s, struct socket_msg *m);
int unix_dgram_connect(struct socket *s, struct sockaddr *sa, int len,
		       int flags);

/* net.unix.max_dgram_qlen */
#define UNIX_DGRAM_QUEUE 10

#endif
