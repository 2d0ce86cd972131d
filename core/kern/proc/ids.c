/* Users and groups: credentials(7). */
#include "private.h"
#include "syscall.h"
#include "uaccess.h"
#include <linux/capability.h>
#include <linux/securebits.h>

static long sys_getuid(void)
{
	return current_process()->uid;
}
SYSCALL(__NR_getuid, sys_getuid);

static long sys_geteuid(void)
{
	return current_process()->euid;
}
SYSCALL(__NR_geteuid, sys_geteuid);

static long sys_getgid(void)
{
	return current_process()->gid;
}
SYSCALL(__NR_getgid, sys_getgid);

static long sys_getegid(void)
{
	return current_process()->egid;
}
SYSCALL(__NR_getegid, sys_getegid);

/*
 * capabilities(7): root's capabilities go with the user ids, unless the process
 * has said that it wants to keep them.
 */
static void follow_uids(struct process *p, u32 uid, u32 euid, u32 suid)
{
	if (p->securebits & (1u << SECURE_NO_SETUID_FIXUP))
		return;
	if ((!uid || !euid || !suid) && p->uid && p->euid && p->suid) {
		if (!(p->securebits & (1u << SECURE_KEEP_CAPS))) {
			p->cap_permitted = 0;
			p->cap_effective = 0;
		}
		p->cap_ambient = 0;
	}
	if (!euid && p->euid)
		p->cap_effective = 0;
	if (euid && !p->euid)
		p->cap_effective = p->cap_permitted;
}

struct ids {
	u32 real, effective, saved;
};

static bool has_id(const struct ids *i, u32 id)
{
	return id == i->real || id == i->effective || id == i->saved;
}

static void set_uids(struct process *p, const struct ids *new)
{
	struct ids old = {p->uid, p->euid, p->suid};
	u64 flags = spin_lock_irqsave(&p->lock);

	p->uid = new->real;
	p->euid = new->effective;
	p->suid = new->saved;
	p->fsuid = new->effective;
	if (old.effective != new->effective)
		p->dumpable = 0;
	follow_uids(p, old.real, old.effective, old.saved);
	spin_unlock_irqrestore(&p->lock, flags);
}

static void set_gids(struct process *p, const struct ids *new)
{
	u64 flags = spin_lock_irqsave(&p->lock);

	if (p->egid != new->effective)
		p->dumpable = 0;
	p->gid = new->real;
	p->egid = new->effective;
	p->sgid = new->saved;
	p->fsgid = new->effective;
	spin_unlock_irqrestore(&p->lock, flags);
}

/* setuid(2), setgid(2): i is what is now, changed to what is to be. */
static long set_one(struct ids *i, u32 id, bool privileged)
{
	if (id == (u32)-1)
		return -EINVAL;
	if (privileged)
		i->real = i->saved = id;
	else if (id != i->real && id != i->saved)
		return -EPERM;
	i->effective = id;
	return 0;
}

/* setreuid(2), setregid(2). */
static long set_two(struct ids *i, u32 real, u32 effective, bool privileged)
{
	struct ids old = *i;

	if (real != (u32)-1) {
		if (!privileged && real != old.real && real != old.effective)
			return -EPERM;
		i->real = real;
	}
	if (effective != (u32)-1) {
		if (!privileged && !has_id(&old, effective))
			return -EPERM;
		i->effective = effective;
	}
	if (real != (u32)-1 ||
	    (effective != (u32)-1 && effective != old.real))
		i->saved = i->effective;
	return 0;
}

/* setresuid(2), setresgid(2). */
static long set_three(struct ids *i, u32 real, u32 effective, u32 saved,
		      bool privileged)
{
	struct ids old = *i;

	if (!privileged &&
	    ((real != (u32)-1 && !has_id(&old, real)) ||
	     (effective != (u32)-1 && !has_id(&old, effective)) ||
	     (saved != (u32)-1 && !has_id(&old, saved))))
		return -EPERM;
	if (real != (u32)-1)
		i->real = real;
	if (effective != (u32)-1)
		i->effective = effective;
	if (saved != (u32)-1)
		i->saved = saved;
	return 0;
}

static struct ids uids(void)
{
	const struct process *p = current_process();

	return (struct ids){p->uid, p->euid, p->suid};
}

static struct ids gids(void)
{
	const struct process *p = current_process();

	return (struct ids){p->gid, p->egid, p->sgid};
}

