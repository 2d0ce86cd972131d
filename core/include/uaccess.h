/*
 * Access to the program's memory.  May fault a page in, so may sleep: never
 * under a spin lock (which is found out when a page is not there).  Every function returns 0 or -EFAULT unless it says
 * otherwise; an address outside the program's half of the address space is
 * -EFAULT.
 */
#ifndef RR_UACCESS_H
#define RR_UACCESS_H

#include "types.h"

int __must_check copy_from_user(void *dst, const void __user *src, size_t n);
int __must_check copy_to_user(void __user *dst, const void *src, size_t n);
/*
 * Only what is in memory now: where copy_to_user would sleep, -EFAULT.  So it may be
 * called where a page fault's locks must not be taken; not under a spin lock.
 */
int __must_check copy_to_user_now(void __user *dst, const void *src, size_t n);
int __must_check clear_user(void __user *dst, size_t n);
/*
 * Copy a NUL-terminated string with its NUL into dst[size].  Returns its length
 * without the NUL, -EFAULT, or -ENAMETOOLONG.
 */
ssize_t __must_check strncpy_from_user(char *dst, const char __user *src,
				       size_t size);

#define get_user(var, ptr) copy_from_user(&(var), (ptr), sizeof(var))
#define put_user(var, ptr)                                                     \
	({                                                                     \
		__typeof__(*(ptr)) v_ = (__typeof__(*(ptr)))(var);             \
		copy_to_user((ptr), &v_, sizeof(v_));                          \
	})

/*
 * Atomic access to a futex word.  The page is made present and writable first;
 * cmpxchg returns 0 with *seen = the value found.
 */
int __must_check user_load32(const u32 __user *p, u32 *val);
int __must_check user_cmpxchg32(u32 __user *p, u32 expect, u32 val, u32 *seen);

/*
 * No program's address is at or above: the lower half without its last page,
 * as on Linux (a page there would let SYSRET fault in ring 0).
 */
#define USER_END 0x7ffffffff000ull

/* Does [p, p + n) lie in the program's half? (It may be unmapped.) */
static inline bool user_range_ok(const void __user *p, size_t n)
{
	return n <= USER_END && (u64)(uintptr_t)p <= USER_END - n;
}

#endif
