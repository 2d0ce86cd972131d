/* select, pselect6. */
#include "pollwait.h"
#include "private.h"
#include "signal.h"
#include "syscall.h"
#include "uaccess.h"
#include <linux/eventpoll.h>

#define SETS 3 /* read, write, except */
#define SET_BITS 1024u /* of an fd_set: the C libraries' FD_SETSIZE */

/* Which events make a descriptor ready for each (Linux' fs/select.c). */
static const u32 interest[SETS] = {
	EPOLLRDNORM | EPOLLRDBAND | EPOLLIN | EPOLLHUP | EPOLLERR,
	EPOLLWRBAND | EPOLLWRNORM | EPOLLOUT | EPOLLERR,
	EPOLLPRI,
};

struct select {
	unsigned n, words;
	u64 *in[SETS], *out[SETS]; /* NULL: not asked for */
	struct file **files;       /* n */
	u64 *memory;
};

static bool is_set(const u64 *set, unsigned fd)
{
	return set && set[fd / 64] & BIT(fd % 64);
}

static u32 wanted(const struct select *s, unsigned fd)
{
	u32 want = 0;

	for (int i = 0; i < SETS; i++)
		if (is_set(s->in[i], fd))
			want |= interest[i];
	return want;
}

static void select_close(struct select *s)
{
	for (unsigned fd = 0; fd < s->n; fd++)
		file_put(s->files[fd]);
	kfree(s->memory);
}

static int take_in(struct select *s, void __user *const usets[SETS])
{
	for (int i = 0; i < SETS; i++) {
		if (!usets[i])
			continue;
		s->in[i] = s->memory + (unsigned)i * s->words;
		s->out[i] = s->memory + (unsigned)(SETS + i) * s->words;
		if (copy_from_user(s->in[i], usets[i], s->words * sizeof(u64)))
			return -EFAULT;
	}
	for (unsigned fd = 0; fd < s->n; fd++) {
		if (!wanted(s, fd))
			continue;
		s->files[fd] = fd_get((int)fd);
		if (!s->files[fd])
			return -EBADF;
	}
	return 0;
}

static int select_open(struct select *s, unsigned n,
		       void __user *const usets[SETS])
{
	int err;

	memset(s, 0, sizeof(*s));
	s->n = n;
	s->words = DIV_ROUND_UP(n, 64);
	s->memory = kzalloc((2 * SETS * s->words + n) * sizeof(u64) + 1,
			    ALLOC_WAIT);
	if (!s->memory)
		return -ENOMEM;
	s->files = (struct file **)(s->memory + 2 * SETS * s->words);
	err = take_in(s, usets);
	if (err)
		select_close(s);
	return err;
}

/* How many bits are set in the results. */
static int scan(void *set, struct poll_wait *pw)
{
	struct select *s = set;
	int count = 0;

	for (unsigned fd = 0; fd < s->n; fd++) {
		u32 events;

		if (!s->files[fd])
			continue;
		pw->pt.events = wanted(s, fd);
		events = poll_file(s->files[fd], &pw->pt);
		for (int i = 0; i < SETS; i++)
			if (is_set(s->in[i], fd) && (events & interest[i])) {
				s->out[i][fd / 64] |= BIT(fd % 64);
				count++;
			}
		if (count)
			pw->pt.queue = NULL;
	}
	return count;
}

static int do_select(int n, void __user *const usets[SETS], nsec_t deadline)
{
	struct select s;
	unsigned most = MAX(fdtable_size(current_files()), SET_BITS);
	int r;

	if (n < 0)
		return -EINVAL;
	/*
	 * Linux cuts it to the size of the table: programs that pass the limit
	 * on open files, which may be far beyond what an fd_set holds, must not
	 * have what follows it taken for descriptors, and overwritten.
	 */
	n = (int)MIN((unsigned)n, most);
	r = select_open(&s, (unsigned)n, usets);
	if (r)
		return r;
	r = poll_wait_any(scan, &s, deadline);
	for (int i = 0; i < SETS && r >= 0; i++)
		if (s.out[i] && copy_to_user(usets[i], s.out[i],
					     s.words * sizeof(u64)))
			r = -EFAULT;
	select_close(&s);
	return r == -ERESTARTSYS ? -ERESTARTNOHAND : r;
}

static long sys_select(int n, void __user *r, void __user *w, void __user *e,
		       struct __kernel_old_timeval __user *utv)
{
	void __user *const usets[SETS] = {r, w, e};
	struct __kernel_old_timeval tv;
	struct __kernel_timespec ts;
	nsec_t deadline = NSEC_FOREVER;
	int ret;

	if (utv) {
		if (copy_from_user(&tv, utv, sizeof(tv)))
			return -EFAULT;
		/* Microseconds may be more than a second's. */
		ts.tv_sec = tv.tv_sec + tv.tv_usec / 1000000;
		ts.tv_nsec = tv.tv_usec % 1000000 * 1000;
		if (!timespec_valid(&ts))
			return -EINVAL;
		deadline = timespec_ns(&ts);
		if (deadline)
			deadline = deadline_after(deadline);
	}
	ret = do_select(n, usets, deadline);
	if (utv && deadline != NSEC_FOREVER) {
		ts = ns_timespec(poll_left(deadline));
		tv.tv_sec = ts.tv_sec;
		tv.tv_usec = ts.tv_nsec / 1000;
		if (copy_to_user(utv, &tv, sizeof(tv)) &&
		    ret == -ERESTARTNOHAND)
			ret = -EINTR;
	}
	return ret;
}
SYSCALL(__NR_select, sys_select);

static long sys_pselect6(int n, void __user *r, void __user *w, void __user *e,
			 struct __kernel_timespec __user *uts,
			 const void __user *usig)
{
	void __user *const usets[SETS] = {r, w, e};
	struct {
		const sigset_t __user *mask;
		size_t size;
	} sig = {NULL, 0};
	nsec_t deadline;
	int ret;

	if (usig && copy_from_user(&sig, usig, sizeof(sig)))
		return -EFAULT;
	ret = timeout_from_user(uts, &deadline);
	if (!ret)
		ret = signal_set_temporary_mask(sig.mask, sig.size);
	if (ret)
		return ret;
	return poll_tell_left(uts, deadline, do_select(n, usets, deadline));
}
SYSCALL(__NR_pselect6, sys_pselect6);
