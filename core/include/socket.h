/*
 * Sockets: what the address families (inet, unix, netlink) and the socket system
 * calls have in common.
 *
 * A socket is reference counted.  The file holds a reference; a family may hold
 * more (a TCP connection lives on after close).  Locks:
 *   s->lock     serialises calls that change the socket and those that send
 *   s->rx_lock  serialises those that receive
 * Both are mutexes, dropped while a call waits; lock before rx_lock.  What protocol
 * input touches (queues) is under spin locks of the family.
 */
#ifndef RR_SOCKET_H
#define RR_SOCKET_H

#include "file.h"
#include "linkset.h"
#include "sync.h"
#include "timer.h"
#include "syscall.h"
#include "uio.h"
#include <asm/socket.h>
#include <linux/errno.h>
#include <linux/eventpoll.h>
#include <linux/socket.h>

/* ---- the interface of socket(2) and friends; Linux' values ---- */

#define AF_UNSPEC 0
#define AF_UNIX 1
#define AF_INET 2
#define AF_INET6 10
#define AF_NETLINK 16
#define AF_PACKET 17
#define AF_MAX 46

#define SOCK_STREAM 1
#define SOCK_DGRAM 2
#define SOCK_RAW 3
#define SOCK_RDM 4
#define SOCK_SEQPACKET 5
#define SOCK_TYPE_MASK 0xf
#define SOCK_CLOEXEC O_CLOEXEC
#define SOCK_NONBLOCK O_NONBLOCK

#define MSG_OOB 0x1
#define MSG_PEEK 0x2
#define MSG_DONTROUTE 0x4
#define MSG_CTRUNC 0x8
#define MSG_TRUNC 0x20
#define MSG_DONTWAIT 0x40
#define MSG_EOR 0x80
#define MSG_WAITALL 0x100
#define MSG_CONFIRM 0x800
#define MSG_ERRQUEUE 0x2000
#define MSG_NOSIGNAL 0x4000
#define MSG_MORE 0x8000
#define MSG_WAITFORONE 0x10000
#define MSG_CMSG_CLOEXEC 0x40000000
#define MSG_CMSG_COMPAT 0x80000000u

#define SHUT_RD 0
#define SHUT_WR 1
#define SHUT_RDWR 2

#define SOL_IP 0
#define SOL_TCP 6
#define SOL_UDP 17
#define SOL_IPV6 41
#define SOL_ICMPV6 58
#define SOL_RAW 255
#define SOL_NETLINK 270

#define SCM_RIGHTS 1
#define SCM_CREDENTIALS 2
#define SCM_MAX_FD 253

#define SOMAXCONN 4096

/* The kernel's own name for it. */
#define sockaddr_storage __kernel_sockaddr_storage

struct sockaddr {
	u16 sa_family;
	char sa_data[14];
};

struct user_msghdr {
	void __user *msg_name;
	int msg_namelen;
	struct iovec __user *msg_iov;
	size_t msg_iovlen;
	void __user *msg_control;
	size_t msg_controllen;
	unsigned msg_flags;
};

struct mmsghdr {
	struct user_msghdr msg_hdr;
	unsigned msg_len;
};

struct cmsghdr {
	size_t cmsg_len;
	int cmsg_level;
	int cmsg_type;
};
#define CMSG_ALIGN(len) (((len) + sizeof(long) - 1) & ~(sizeof(long) - 1))
#define CMSG_DATA(c) ((void *)((char *)(c) + sizeof(struct cmsghdr)))
#define CMSG_LEN(len) (sizeof(struct cmsghdr) + (len))
#define CMSG_SPACE(len) (CMSG_ALIGN(sizeof(struct cmsghdr)) + CMSG_ALIGN(len))

struct ucred {
	u32 pid, uid, gid;
};

struct linger {
	int l_onoff, l_linger;
};

/* ---- sockets ---- */

struct socket;

/* Where received control messages go: the program's buffer, or nowhere. */
struct cmsg_buffer {
	void __user *p;
	size_t left;
	size_t used;
	bool truncated;
};

