/* Access to the program's memory: checks, then the arch's copy routines. */
#include <selfcheck.h>
#include "uaccess.h"
#include "thread.h"
#include <arch/usercopy.h>
#include <linux/errno.h>

int copy_from_user(void *dst, const void __user *src, size_t n)
{
	check_may_fault();
	if (!user_range_ok(src, n) || arch_user_copy(dst, src, n))
		return -EFAULT;
	return 0;
}

int copy_to_user(void __user *dst, const void *src, size_t n)
{
	check_may_fault();
	if (!user_range_ok(dst, n) || arch_user_copy(dst, src, n))
		return -EFAULT;
	return 0;
}

int copy_to_user_now(void __user *dst, const void *src, size_t n)
{
	struct thread *t = current_thread();
	bool failed;

	if (!user_range_ok(dst, n))
		return -EFAULT;
	t->no_faults = true;
	failed = arch_user_copy(dst, src, n);
	t->no_faults = false;
	return failed ? -EFAULT : 0;
}

int clear_user(void __user *dst, size_t n)
{
	check_may_fault();
	if (!user_range_ok(dst, n) || arch_user_zero(dst, n))
		return -EFAULT;
	return 0;
}

ssize_t strncpy_from_user(char *dst, const char __user *src, size_t size)
{
	bool fault = false;
	size_t n = size;

	check_may_fault();
	/* A string may end just below the end of the program's half. */
	if (!user_range_ok(src, 1))
		return -EFAULT;
	if (!user_range_ok(src, n))
		n = USER_END - (size_t)src;
	n = arch_user_strncpy(dst, src, n, &fault);
	if (n && !dst[n - 1])
		return (ssize_t)n - 1;
	if (fault || n < size)
		return -EFAULT;
	return -ENAMETOOLONG;
}

int user_load32(const u32 __user *p, u32 *val)
{
	check_may_fault();
	if (!user_range_ok(p, sizeof(*p)))
		return -EFAULT;
	return arch_user_load32(p, val);
}

int user_cmpxchg32(u32 __user *p, u32 expect, u32 val, u32 *seen)
{
	check_may_fault();
	if (!user_range_ok(p, sizeof(*p)))
		return -EFAULT;
	return arch_user_cmpxchg32(p, expect, val, seen);
}
