/* poll, ppoll. */
#include "pollwait.h"
#include "private.h"
#include "process.h"
#include "signal.h"
#include "syscall.h"
#include "uaccess.h"
#include <linux/eventpoll.h>
#include <linux/poll.h>

/* ---- waiting for many queues at once ---- */

static bool wake_poller(struct waiter *w, u32 events)
{
	struct poll_entry *e = container_of(w, struct poll_entry, w);
	struct poll_wait *pw = e->owner;

	if (events && !(events & (e->events | EPOLLERR | EPOLLHUP)))
		return false;
	__atomic_store_n(&pw->triggered, true, __ATOMIC_RELEASE);
	return thread_wake(pw->thread);
}

static struct poll_entry *new_entry(struct poll_wait *pw)
{
	struct poll_block *b;

	if (pw->inline_used < POLL_INLINE)
		return &pw->inline_entries[pw->inline_used++];
	b = pw->blocks;
	if (!b || b->used == POLL_PER_BLOCK) {
		b = kmalloc(sizeof(*b), ALLOC_WAIT);
		if (!b)
			return NULL;
		b->next = pw->blocks;
		b->used = 0;
		pw->blocks = b;
	}
	return &b->entries[b->used++];
}

static void queue_poller(struct poll_table *pt, struct waitq *q)
{
	struct poll_wait *pw = container_of(pt, struct poll_wait, pt);
	struct poll_entry *e = new_entry(pw);

	if (!e) {
		pw->error = -ENOMEM;
		return;
	}
	waiter_init(&e->w);
	e->w.wake = wake_poller;
	e->q = q;
	e->owner = pw;
	e->events = pt->events;
	waitq_add(q, &e->w);
}

void poll_wait_init(struct poll_wait *pw)
{
	memset(&pw->pt, 0, sizeof(pw->pt));
	pw->pt.queue = queue_poller;
	pw->thread = current_thread();
	pw->triggered = false;
	pw->error = 0;
	pw->inline_used = 0;
	pw->blocks = NULL;
}

void poll_wait_free(struct poll_wait *pw)
{
	struct poll_block *b;

	for (unsigned i = 0; i < pw->inline_used; i++)
		waitq_remove(pw->inline_entries[i].q, &pw->inline_entries[i].w);
	while ((b = pw->blocks) != NULL) {
		pw->blocks = b->next;
		for (unsigned i = 0; i < b->used; i++)
			waitq_remove(b->entries[i].q, &b->entries[i].w);
		kfree(b);
	}
}

int poll_wait_sleep(struct poll_wait *pw, nsec_t deadline)
{
	int err = 0;

	/* Once is enough: the waiters stay on their queues. */
	pw->pt.queue = NULL;
	sleep_prepare(true);
	if (!__atomic_load_n(&pw->triggered, __ATOMIC_ACQUIRE))
		err = sleep_until(deadline);
	sleep_cancel();
	/* Forget before looking again, so that nothing is missed. */
	__atomic_store_n(&pw->triggered, false, __ATOMIC_SEQ_CST);
	return err;
}

u32 poll_file(struct file *f, struct poll_table *pt)
{
	/* EPOLLIN and so on have poll's values. */
	if (!f->ops->poll)
		return EPOLLIN | EPOLLRDNORM | EPOLLOUT | EPOLLWRNORM;
	return f->ops->poll(f, pt);
}

int poll_wait_any(int (*scan)(void *set, struct poll_wait *pw), void *set,
		  nsec_t deadline)
{
	struct poll_wait pw;
	int n, err = 0;

	poll_wait_init(&pw);
	if (!deadline)
		pw.pt.queue = NULL;
	for (;;) {
		n = scan(set, &pw);
		if (n)
			break;
		n = pw.error ? pw.error : err == -ETIMEDOUT ? 0 : err;
		if (n || err || !deadline)
			break;
		err = poll_wait_sleep(&pw, deadline);
	}
	poll_wait_free(&pw);
	return n;
}

/* ---- poll ---- */

struct poll_set {
	struct pollfd *fds;
	struct file **files; /* NULL: none, or not open */
	unsigned n;
};

#define POLL_ALWAYS (POLLERR | POLLHUP)

