/*
 * epoll sets.
 *
 * A set knows its files (items) in a tree, and those that something happened
 * to in the ready list.  An item has waiters on the file's wait queues, whose
 * callback puts it on the ready list; nobody ever scans all items.
 *
 * Locks: set->mutex serialises changes of the set and the handing out of
 * events; set->lock (spin, interrupts off) the ready list, since callbacks run
 * anywhere. Callbacks hold the lock of the file's wait queue, so set->lock
 * comes after that, and the set's own wait queues come after set->lock.  The
 * mutex of an outer set is taken before that of an inner one; loops are
 * refused.
 */
#ifndef RR_EPOLL_PRIVATE_H
#define RR_EPOLL_PRIVATE_H

#include "avl.h"
#include "file.h"
#include "page.h"
#include "sync.h"
#include <linux/eventpoll.h>

/* Not asked of the file: how the item itself behaves. */
#define ITEM_BITS                                                              \
	(EPOLLWAKEUP | EPOLLONESHOT | EPOLLET | EPOLLEXCLUSIVE)

struct epoll_set {
	s32 refs; /* atomic: its file, and who takes a closed file out */
	struct mutex mutex;
	struct avl_tree items; /* by file and descriptor; mutex */
	spinlock_t lock;       /* interrupts off */
	struct list ready;     /* of item->ready_link; lock */
	/* Events are being handed out: ready is not all there is; lock. */
	bool scanning;
	struct waitq wait;      /* epoll_wait sleeps here */
	struct waitq poll_wait; /* who polls the set itself */
	struct file *file;      /* not referenced; valid while it is open */
	u32 mark;               /* loop check: visited; nest_lock */
};

struct epoll_item;

/* An item's place on one wait queue. */
struct epoll_waiter {
	struct waiter waiter;
	struct waitq *queue;
	struct epoll_item *item;
	struct epoll_waiter *next;
};

struct epoll_item {
	struct avl_node node;
	struct epoll_set *set;
	/* Not referenced: when it goes, it takes the item out. */
	struct file *file;
	int fd;
	struct list file_link;   /* file->epoll; file->lock */
	struct list ready_link;  /* lock */
	bool ready;              /* is on a ready list; lock */
	struct epoll_item *again; /* ready.c; mutex */
	u32 events;              /* mutex and lock to write */
	u64 data;                /* mutex */
	struct epoll_waiter *waiters; /* mutex */
	/* Most files have one or two queues: no memory of their own. */
	struct epoll_waiter first[2];
	u8 used;                 /* of first; mutex */
};

extern const struct file_ops epoll_file_ops;

/* set.c */
struct epoll_set *epoll_set_alloc(void); /* NULL: no memory */
void epoll_set_put(struct epoll_set *s);
struct epoll_item *epoll_find(struct epoll_set *s, struct file *f, int fd);
/* All with s->mutex held. */
int epoll_insert(struct epoll_set *s, struct file *f, int fd,
		 const struct epoll_event *ev);
void epoll_modify(struct epoll_item *it, const struct epoll_event *ev);
void epoll_remove(struct epoll_item *it);
/* Which of the events it waits for are true now? mutex held. */
u32 epoll_item_poll(struct epoll_item *it);

/* ready.c */
/* Put it on the ready list, if it is on none, and tell who waits. */
void epoll_item_ready(struct epoll_item *it);
/* The wake function of an epoll_waiter. */
bool epoll_callback(struct waiter *w, u32 events);
/* Is there, or may there be, something to be had? */
bool epoll_available(struct epoll_set *s);
/*
 * Hand out at most max events to the program.  How many, or -EFAULT.  Takes
 * s->mutex.
 */
int epoll_hand_out(struct epoll_set *s, struct epoll_event __user *out,
		   int max);
/* Has any item an event? Takes s->mutex. */
bool epoll_any_ready(struct epoll_set *s);

/*
 * nest.c: would f, a set, in s make a loop, or too deep a chain? 0 or -ELOOP.
 */
int epoll_check_nesting(struct epoll_set *s, struct file *f);
/* Held while sets are put into sets; outside of set->mutex. */
extern struct mutex epoll_nest_lock;

#endif
