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
	/* A set in it tells it in the same way: outwards. */
	check_nest(&s->poll_wait.lock.check, LOCK_DEEPER);
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

/*
 * One walk over what is ready, under the mutex.  Items are taken off the list
 * before they are polled: from then on a callback puts them on the ready list
 * again, so what happens after the look is not lost.  They are taken some at a
 * time, since the lock is not free.
 */
#define SCAN_BATCH 16

struct scan {
	struct epoll_set *set;
	struct list left; /* not taken yet */
	struct epoll_item *item[SCAN_BATCH];
	unsigned count, next;
	/* Handed out, and to be looked at in the next walk too; by ->again. */
	struct epoll_item *again, **again_end;
};

/* lock held: off the list with the next few. */
static void scan_refill(struct scan *sc, unsigned want)
{
	sc->next = 0;
	for (sc->count = 0; sc->count < MIN(want, (unsigned)SCAN_BATCH) &&
			    !list_empty(&sc->left);
	     sc->count++) {
		struct epoll_item *it = list_first(&sc->left, struct epoll_item,
						   ready_link);

		list_del(&it->ready_link);
		it->ready = false;
		sc->item[sc->count] = it;
	}
}

static void scan_start(struct scan *sc, struct epoll_set *s, unsigned want)
{
	u64 flags = spin_lock_irqsave(&s->lock);

	sc->set = s;
	sc->again_end = &sc->again;
	list_init(&sc->left);
	list_splice(&sc->left, &s->ready);
	WRITE_ONCE(s->scanning, true);
	scan_refill(sc, want);
	spin_unlock_irqrestore(&s->lock, flags);
}

static struct epoll_item *scan_next(struct scan *sc, unsigned want)
{
	if (sc->next == sc->count) {
		u64 flags;

		if (list_empty(&sc->left))
			return NULL;
		flags = spin_lock_irqsave(&sc->set->lock);
		scan_refill(sc, want);
		spin_unlock_irqrestore(&sc->set->lock, flags);
	}
	return sc->item[sc->next++];
}

/* What was not handed out goes back, in front, in its order. */
static void scan_done(struct scan *sc)
{
	struct epoll_set *s = sc->set;
	u64 flags = spin_lock_irqsave(&s->lock);
	bool more;

	while (sc->count > sc->next) {
		struct epoll_item *it = sc->item[--sc->count];

		if (!it->ready) {
			it->ready = true;
			list_push(&sc->left, &it->ready_link);
		}
	}
	list_splice(&sc->left, &s->ready);
	list_splice(&s->ready, &sc->left);
	*sc->again_end = NULL;
	for (struct epoll_item *it = sc->again; it; it = it->again)
		make_ready(it);
	WRITE_ONCE(s->scanning, false);
	more = !list_empty(&s->ready);
	spin_unlock_irqrestore(&s->lock, flags);
	/* Others who wait may have what this one left, or put back. */
	if (more)
		waitq_wake(&s->wait, 1, 0);
}

/* It was handed out: when is it ready again? */
static void after(struct scan *sc, struct epoll_item *it)
{
	if (it->events & EPOLLONESHOT) {
		u64 flags = spin_lock_irqsave(&sc->set->lock);

		it->events &= ITEM_BITS;
		spin_unlock_irqrestore(&sc->set->lock, flags);
	} else if (!(it->events & EPOLLET)) {
		/* Level: looked at again next time, and dropped if not true. */
		*sc->again_end = it;
		sc->again_end = &it->again;
	}
}

/*
 * The program's memory is written under the mutex, so that an event whose place
 * cannot be written stays; but nothing is paged in there: it comes after a page
 * fault's locks.  *absent: that was where it ended.
 */
static int hand_out(struct epoll_set *s, struct epoll_event __user *out,
		    int max, bool *absent)
{
	struct epoll_item *it;
	struct scan sc;
	int n = 0;

	*absent = false;
	mutex_lock(&s->mutex);
	scan_start(&sc, s, (unsigned)max);
	while (n < max && (it = scan_next(&sc, (unsigned)(max - n)))) {
		struct epoll_event ev = {epoll_item_poll(it), it->data};

		if (!ev.events)
			continue;
		if (copy_to_user_now(&out[n], &ev, sizeof(ev))) {
			sc.next--;
			*absent = true;
			break;
		}
		n++;
		after(&sc, it);
	}
	scan_done(&sc);
	mutex_unlock(&s->mutex);
	return n;
}

int epoll_hand_out(struct epoll_set *s, struct epoll_event __user *out, int max)
{
	for (;;) {
		bool absent = false;
		int n = hand_out(s, out, max, &absent);

		if (n || !absent)
			return n;
		/* The first place: have it there, and begin again. */
		if (clear_user(out, sizeof(*out)))
			return -EFAULT;
	}
}

bool epoll_any_ready(struct epoll_set *s)
{
	struct epoll_item *it;
	struct scan sc;
	bool any = false;

	mutex_lock_nested(&s->mutex, LOCK_DEEPER);
	scan_start(&sc, s, 1);
	while (!any && (it = scan_next(&sc, SCAN_BATCH))) {
		any = epoll_item_poll(it);
		if (any)
			sc.next--;
	}
	scan_done(&sc);
	mutex_unlock(&s->mutex);
	return any;
}
