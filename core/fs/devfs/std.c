/*
 * The standard streams by name: /dev/std/0, 1 and 2, and /dev/console and /dev/tty,
 * which read like the first and write like the second.
 */
#include "../file/stream.h"
#include "chardev.h"
#include "devfs.h"
#include "fs.h"
#include "fsfile.h"

static int stream_open(struct inode *inode, struct file *f)
{
	f->priv = (void *)(uintptr_t)dev_minor(inode->rdev);
	return 0;
}

/* The terminal, which is whichever descriptor is one. */
static int console_open(struct inode *inode, struct file *f)
{
	unsigned n = stream_is_tty(0) ? 0 : 1;

	f->priv = (void *)(uintptr_t)n;
	return 0;
}

static int tty_open(struct inode *inode, struct file *f)
{
	if (!stream_is_tty(0) && !stream_is_tty(1))
		return -ENXIO;
	return console_open(inode, f);
}

/* Node, number, mode. */
static const struct chrdev dev_std0 = {"std/0", STREAM_MAJOR, 0, 0600,
				       &stream_ops, stream_open};
static const struct chrdev dev_std1 = {"std/1", STREAM_MAJOR, 1, 0600,
				       &stream_ops, stream_open};
static const struct chrdev dev_std2 = {"std/2", STREAM_MAJOR, 2, 0600,
				       &stream_ops, stream_open};
static const struct chrdev dev_tty = {"tty", TTYAUX_MAJOR, 0, 0666,
				      &stream_ops, tty_open};
static const struct chrdev dev_console = {"console", TTYAUX_MAJOR, 1, 0600,
					  &stream_ops, console_open};
LINKSET(chrdevs, dev_std0);
LINKSET(chrdevs, dev_std1);
LINKSET(chrdevs, dev_std2);
LINKSET(chrdevs, dev_tty);
LINKSET(chrdevs, dev_console);
