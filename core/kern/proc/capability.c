/* capabilities(7). */
#include "private.h"
#include "syscall.h"
#include "uaccess.h"
#include <linux/capability.h>

#define ALL_CAPABILITIES (BIT(CAP_LAST_CAP + 1) - 1)

/* How many 32-bit words of each set a version has; 0: unknown version. */
static unsigned words(u32 version)
{
	switch (version) {
	case _LINUX_CAPABILITY_VERSION_1:
		return _LINUX_CAPABILITY_U32S_1;
	case _LINUX_CAPABILITY_VERSION_2:
	case _LINUX_CAPABILITY_VERSION_3:
		return _LINUX_CAPABILITY_U32S_3;
	}
	return 0;
}

/* The header; for an unknown version the one that we prefer is written back. */
static long import_header(struct __user_cap_header_struct *h,
			  cap_user_header_t uh, unsigned *n)
{
	if (get_user(*h, uh))
		return -EFAULT;
	*n = words(h->version);
	if (*n)
		return 0;
	if (put_user(_LINUX_CAPABILITY_VERSION_3, &uh->version))
		return -EFAULT;
	return -EINVAL;
}

static long sys_capget(cap_user_header_t uh, cap_user_data_t ud)
{
	struct __user_cap_header_struct h;
	struct __user_cap_data_struct d[_LINUX_CAPABILITY_U32S_3];
	struct process *p;
	unsigned n;
	long err = import_header(&h, uh, &n);

	/* Asking for the version alone. */
	if (err == -EINVAL && !ud)
		return 0;
	if (err)
		return err;
	if (h.pid < 0)
		return -EINVAL;
	if (h.pid) {
		struct thread *t = process_find_thread(h.pid, &p);

		if (!t)
			return -ESRCH;
		thread_put(t);
	} else {
		p = current_process();
		process_get(p);
	}
	for (unsigned i = 0; i < n; i++) {
		d[i].effective = (u32)(p->cap_effective >> 32 * i);
		d[i].permitted = (u32)(p->cap_permitted >> 32 * i);
		d[i].inheritable = (u32)(p->cap_inheritable >> 32 * i);
	}
	process_put(p);
	if (!ud)
		return 0;
	return copy_to_user(ud, d, n * sizeof(d[0]));
}
SYSCALL(__NR_capget, sys_capget);

static long sys_capset(cap_user_header_t uh, const cap_user_data_t ud)
{
	struct __user_cap_header_struct h;
	struct __user_cap_data_struct d[_LINUX_CAPABILITY_U32S_3] = {0};
	struct process *p = current_process();
	u64 effective, permitted, inheritable, flags;
	unsigned n;
	long err = import_header(&h, uh, &n);

	if (err)
		return err;
	if (h.pid && h.pid != p->pid && h.pid != current_thread()->tid)
		return -EPERM;
	if (copy_from_user(d, ud, n * sizeof(d[0])))
		return -EFAULT;
	effective = (d[0].effective | (u64)d[1].effective << 32) &
		    ALL_CAPABILITIES;
	permitted = (d[0].permitted | (u64)d[1].permitted << 32) &
		    ALL_CAPABILITIES;
	inheritable = (d[0].inheritable | (u64)d[1].inheritable << 32) &
		      ALL_CAPABILITIES;
	if ((inheritable & ~(p->cap_inheritable | p->cap_permitted) &&
	     !capable(CAP_SETPCAP)) ||
	    inheritable & ~(p->cap_inheritable | p->cap_bounding) ||
	    permitted & ~p->cap_permitted || effective & ~permitted)
		return -EPERM;
	flags = spin_lock_irqsave(&p->lock);
	p->cap_effective = effective;
	p->cap_permitted = permitted;
	p->cap_inheritable = inheritable;
	p->cap_ambient &= permitted & inheritable;
	spin_unlock_irqrestore(&p->lock, flags);
	return 0;
}
SYSCALL(__NR_capset, sys_capset);
