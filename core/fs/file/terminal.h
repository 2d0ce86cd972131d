/* The controls of the one terminal. */
#ifndef RR_DEVFS_TERMINAL_H
#define RR_DEVFS_TERMINAL_H

struct file;

/* ioctl_tty(2); -ENOTTY for what is unknown. */
long terminal_ioctl(struct file *f, unsigned cmd, unsigned long arg);

#endif
