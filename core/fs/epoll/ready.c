/* Ready lists: how events get onto them, and to the program. */
#include "private.h"
#include "syscall.h"
#include "uaccess.h"

/* set->lock held: onto the ready list, if it is on none. */
static void make_ready(struct epoll_item *it)
{
	if (it->ready)
		return;
	it->ready = true;
	list_append(&it->set->ready, &it->ready_link);
}

/* One thread of epoll_wait is enough; who polls the set looks for himself. */
static void tell(struct epoll_set *s)
{
	waitq_wake(&s->wait, 1, 0);
	waitq_wake(&s->poll_wait, WAKE_ALL, EPOLLIN | EPOLLRDNORM);
}

void epoll_item_ready(struct epoll_item *it)
{
	struct epoll_set *s = it->set;
	u64 flags = spin_lock_irqsave(&s->lock);
	bool news = !it->ready;

	make_ready(it);
	spin_unlock_irqrestore(&s->lock, flags);
	if (news)
		tell(s);
}

bool epoll_callback(struct waiter *w, u32 events)
{
	struct epoll_item *it =
		container_of(w, struct epoll_waiter, waiter)->item;
	struct epoll_set *s = it->set;
	bool used = true, wanted;
	u64 flags = spin_lock_irqsave(&s->lock);

	/* A oneshot that was spent waits for nothing; 0: events unknown. */
	wanted = it->events & ~ITEM_BITS &&
		 (!events || events & it->events);
	if (wanted)
		make_ready(it);
	/* Of several sets that share a queue, one with a waiting thread. */
	if (it->events & EPOLLEXCLUSIVE)
		used = wanted && waitq_active(&s->wait);
	spin_unlock_irqrestore(&s->lock, flags);
	if (wanted)
		tell(s);
	return used;
}

bool epoll_available(struct epoll_set *s)
{
	return !list_empty(&s->ready) || READ_ONCE(s->scanning);
}

/* Take the whole ready list; mutex held. */
static void scan_start(struct epoll_set *s, struct list *mine)
{
	u64 flags = spin_lock_irqsave(&s->lock);

	list_init(mine);
	list_splice(mine, &s->ready);
	WRITE_ONCE(s->scanning, true);
	spin_unlock_irqrestore(&s->lock, flags);
}

/* What is left goes back, in front. */
static void scan_done(struct epoll_set *s, struct list *mine)
{
	u64 flags = spin_lock_irqsave(&s->lock);
	bool more;

	list_splice(mine, &s->ready);
	list_splice(&s->ready, mine);
	WRITE_ONCE(s->scanning, false);
	more = !list_empty(&s->ready);
	spin_unlock_irqrestore(&s->lock, flags);
	/* Others who wait may have what this one left, or put back. */
	if (more)
		waitq_wake(&s->wait, 1, 0);
}

/*
 * The next item off the list.  From here on a callback puts it on the ready list
 * again, so what happens after it was polled is not lost.
 */
static struct epoll_item *scan_next(struct epoll_set *s, struct list *mine)
{
	struct epoll_item *it;
	u64 flags;

	if (list_empty(mine))
		return NULL;
	flags = spin_lock_irqsave(&s->lock);
	it = list_first(mine, struct epoll_item, ready_link);
	list_del(&it->ready_link);
	it->ready = false;
	spin_unlock_irqrestore(&s->lock, flags);
	return it;
}

static void scan_put_back(struct epoll_item *it, struct list *mine)
{
	u64 flags = spin_lock_irqsave(&it->set->lock);

	if (mine && !it->ready) {
		it->ready = true;
		list_push(mine, &it->ready_link);
	} else {
		make_ready(it);
	}
	spin_unlock_irqrestore(&it->set->lock, flags);
}

/* It was handed out: when is it ready again? */
static void after(struct epoll_item *it)
{
	if (it->events & EPOLLONESHOT) {
		u64 flags = spin_lock_irqsave(&it->set->lock);

		it->events &= ITEM_BITS;
		spin_unlock_irqrestore(&it->set->lock, flags);
	} else if (!(it->events & EPOLLET)) {
		/* Level: looked at again next time, and dropped if not true. */
		scan_put_back(it, NULL);
	}
}

int epoll_hand_out(struct epoll_set *s, struct epoll_event __user *out, int max)
{
	struct epoll_item *it;
	struct list mine;
	int n = 0;

	mutex_lock(&s->mutex);
	scan_start(s, &mine);
	while (n < max && (it = scan_next(s, &mine))) {
		struct epoll_event ev = {epoll_item_poll(it), it->data};

		if (!ev.events)
			continue;
		if (copy_to_user(&out[n], &ev, sizeof(ev))) {
			scan_put_back(it, &mine);
			if (!n)
				n = -EFAULT;
			break;
		}
		n++;
		after(it);
	}
	scan_done(s, &mine);
	mutex_unlock(&s->mutex);
	return n;
}

bool epoll_any_ready(struct epoll_set *s)
{
	struct epoll_item *it;
	struct list mine;
	bool any = false;

	mutex_lock(&s->mutex);
	scan_start(s, &mine);
	while (!any && (it = scan_next(s, &mine))) {
		any = epoll_item_poll(it);
		if (any)
			scan_put_back(it, &mine);
	}
	scan_done(s, &mine);
	mutex_unlock(&s->mutex);
	return any;
}
