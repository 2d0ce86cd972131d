/*
 * TCP sockets over lwIP's raw API.
 *
 * Sending: bytes wait in a list of pieces until the peer has acknowledged them; a
 * piece refers to a page, filled outside the network lock (or to a page of the page
 * cache), or holds a few bytes itself.  lwIP's segments point into the pages.
 *
 * Receiving: lwIP's callback appends the pbufs, device buffers mostly, to a queue under
 * a spin lock; recvmsg copies from them without the network lock.
 *
 * A connection lives on after its file is closed.  The pcb holds a reference to
 * the socket, dropped when lwIP frees the pcb (tcp_events.c).
 */
#ifndef RR_INET_TCP_H
#define RR_INET_TCP_H

#include "inet.h"
#include "lwip/priv/tcp_priv.h"
#include "lwip/tcp.h"

enum tcp_sock_state {
	TCPS_CLOSED,     /* new, or a connection that ended */
	TCPS_CONNECTING, /* SYN sent */
	TCPS_CONNECTED,
	TCPS_LISTENING
};

/* Bytes to send: of a page, or of its own. */
struct tx_piece {
	struct list link;
	struct page *page; /* referenced; NULL: bytes[] */
	u16 off;           /* in the page */
	u16 len;
	u16 given;         /* so many are lwIP's already */
	u8 bytes[];
};

struct tcp_sock {
	struct inet_sock inet;
	struct tcp_pcb *pcb;  /* NULL: none; network lock */
	u32 state;            /* enum tcp_sock_state; network lock to write */
	bool connect_pending; /* connect has not reported the outcome; s->lock */
	bool orphan;          /* the file is closed; network lock */
	bool fin_wanted;      /* shutdown or close once all is given; network lock */

	/* Sending; network lock, tx_queued also read without. */
	struct list tx;
	u32 tx_queued;        /* bytes in tx */
	u32 tx_ungiven;       /* of these, not yet lwIP's */
	u32 tx_una;           /* sequence number of the first byte in tx */
	bool tx_full;         /* somebody waits for room */
	bool corked_now;      /* the last send said MSG_MORE */

	/* Receiving. */
	spinlock_t rx_spin;
	struct pbuf *rx_head, *rx_tail; /* chained by next; rx_spin */
	u32 rx_bytes;         /* in the queue; rx_spin, or a hint */
	u32 rx_offset;        /* consumed of rx_head; s->rx_lock */
	u32 rx_unreported;    /* consumed, not told lwIP yet; atomic */
	u32 rx_window;        /* offered at most, 0: none yet; network lock, or a hint */
	u32 rx_surplus;       /* offered above that, not to be again; network lock */
	bool rx_unanswered;   /* data came and we have sent none since; network lock */

	/* Listening; network lock, accept queue rx_spin too. */
	struct list accept_queue, embryos;
	struct list accept_link; /* in one of its listener's */
	u32 accept_count, half_open, backlog;
	struct tcp_sock *listener; /* not accepted yet; network lock */
	bool accept_queued;
	bool awaits_data;        /* TCP_DEFER_ACCEPT */

	struct list dead_link; /* pcb gone, its reference not yet; network lock */

	/* Options, s->lock. */
	bool nodelay, cork, quickack;
	u32 keepidle, keepintvl, keepcnt; /* seconds, seconds, probes */
	u32 user_timeout;                 /* ms */
	u32 defer_accept;                 /* s */
	int maxseg, syncnt, linger2;
	nsec_t cork_since;                /* network lock */
};

static inline struct tcp_sock *tcp_sk(struct socket *s)
{
	return container_of(s, struct tcp_sock, inet.s);
}

extern const struct socket_ops tcp_socket_ops;

/* ---- tcp.c ---- */

/* A closed socket, without a pcb.  NULL: no memory. */
struct tcp_sock *tcp_sock_new(int family);
/* Make a pcb with the socket's options.  0 or -ENOBUFS.  Network lock. */
int tcp_pcb_make(struct tcp_sock *ts);
/* Options that the pcb must know. Network lock. */
void tcp_options_apply(struct tcp_sock *ts);

static inline u32 tcp_state(const struct tcp_sock *ts)
{
	return __atomic_load_n(&ts->state, __ATOMIC_ACQUIRE);
}
static inline void tcp_state_set(struct tcp_sock *ts, enum tcp_sock_state st)
{
	__atomic_store_n(&ts->state, st, __ATOMIC_RELEASE);
}

