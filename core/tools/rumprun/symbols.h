/* Turning the addresses of a crash report into names. */
#ifndef RUMPRUN_SYMBOLS_H
#define RUMPRUN_SYMBOLS_H

#include <stdbool.h>
#include <stdint.h>

#include "rrimage.h"

struct symbols;

/* For an image that stays open as long as the result; symbols_free it. */
struct symbols *symbols_new(const struct rrimage *image);
void symbols_free(struct symbols *s);

/*
 * "function+0x12 (file.c:34)" for an address: where is "kernel", or program
 * name + address in the program's own ELF ("hello+0x2d10").  returns says that
 * the address is one that a call returns to.  NULL if nothing is known (the
 * image was stripped); otherwise the caller frees it.
 */
char *symbols_name(struct symbols *s, uint64_t addr, const char *where,
		   bool returns);

#endif
