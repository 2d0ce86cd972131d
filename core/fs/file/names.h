/*
 * What component vfs does for files that have an inode.  In an image without it no
 * file has one, and none of these is called.
 */
#ifndef RR_FILE_NAMES_H
#define RR_FILE_NAMES_H

#include "private.h"

struct flock;

void dentry_put(struct dentry *d) __weak;
void mount_put(struct mount *m) __weak;
void inode_put_write(struct inode *inode) __weak;
bool inode_owner_or_capable(const struct inode *inode) __weak;
/* A descriptor of f was closed in table owner: its POSIX locks go. */
void locks_close(struct file *f, const void *owner) __weak;
/* The last reference of f went: flock and open-file-description locks. */
void locks_release(struct file *f) __weak;
long fcntl_lock(struct file *f, int fd, unsigned cmd, struct flock *l) __weak;

#endif
