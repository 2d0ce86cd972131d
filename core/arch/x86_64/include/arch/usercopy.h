/*
 * Copying from and to the program's memory: given by core/arch, used by
 * kern/mm/uaccess.c only.  Faults are resolved, or end the copy; nothing is
 * checked here.  Interrupts on, may sleep.
 */
#ifndef RR_ARCH_USERCOPY_H
#define RR_ARCH_USERCOPY_H

#include "types.h"

/* Copy n bytes; returns how many were not copied. */
size_t arch_user_copy(void *dst, const void *src, size_t n);
/* Zero n bytes; returns how many were not. */
size_t arch_user_zero(void *dst, size_t n);
/*
 * Copy bytes up to and including the first NUL, at most n.  Returns the bytes
 * copied; *fault tells whether a fault ended it.
 */
size_t arch_user_strncpy(char *dst, const char *src, size_t n, bool *fault);
/* 0 or -EFAULT; p is aligned to 4 bytes. */
int arch_user_load32(const u32 *p, u32 *val);
/* The same; *seen is what was there; it was replaced if that was expect. */
int arch_user_cmpxchg32(u32 *p, u32 expect, u32 val, u32 *seen);

#endif
