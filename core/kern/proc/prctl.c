/* prctl(2): the options that concern what exists here. */
#include "private.h"
#include "string.h"
#include "syscall.h"
#include "uaccess.h"
#include <linux/capability.h>
#include <linux/prctl.h>
#include <linux/securebits.h>


static long set_name(struct thread *t, const char __user *name)
{
	char buf[sizeof(t->name)];
	ssize_t n = strncpy_from_user(buf, name, sizeof(buf));

	if (n == -EFAULT)
		return n;
	buf[sizeof(buf) - 1] = 0;
	memset(t->name, 0, sizeof(t->name));
	strlcpy(t->name, buf, sizeof(t->name));
	if (t->tid == t->process->pid)
		memcpy(t->process->name, t->name, sizeof(t->name));
	return 0;
}

static long ambient(struct process *p, u64 op, u64 cap)
{
	if (op == PR_CAP_AMBIENT_CLEAR_ALL) {
		if (cap)
			return -EINVAL;
		p->cap_ambient = 0;
		return 0;
	}
	if (cap > CAP_LAST_CAP)
		return -EINVAL;
	switch (op) {
	case PR_CAP_AMBIENT_IS_SET:
		return !!(p->cap_ambient & BIT(cap));
	case PR_CAP_AMBIENT_LOWER:
		p->cap_ambient &= ~BIT(cap);
		return 0;
	case PR_CAP_AMBIENT_RAISE:
		if (!(p->cap_permitted & p->cap_inheritable & BIT(cap)) ||
		    p->securebits & (1u << SECURE_NO_CAP_AMBIENT_RAISE))
			return -EPERM;
		p->cap_ambient |= BIT(cap);
		return 0;
	}
	return -EINVAL;
}

static long set_keep_caps(struct process *p, u64 on)
{
	if (on > 1)
		return -EINVAL;
	if (p->securebits & (1u << SECURE_KEEP_CAPS_LOCKED))
		return -EPERM;
	p->securebits &= ~(1u << SECURE_KEEP_CAPS);
	if (on)
		p->securebits |= 1u << SECURE_KEEP_CAPS;
	return 0;
}

static long set_securebits(struct process *p, u64 bits)
{
	u32 locks = p->securebits & SECURE_ALL_LOCKS;

	if (((locks >> 1) & (p->securebits ^ bits)) || locks & ~bits ||
	    bits & ~(u64)(SECURE_ALL_LOCKS | SECURE_ALL_BITS) ||
	    !capable(CAP_SETPCAP))
		return -EPERM;
	p->securebits = (u32)bits;
	return 0;
}

static long drop_bounding(struct process *p, u64 cap)
{
	if (!capable(CAP_SETPCAP))
		return -EPERM;
	if (cap > CAP_LAST_CAP)
		return -EINVAL;
	p->cap_bounding &= ~BIT(cap);
	return 0;
}

static long sys_prctl(int option, u64 a2, u64 a3, u64 a4, u64 a5)
{
	struct thread *t = current_thread();
	struct process *p = t->process;
	void __user *ptr = (void __user *)(uintptr_t)a2;

	switch (option) {
	case PR_SET_NAME:
		return set_name(t, ptr);
	case PR_GET_NAME:
		return copy_to_user(ptr, t->name, sizeof(t->name));
	case PR_SET_PDEATHSIG:
		if (a2 > SIGNAL_MAX)
			return -EINVAL;
		p->pdeath_signal = (int)a2;
		return 0;
	case PR_GET_PDEATHSIG:
		return put_user(p->pdeath_signal, (int __user *)ptr);
	case PR_GET_DUMPABLE:
		return p->dumpable;
	case PR_SET_DUMPABLE:
		if (a2 > 1)
			return -EINVAL;
		p->dumpable = (int)a2;
		return 0;
	case PR_GET_KEEPCAPS:
		return !!(p->securebits & (1u << SECURE_KEEP_CAPS));
	case PR_SET_KEEPCAPS:
		return set_keep_caps(p, a2);
	case PR_GET_SECUREBITS:
		return p->securebits;
	case PR_SET_SECUREBITS:
		return set_securebits(p, a2);
	case PR_CAPBSET_READ:
		if (a2 > CAP_LAST_CAP)
			return -EINVAL;
		return !!(p->cap_bounding & BIT(a2));
	case PR_CAPBSET_DROP:
		return drop_bounding(p, a2);
	case PR_CAP_AMBIENT:
		return a4 || a5 ? -EINVAL : ambient(p, a2, a3);
	case PR_SET_NO_NEW_PRIVS:
		if (a2 != 1 || a3 || a4 || a5)
			return -EINVAL;
		p->no_new_privs = true;
		return 0;
	case PR_GET_NO_NEW_PRIVS:
		return a2 || a3 || a4 || a5 ? -EINVAL : p->no_new_privs;
	case PR_SET_CHILD_SUBREAPER:
		p->child_subreaper = a2;
		return 0;
	case PR_GET_CHILD_SUBREAPER:
		return put_user((int)p->child_subreaper, (int __user *)ptr);
	case PR_SET_THP_DISABLE:
		if (a3 || a4 || a5)
			return -EINVAL;
		p->thp_disabled = a2;
		return 0;
	case PR_GET_THP_DISABLE:
		return a2 || a3 || a4 || a5 ? -EINVAL : p->thp_disabled;
	case PR_GET_SECCOMP:
		return 0; /* mode 0: none is active */
	case PR_GET_TID_ADDRESS:
		return put_user((u64)(uintptr_t)t->clear_child_tid,
				(u64 __user *)ptr);
	case PR_GET_TIMING:
		return PR_TIMING_STATISTICAL;
	case PR_SET_TIMING:
		return a2 == PR_TIMING_STATISTICAL ? 0 : -EINVAL;
	case PR_GET_TSC:
		return put_user(PR_TSC_ENABLE, (int __user *)ptr);
	}
	/*
	 * Among what is left is PR_SET_VMA: names of mappings are, as on a
	 * Linux built without them, not kept.
	 */
	return -EINVAL;
}
SYSCALL(__NR_prctl, sys_prctl);
