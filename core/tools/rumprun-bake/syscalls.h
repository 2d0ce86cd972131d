/* Which system calls the programs of an image can make. */
#ifndef BAKE_SYSCALLS_H
#define BAKE_SYSCALLS_H

#include <stdbool.h>

#include "elffile.h"

#define SYSCALLS_MAX 1024

struct syscalls {
	bool all; /* not known: keep every one */
	bool used[SYSCALLS_MAX];
	bool more[SYSCALLS_MAX]; /* and not only in the plain way (below) */
};

/*
 * Add what the program f can make.  Our C library leaves the numbers in section
 * .rumprun.syscalls (core/libc/patches); a program without it, with calls whose number is
 * known only at run time, or with system call instructions besides libc's gets all.
 *
 * Where libc asks a call that can do many things for the simplest of them, it says so:
 * futex to wait or wake, mmap for private memory without a file, ioctl for the size of
 * a window.
 */
void syscalls_add(struct syscalls *s, const struct elffile *f);

/*
 * Write the part of the linker script that keeps them.  False with *why if path
 * cannot be written.
 */
bool syscalls_write(const struct syscalls *s, const char *path, char **why);

#endif
