/* Waiting for any of many files: what poll and select share. */
#ifndef RR_VFS_POLLWAIT_H
#define RR_VFS_POLLWAIT_H

#include "file.h"
#include "thread.h"

struct poll_wait;

/* One wait queue that the poller hangs on. */
struct poll_entry {
	struct waiter w;
	struct waitq *q;
	struct poll_wait *owner;
	u32 events; /* what is of interest there */
};

#define POLL_INLINE 8    /* entries without an allocation */
#define POLL_PER_BLOCK 48

struct poll_block {
	struct poll_block *next;
	unsigned used;
	struct poll_entry entries[POLL_PER_BLOCK];
};

struct poll_wait {
	struct poll_table pt; /* for ops->poll; set pt.events before each */
	struct thread *thread;
	bool triggered;       /* atomic: something happened since the last look */
	int error;            /* -ENOMEM: a queue could not be joined */
	unsigned inline_used;
	struct poll_entry inline_entries[POLL_INLINE];
	struct poll_block *blocks;
};

void poll_wait_init(struct poll_wait *pw);
/* Leave all queues.  The files must still be referenced. */
void poll_wait_free(struct poll_wait *pw);
/*
 * Sleep until something happens on one of the queues.  0, -ETIMEDOUT or
 * -ERESTARTSYS.  Later looks need not queue again.
 */
int poll_wait_sleep(struct poll_wait *pw, nsec_t deadline);
/*
 * Wait until scan, which looks at every file of the set and joins its queues by
 * pw, finds some ready; deadline 0: only look.  How many; -ERESTARTSYS,
 * -ENOMEM.
 */
int poll_wait_any(int (*scan)(void *set, struct poll_wait *pw), void *set,
		  nsec_t deadline);
/* The state of f as EPOLL* bits. */
u32 poll_file(struct file *f, struct poll_table *pt);

#endif
