/* What record locks and flock locks share. */
#ifndef RR_VFS_LOCKS_H
#define RR_VFS_LOCKS_H

#include "lockrange.h"
#include "private.h"

/* The locks of a file; made when the first is taken, freed with the inode. */
struct file_locks {
	struct list ranges; /* of struct range_lock: fcntl; locks_mutex */
	struct list whole;  /* the same, for flock: the whole file */
	u32 changes;        /* counts every lock given back; locks_mutex */
	struct waitq wait;  /* for changes */
};

/* All locks of all files: they are rarely asked for. */
extern struct mutex locks_mutex;

/* The file's, made if need be; NULL: no memory.  locks_mutex held. */
struct file_locks *locks_of(struct inode *inode);
/* Take the owner's locks out of a list; true if there were any. */
bool locks_drop_owner(struct list *locks, const void *owner);
/* Locks went: whoever waits looks again.  locks_mutex held. */
void locks_changed(struct file_locks *fl);
/*
 * Give locks_mutex up until something has changed (it is not held afterwards).
 * 0 or -ERESTARTSYS.
 */
int locks_wait(struct file_locks *fl);

#endif