/*
 * One message sent or received.  name has room for a sockaddr_storage; namelen is
 * its length (0: none).  control: when sending, a kernel copy of the control
 * messages, already checked for well-formedness; when receiving, where to
 * put them (put_cmsg).  flags: MSG_*; receiving, result flags are added to out.
 */
struct socket_msg {
	struct iov_iter *it;
	struct sockaddr *name;
	int namelen;
	void *control;
	size_t controllen;
	struct cmsg_buffer *cmsg;
	unsigned flags;
	unsigned out;
};

/*
 * Ioctls about network interfaces (SIOCGIF...), which every socket answers, whatever
 * its family; absent without the network.  -ENOTTY for others.
 */
int socket_device_ioctl(unsigned cmd, unsigned long arg) __weak;

/*
 * Operations of a kind of socket.  Addresses are kernel copies of len bytes, len at most
 * sizeof(struct sockaddr_storage), padded with zeroes.  Called without locks; 0 or
 * -errno unless stated.  NULL means -EOPNOTSUPP.
 */
struct socket_ops {
	int (*bind)(struct socket *s, struct sockaddr *sa, int len);
	/* flags: O_NONBLOCK. */
	int (*connect)(struct socket *s, struct sockaddr *sa, int len, int flags);
	int (*listen)(struct socket *s, int backlog);
	/* A new referenced socket, or ERR_PTR. */
	struct socket *(*accept)(struct socket *s, int flags);
	/* Fill in sa (a sockaddr_storage); returns its length. */
	int (*getname)(struct socket *s, struct sockaddr *sa, bool peer);
	int (*shutdown)(struct socket *s, int how);
	ssize_t (*sendmsg)(struct socket *s, struct socket_msg *m);
	ssize_t (*recvmsg)(struct socket *s, struct socket_msg *m);
	ssize_t (*send_page)(struct socket *s, struct page *p, size_t off,
			     size_t n, unsigned flags);
	u32 (*poll)(struct socket *s, struct poll_table *pt);
	int (*ioctl)(struct socket *s, unsigned cmd, unsigned long arg); /* -ENOTTY */
	/* Levels other than SOL_SOCKET; val is a kernel copy, zero-padded to 8. */
	int (*setsockopt)(struct socket *s, int level, int name, const void *val,
			  int len);
	/*
	 * val has room for *len bytes (at most SOCKOPT_MAX); set *len to what was
	 * stored.
	 */
	int (*getsockopt)(struct socket *s, int level, int name, void *val,
			  int *len);
	/*
	 * SOL_SOCKET options that were stored in s->opt and that the protocol must act
	 * upon (SO_KEEPALIVE ...); may be NULL.
	 */
	void (*option_changed)(struct socket *s, int name);
	/* The file is closed; may wait (linger).  Drops no reference. */
	void (*close)(struct socket *s);
	/* The last reference went. */
	void (*destroy)(struct socket *s);
	/*
	 * Another network device name for SO_BINDTODEVICE: its index, 0 for "",
	 * -ENODEV.
	 */
	int (*device_index)(const char *name);
};

#define SOCKOPT_MAX 4096

/* SOL_SOCKET options.  Written under s->lock, read without. */
struct socket_options {
	bool reuseaddr, reuseport, keepalive, broadcast, oobinline, dontroute;
	bool timestamp, timestampns, passcred, rcvbuf_locked, sndbuf_locked;
	bool linger;
	bool no_check;
	u32 linger_seconds;
	int priority, mark, bound_device; /* interface index, 0: any */
	int rcvlowat;
	nsec_t rcvtimeo, sndtimeo;        /* 0: for ever */
	u32 rcvbuf, sndbuf;               /* as getsockopt shows them */
	int incoming_cpu;
};

#define RCV_SHUTDOWN 1u
#define SEND_SHUTDOWN 2u
#define SHUTDOWN_MASK 3u

struct socket {
	const struct socket_ops *ops;
	u16 family, type;
	int protocol;
	s32 refs;            /* atomic */
	u32 ino;             /* for fstat and /proc */
	struct mutex lock;
	struct mutex rx_lock;
	struct waitq wait;   /* woken with EPOLL* bits */
	struct file *file;   /* not referenced; NULL before and after */
	int error;           /* SO_ERROR, a positive errno; atomic */
	u32 shutdown;        /* RCV_SHUTDOWN, SEND_SHUTDOWN; atomic */
	bool listening;      /* lock */
	struct socket_options opt;
	struct ucred owner;  /* who made it */
	struct ucred peer;   /* SO_PEERCRED */
};