/* Look at all of them: how many have something to tell. */
static int scan(void *set, struct poll_wait *pw)
{
	struct poll_set *s = set;
	int count = 0;

	for (unsigned i = 0; i < s->n; i++) {
		struct pollfd *p = &s->fds[i];
		u32 want = (u16)p->events | POLL_ALWAYS;

		p->revents = 0;
		if (p->fd < 0)
			continue;
		pw->pt.events = want;
		p->revents = s->files[i] ? (s16)(poll_file(s->files[i],
							   &pw->pt) & want)
					 : POLLNVAL;
		if (p->revents) {
			count++;
			/* There will be no sleep: no need to queue further. */
			pw->pt.queue = NULL;
		}
	}
	return count;
}

static int set_open(struct poll_set *s, const struct pollfd __user *ufds,
		    unsigned n)
{
	if (n > process_limit(RLIMIT_NOFILE))
		return -EINVAL;
	s->n = n;
	s->fds = kmalloc(n * (sizeof(*s->fds) + sizeof(*s->files)) + 1,
			 ALLOC_WAIT);
	if (!s->fds)
		return -ENOMEM;
	if (copy_from_user(s->fds, ufds, n * sizeof(*s->fds))) {
		kfree(s->fds);
		return -EFAULT;
	}
	s->files = (struct file **)(s->fds + n);
	for (unsigned i = 0; i < n; i++)
		s->files[i] = s->fds[i].fd < 0 ? NULL : fd_get(s->fds[i].fd);
	return 0;
}

static void set_close(struct poll_set *s)
{
	for (unsigned i = 0; i < s->n; i++)
		file_put(s->files[i]);
	kfree(s->fds);
}

static int do_poll(struct pollfd __user *ufds, unsigned n, nsec_t deadline)
{
	struct poll_set s;
	int r = set_open(&s, ufds, n);

	if (r)
		return r;
	r = poll_wait_any(scan, &s, deadline);
	for (unsigned i = 0; i < n && r >= 0; i++)
		if (put_user(s.fds[i].revents, &ufds[i].revents))
			r = -EFAULT;
	set_close(&s);
	return r;
}

/* After a signal that did not run a handler: the same until the same time. */
static long poll_again(struct thread *t)
{
	int r = do_poll((struct pollfd __user *)t->restart.args[0],
			(unsigned)t->restart.args[1], t->restart.args[2]);

	return r == -ERESTARTSYS ? -ERESTART_RESTARTBLOCK : r;
}

static long sys_poll(struct pollfd __user *ufds, unsigned n, int timeout)
{
	struct thread *t = current_thread();
	nsec_t deadline = NSEC_FOREVER;
	int r;

	if (timeout == 0)
		deadline = 0;
	else if (timeout > 0)
		deadline = deadline_after((nsec_t)timeout * NSEC_PER_MSEC);
	r = do_poll(ufds, n, deadline);
	if (r != -ERESTARTSYS)
		return r;
	t->restart.fn = poll_again;
	t->restart.args[0] = (u64)(uintptr_t)ufds;
	t->restart.args[1] = n;
	t->restart.args[2] = deadline;
	return -ERESTART_RESTARTBLOCK;
}
SYSCALL(__NR_poll, sys_poll);

nsec_t poll_left(nsec_t deadline)
{
	nsec_t now = now_ns();

	return deadline > now ? deadline - now : 0;
}

int poll_tell_left(struct __kernel_timespec __user *uts, nsec_t deadline, int r)
{
	struct __kernel_timespec ts;

	if (!uts || deadline == NSEC_FOREVER)
		return r;
	ts = ns_timespec(poll_left(deadline));
	if (copy_to_user(uts, &ts, sizeof(ts)) && r == -ERESTARTNOHAND)
		return -EINTR;
	return r;
}

static long sys_ppoll(struct pollfd __user *ufds, unsigned n,
		      struct __kernel_timespec __user *uts,
		      const sigset_t __user *umask, size_t size)
{
	nsec_t deadline;
	int r;

	r = timeout_from_user(uts, &deadline);
	if (!r)
		r = signal_set_temporary_mask(umask, size);
	if (r)
		return r;
	r = do_poll(ufds, n, deadline);
	if (r == -ERESTARTSYS)
		r = -ERESTARTNOHAND;
	return poll_tell_left(uts, deadline, r);
}
SYSCALL(__NR_ppoll, sys_ppoll);
