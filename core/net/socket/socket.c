/* Sockets as objects: creation, references, errors, waiting. */
#include "socket.h"
#include "log.h"
#include "page.h"
#include "process.h"
#include "refs.h"
#include "signal.h"


u32 socket_rcvbuf_default __ro_after_init, socket_sndbuf_default __ro_after_init;
u32 socket_rcvbuf_max __ro_after_init, socket_sndbuf_max __ro_after_init;

/* Linux' net.core.{r,w}mem_default and _max (Documentation/admin-guide/sysctl). */
#define MEM_DEFAULT 212992u

/*
 * A socket may keep that much: as Linux, but where memory is small no socket alone
 * takes more than a sixteenth.
 */
static void socket_limits_init(void)
{
	struct memory_stats ms;
	u64 limit;

	memory_stats(&ms);
	limit = MAX(ms.total * PAGE_SIZE / 16, 64ull * 1024);
	socket_rcvbuf_default = socket_sndbuf_default =
	    MIN((u64)MEM_DEFAULT, limit);
	socket_rcvbuf_max = socket_sndbuf_max = MIN(MEM_DEFAULT * 2ull, limit * 2);
}
INITCALL(INIT_CORE, socket_limits_init);

void socket_init(struct socket *s, const struct socket_ops *ops, int family,
		 int type, int protocol)
{
	static u32 next_ino;
	struct process *p = current_process();

	s->ops = ops;
	s->family = family;
	s->type = type;
	s->protocol = protocol;
	s->refs = 1;
	s->ino = __atomic_add_fetch(&next_ino, 1, __ATOMIC_RELAXED);
	mutex_init(&s->lock);
	mutex_init(&s->rx_lock);
	waitq_init(&s->wait);
	s->opt.rcvbuf = socket_rcvbuf_default;
	s->opt.sndbuf = socket_sndbuf_default;
	s->opt.rcvlowat = 1;
	s->peer.uid = s->peer.gid = UINT32_MAX; /* nobody yet */
	if (p) {
		s->owner.pid = p->pid;
		s->owner.uid = p->euid;
		s->owner.gid = p->egid;
	}
}

void socket_get(struct socket *s)
{
	ref_get(&s->refs);
}

void socket_put(struct socket *s)
{
	if (ref_put(&s->refs))
		s->ops->destroy(s);
}

void socket_set_error(struct socket *s, int err)
{
	__atomic_store_n(&s->error, err, __ATOMIC_RELEASE);
	socket_wake(s, EPOLLERR | EPOLLIN | EPOLLOUT);
}

int socket_take_error(struct socket *s)
{
	if (!__atomic_load_n(&s->error, __ATOMIC_RELAXED))
		return 0;
	return -__atomic_exchange_n(&s->error, 0, __ATOMIC_ACQ_REL);
}

nsec_t socket_deadline(nsec_t timeout)
{
	return timeout ? now_ns() + timeout : NSEC_FOREVER;
}

int socket_wait_error(int err, nsec_t deadline)
{
	if (err == -ETIMEDOUT)
		return -EAGAIN;
	if (err == -ERESTARTSYS && deadline != NSEC_FOREVER)
		return -EINTR;
	return err;
}

int socket_epipe(unsigned flags)
{
	if (!(flags & MSG_NOSIGNAL))
		signal_thread(current_thread(), SIGPIPE, NULL);
	return -EPIPE;
}