static long finish_uids(long err, const struct ids *i)
{
	if (!err)
		set_uids(current_process(), i);
	return err;
}

static long finish_gids(long err, const struct ids *i)
{
	if (!err)
		set_gids(current_process(), i);
	return err;
}

static long sys_setuid(u32 id)
{
	struct ids i = uids();

	return finish_uids(set_one(&i, id, capable(CAP_SETUID)), &i);
}
SYSCALL(__NR_setuid, sys_setuid);

static long sys_setgid(u32 id)
{
	struct ids i = gids();

	return finish_gids(set_one(&i, id, capable(CAP_SETGID)), &i);
}
SYSCALL(__NR_setgid, sys_setgid);

static long sys_setreuid(u32 real, u32 effective)
{
	struct ids i = uids();

	return finish_uids(set_two(&i, real, effective, capable(CAP_SETUID)),
			   &i);
}
SYSCALL(__NR_setreuid, sys_setreuid);

static long sys_setregid(u32 real, u32 effective)
{
	struct ids i = gids();

	return finish_gids(set_two(&i, real, effective, capable(CAP_SETGID)),
			   &i);
}
SYSCALL(__NR_setregid, sys_setregid);

static long sys_setresuid(u32 real, u32 effective, u32 saved)
{
	struct ids i = uids();

	return finish_uids(
		set_three(&i, real, effective, saved, capable(CAP_SETUID)), &i);
}
SYSCALL(__NR_setresuid, sys_setresuid);

static long sys_setresgid(u32 real, u32 effective, u32 saved)
{
	struct ids i = gids();

	return finish_gids(
		set_three(&i, real, effective, saved, capable(CAP_SETGID)), &i);
}
SYSCALL(__NR_setresgid, sys_setresgid);

static long give_three(const struct ids *i, u32 __user *real,
		       u32 __user *effective, u32 __user *saved)
{
	if (put_user(i->real, real) || put_user(i->effective, effective) ||
	    put_user(i->saved, saved))
		return -EFAULT;
	return 0;
}

static long sys_getresuid(u32 __user *real, u32 __user *effective,
			  u32 __user *saved)
{
	struct ids i = uids();

	return give_three(&i, real, effective, saved);
}
SYSCALL(__NR_getresuid, sys_getresuid);

static long sys_getresgid(u32 __user *real, u32 __user *effective,
			  u32 __user *saved)
{
	struct ids i = gids();

	return give_three(&i, real, effective, saved);
}
SYSCALL(__NR_getresgid, sys_getresgid);

/* These return the old value, whether it worked or not. */
static long sys_setfsuid(u32 id)
{
	struct process *p = current_process();
	struct ids i = uids();
	u32 old = p->fsuid;

	if (id != (u32)-1 &&
	    (has_id(&i, id) || id == old || capable(CAP_SETUID)))
		p->fsuid = id;
	return old;
}
SYSCALL(__NR_setfsuid, sys_setfsuid);

static long sys_setfsgid(u32 id)
{
	struct process *p = current_process();
	struct ids i = gids();
	u32 old = p->fsgid;

	if (id != (u32)-1 &&
	    (has_id(&i, id) || id == old || capable(CAP_SETGID)))
		p->fsgid = id;
	return old;
}
SYSCALL(__NR_setfsgid, sys_setfsgid);

static long sys_getgroups(int size, u32 __user *list)
{
	struct process *p = current_process();
	int n = (int)p->ngroups;

	if (size < 0)
		return -EINVAL;
	if (size) {
		if (size < n)
			return -EINVAL;
		if (copy_to_user(list, p->groups, (size_t)n * sizeof(u32)))
			return -EFAULT;
	}
	return n;
}
SYSCALL(__NR_getgroups, sys_getgroups);

static long sys_setgroups(int size, const u32 __user *list)
{
	struct process *p = current_process();
	u32 groups[ARRAY_SIZE(p->groups)];
	u64 flags;

	if (!capable(CAP_SETGID))
		return -EPERM;
	if (size < 0 || (size_t)size > ARRAY_SIZE(groups))
		return -EINVAL;
	if (copy_from_user(groups, list, (size_t)size * sizeof(u32)))
		return -EFAULT;
	flags = spin_lock_irqsave(&p->lock);
	p->ngroups = (unsigned)size;
	for (int i = 0; i < size; i++)
		p->groups[i] = groups[i];
	spin_unlock_irqrestore(&p->lock, flags);
	return 0;
}
SYSCALL(__NR_setgroups, sys_setgroups);
