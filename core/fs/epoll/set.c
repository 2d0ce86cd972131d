/* epoll sets: what is in them. */
#include "log.h"
#include "private.h"
#include "refs.h"
#include "syscall.h"

static struct epoll_item *item_of(struct avl_node *n)
{
	return n ? container_of(n, struct epoll_item, node) : NULL;
}

static int compare(const struct file *f, int fd, const struct epoll_item *it)
{
	if (f != it->file)
		return f < it->file ? -1 : 1;
	return fd < it->fd ? -1 : fd > it->fd;
}

struct epoll_item *epoll_find(struct epoll_set *s, struct file *f, int fd)
{
	struct avl_node *n = s->items.root;

	while (n) {
		int c = compare(f, fd, item_of(n));

		if (!c)
			return item_of(n);
		n = n->child[c > 0];
	}
	return NULL;
}

static bool less(const struct avl_node *a, const struct avl_node *b)
{
	const struct epoll_item *x = container_of(a, struct epoll_item, node);

	return compare(x->file, x->fd,
		       container_of(b, struct epoll_item, node)) < 0;
}

/* Poll with this to be put on the file's wait queues. */
struct attach {
	struct poll_table table;
	struct epoll_item *item;
	bool failed; /* no memory */
};

static void attach_queue(struct poll_table *pt, struct waitq *q)
{
	struct attach *a = container_of(pt, struct attach, table);
	struct epoll_item *it = a->item;
	struct epoll_waiter *w;

	if (a->failed)
		return;
	if (it->used < ARRAY_SIZE(it->first)) {
		w = &it->first[it->used++];
	} else {
		w = kmalloc(sizeof(*w), ALLOC_WAIT);
		if (!w) {
			a->failed = true;
			return;
		}
	}
	waiter_init(&w->waiter);
	w->waiter.wake = epoll_callback;
	w->waiter.exclusive = it->events & EPOLLEXCLUSIVE;
	w->queue = q;
	w->item = it;
	w->next = it->waiters;
	it->waiters = w;
	waitq_add(q, &w->waiter);
}

static void detach(struct epoll_item *it)
{
	struct epoll_waiter *w = it->waiters, *next;

	for (; w; w = next) {
		next = w->next;
		/* A callback runs under the queue's lock: none after this. */
		waitq_remove(w->queue, &w->waiter);
		if (w < it->first || w >= it->first + ARRAY_SIZE(it->first))
			kfree(w);
	}
	it->waiters = NULL;
	it->used = 0;
}

u32 epoll_item_poll(struct epoll_item *it)
{
	struct poll_table ask = {.events = it->events};

	return it->file->ops->poll(it->file, &ask) & it->events;
}

int epoll_insert(struct epoll_set *s, struct file *f, int fd,
		 const struct epoll_event *ev)
{
	struct epoll_item *it = kzalloc(sizeof(*it), ALLOC_WAIT);
	struct attach a = {.table = {.queue = attach_queue,
				     .events = ev->events},
			   .item = it};
	u32 now;

	if (!it)
		return -ENOMEM;
	it->set = s;
	it->file = f;
	it->fd = fd;
	it->events = ev->events;
	it->data = ev->data;
	list_init(&it->ready_link);
	spin_lock(&f->lock);
	list_append(&f->epoll, &it->file_link);
	spin_unlock(&f->lock);
	avl_add(&s->items, &it->node, less);
	/* On the queues first, then the state: nothing is lost in between. */
	now = f->ops->poll(f, &a.table) & it->events;
	if (a.failed) {
		epoll_remove(it);
		return -ENOMEM;
	}
	if (now)
		epoll_item_ready(it);
	return 0;
}

void epoll_modify(struct epoll_item *it, const struct epoll_event *ev)
{
	u64 flags = spin_lock_irqsave(&it->set->lock);

	it->events = ev->events;
	it->data = ev->data;
	spin_unlock_irqrestore(&it->set->lock, flags);
	/*
	 * Callbacks see the new events before the state is looked at, so
	 * whatever happens now is seen by one of the two.
	 */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (epoll_item_poll(it))
		epoll_item_ready(it);
}

void epoll_remove(struct epoll_item *it)
{
	struct epoll_set *s = it->set;
	u64 flags;

	detach(it);
	spin_lock(&it->file->lock);
	list_del(&it->file_link);
	spin_unlock(&it->file->lock);
	avl_remove(&s->items, &it->node);
	flags = spin_lock_irqsave(&s->lock);
	list_del(&it->ready_link);
	spin_unlock_irqrestore(&s->lock, flags);
	kfree(it);
}

struct epoll_set *epoll_set_alloc(void)
{
	struct epoll_set *s = kzalloc(sizeof(*s), ALLOC_WAIT);

	if (!s)
		return NULL;
	s->refs = 1;
	mutex_init(&s->mutex);
	spin_init(&s->lock);
	list_init(&s->ready);
	waitq_init(&s->wait);
	waitq_init(&s->poll_wait);
	return s;
}

void epoll_set_put(struct epoll_set *s)
{
	if (!ref_put(&s->refs))
		return;
	assert(!s->items.root);
	kfree(s);
}

static void release(struct file *f)
{
	struct epoll_set *s = f->priv;

	if (!s)
		return;
	mutex_lock(&s->mutex);
	while (s->items.root)
		epoll_remove(item_of(s->items.root));
	s->file = NULL;
	mutex_unlock(&s->mutex);
	epoll_set_put(s);
}

/* A set that f is still in, with a reference; NULL: none. */
static struct epoll_set *set_of_file(struct file *f)
{
	struct epoll_set *s = NULL;

	spin_lock(&f->lock);
	if (!list_empty(&f->epoll)) {
		/* It exists: it takes its items off before it goes. */
		s = list_first(&f->epoll, struct epoll_item, file_link)->set;
		ref_get(&s->refs);
	}
	spin_unlock(&f->lock);
	return s;
}

/* One of f's items in s; s->mutex held. */
static struct epoll_item *item_in_set(struct file *f, struct epoll_set *s)
{
	struct epoll_item *it, *found = NULL;

	spin_lock(&f->lock);
	list_for_each(it, &f->epoll, file_link) {
		if (it->set != s)
			continue;
		found = it;
		break;
	}
	spin_unlock(&f->lock);
	return found;
}

void epoll_forget_file(struct file *f)
{
	struct epoll_set *s;

	while ((s = set_of_file(f))) {
		struct epoll_item *it;

		mutex_lock(&s->mutex);
		while ((it = item_in_set(f, s)))
			epoll_remove(it);
		mutex_unlock(&s->mutex);
		epoll_set_put(s);
	}
}

static u32 poll(struct file *f, struct poll_table *pt)
{
	struct epoll_set *s = f->priv;

	poll_wait(pt, &s->poll_wait);
	return epoll_any_ready(s) ? EPOLLIN | EPOLLRDNORM : 0;
}

const struct file_ops epoll_file_ops = {
	.kind = "anon_inode:[eventpoll]",
	.poll = poll,
	.release = release,
};