/* ---- tcp_events.c: lwIP's callbacks ---- */

/* Connect pcb and socket; the pcb takes a reference.  Network lock. */
void tcp_events_attach(struct tcp_sock *ts, struct tcp_pcb *pcb);
/* The same for a listening pcb.  Network lock. */
void tcp_events_attach_listener(struct tcp_sock *ts, struct tcp_pcb *pcb);
/* The socket forgets a pcb that lives on (TIME-WAIT).  Network lock. */
void tcp_events_detach(struct tcp_sock *ts);
/* Have unsent data looked at in a while (corked).  Network lock. */
void tcp_events_poll(struct tcp_sock *ts);
/* The connection is over: error (positive errno, 0: none). Network lock. */
void tcp_connection_ended(struct tcp_sock *ts, int err);
/* For the timer: sockets closed by the program need not wait in TIME-WAIT. */
void tcp_time_wait_release(struct tcp_pcb *pcb);

/* ---- tcp_tx.c: the send queue; all under the network lock ---- */

/* Bytes that may be queued now; 0: full. */
u32 tcp_tx_room(const struct tcp_sock *ts);
bool tcp_tx_writable(const struct tcp_sock *ts);
void tcp_tx_append(struct tcp_sock *ts, struct tx_piece *p);
/* Give lwIP what it may have; all of it unless the socket is corked. */
void tcp_tx_push(struct tcp_sock *ts, bool all);
/* The peer has acknowledged something: drop what nobody refers to any more. */
void tcp_tx_release(struct tcp_sock *ts);
void tcp_tx_purge(struct tcp_sock *ts);
/* Send the FIN when everything before it is lwIP's. */
void tcp_tx_finish(struct tcp_sock *ts);
void tx_piece_free(struct tx_piece *p);

/* ---- the operations ---- */

ssize_t tcp_sendmsg(struct socket *s, struct socket_msg *m);
ssize_t tcp_send_page(struct socket *s, struct page *p, size_t off, size_t n,
		      unsigned flags);
ssize_t tcp_recvmsg(struct socket *s, struct socket_msg *m);
int tcp_connect_socket(struct socket *s, struct sockaddr *sa, int len,
		       int flags);
int tcp_listen_socket(struct socket *s, int backlog);
struct socket *tcp_accept_socket(struct socket *s, int flags);
int tcp_shutdown_socket(struct socket *s, int how);
void tcp_close_socket(struct socket *s);
u32 tcp_poll_socket(struct socket *s, struct poll_table *pt);
int tcp_setsockopt(struct socket *s, int level, int name, const void *val,
		   int len);
int tcp_getsockopt(struct socket *s, int level, int name, void *val, int *len);
int tcp_ioctl(struct socket *s, unsigned cmd, unsigned long arg);
void tcp_option_changed(struct socket *s, int name);

/* The number of the state in TCP_INFO and /proc/net/tcp; NULL: closed. */
u8 tcp_state_number(const struct tcp_pcb *pcb);

/* ---- tcp_rx.c ---- */

/*
 * Append received data (takes it over).  ERR_MEM: too much is held already.
 * Network lock.
 */
err_t tcp_rx_append(struct tcp_sock *ts, struct pbuf *p);
void tcp_rx_purge(struct tcp_sock *ts);
/* Tell lwIP what was consumed. Network lock. */
void tcp_rx_report(struct tcp_sock *ts);
/*
 * The connection begins, or SO_RCVBUF has changed: the window's limit.  Network lock.
 */
void tcp_rx_limit(struct tcp_sock *ts);

/* ---- tcp_listen.c ---- */

/* A connection to the listener's child is complete. Network lock. */
void tcp_accept_enqueue(struct tcp_sock *child);
/* The listener is closed: drop what nobody accepted. Network lock. */
void tcp_listen_abort(struct tcp_sock *ts);
/* lwIP's callbacks: the handshake is complete; there is */
err_t tcp_accept_ready(void *arg, struct tcp_pcb *pcb, err_t err);
/* a new half-open connection. */
err_t tcp_passive_open(u8_t id, struct tcp_pcb_listen *l, struct tcp_pcb *pcb);

#endif
