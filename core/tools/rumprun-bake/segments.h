/* What a program must be like to be mapped by the kernel. */
#ifndef BAKE_SEGMENTS_H
#define BAKE_SEGMENTS_H

#include <stdbool.h>
#include <stddef.h>

#include "elffile.h"
#include "program.h"

/* A static executable for Linux, position-independent or not. */
bool check_kind(const struct program *p, const struct elffile *f, char **why);

/* Loadable segments of a file of size bytes; needs only the headers in p. */
bool check_segments(const struct program *p, size_t size, char **why);

#endif
