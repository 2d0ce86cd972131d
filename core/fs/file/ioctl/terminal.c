/*
 * Terminal controls.  Line editing and echo are done by the host's terminal,
 * which stays in its cooked mode; the settings that a program makes are kept,
 * and told to whoever asks.
 */
#include "terminal.h"
#include "chardev.h"
#include "../private.h"
#include "process.h"
#include "uaccess.h"
#include <asm/ioctls.h>
#include <asm/termbits.h>
#include <asm/termios.h>

static spinlock_t lock = SPINLOCK_INIT; /* settings, foreground */
static int foreground;                  /* process group, 0: the caller's */

/* As a Linux console starts (tty_std_termios). */
static struct termios settings = {
	.c_iflag = ICRNL | IXON,
	.c_oflag = OPOST | ONLCR,
	.c_cflag = B38400 | CS8 | CREAD | HUPCL,
	.c_lflag = ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE |
		   IEXTEN,
	.c_cc = {[VINTR] = 3, [VQUIT] = 034, [VERASE] = 0177, [VKILL] = 025,
		 [VEOF] = 4, [VMIN] = 1, [VSTART] = 021, [VSTOP] = 023,
		 [VSUSP] = 032, [VREPRINT] = 022, [VDISCARD] = 017,
		 [VWERASE] = 027, [VLNEXT] = 026},
};

static long get_settings(struct termios __user *u)
{
	struct termios t;

	spin_lock(&lock);
	t = settings;
	spin_unlock(&lock);
	return copy_to_user(u, &t, sizeof(t)) ? -EFAULT : 0;
}

static long set_settings(const struct termios __user *u)
{
	struct termios t;

	if (copy_from_user(&t, u, sizeof(t)))
		return -EFAULT;
	spin_lock(&lock);
	settings = t;
	spin_unlock(&lock);
	return 0;
}

static long set_window(const struct winsize __user *u)
{
	struct winsize w;

	if (copy_from_user(&w, u, sizeof(w)))
		return -EFAULT;
	stream_window_set(w.ws_row, w.ws_col);
	return 0;
}

static long set_group(const int __user *u)
{
	int pgid;

	if (get_user(pgid, u))
		return -EFAULT;
	if (pgid < 0)
		return -EINVAL;
	spin_lock(&lock);
	foreground = pgid;
	spin_unlock(&lock);
	return 0;
}

static long get_group(int __user *u)
{
	int pgid;

	spin_lock(&lock);
	pgid = foreground;
	spin_unlock(&lock);
	if (!pgid)
		pgid = current_process()->pgid;
	return put_user(pgid, u);
}

long terminal_ioctl(struct file *f, unsigned cmd, unsigned long arg)
{
	switch (cmd) {
	case TCGETS:
		return get_settings((struct termios __user *)arg);
	case TCSETS:
	case TCSETSW:
	case TCSETSF:
		return set_settings((const struct termios __user *)arg);
	case TIOCSWINSZ:
		return set_window((const struct winsize __user *)arg);
	case TIOCGPGRP:
		return get_group((int __user *)arg);
	case TIOCSPGRP:
		return set_group((const int __user *)arg);
	case TIOCGSID:
		return put_user(current_process()->sid, (int __user *)arg);
	case TIOCSCTTY:
	case TIOCNOTTY:
		return 0;
	case TIOCOUTQ:
		/* What was written has been handed over. */
		return put_user(0, (int __user *)arg);
	case TCSBRK:
	case TCSBRKP:
	case TCXONC:
	case TCFLSH:
		/* Output is not held here; the input is the host's. */
		return 0;
	default:
		return -ENOTTY;
	}
}
