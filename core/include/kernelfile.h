/*
 * Files for the kernel itself.  Of kernel threads permission is not asked, and their
 * paths begin at the root of everything.
 */
#ifndef RR_KERNELFILE_H
#define RR_KERNELFILE_H

#include "types.h"

struct file;

struct file *kernel_open(const char *path, int flags, u32 mode); /* ERR_PTR */
/* Make a directory and those above it; 0 also if it is there already. */
int kernel_mkdir_p(const char *path, u32 mode);
/* Make or replace a file of these contents. */
int kernel_write_file(const char *path, const void *data, size_t n, u32 mode);
/*
 * All of a file, NUL-terminated, from kmalloc; at most max bytes (-EFBIG).
 * ERR_PTR; *n without the NUL.
 */
char *kernel_read_file(const char *path, size_t max, size_t *n);
/* Mount, making the mount point. */
int kernel_mount(const char *source, const char *point, const char *type,
		 u64 flags, const char *options);

#endif
