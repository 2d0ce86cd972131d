/* Kernel messages, assertions, panic. */
#ifndef RR_LOG_H
#define RR_LOG_H

#include "types.h"
#include <stdarg.h>

/*
 * Print one line, "rumprun: " in front and a newline at the end, on the log
 * channel.  Any context.  Formats: d i u x X o c s p % with flags - 0 + # and blank, width,
 * precision, h hh l ll z j t.  Normal operation prints nothing: a message is for
 * what an operator must know.
 */
void kmsg(const char *fmt, ...) __printf(1, 2);
/* The same, at most once per place in the code. */
#define kmsg_once(...)                                                         \
	do {                                                                   \
		static bool done_;                                             \
		if (!__atomic_exchange_n(&done_, true, __ATOMIC_RELAXED))      \
			kmsg(__VA_ARGS__);                                     \
	} while (0)
/* Details, printed only when the environment of the guest has RUMPRUN_DEBUG. */
void kdebug(const char *fmt, ...) __printf(1, 2);
void kdebug_enable(void);

/*
 * The kernel cannot go on: print the sentence and a backtrace, end the guest with
 * status 120.  Any context.
 */
void panic(const char *fmt, ...) __printf(1, 2) __noreturn;

#define assert(c)                                                              \
	do {                                                                   \
		if (unlikely(!(c)))                                            \
			panic("%s:%d: assertion failed: %s", __FILE__,         \
			      __LINE__, #c);                                   \
	} while (0)

/*
 * As in C: at most size bytes with the NUL; returns the length that the whole
 * text would have had.
 */
int ksnprintf(char *buf, size_t size, const char *fmt, ...) __printf(3, 4);
int kvsnprintf(char *buf, size_t size, const char *fmt, va_list ap);

/* Print the frames above frame pointer fp, kernel addresses only. */
void backtrace_from(u64 rip, u64 fp);

#endif
