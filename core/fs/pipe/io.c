/* Reading from and writing to a pipe. */
#include "private.h"
#include "process.h"
#include "signal.h"
#include "string.h"
#include "syscall.h"

/* The page of an emptied slot: kept for the next write, or given back. */
static void release_slot(struct pipe *p)
{
	struct pipe_slot *s = pipe_slot(p, p->tail);

	if (!p->spare && READ_ONCE(s->page->refs) == 1)
		p->spare = s->page;
	else
		page_put(s->page);
	s->page = NULL;
	WRITE_ONCE(p->tail, p->tail + 1);
}

/* What is there, up to it->count; *full if that made room. lock held. */
static ssize_t take(struct pipe *p, struct iov_iter *it, bool *made_room)
{
	ssize_t done = 0;

	while (it->count && !pipe_is_empty(p)) {
		struct pipe_slot *s = pipe_slot(p, p->tail);
		size_t n = MIN((size_t)s->len, it->count), got;
		bool packet = s->packet;

		got = iov_copy_to(it, (char *)page_address(s->page) + s->offset,
				  n);
		/* As on Linux, all of a page's part or, after a fault, none. */
		if (got < n)
			return done ? done : -EFAULT;
		s->offset += (u32)n;
		s->len -= (u32)n;
		done += (ssize_t)n;
		if (packet)
			s->len = 0;
		if (!s->len) {
			*made_room |= pipe_is_full(p);
			release_slot(p);
		}
		if (packet)
			break;
	}
	return done;
}

int pipe_await_data(struct pipe *p)
{
	return wait_event_exclusive_until(
		&p->read_wait, !pipe_is_empty(p) || !READ_ONCE(p->writers),
		NSEC_FOREVER);
}

int pipe_await_room(struct pipe *p)
{
	return wait_event_exclusive_until(
		&p->write_wait, !pipe_is_full(p) || !READ_ONCE(p->readers),
		NSEC_FOREVER);
}

ssize_t pipe_read(struct file *f, struct iov_iter *it, loff_t *pos)
{
	struct pipe *p = f->priv;
	bool made_room = false, waited = false;
	ssize_t done = 0;

	if (!it->count)
		return 0;
	mutex_lock(&p->lock);
	while (!(done = take(p, it, &made_room))) {
		int err;

		if (!p->writers)
			break;
		if (f->flags & O_NONBLOCK) {
			done = -EAGAIN;
			break;
		}
		mutex_unlock(&p->lock);
		waited = true;
		err = pipe_await_data(p);
		mutex_lock(&p->lock);
		if (err && pipe_is_empty(p)) {
			done = err;
			break;
		}
	}
	mutex_unlock(&p->lock);
	/*
	 * What one wake-up told one reader may be enough for another.  Not
	 * else: to an edge-triggered epoll it is news.
	 */
	if (waited && !pipe_is_empty(p))
		waitq_wake(&p->read_wait, 1, PIPE_READABLE);
	if (made_room)
		waitq_wake(&p->write_wait, 1, PIPE_WRITABLE);
	return done;
}

/* As Linux' send_sig: from the thread itself. */
void pipe_send_sigpipe(void)
{
	struct process *me = current_process();
	siginfo_t info;

	if (!me)
		return;
	memset(&info, 0, sizeof(info));
	info.si_signo = SIGPIPE;
	info.si_code = SI_USER;
	info.si_pid = me->pid;
	info.si_uid = me->uid;
	(void)signal_thread(current_thread(), SIGPIPE, &info);
}

/*
 * The odd bytes of a write go to the end of the last page if they fit there, so
 * that many small writes share pages.  Bytes, or -EFAULT.
 */
static ssize_t append(struct pipe *p, struct iov_iter *it)
{
	size_t odd = it->count & (PAGE_SIZE - 1), n;
	struct pipe_slot *s;

	if (!odd || pipe_is_empty(p))
		return 0;
	s = pipe_slot(p, p->head - 1);
	if (s->packet || s->offset + s->len + odd > PAGE_SIZE ||
	    READ_ONCE(s->page->refs) != 1)
		return 0;
	n = iov_copy_from(it,
			  (char *)page_address(s->page) + s->offset + s->len,
			  odd);
	if (n < odd)
		return -EFAULT;
	s->len += (u32)n;
	return (ssize_t)n;
}

/* A new page with up to a page of data.  Bytes or -errno. */
static ssize_t add_slot(struct pipe *p, struct iov_iter *it, bool packet)
{
	struct pipe_slot *s = pipe_slot(p, p->head);
	size_t n, want = MIN(it->count, PAGE_SIZE);
	struct page *page = p->spare;

	if (!page)
		page = page_alloc(0, ALLOC_WAIT);
	if (!page)
		return -ENOMEM;
	p->spare = NULL;
	n = iov_copy_from(it, page_address(page), want);
	if (n < want) {
		p->spare = page;
		return -EFAULT;
	}
	*s = (struct pipe_slot){page, 0, (u32)n, packet};
	WRITE_ONCE(p->head, p->head + 1);
	return (ssize_t)n;
}

/* One step of a write, lock held: bytes, or -errno; -EAGAIN: no room. */
static ssize_t put(struct pipe *p, struct iov_iter *it, bool packet)
{
	if (pipe_is_full(p))
		return -EAGAIN;
	return add_slot(p, it, packet);
}

ssize_t pipe_write(struct file *f, struct iov_iter *it, loff_t *pos)
{
	struct pipe *p = f->priv;
	ssize_t done = 0, n = 0;
	bool packet = f->flags & O_DIRECT, waited = false;

	if (!it->count)
		return 0;
	mutex_lock(&p->lock);
	if (p->readers && !packet)
		n = append(p, it);
	for (;;) {
		if (n > 0)
			done += n;
		if (!p->readers)
			n = -EPIPE;
		if ((n < 0 && n != -EAGAIN) || !it->count)
			break;
		n = put(p, it, packet);
		if (n != -EAGAIN)
			continue;
		if (f->flags & O_NONBLOCK)
			break;
		mutex_unlock(&p->lock);
		waited = true;
		/* Let readers have what there is before waiting for them. */
		waitq_wake(&p->read_wait, 1, PIPE_READABLE);
		n = pipe_await_room(p);
		mutex_lock(&p->lock);
	}
	mutex_unlock(&p->lock);
	if (done > 0)
		waitq_wake(&p->read_wait, 1, PIPE_READABLE);
	if (waited && !pipe_is_full(p))
		waitq_wake(&p->write_wait, 1, PIPE_WRITABLE);
	if (n == -EPIPE)
		pipe_send_sigpipe();
	return done ? done : n;
}
