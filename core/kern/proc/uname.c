/* The names of system and host. */
#include "private.h"
#include "config.h"
#include "string.h"
#include "syscall.h"
#include "uaccess.h"
#include "utsname.h"
#include <linux/capability.h>
#include <linux/utsname.h>

static spinlock_t names_lock = SPINLOCK_INIT;
/* Both by names_lock. */
static char names[2][HOSTNAME_MAX + 1] = {"rumprun", "(none)"};
static bool named; /* the host; until then it has the name in the document */

void hostname_get(char name[HOSTNAME_MAX + 1], bool domain)
{
	const char *given = json_get_string(config(), "hostname");

	spin_lock(&names_lock);
	if (given && !domain && !named)
		strlcpy(name, given, HOSTNAME_MAX + 1);
	else
		memcpy(name, names[domain], HOSTNAME_MAX + 1);
	spin_unlock(&names_lock);
}

void hostname_set(const char *name, size_t n, bool domain)
{
	n = MIN(n, (size_t)HOSTNAME_MAX);
	spin_lock(&names_lock);
	named |= !domain;
	memset(names[domain], 0, HOSTNAME_MAX + 1);
	memcpy(names[domain], name, n);
	spin_unlock(&names_lock);
}

static long sys_uname(struct new_utsname __user *buf)
{
	struct new_utsname u;

	memset(&u, 0, sizeof(u));
	strlcpy(u.sysname, UTS_SYSNAME, sizeof(u.sysname));
	hostname_get(u.nodename, false);
	strlcpy(u.release, UTS_RELEASE, sizeof(u.release));
	strlcpy(u.version, UTS_VERSION, sizeof(u.version));
	strlcpy(u.machine, UTS_MACHINE, sizeof(u.machine));
	hostname_get(u.domainname, true);
	return put_user(u, buf);
}
SYSCALL(__NR_uname, sys_uname);

static long set_name(const char __user *name, int len, bool domain)
{
	char buf[HOSTNAME_MAX];

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (len < 0 || len > HOSTNAME_MAX)
		return -EINVAL;
	if (copy_from_user(buf, name, (size_t)len))
		return -EFAULT;
	hostname_set(buf, (size_t)len, domain);
	return 0;
}

static long sys_sethostname(const char __user *name, int len)
{
	return set_name(name, len, false);
}
SYSCALL(__NR_sethostname, sys_sethostname);

static long sys_setdomainname(const char __user *name, int len)
{
	return set_name(name, len, true);
}
SYSCALL(__NR_setdomainname, sys_setdomainname);
