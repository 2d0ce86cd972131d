/*
 * Sets of locked byte ranges: what fcntl(2) locks come down to.  No file, no
 * waiting: the caller locks and owns the list.
 */
#ifndef RR_VFS_LOCKRANGE_H
#define RR_VFS_LOCKRANGE_H

#include "list.h"

struct range_lock {
	struct list link;
	const void *owner; /* locks of one owner do not conflict */
	u64 start, end;    /* first and last byte */
	bool write;
	bool ofd;          /* of an open file description */
	int pid;           /* for F_GETLK */
};

/* A lock of another owner that is in the way of want, or NULL. */
struct range_lock *ranges_conflict(struct list *locks,
				   const struct range_lock *want);
/*
 * Make want's range locked by want->owner in want's way, or (unlock) not at
 * all: his locks there are replaced, cut or split, neighbours of the same kind
 * joined. spare: two locks of the caller's, used as needed and set to NULL;
 * locks that are no longer needed go to unused.  Conflicts have been checked.
 */
void ranges_set(struct list *locks, const struct range_lock *want, bool unlock,
		struct range_lock *spare[2], struct list *unused);

#endif
