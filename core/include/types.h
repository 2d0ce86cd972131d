/*
 * Basic types and macros of the kernel.
 *
 * The kernel is compiled freestanding.  Constants and structures that programs
 * see come from Linux's own user-space headers (<linux/...>, <asm/...>), which
 * carry the binary interface we keep; errno values are among them.
 */
#ifndef RR_TYPES_H
#define RR_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef int8_t s8;
typedef int16_t s16;
typedef int32_t s32;
typedef int64_t s64;
typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

typedef s64 ssize_t;
typedef s64 loff_t;
typedef u64 paddr_t; /* physical address */
typedef u64 vaddr_t; /* address in a program's address space */

/* Nanoseconds; of the monotonic clock where a point in time is meant. */
typedef u64 nsec_t;
#define NSEC_PER_SEC 1000000000ull
#define NSEC_PER_MSEC 1000000ull
#define NSEC_PER_USEC 1000ull
#define NSEC_FOREVER UINT64_MAX

#define PAGE_SHIFT 12
#define PAGE_SIZE ((size_t)1 << PAGE_SHIFT)
#define PAGE_MASK (~(u64)(PAGE_SIZE - 1))

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define ALIGN_UP(x, a) (((x) + ((__typeof__(x))(a)-1)) & ~((__typeof__(x))(a)-1))
#define ALIGN_DOWN(x, a) ((x) & ~((__typeof__(x))(a)-1))
#define PAGE_UP(x) ALIGN_UP(x, PAGE_SIZE)
#define PAGE_DOWN(x) ALIGN_DOWN(x, PAGE_SIZE)
#define BIT(n) (1ull << (n))
#define MIN(a, b)                                                              \
	({                                                                     \
		__typeof__(a) a_ = (a);                                        \
		__typeof__(b) b_ = (b);                                        \
		a_ < b_ ? a_ : b_;                                             \
	})
#define MAX(a, b)                                                              \
	({                                                                     \
		__typeof__(a) a_ = (a);                                        \
		__typeof__(b) b_ = (b);                                        \
		a_ > b_ ? a_ : b_;                                             \
	})
#define DIV_ROUND_UP(n, d) (((n) + (d)-1) / (d))
#define container_of(ptr, type, member)                                        \
	((type *)((char *)(ptr)-offsetof(type, member)))

#define __packed __attribute__((packed))
#define __aligned(n) __attribute__((aligned(n)))
#define __printf(f, a) __attribute__((format(printf, f, a)))
#define __noreturn __attribute__((noreturn))
#define __maybe_unused __attribute__((unused))
#define __must_check __attribute__((warn_unused_result))
#define __weak __attribute__((weak))
/* Runs seldom: small, and no part of whom it is called by. */
#define __seldom __attribute__((cold, noinline))
#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

/* Part of a lock: in a trace of who takes it, its caller comes first. */
#define __lockfunc __attribute__((section(".text.lock")))
/* Only written while the kernel starts; mapped read-only afterwards. */
#define __ro_after_init __attribute__((section(".bss.ro_after_init")))
/* A pointer into the program's address space; see uaccess.h. */
#define __user

#define READ_ONCE(x) (*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, v) (*(volatile __typeof__(x) *)&(x) = (v))
#define barrier() __asm__ __volatile__("" ::: "memory")

/*
 * A pointer that may carry a negative errno instead: the last page of the
 * address space is never mapped.
 */
#define ERR_PTR(e) ((void *)(intptr_t)(e))
#define PTR_ERR(p) ((long)(intptr_t)(p))
#define IS_ERR(p) unlikely((uintptr_t)(p) >= (uintptr_t)-4095)

#endif
