/* What the files of fs/file share, and fs/vfs uses. */
#ifndef RR_FILE_PRIVATE_H
#define RR_FILE_PRIVATE_H

#include "file.h"
#include "log.h"
#include "page.h"
#include "string.h"
#include "timer.h"
#include <linux/errno.h>

struct fdtable *current_files(void);
/* Descriptors that the table has room for; none from there on is open. */
unsigned fdtable_size(struct fdtable *t);
/* Put f in slot fd, closing what was there: fd or -errno.  f's reference is
 * taken over, on success only. */
int fd_replace(int fd, struct file *f, bool cloexec);
int fd_set_cloexec(int fd, bool on);
/* Close all of [first, last], or mark them close-on-exec. */
void fd_close_range(unsigned first, unsigned last, bool cloexec_only);

/* How long it is until a deadline; 0: it is past. */
nsec_t poll_left(nsec_t deadline);
/*
 * Tell the program, if it gave a time-out, how much of it is left.  The result is that
 * of the call, r; but -EINTR for -ERESTARTNOHAND if it cannot be told: waiting again
 * would take the whole time-out anew.  Else that is no error.
 */
int poll_tell_left(struct __kernel_timespec __user *uts, nsec_t deadline,
		   int r);

/*
 * Component ioctl: what any file answers, and what ops->ioctl does.  Without it
 * programs ask for the size of a window only, and that is ops->ioctl's.
 */
long ioctl_command(int fd, struct file *f, unsigned cmd, u64 arg) __weak;

#endif
