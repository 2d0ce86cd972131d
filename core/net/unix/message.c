/* Messages in the queues of local sockets. */
#include "unix.h"
#include "page.h"
#include "process.h"

/* Longer contents lie in pages: large blocks may not be had when memory is old. */
#define INLINE_MAX 2048

u32 unix_msg_charge(size_t n)
{
	return (u32)(n + sizeof(struct unix_msg));
}

static size_t nr_pages(size_t n)
{
	return DIV_ROUND_UP(n, PAGE_SIZE);
}

static void free_data(struct unix_msg *msg, size_t n)
{
	if (!msg->pages)
		return;
	for (size_t i = 0; i < nr_pages(n); i++)
		if (msg->pages[i])
			page_put(msg->pages[i]);
	kfree(msg->pages);
}

static int copy_in(struct unix_msg *msg, struct iov_iter *it, size_t n)
{
	if (n <= INLINE_MAX)
		return iov_copy_from(it, msg->bytes, n) == n ? 0 : -EFAULT;
	msg->pages = kzalloc(nr_pages(n) * sizeof(*msg->pages), 0);
	if (!msg->pages)
		return -ENOBUFS;
	for (size_t i = 0; i < nr_pages(n); i++) {
		size_t k = MIN(n - i * PAGE_SIZE, PAGE_SIZE);

		msg->pages[i] = page_alloc(0, 0);
		if (!msg->pages[i])
			return -ENOBUFS;
		if (iov_copy_from(it, page_address(msg->pages[i]), k) != k)
			return -EFAULT;
	}
	return 0;
}

static void credentials(struct unix_msg *msg)
{
	struct process *p = current_process();

	if (!p)
		return;
	msg->cred.pid = p->pid;
	msg->cred.uid = p->uid;
	msg->cred.gid = p->gid;
}

struct unix_msg *unix_msg_new(struct unix_sock *u, struct socket_msg *m,
			      size_t n, bool with_control)
{
	struct unix_msg *msg;
	int err;

	msg = kzalloc(sizeof(*msg) + (n <= INLINE_MAX ? n : 0), 0);
	if (!msg)
		return ERR_PTR(-ENOBUFS);
	list_init(&msg->link);
	msg->len = n;
	credentials(msg);
	err = copy_in(msg, m->it, n);
	if (!err && with_control && m->control)
		err = unix_scm_send(msg, m);
	if (err) {
		free_data(msg, n);
		kfree(msg);
		return ERR_PTR(err);
	}
	unix_get(u);
	msg->sender = u;
	msg->charge = unix_msg_charge(n);
	__atomic_add_fetch(&u->sent, msg->charge, __ATOMIC_RELAXED);
	mutex_lock(&unix_lock);
	if (u->addr)
		msg->from = unix_addr_get(u->addr);
	mutex_unlock(&unix_lock);
	return msg;
}

void unix_msg_free(struct unix_msg *msg)
{
	struct unix_sock *u = msg->sender;

	if (msg->scm) {
		unix_landed(msg->scm);
		unix_scm_free(msg->scm);
	}
	free_data(msg, msg->len);
	if (msg->from)
		unix_addr_put(msg->from);
	__atomic_sub_fetch(&u->sent, msg->charge, __ATOMIC_RELEASE);
	if (unix_writable(u))
		socket_wake(&u->s, EPOLLOUT | EPOLLWRNORM | EPOLLWRBAND);
	unix_put(u);
	kfree(msg);
}

size_t unix_msg_copy(const struct unix_msg *msg, size_t off,
		     struct iov_iter *it, size_t n)
{
	size_t done = 0;

	if (!msg->pages)
		return iov_copy_to(it, msg->bytes + off, n);
	while (done < n) {
		size_t at = (off + done) % PAGE_SIZE;
		size_t k = MIN(n - done, PAGE_SIZE - at), got;
		struct page *p = msg->pages[(off + done) / PAGE_SIZE];

		got = iov_copy_to(it, (u8 *)page_address(p) + at, k);
		done += got;
		if (got < k)
			break;
	}
	return done;
}

void unix_msg_queue(struct unix_sock *to, struct unix_msg *msg)
{
	if (msg->scm)
		unix_in_flight(msg->scm);
	spin_lock(&to->spin);
	list_append(&to->rx, &msg->link);
	WRITE_ONCE(to->rx_count, to->rx_count + 1);
	to->rx_bytes += msg->len;
	spin_unlock(&to->spin);
	socket_wake(&to->s, EPOLLIN | EPOLLRDNORM);
}

void unix_purge(struct unix_sock *u)
{
	struct list gone = LIST_INIT(gone);
	struct unix_msg *m, *n;

	spin_lock(&u->spin);
	list_splice(&gone, &u->rx);
	u->rx_count = 0;
	u->rx_bytes = 0;
	spin_unlock(&u->spin);
	list_for_each_safe(m, n, &gone, link)
	{
		list_del(&m->link);
		unix_msg_free(m);
	}
}
