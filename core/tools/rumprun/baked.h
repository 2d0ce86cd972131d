/* The programs in an image, by what the bake left in it (PROTOCOL.md, 2). */
#ifndef RUMPRUN_BAKED_H
#define RUMPRUN_BAKED_H

#include <stdint.h>

#include "rrimage.h"

/*
 * Name of the program whose struct baked_program lies at addr, in the image;
 * NULL if there is none.
 */
const char *baked_name(const struct rrimage *image, uint64_t addr);

/*
 * Its ELF file as it runs, without sections, as a file without a name.  -1: it
 * is not there, or there is no memory.
 */
int baked_file(const struct rrimage *image, uint64_t addr);

/* The ELF file with its symbols, likewise; -1: the image was stripped of it. */
int baked_symbols(const struct rrimage *image, const char *name);

#endif
