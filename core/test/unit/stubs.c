/*
 * What kernel sources under test want from the rest of the kernel, on top of the
 * host's C library.  Weak: a test may bring its own.
 */
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define weak __attribute__((weak))

struct thread;
_Thread_local struct thread *test_current_thread;
struct cpu;
_Thread_local struct cpu *test_cpu;

weak void *kmalloc(size_t n, unsigned flags) { return malloc(n); }
weak void *kzalloc(size_t n, unsigned flags) { return calloc(1, n); }
weak void *krealloc(void *p, size_t n, unsigned flags) { return realloc(p, n); }
weak void kfree(void *p) { free(p); }
weak char *kstrdup(const char *s) { return strdup(s); }

weak void kmsg(const char *fmt, ...) {}
weak void kdebug(const char *fmt, ...) {}

weak void panic(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fputs("panic: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	abort();
}

weak int ksnprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(buf, size, fmt, ap);
	va_end(ap);
	return n;
}

weak bool parse_u64(const char *s, unsigned base, uint64_t *out)
{
	char *end;

	*out = strtoull(s, &end, (int)base);
	return *s && !*end;
}

weak size_t rr_strlcpy(char *dst, const char *src, size_t size)
{
	return (size_t)snprintf(dst, size, "%s", src);
}
