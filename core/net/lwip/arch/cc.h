/* lwIP's view of compiler and kernel. */
#ifndef RR_LWIP_CC_H
#define RR_LWIP_CC_H

#include "log.h"
#include "string.h"
#include "types.h"
#include <arch/cpu.h>

#define LWIP_NO_INTTYPES_H 1
#define LWIP_NO_CTYPE_H 1
#define LWIP_NO_LIMITS_H 1
#define LWIP_NO_UNISTD_H 1
#define SSIZE_MAX INT64_MAX /* types.h has ssize_t */
#define INT_MAX INT32_MAX

#define X8_F "02x"
#define U16_F "u"
#define S16_F "d"
#define X16_F "x"
#define U32_F "u"
#define S32_F "d"
#define X32_F "x"
#define SZT_F "zu"

#define LWIP_PLATFORM_DIAG(x)                                                  \
	do {                                                                   \
		kdebug x;                                                      \
	} while (0)
#define LWIP_PLATFORM_ASSERT(x)                                                \
	panic("lwip: %s (%s:%d)", x, __FILE__, __LINE__)
#define LWIP_NOASSERT_FAIL 0

void *lwip_malloc(size_t n);
void *lwip_calloc(size_t n, size_t size);
void lwip_free(void *p);
uint32_t lwip_rand(void);
uint16_t lwip_checksum(const void *data, int len);
extern uint32_t lwip_tcp_window_extra;

#define LWIP_RAND() lwip_rand()

/* One instruction; a call would cost more than most of what is around it. */
#define lwip_htons(x) __builtin_bswap16(x)
#define lwip_htonl(x) __builtin_bswap32(x)

extern struct thread *net_owner; /* inet/stack.c */
void lwip_not_locked(void) __noreturn;
#define LWIP_ASSERT_CORE_LOCKED()                                              \
	do {                                                                   \
		if (unlikely(READ_ONCE(net_owner) != current_thread()))        \
			lwip_not_locked();                                     \
	} while (0)

#endif
