/* The host's threads, for tests whose kernel headers the host's do not like. */
#ifndef TEST_HOST_H
#define TEST_HOST_H

#include <stddef.h>

/* Run fn(arg[i]) in n threads, wait for all. */
void host_run(int n, void *(*fn)(void *), void *const *arg);
void host_yield(void);
void *host_alloc(size_t n);
void host_free(void *p);
void host_abort(void) __attribute__((noreturn));

#endif
