/* The controls of the one terminal. */
#ifndef RR_FILE_TERMINAL_H
#define RR_FILE_TERMINAL_H

#include "types.h"

struct file;

/*
 * ioctl_tty(2) but for the window's size; -ENOTTY for what is unknown.  Component
 * ioctl.
 */
long terminal_ioctl(struct file *f, unsigned cmd, unsigned long arg) __weak;

#endif