/* An address family; entries of linker set socket_families. */
struct socket_family {
	int family;
	/* A socket with one reference, or ERR_PTR (-ESOCKTNOSUPPORT,
	 * -EPROTONOSUPPORT, -ENOMEM ...).  type is without flags. */
	struct socket *(*create)(int type, int protocol);
	/* Connect two new sockets of the family (socketpair); NULL: -EOPNOTSUPP. */
	int (*pair)(struct socket *a, struct socket *b);
};

#define SOCKET_FAMILY(f) LINKSET(socket_families, f)

/*
 * Fill in the common part of a zeroed socket: one reference, options with their
 * defaults.  ops->destroy frees the memory.
 */
void socket_init(struct socket *s, const struct socket_ops *ops, int family,
		 int type, int protocol);
void socket_get(struct socket *s);
/* The last reference calls ops->destroy.  May sleep. */
void socket_put(struct socket *s);

/* The socket of an open file, or NULL if it is not one. */
struct socket *socket_from_file(struct file *f);
/*
 * A descriptor's file and socket; the file is referenced (file_put).
 * ERR_PTR: -EBADF, -ENOTSOCK.
 */
struct socket *socket_from_fd(int fd, struct file **f);

/* Tell pollers and sleepers.  Any context. */
static inline void socket_wake(struct socket *s, u32 events)
{
	waitq_wake(&s->wait, WAKE_ALL, events);
}
/* Set SO_ERROR (positive errno) and tell.  Any context. */
void socket_set_error(struct socket *s, int err);
/* Take SO_ERROR: 0 or -errno, cleared. */
int socket_take_error(struct socket *s);
static inline u32 socket_shutdown_bits(const struct socket *s)
{
	return __atomic_load_n(&s->shutdown, __ATOMIC_ACQUIRE);
}
/* Is there an error to report, or does nothing more come?  A receiver need not wait. */
static inline bool socket_rx_ended(const struct socket *s)
{
	return READ_ONCE(s->error) ||
	       (socket_shutdown_bits(s) & RCV_SHUTDOWN);
}

/* The time at which a wait with this timeout (0: never) ends. */
nsec_t socket_deadline(nsec_t timeout);
/*
 * What a wait that ended with err returns: -EAGAIN for a timeout, -EINTR instead of a
 * restart when there is a timeout (signal(7)).
 */
int socket_wait_error(int err, nsec_t deadline);

/*
 * Send SIGPIPE, unless MSG_NOSIGNAL, and return -EPIPE.
 */
int socket_epipe(unsigned flags);

/*
 * Append a control message to what recvmsg returns; if it does not fit, MSG_CTRUNC is
 * the result.  0 or -EFAULT.
 */
int put_cmsg(struct socket_msg *m, int level, int type, const void *data,
	     size_t len);
/* Room left for the data of one more control message. */
size_t cmsg_room(const struct socket_msg *m);

/* Walk the control messages being sent: c NULL gives the first. */
struct cmsghdr *cmsg_next(const struct socket_msg *m, struct cmsghdr *c);

/*
 * SOL_SOCKET options that every family has.  val as in socket_ops.
 */
int socket_setsockopt(struct socket *s, int name, const void *val, int len);
int socket_getsockopt(struct socket *s, int name, void *val, int *len);

/* Memory limits of buffers, bytes, scaled to memory at start-up. */
extern u32 socket_rcvbuf_default, socket_sndbuf_default;
extern u32 socket_rcvbuf_max, socket_sndbuf_max;

/* Install a new file for s (takes over the reference) with SOCK_* flags: fd. */
int socket_install(struct socket *s, int flags);
/* A file for s, taking over the reference on success. NULL: no memory. */
struct file *socket_file(struct socket *s, int flags);

/* A file of /proc/net (struct proc_file, fs.h). */
#define PROC_NET(f) LINKSET(proc_net, f)

#endif
